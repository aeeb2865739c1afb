"""The heat map: the teams of one cycle by their levels, sorted by any column, page by page.

A page begins after the last line of the one before, in an index that holds the order, so that the first page costs as
much as a deep one. Filters and search look along that index until a page is full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, select, tuple_

from app.db.base import table
from app.db.tables.org import Unit
from app.db.tables.rollup import CountedLevel, CountedResult
from app.queries.pages import PAGE, words

_counted, _level, _unit = table(CountedResult).c, table(CountedLevel).c, table(Unit).c

NAME = "team"
"""The column of names; a category and the empty text, for overall, are the others."""

Key = tuple[int, str, int]
"""Where a page ends: the level it is sorted by (0 where by name), the team's name, the number of the assessment."""


class Move(StrEnum):
    """What became of a team since an earlier cycle; `joined` had no result in it."""

    ROSE = "rose"
    FELL = "fell"
    STAYED = "stayed"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class HeatMap:
    """What is asked for. `unit_path` empty is the whole organisation; `limiting` and `at_category` are categories.

    `level` is the level overall, or in `at_category` where one is named. `move` is since the cycle `since`. `by` is the
    column to sort by: NAME, a category, or empty for overall; `descending` turns the whole order round.
    """

    cycle_id: int
    unit_path: str = ""
    by: str = NAME
    descending: bool = False
    search: str = ""
    limiting: str = ""
    level: int | None = None
    at_category: str = ""
    move: Move | None = None
    since: int | None = None
    after: Key | None = None
    limit: int = field(default=PAGE)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A team, or one of its ML systems. A category that nothing applied to is not among the levels.

    `then` is the overall level in the cycle that is compared with; None without one, and for who joined since.
    """

    assessment_id: int
    team_id: int
    name: str
    system: str
    unit_id: int
    unit: str
    overall: int
    levels: Mapping[str, int]
    limiting: Sequence[str]
    then: int | None


@dataclass(frozen=True, slots=True)
class HeatPage:
    """`after` is where the next page begins; None where this is the last one."""

    rows: tuple[HeatRow, ...]
    after: Key | None


def heat_map(connection: Connection, organisation_id: int, asked: HeatMap) -> HeatPage:
    """One page. One statement; whoever asks has asked `dashboard.seen_part` for the unit first."""
    by_level = asked.by != NAME
    name, id = (_level.name, _level.assessment_id) if by_level else (_counted.name, _counted.assessment_id)
    order: list[ColumnElement[Any]] = [_level.level, name, id] if by_level else [name, id]
    statement = _rows(organisation_id, asked, by_level=by_level).where(*_filters(organisation_id, asked))
    if asked.after is not None:
        last = [literal(value, column.type) for value, column in zip(asked.after[-len(order) :], order, strict=True)]
        reached = tuple_(*order) < tuple_(*last) if asked.descending else tuple_(*order) > tuple_(*last)
        statement = statement.where(reached)
    statement = statement.order_by(*(column.desc() if asked.descending else column for column in order))
    found = connection.execute(statement.limit(asked.limit + 1)).all()
    rows = [HeatRow(*row[:-1]) for row in found[: asked.limit]]
    if len(found) <= asked.limit:
        return HeatPage(tuple(rows), None)
    last_row = rows[-1]
    return HeatPage(tuple(rows), (found[asked.limit - 1][-1], last_row.name, last_row.assessment_id))


def _rows(organisation_id: int, asked: HeatMap, *, by_level: bool) -> Select[*tuple[Any, ...]]:
    then = table(CountedResult).alias("earlier")
    same = and_(
        then.c.organisation_id == _counted.organisation_id,
        then.c.cycle_id == asked.since,
        then.c.team_id == _counted.team_id,
        then.c.ml_system_id.is_not_distinct_from(_counted.ml_system_id),
        then.c.rubric == _counted.rubric,
    )
    of_result = and_(_level.organisation_id == _counted.organisation_id, _level.assessment_id == _counted.assessment_id)
    joined = table(CountedLevel).outerjoin(table(CountedResult), of_result) if by_level else table(CountedResult)
    # Each row has one of each; outer joins keep SQLite to the order of the index that the page is sorted by.
    joined = joined.outerjoin(
        table(Unit), and_(_unit.organisation_id == _counted.organisation_id, _unit.id == _counted.unit_id)
    )
    columns = [
        _counted.assessment_id,
        _counted.team_id,
        _counted.name,
        _counted.system,
        _counted.unit_id,
        _unit.name,
        _counted.overall,
        _counted.levels,
        _counted.limiting,
        then.c.overall if asked.since is not None else literal(None),
        _level.level if by_level else literal(0),
    ]
    statement = select(*columns).select_from(joined.outerjoin(then, same) if asked.since is not None else joined)
    if asked.since is not None and asked.move is not None:
        moves = {
            Move.ROSE: _counted.overall > then.c.overall,
            Move.FELL: _counted.overall < then.c.overall,
            Move.STAYED: _counted.overall == then.c.overall,
            Move.JOINED: then.c.overall.is_(None),
        }
        statement = statement.where(moves[asked.move])
    if by_level:
        return statement.where(
            _level.organisation_id == organisation_id,
            _level.cycle_id == asked.cycle_id,
            _level.category == asked.by,
        )
    return statement.where(_counted.organisation_id == organisation_id, _counted.cycle_id == asked.cycle_id)


def _filters(organisation_id: int, asked: HeatMap) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.unit_path:
        found.append(_unit.path.startswith(asked.unit_path, autoescape=True))
    if search := words(asked.search):
        # The name stands in the index that the page is sorted by, so that a search does not leave it.
        name = _counted.name if asked.by == NAME else _level.name
        found.append(name.icontains(search, autoescape=True))
    if asked.limiting:
        found.append(_level_of(organisation_id, asked.limiting, limits=True))
    if asked.level is not None and asked.at_category == asked.by:
        found.append(_level.level == asked.level)
    elif asked.level is not None and asked.at_category:
        found.append(_level_of(organisation_id, asked.at_category, level=asked.level))
    elif asked.level is not None:
        found.append(_counted.overall == asked.level)
    return found


def _level_of(
    organisation_id: int, category: str, *, limits: bool = False, level: int | None = None
) -> ColumnElement[bool]:
    """Whether the result's level of this category fits, by the primary key of levels."""
    of = table(CountedLevel).alias()
    fits = of.c.limits if limits else of.c.level == level
    return (
        select(of.c.assessment_id)
        .where(
            of.c.organisation_id == organisation_id,
            of.c.assessment_id == _counted.assessment_id,
            of.c.category == category,
            fits,
        )
        .exists()
    )
