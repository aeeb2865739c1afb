"""Reading and writing on both databases, and what each of them needs."""

import math
import threading

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from app.db import sqlite
from app.db.engine import POOL_SIZE, make_engine, reading, writing
from app.db.postgresql import TIMEOUTS, settings


def test_it_works(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(text("UPDATE organisation SET name = 'Tram'"))
    with reading(engine) as session:
        assert session.scalar(text("SELECT name FROM organisation")) == "Tram"


def test_an_error_rolls_back(engine: Engine) -> None:
    def dies_half_way() -> None:
        with writing(engine) as session:
            session.execute(text("UPDATE organisation SET name = 'Tram'"))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        dies_half_way()
    with reading(engine) as session:
        assert session.scalar(text("SELECT name FROM organisation")) == "Visitors"


def test_a_reading_session_cannot_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading(engine) as session:
        session.execute(text("UPDATE organisation SET name = 'Tram'"))
    with writing(engine) as session:
        session.execute(text("UPDATE organisation SET name = 'Bus'"))


@pytest.mark.parametrize("processes", [1, 2])
def test_two_hundred_simultaneous_increments_all_count(engine: Engine, database_url: str, processes: int) -> None:
    with writing(engine) as session:
        session.execute(text("INSERT INTO allowance VALUES (:key, CURRENT_TIMESTAMP, 0)"), {"key": b"k"})
    # A second engine knows nothing of the first one's lock, just as another process.
    engines = [engine, make_engine(database_url)][:processes]

    def increment(engine: Engine) -> None:
        for _ in range(25):
            with writing(engine) as session:
                session.execute(text("SELECT used FROM allowance"))
                session.execute(text("UPDATE allowance SET used = used + 1"))

    threads = [threading.Thread(target=increment, args=(engines[n % processes],)) for n in range(POOL_SIZE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    engines[-1].dispose()
    with reading(engine) as session:
        assert session.scalar(text("SELECT used FROM allowance")) == 25 * POOL_SIZE


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.execute(text("UPDATE organisation SET name = 'Tram'"))
        with reading(engine) as session:
            assert session.scalar(text("SELECT name FROM organisation")) == "Visitors"


def test_sqlite_keeps_what_it_acknowledged(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with reading(engine) as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_writer_on_sqlite_waits_its_turn_and_not_for_ever(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAIT", 0.01)
    engine = make_engine(sqlite_url)
    with writing(engine) as first, writing(engine) as second:
        first.connection()
        with pytest.raises(WaitedTooLong):
            second.connection()
    with writing(engine) as session:
        session.connection()
    engine.dispose()


def test_a_turn_is_given_back_whatever_happens(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        for _ in range(2):
            with connection.begin():
                connection.execute(text("SELECT 1"))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        connection.invalidate()
    with pytest.raises(DBAPIError), writing(engine) as session:
        session.execute(text("nonsense"))
    with writing(engine) as session:
        session.execute(text("SELECT 1"))
    engine.dispose()


def test_postgresql_never_waits_long(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with reading(engine) as session:
        shown = {
            name: session.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
    engine.dispose()
    assert shown == {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    }


def test_a_bouncer_gets_neither_prepared_statements_nor_options() -> None:
    assert settings(bouncer=True)["prepare_threshold"] is None
    assert "options" not in settings(bouncer=True)
    assert settings(bouncer=False)["options"] == TIMEOUTS


@pytest.mark.parametrize("state", ["25006", "57P01", "57P02", "57P03"])
def test_a_server_that_went_away_costs_one_connection_and_not_the_next_request(postgresql_url: str, state: str) -> None:
    engine = make_engine(postgresql_url)
    with pytest.raises(OperationalError if state != "25006" else DBAPIError) as raised, writing(engine) as session:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'gone' USING ERRCODE = '{state}'; END $$"))
    assert raised.value.connection_invalidated
    with writing(engine) as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_connection_that_died_at_rest_costs_no_request(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    # As if each had lain unused for a long time.
    event.listen(engine, "checkin", lambda _connection, record: record.info.update({"resting since": -math.inf}))
    with reading(engine) as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])

    with writing(engine) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != process
    with reading(engine) as session:
        assert session.scalar(text("SHOW transaction_read_only")) == "on"
    engine.dispose()


def test_a_commit_that_the_standby_did_not_confirm_is_an_error(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    notice = "canceling wait for synchronous replication due to user request"
    with pytest.raises((psycopg.OperationalError, OperationalError)), writing(engine) as session:
        session.execute(text(f"DO $$ BEGIN RAISE WARNING '{notice}'; END $$"))
    with writing(engine) as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()
