"""Bringing a database to the newest schema, and knowing whether it is there.

On SQLite the whole upgrade is one transaction, begun with BEGIN IMMEDIATE before the present revision is read; on
PostgreSQL each migration is one, under an advisory lock. So a migration that dies half way leaves nothing behind, and
several processes that start at once migrate once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, table, text

from app.db.engine import make_engine

LOCK = 0x5348_5354
"""The number of the advisory lock; any would do that nobody else takes."""

APP = Path(__file__).parent.parent


@cache
def folder() -> Path:
    """Where the migrations are: inside the installed package, else beside it in the checkout."""
    installed = APP / "migrations"
    return installed if installed.is_dir() else APP.parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings; there is no alembic.ini. `%` has a meaning in them."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(folder()).replace("%", "%%"))
    return settings


@cache
def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def head() -> str | None:
    """The newest revision that this code knows."""
    return scripts().get_current_head()


def up_to_date(connection: Connection) -> bool:
    """Whether the database has all that this code needs: its own newest schema, or that of a later release.

    A migration only adds, so during an upgrade this release goes on working on a schema that it does not know yet.
    """
    if not inspect(connection).has_table("alembic_version"):
        return False
    revision = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    known = {script.revision for script in scripts().walk_revisions()}
    return revision is not None and (revision == head() or revision not in known)


def migrate(url: str) -> None:
    """Bring the database to the newest schema. PostgreSQL is to be named directly here, not through PgBouncer."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection, _alone(connection):
            command.upgrade(config(connection), "head")
    finally:
        engine.dispose()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    with _alone_on_sqlite(connection) if connection.dialect.name == "sqlite" else _alone_on_postgresql(connection):
        yield


@contextmanager
def _alone_on_sqlite(connection: Connection) -> Iterator[None]:
    # A table is altered by copying it and dropping the old one, which would delete all that refers to it.
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute("PRAGMA foreign_keys = OFF")
    with connection.begin():
        yield
        if broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall():
            raise RuntimeError(f"The migration left {len(broken)} rows that refer to nothing.")


@contextmanager
def _alone_on_postgresql(connection: Connection) -> Iterator[None]:
    # The others wait as long as it takes, and a migration may take longer than a page.
    for setting in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {setting} = 0"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    # Closing the connection gives the lock back; the pool is disposed of right after.
    yield
