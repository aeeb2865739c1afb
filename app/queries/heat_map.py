"""The heat map: the teams of one cycle by their levels, sorted by any column, page by page.

A page begins after the last line of the one before. Without a filter it is a stretch of an index that holds the order,
so that the first page costs as much as a deep one. With one, whatever fits is found first in an index that holds all
that is asked, and no row of a table is read but the fifty that are shown: a filter may well leave out all but a few,
and to look along the order for these would read the whole cycle at random.

SQLite knows nothing of how many fit, and would take such ways. What is written as a sum, or with nothing appended, is
no column for which it could take an index, and an outer join that stays one is read in the order that is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, func, literal, select, tuple_

from app.db.base import table
from app.db.tables.org import Unit
from app.db.tables.rollup import CountedLevel, CountedResult
from app.queries.pages import PAGE, words

_counted, _level, _unit = table(CountedResult).c, table(CountedLevel).c, table(Unit).c

NAME = "team"
"""The column of names; a category and the empty text, for overall, are the others."""

NOT_THERE = -1
"""Is no overall level."""

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
    found = connection.execute(_shown(organisation_id, asked, _page(organisation_id, asked).subquery("page"))).all()
    rows = [HeatRow(*row[:-1]) for row in found[: asked.limit]]
    if len(found) <= asked.limit:
        return HeatPage(tuple(rows), None)
    last_row = rows[-1]
    return HeatPage(tuple(rows), (found[asked.limit - 1][-1], last_row.name, last_row.assessment_id))


def _page(organisation_id: int, asked: HeatMap) -> Select[*tuple[Any, ...]]:
    """Level, name and number of the assessments of one page, and of one more where another page follows."""
    fitting = _fitting(organisation_id, asked)
    level: ColumnElement[int]
    name: ColumnElement[str]
    if fitting is not None and asked.by in (NAME, ""):
        # Both stand in the index that filters; there is nothing to look up for the order.
        level, name, id = _counted.overall + 0, _counted.name.concat(""), _counted.assessment_id
        page = fitting
    elif asked.by == NAME:
        level, name, id = _counted.overall, _counted.name, _counted.assessment_id
        page = select(id).where(*_of_cycle(_counted, organisation_id, asked.cycle_id))
    else:
        level, name, id = _level.level, _level.name, _level.assessment_id
        page = select(id).where(*_of_cycle(_level, organisation_id, asked.cycle_id), _level.category == asked.by)
        if fitting is not None:
            page = page.where((id + 0).in_(fitting))
    order: list[ColumnElement[Any]] = [name, id] if asked.by == NAME else [level, name, id]
    if asked.after is not None:
        last = [literal(value, column.type) for value, column in zip(asked.after[-len(order) :], order, strict=True)]
        page = page.where(tuple_(*order) < tuple_(*last) if asked.descending else tuple_(*order) > tuple_(*last))
    columns = [literal(0).label("level") if asked.by == NAME else level.label("level"), name.label("name"), id]
    page = page.with_only_columns(*columns, maintain_column_froms=True)
    return page.order_by(*(each.desc() if asked.descending else each for each in order)).limit(asked.limit + 1)


def _of_cycle(of: Any, organisation_id: int, cycle_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return of.organisation_id == organisation_id, of.cycle_id == cycle_id


def _fitting(organisation_id: int, asked: HeatMap) -> Select[*tuple[Any, ...]] | None:
    """The numbers of all assessments that fit the filters; None where there is no filter."""
    filters = _filters(organisation_id, asked)
    if not filters and (asked.move is None or asked.since is None):
        return None
    fitting = select(_counted.assessment_id).where(*_of_cycle(_counted, organisation_id, asked.cycle_id), *filters)
    if asked.move is None or asked.since is None:
        return fitting
    then, same = _earlier(asked.since)
    moves = {
        Move.ROSE: _counted.overall > func.coalesce(then.c.overall, _counted.overall),
        Move.FELL: _counted.overall < func.coalesce(then.c.overall, _counted.overall),
        Move.STAYED: _counted.overall == func.coalesce(then.c.overall, NOT_THERE),
        Move.JOINED: then.c.overall.is_(None),
    }
    return fitting.select_from(table(CountedResult).outerjoin(then, same)).where(moves[asked.move])


def _earlier(since: int | None) -> tuple[Any, ColumnElement[bool]]:
    """The result of the same team, or ML system, by the same rubric in another cycle, and what joins it."""
    then = table(CountedResult).alias("earlier")
    same = and_(
        then.c.organisation_id == _counted.organisation_id,
        then.c.cycle_id == since,
        then.c.team_id == _counted.team_id,
        then.c.ml_system_id.is_not_distinct_from(_counted.ml_system_id),
        then.c.rubric == _counted.rubric,
    )
    return then, same


def _filters(organisation_id: int, asked: HeatMap) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.unit_path:
        below = _unit.path.startswith(asked.unit_path, autoescape=True)
        found.append(_counted.unit_id.in_(select(_unit.id).where(_unit.organisation_id == organisation_id, below)))
    if search := words(asked.search):
        found.append(_counted.name.icontains(search, autoescape=True))
    if asked.limiting:
        found.append(_at(organisation_id, asked, asked.limiting, _level.limits))
    if asked.level is not None and asked.at_category:
        found.append(_at(organisation_id, asked, asked.at_category, _level.level == asked.level))
    elif asked.level is not None:
        found.append(_counted.overall == asked.level)
    return found


def _at(organisation_id: int, asked: HeatMap, category: str, fits: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the result is among those whose level of this category fits."""
    ids = select(_level.assessment_id).where(
        *_of_cycle(_level, organisation_id, asked.cycle_id), _level.category == category, fits
    )
    return (_counted.assessment_id + 0).in_(ids)


def _shown(organisation_id: int, asked: HeatMap, page: Subquery) -> Select[*tuple[Any, ...]]:
    """What is shown of a page, in its order; its own level is the last column."""
    # Each line has one of each; outer joins keep SQLite to the order of the page.
    of_line = and_(_counted.organisation_id == organisation_id, _counted.assessment_id == page.c.assessment_id)
    of_unit = and_(_unit.organisation_id == organisation_id, _unit.id == _counted.unit_id)
    joined = page.outerjoin(table(CountedResult), of_line).outerjoin(table(Unit), of_unit)
    then, same = _earlier(asked.since)
    order = [page.c.name, page.c.assessment_id]
    if asked.by != NAME:
        order.insert(0, page.c.level)
    return (
        select(
            _counted.assessment_id,
            _counted.team_id,
            _counted.name,
            _counted.system,
            _counted.unit_id,
            _unit.name,
            _counted.overall,
            _counted.levels,
            _counted.limiting,
            literal(None) if asked.since is None else then.c.overall,
            page.c.level,
        )
        .select_from(joined if asked.since is None else joined.outerjoin(then, same))
        .order_by(*(each.desc() if asked.descending else each for each in order))
    )
