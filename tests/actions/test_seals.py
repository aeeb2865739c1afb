"""The seals of the audit trail: in order, by one sealer at a time, and broken by whoever changes what they hold."""

import datetime
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from app.actions import audit, seals
from app.actions.seals import forget_name, seal_events
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent, AuditName, AuditSeal
from app.domain.organisations import VISITORS
from app.queries.seals import Proof, proofs, unsealed
from tests.quick_check import NOW
from tests.web.cast import Cast, begin
from tests.web.visitor import Clock

SECOND = datetime.timedelta(seconds=1)


def happened(engine: Engine, count: int = 3, organisation_id: int = VISITORS, by: int | None = None) -> None:
    with writing(engine) as session:
        for number in range(count):
            moment = NOW + SECOND / 7 * number
            audit.record(
                session.connection(), moment, organisation_id, "tried", ("try", number), by=by, ratio=1.1, why="ö"
            )


def sealed(engine: Engine, now: datetime.datetime = NOW) -> None:
    with writing(engine) as session:
        seal_events(session, now)


def proven(engine: Engine, organisation_id: int = VISITORS) -> Proof:
    with reading(engine) as session:
        return next(proof for proof in proofs(session.connection()) if proof.organisation_id == organisation_id)


def seal_count(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(AuditSeal)) or 0


def test_it_works(engine: Engine) -> None:
    for _ in range(3):
        happened(engine)
        sealed(engine)
    proof = proven(engine)
    assert (proof.seals, proof.broken) == (3, ())
    with reading(engine) as session:
        assert proof.last.up_to == session.scalar(select(func.max(AuditEvent.id)))
        assert unsealed(session.connection()) == []


def test_nothing_new_is_no_seal(engine: Engine) -> None:
    happened(engine)
    sealed(engine)
    sealed(engine)
    assert seal_count(engine) == 1


TAMPERED = {
    "a changed action": "UPDATE audit_event SET action = 'else' WHERE id = 5",
    "changed details": "UPDATE audit_event SET details = '{}' WHERE id = 5",
    "another person": "UPDATE audit_event SET person_id = 7 WHERE id = 5",
    "another time": "UPDATE audit_event SET at = '2026-11-02 09:31:00+00:00' WHERE id = 5",
    "an event gone": "DELETE FROM audit_event WHERE id = 5",
    "a seal gone": "DELETE FROM audit_seal WHERE up_to = 6",
    "a seal changed": "UPDATE audit_seal SET digest = (SELECT digest FROM audit_seal WHERE up_to = 3) WHERE up_to = 6",
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_whoever_tampers_is_found(engine: Engine, change: str) -> None:
    for _ in range(3):
        happened(engine)
        sealed(engine)
    with writing(engine) as session:
        session.execute(text(change))
    assert proven(engine).broken


def test_only_what_is_broken_is_named(engine: Engine) -> None:
    for _ in range(3):
        happened(engine)
        sealed(engine)
    with writing(engine) as session:
        session.execute(text("UPDATE audit_event SET action = 'else' WHERE id = 5"))
    assert proven(engine).broken == ("the seal of the events 4 to 6 does not hold",)


def test_long_trails_are_read_in_pieces(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    happened(engine, 25)
    sealed(engine)
    monkeypatch.setattr("app.queries.seals.AT_ONCE", 10)
    happened(engine, 25)
    sealed(engine)
    assert (proven(engine).seals, proven(engine).broken) == (2, ())


def test_each_organisation_has_a_chain_of_its_own(engine: Engine) -> None:
    cast = begin(engine, Clock(NOW))
    happened(engine, organisation_id=cast.organisation_id)
    happened(engine, organisation_id=cast.other_organisation_id)
    sealed(engine)
    with writing(engine) as session:
        session.execute(text(f"UPDATE audit_event SET action = 'x' WHERE organisation_id = {cast.organisation_id}"))
    assert proven(engine, cast.organisation_id).broken
    assert not proven(engine, cast.other_organisation_id).broken


def named(engine: Engine) -> Cast:
    cast = begin(engine, Clock(NOW))
    happened(engine, 1, cast.organisation_id, cast.lead.id)
    for _ in range(2):
        sealed(engine)
    return cast


def kept(engine: Engine, person_id: int) -> tuple[Any, ...]:
    with reading(engine) as session:
        found = select(AuditName.name, AuditName.email).where(AuditName.person_id == person_id)
        return tuple(session.execute(found).one())


def test_who_acted_is_kept_beside_the_events_and_sealed_by_digest(engine: Engine) -> None:
    cast = named(engine)
    assert kept(engine, cast.lead.id) == (cast.lead.name, cast.lead.email)
    assert proven(engine, cast.organisation_id).broken == ()
    with reading(engine) as session:
        assert unsealed(session.connection()) == []
        assert cast.lead.email not in str(session.scalars(select(AuditEvent.details)).all())

    with writing(engine) as session:
        session.execute(text("UPDATE audit_name SET name = 'Somebody else'"))
    assert "name of person" in proven(engine, cast.organisation_id).broken[0]


def test_erasing_a_person_breaks_nothing(engine: Engine) -> None:
    cast = named(engine)
    with writing(engine) as session:
        forget_name(session, cast.organisation_id, cast.lead.id)
    happened(engine, 1, cast.organisation_id, cast.lead.id)
    sealed(engine)
    assert kept(engine, cast.lead.id) == ("", "")
    assert proven(engine, cast.organisation_id).broken == ()


def test_a_new_name_is_an_event_too(engine: Engine) -> None:
    cast = named(engine)
    with writing(engine) as session:
        session.execute(text("UPDATE person SET name = 'New' WHERE id = :id"), {"id": cast.lead.id})
    happened(engine, 1, cast.organisation_id, cast.lead.id)
    for _ in range(2):
        sealed(engine)
    assert kept(engine, cast.lead.id) == ("New", cast.lead.email)
    assert proven(engine, cast.organisation_id).broken == ()


def test_two_sealers_at_once_seal_once(engine: Engine) -> None:
    happened(engine)
    threads = [threading.Thread(target=sealed, args=(engine,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seal_count(engine) == 1
    assert proven(engine).broken == ()


def test_an_event_that_commits_late_is_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL numbers events before it commits them: 2 may be there before 1. SQLite has one writer at a time."""
    if engine.dialect.name == "sqlite":
        happened(engine)
        return
    monkeypatch.setattr(seals, "PATIENCE", 0.1)
    with writing(engine) as slow:
        audit.record(slow.connection(), NOW, VISITORS, "slow", ("try", 1))
        happened(engine)
        sealed(engine)
        assert seal_count(engine) == 0
    sealed(engine)
    assert (proven(engine).seals, proven(engine).broken) == (1, ())
    with reading(engine) as session:
        assert unsealed(session.connection()) == []


def test_seals_hold_while_many_write(engine: Engine) -> None:
    def write() -> None:
        for _ in range(10):
            happened(engine, 2)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sealed(engine)
    sealed(engine)
    assert proven(engine).broken == ()
    with reading(engine) as session:
        assert unsealed(session.connection()) == []
