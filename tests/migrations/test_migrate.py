"""The schema comes about in one piece, once, and is the one that the tables declare."""

import hashlib
import multiprocessing
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from app.db import migrate as migrating
from app.db.engine import make_engine, reading, writing
from app.db.migrate import config, migrate, up_to_date
from tests.quick_check import QuickCheck

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def test_it_works(engine: Engine) -> None:
    with reading(engine) as session:
        assert up_to_date(session.connection())
        assert session.execute(text("SELECT id, name FROM organisation")).one() == (1, "Visitors")
        assert len(session.scalar(text("SELECT salt FROM server")) or b"") == 32


def test_an_empty_database_is_not_up_to_date(empty_url: str) -> None:
    engine = make_engine(empty_url)
    with reading(engine) as session:
        assert not up_to_date(session.connection())
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
        assert up_to_date(session.connection())
    engine.dispose()


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
{body}
"""

DIES = """
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("UPDATE organisation SET name = 'half'")
    raise ArithmeticError("in the middle")
"""

COPIES = """
    with op.batch_alter_table("assessment", recreate="auto") as batch:
        batch.alter_column("created_at", nullable=True, existing_type=sa.DateTime(timezone=True))
"""


@pytest.fixture
def add_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts one more migration after those that there are."""

    def add(body: str) -> None:
        shutil.copytree(MIGRATIONS, tmp_path / "migrations")
        file = tmp_path / "migrations" / "versions" / "9999_next.py"
        file.write_text(NEXT.format(head=migrating.head(), body=body))
        monkeypatch.setattr(migrating, "folder", lambda: tmp_path / "migrations")

    return add


def test_a_migration_that_dies_half_way_leaves_nothing(database_url: str, add_migration: Callable[[str], None]) -> None:
    add_migration(DIES)

    with pytest.raises(ArithmeticError):
        migrate(database_url)

    engine = make_engine(database_url)
    with reading(engine) as session:
        assert not inspect(session.connection()).has_table("half")
        assert session.scalar(text("SELECT name FROM organisation")) == "Visitors"
        assert up_to_date(session.connection())
    engine.dispose()


def test_an_older_release_goes_on_working_on_a_newer_schema(
    database_url: str, add_migration: Callable[[str], None]
) -> None:
    ours = migrating.head()
    add_migration("    pass")
    migrate(database_url)

    engine = make_engine(database_url)
    with reading(engine) as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999" != ours == migrating.head()
        assert up_to_date(session.connection())
    engine.dispose()


def test_altering_a_table_keeps_what_refers_to_it(
    quick_check: QuickCheck, database_url: str, add_migration: Callable[[str], None]
) -> None:
    quick_check.pick(0, 2)
    before = quick_check.answers
    quick_check.engine.dispose()
    add_migration(COPIES)

    migrate(database_url)

    assert quick_check.answers == before
    assert len(before) > 5


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
