"""All rows of a database, to see what a request changed, and to put it back as it was."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, Executable, Row, Table, select, text

from app.db.base import Base

Rows = Mapping[str, list[Row[Any]]]

UNCHECKED = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}
"""Until the transaction ends, rows may go in any order."""


def _as_they_are(table: Table) -> Executable:
    keys = ", ".join(column.name for column in table.primary_key)
    return text(f"SELECT * FROM {table.name} ORDER BY {keys}")


# Made once: the rows are read after every request that might have changed them.
AS_THEY_ARE = {name: _as_they_are(table) for name, table in Base.metadata.tables.items()}


def rows(engine: Engine) -> Rows:
    """As the database gives them, which is fast, and all that comparing takes."""
    return _read(engine, AS_THEY_ARE.__getitem__)


def typed_rows(engine: Engine) -> Rows:
    """As they can be inserted again."""
    return _read(engine, lambda name: select(Base.metadata.tables[name]))


def _read(engine: Engine, statement: Callable[[str], Executable]) -> Rows:
    with engine.connect() as connection:
        return {name: list(connection.execute(statement(name)).all()) for name in AS_THEY_ARE}


class Watch:
    """Whether anybody else has committed anything: much cheaper than to look at all rows, and never no when it is yes.

    Every answer is about the time since the one before.
    """

    def __init__(self, mark: Callable[[], object]) -> None:
        self.mark = mark
        self.last = mark()

    def moved(self) -> bool:
        before, self.last = self.last, self.mark()
        return before != self.last

    def anew(self) -> "Watch":
        """Another one, from now on; this one goes on from where it was."""
        return Watch(self.mark)


@contextmanager
def watching(engine: Engine) -> Iterator[Watch]:
    """By a connection of its own. The mark is another after every commit of others that changed something."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as file:
            yield Watch(lambda: file.execute("PRAGMA data_version").fetchone())
    else:
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as server:
            # The number of the next transaction that writes.
            next_one = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
            yield Watch(lambda: server.execute(next_one).fetchone())


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables that differ."""
    return {name for name in before if before[name] != after[name]}


def organisations(before: Rows, after: Rows, tables: set[str]) -> set[object]:
    """The organisations of which rows of these tables differ."""
    differing: set[object] = set()
    for name in tables:
        own = "id" if name == "organisation" else "organisation_id"
        rows = set(map(_comparable, before[name])) ^ set(map(_comparable, after[name]))
        differing |= {value for row in rows for column, value in row if column == own}
    return differing


def put_back(engine: Engine, before: Rows, tables: set[str]) -> None:
    """Make these tables hold what they held before, in typed rows."""
    names = _with_dependents(tables)
    affected = [table for table in Base.metadata.sorted_tables if table.name in names]
    with engine.begin() as connection:
        connection.execute(text(UNCHECKED[engine.dialect.name]))
        for table in reversed(affected):
            connection.execute(table.delete())
        for table in affected:
            if before[table.name]:
                connection.execute(table.insert(), [row._asdict() for row in before[table.name]])


def _with_dependents(tables: set[str]) -> set[str]:
    """These, and those whose rows a database deletes along with theirs."""
    more = {table.name for table in Base.metadata.tables.values() if _depends(table, tables)} - tables
    return _with_dependents(tables | more) if more else tables


def _depends(table: Table, on: set[str]) -> bool:
    return any(key.ondelete and key.column.table.name in on for key in table.foreign_keys)


def _comparable(row: Row[Any]) -> tuple[tuple[str, object], ...]:
    # JSON columns may come as lists and dictionaries, which no set takes.
    plain = (str, int, bytes)
    return tuple((name, value if isinstance(value, plain) else repr(value)) for name, value in row._asdict().items())
