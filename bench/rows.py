"""Whether both sides wrote the same: every row of every table that a save writes to, compared by its content."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, LargeBinary, Table, select

from app.db.base import table
from app.db.engine import make_engine, reading
from app.db.tables.assessments import Answer, AnswerChange, Mutation, Sheet
from app.db.tables.audit import AuditEvent

TABLES = tuple(table(entity) for entity in (Sheet, Answer, Mutation, AnswerChange, AuditEvent))
# Times and the ids of requests differ between two runs, and the number of an event tells only who came first.
LEFT_OUT = {"at", "answered_at", "created_at", "request_id"}


@dataclass(frozen=True, slots=True)
class Content:
    """Number of rows, and a digest of all their content, by table."""

    rows: dict[str, int]
    digests: dict[str, str]


def content(url: str) -> Content:
    """What stands in the tables that a save writes to."""
    engine = make_engine(url)
    try:
        rows = {each.name: _rows(engine, each) for each in TABLES}
    finally:
        engine.dispose()
    digests = {name: hashlib.sha256(repr(sorted(lines)).encode()).hexdigest() for name, lines in rows.items()}
    return Content({name: len(lines) for name, lines in rows.items()}, digests)


def rows_of_a_save(before: Content, after: Content, saves: int) -> dict[str, float]:
    """How many rows each save added, by table; those that it changes in place are not counted."""
    added = Counter(after.rows)
    added.subtract(before.rows)
    return {name: count / saves for name, count in added.items()}


def _rows(engine: Engine, of: Table) -> list[str]:
    left_out = LEFT_OUT | ({"id"} if of.name == AuditEvent.__tablename__ else set())
    columns = [column for column in of.columns if column.name not in left_out]
    binary = {place for place, column in enumerate(columns) if isinstance(column.type, LargeBinary)}
    with reading(engine) as session:
        return [repr(_plain(row, binary)) for row in session.execute(select(*columns))]


def _plain(row: Any, binary: set[int]) -> list[Any]:
    return [bytes(each) if place in binary else each for place, each in enumerate(row)]
