"""Many rows at once: they are read back as they were meant, their numbers are free, and later ones too."""

import datetime
import sqlite3

import psycopg
import pytest
from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.db.base import table
from app.db.engine import make_engine, writing
from app.db.filling import filling_tables, put_numbered, put_rows
from app.db.tables.audit import AuditSeal
from app.db.tables.jobs import Job
from app.db.tables.org import Allowance
from app.db.tables.people import Person
from app.domain.organisations import VISITORS

NOW = datetime.datetime(2026, 11, 20, 9, 30, tzinfo=datetime.UTC)

_person = table(Person).c
KEEP = insert(table(Person)).returning(_person.id)


def people(*names: str) -> list[dict[str, object]]:
    return [{"email": f"{name}@tram.example", "name": name, "created_at": NOW} for name in names]


def seal_of(event: int) -> dict[str, object]:
    return {"organisation_id": VISITORS, "up_to": event, "digest": b"", "at": NOW}


def test_it_works(session: Session) -> None:
    connection = session.connection()
    with filling_tables(connection):
        ids = put_numbered(connection, table(Person), people("ada", "ben", "cleo"))
    read = connection.execute(select(_person.id, _person.name).order_by(_person.id)).all()
    assert [tuple(row) for row in read] == list(zip(ids, ("ada", "ben", "cleo"), strict=True))


def test_every_kind_of_value_comes_back(session: Session) -> None:
    connection = session.connection()
    payload = {"words": 'a\ttab, a "quote", a \\ and a line\nbreak', "none": None, "list": [1, 2.5, True]}
    row = {
        "organisation_id": None,
        "kind": "ü\\N",
        "payload": payload,
        "idempotency_key": "1",
        "due_at": NOW,
        "attempts": 0,
    }
    put_numbered(connection, table(Job), [row])
    put_rows(connection, table(Allowance), [{"key_digest": b"\x00\\\xff", "window_start": NOW, "used": 3}])
    job = session.scalars(select(Job)).one()
    assert {name: getattr(job, name) for name in row} == row
    allowance = session.scalars(select(Allowance)).one()
    assert (allowance.key_digest, allowance.window_start, allowance.used) == (b"\x00\\\xff", NOW, 3)


def test_whoever_comes_next_gets_a_number_of_their_own(session: Session) -> None:
    connection = session.connection()
    before = connection.scalars(KEEP, people("ada")).one()
    ids = put_numbered(connection, table(Person), people("ben", "cleo"))
    after = connection.scalars(KEEP, people("dov")).one()
    assert len({before, *ids, after}) == 4
    assert put_numbered(connection, table(Person), people("eva"))[0] not in {before, *ids, after}


def test_a_number_that_was_given_is_not_given_again(session: Session) -> None:
    connection, seal = session.connection(), table(AuditSeal)
    (gone,) = put_numbered(connection, seal, [seal_of(1)])
    connection.execute(delete(seal).where(seal.c.id == gone))
    assert gone not in put_numbered(connection, seal, [seal_of(2), seal_of(3)])


def test_nothing_is_written_of_nothing(session: Session) -> None:
    put_rows(session.connection(), table(Person), [])
    assert list(put_numbered(session.connection(), table(Person), [])) == []
    assert session.scalars(select(Person)).all() == []


def test_a_row_that_does_not_fit_is_refused(session: Session) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        put_numbered(session.connection(), table(Person), people("ada", "ada"))


@pytest.mark.parametrize("may_trust", [True, False])
def test_a_role_that_may_not_leave_out_the_looking_up_fills_too(postgresql_url: str, may_trust: bool) -> None:
    """The server's own role may; one that an operator made for the product need not be allowed to."""
    address = make_url(postgresql_url)
    role = f"plain_{address.database}"
    owner = make_engine(postgresql_url)
    with owner.begin() as connection:
        connection.execute(text(f'CREATE ROLE "{role}" LOGIN'))
        connection.execute(text(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"'))
        connection.execute(text(f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{role}"'))
        if may_trust:
            connection.execute(text(f'GRANT SET ON PARAMETER session_replication_role TO "{role}"'))
    plain = make_engine(address.set(username=role))
    try:
        with writing(plain) as session:
            with filling_tables(session.connection()):
                put_numbered(session.connection(), table(Person), people("ada"))
                assert _looks_up(session) is not may_trust
            assert _looks_up(session), "only as long as it is filled"
            assert session.scalar(text("SHOW statement_timeout")) == "15s"
        assert _names(plain) == ["ada"]
    finally:
        plain.dispose()
        with owner.begin() as connection:
            connection.execute(text(f'DROP OWNED BY "{role}"'))
            connection.execute(text(f'DROP ROLE "{role}"'))
        owner.dispose()


def _looks_up(session: Session) -> bool:
    return bool(session.scalar(text("SELECT current_setting('session_replication_role') = 'origin'")))


def _names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(_person.name)))
