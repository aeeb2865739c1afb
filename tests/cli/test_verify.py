"""shortstave verify as a real process, on the embedded database."""

import sqlite3
from pathlib import Path

from app.actions.seals import seal_events
from app.db.engine import make_engine, writing
from tests.cli.test_server import shortstave
from tests.quick_check import NOW, begun


def test_it_works_and_says_the_same_again_until_somebody_tampers(tmp_path: Path) -> None:
    assert shortstave(tmp_path, "migrate").returncode == 0
    file = tmp_path / "data" / "shortstave.sqlite3"
    engine = make_engine(f"sqlite:///{file}")
    begun(engine)
    with writing(engine) as session:
        seal_events(session, NOW)
    begun(engine, address="192.0.2.8")
    engine.dispose()

    first, second = shortstave(tmp_path, "verify"), shortstave(tmp_path, "verify")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert "organisation 1 ('Visitors'): 1 seals, all hold" in first.stdout
    assert "not sealed yet: event " in first.stdout

    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE audit_event SET action = 'else' WHERE action = 'quick check begun'")
    connection.close()
    tampered = shortstave(tmp_path, "verify")
    assert tampered.returncode == 1
    assert "broken: the seal of the events 1 to " in tampered.stdout
