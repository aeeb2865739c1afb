"""The schema comes about in one piece, once, and is the one that the tables declare."""

import hashlib
import multiprocessing
import re
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from app.db import migrate as migrating
from app.db.engine import make_engine, reading, writing
from app.db.migrate import at_head, config, migrate

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def test_it_works(engine: Engine) -> None:
    with reading(engine) as session:
        assert at_head(session.connection())
        assert session.execute(text("SELECT id, name FROM organisation")).one() == (1, "Visitors")
        assert len(session.scalar(text("SELECT salt FROM server")) or b"") == 32


def test_an_empty_database_is_not_at_head(empty_url: str) -> None:
    engine = make_engine(empty_url)
    with reading(engine) as session:
        assert not at_head(session.connection())
    engine.dispose()


def test_a_second_time_changes_nothing(database_url: str) -> None:
    migrate(database_url)


def test_the_tables_are_those_that_the_code_declares(engine: Engine) -> None:
    with engine.connect() as connection:
        command.check(config(connection))


def test_the_next_organisation_gets_a_number_of_its_own(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(text("INSERT INTO organisation (name, created_at) VALUES ('Tram', CURRENT_TIMESTAMP)"))
        assert session.scalar(text("SELECT max(id) FROM organisation")) == 2


def test_four_processes_at_once_migrate_once(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=migrate, args=(empty_url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    engine = make_engine(empty_url)
    with reading(engine) as session:
        assert at_head(session.connection())
    engine.dispose()


DIES = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("UPDATE organisation SET name = 'half'")
    raise ArithmeticError("in the middle")
"""


def test_a_migration_that_dies_half_way_leaves_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    for file in (MIGRATIONS / "versions").glob("*.py"):
        (tmp_path / "versions" / file.name).write_text(file.read_text())
    (tmp_path / "versions" / "9999_dies.py").write_text(DIES.format(head=migrating.head()))
    monkeypatch.setattr(migrating, "folder", lambda: tmp_path)

    with pytest.raises(ArithmeticError):
        migrate(database_url)

    engine = make_engine(database_url)
    with reading(engine) as session:
        assert not inspect(session.connection()).has_table("half")
        assert session.scalar(text("SELECT name FROM organisation")) == "Visitors"
        assert at_head(session.connection())
    engine.dispose()


def test_a_migration_that_has_landed_is_never_edited() -> None:
    lines = (MIGRATIONS / "checksums.txt").read_text().splitlines()
    kept = {name: digest for digest, name in (line.split() for line in lines)}
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (MIGRATIONS / "versions").glob("*.py")
    }
    assert found == kept


def test_no_migration_imports_what_will_have_changed_when_it_runs() -> None:
    for file in (MIGRATIONS / "versions").glob("*.py"):
        assert not re.search(r"^\s*(from|import) app\b", file.read_text(), re.MULTILINE), file.name
