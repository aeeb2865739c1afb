"""Insert or update in one statement: both databases can, and SQLAlchemy spells it for each of them apart."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

Statements = dict[str, ReturningInsert[tuple[Any, ...]]]
"""One statement for each dialect, by its name."""


def upsert(into: Table, keys: Iterable[str], changed: Iterable[str]) -> Statements:
    """Insert the row, or set the changed columns of the one with these keys. It returns the keys of every row.

    With RETURNING many rows go in one statement; without, the driver sends one statement for each.
    """
    names, columns = tuple(keys), tuple(changed)
    on_sqlite, on_postgresql = sqlite.insert(into), postgresql.insert(into)
    returned = [into.c[name] for name in names]
    return {
        "sqlite": on_sqlite.on_conflict_do_update(
            index_elements=names, set_={name: on_sqlite.excluded[name] for name in columns}
        ).returning(*returned),
        "postgresql": on_postgresql.on_conflict_do_update(
            index_elements=names, set_={name: on_postgresql.excluded[name] for name in columns}
        ).returning(*returned),
    }
