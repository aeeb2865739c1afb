"""Writing very many rows in one transaction, which nobody else reads or refers to before it ends."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import JSON, Connection, Table, func, select
from sqlalchemy.types import TypeEngine

from app.db import sqlite
from app.db.base import UtcTime

SETTINGS = {
    # A plan that was made while a table was empty reads it whole, for each row that refers to it.
    "enable_seqscan": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # What a row refers to is looked up for each row, which takes longer than writing it. Whoever fills has just written
    # both, so the server need not look; it leaves that out for roles that may say so, as when a backup is read back.
    "session_replication_role": "replica",
}
MAY_SET = "SELECT has_parameter_privilege(%(name)s, 'SET')"

USED = (
    "SELECT coalesce(max(number), 0) FROM"
    " (SELECT max(id) AS number FROM {0} UNION ALL SELECT seq FROM sqlite_sequence WHERE name = '{0}')"
)
"""The last number of a table of SQLite, also where its row is gone. Nobody else writes until the transaction ends."""


@contextmanager
def filling_tables(connection: Connection) -> Iterator[None]:
    """What is written meanwhile may take long, and its plans are for what comes."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("DISCARD PLANS")
    ours = [name for name in SETTINGS if connection.exec_driver_sql(MAY_SET, {"name": name}).scalar_one()]
    for name in ours:
        connection.exec_driver_sql(f"SET LOCAL {name} = {SETTINGS[name]}")
    yield
    for name in ours:
        connection.exec_driver_sql(f"SET LOCAL {name} TO DEFAULT")


def learn_from_filling(connection: Connection) -> None:
    """Tell the planner what was filled so far, before much is read of it; the server does so only after the commit."""
    if connection.dialect.name == "sqlite":
        sqlite.learn(connection)
    else:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("SET LOCAL enable_seqscan = on")


def put_numbered(connection: Connection, into: Table, rows: Collection[Mapping[str, Any]]) -> Sequence[int]:
    """Write rows that all have the same columns, and give each an `id`; the ids in the order of the rows."""
    ids = _free(connection, into, len(rows))
    put_rows(connection, into, ({"id": id, **row} for id, row in zip(ids, rows, strict=True)))
    return ids


def put_rows(connection: Connection, into: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows that all have the same columns, and need no `id` or have one."""
    remaining = iter(rows)
    first = next(remaining, None)
    if first is not None:
        names = tuple(first)
        put_values(connection, into, names, ([row[name] for name in names] for row in chain((first,), remaining)))


def put_values(connection: Connection, into: Table, names: Sequence[str], rows: Iterable[list[Any]]) -> None:
    """The same, of rows that are only their values, in the order of `names`; they are changed as they go.

    What is not named takes the default of the database. Nothing is looked at as it goes: whoever fills has made it.
    """
    prepare = connection.dialect.identifier_preparer
    of = f"{prepare.format_table(into)} ({', '.join(map(prepare.quote, names))})"
    to_write = _written(connection, into, names, rows)
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {of} FROM STDIN") as copy:
            for row in to_write:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(names))
        raw.executemany(f"INSERT INTO {of} VALUES ({marks})", to_write)  # noqa: S608, the names are the schema's


def _written(
    connection: Connection, into: Table, names: Sequence[str], rows: Iterable[list[Any]]
) -> Iterator[list[Any]]:
    """The rows as drivers take them, which is as they are but for documents and moments."""
    types = [(place, into.c[name].type) for place, name in enumerate(names)]
    writers = [(place, _writer(of, connection)) for place, of in types if isinstance(of, JSON | UtcTime)]
    for row in rows:
        for place, write in writers:
            row[place] = write(row[place])
        yield row


def _writer(of: TypeEngine[Any], connection: Connection) -> Callable[[Any], Any]:
    write: Any = of.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if isinstance(of, JSON):
        return cast(Callable[[Any], Any], write)
    # Of many rows a moment is the same, and writing it takes longer than the rest of a row.
    return lru_cache(lambda moment: None if moment is None else str(write(moment)))


def _free(connection: Connection, of: Table, count: int) -> Sequence[int]:
    """Numbers that no row of the table has or had."""
    if connection.dialect.name == "postgresql":
        given = select(func.nextval(func.pg_get_serial_sequence(of.name, "id"))).select_from(
            func.generate_series(1, count)
        )
        return connection.scalars(given).all()
    used = connection.exec_driver_sql(USED.format(of.name)).scalar_one()
    return range(used + 1, used + 1 + count)
