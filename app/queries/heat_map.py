"""The heat map: the teams of one cycle by their levels, sorted by any column, page by page.

A page begins after the last line of the one before. Without a filter it is a stretch of an index that holds the order,
so that the first page costs as much as a deep one. With one, the next in this order are looked at, and most often they
fill the page. Where they do not, whatever fits is found first in an index that holds all that is asked, and no row of a
table is read but the fifty that are shown: to look along the order for a few would read the whole cycle at random.

SQLite knows nothing of how many fit, and would take such ways. What is written as a sum, or with nothing appended, is
no column for which it could take an index, and an outer join that stays one is read in the order that is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, Subquery, and_, func, literal, select, true, tuple_

from app.db.base import table
from app.db.tables.org import Unit
from app.db.tables.rollup import CountedLevel, CountedResult
from app.queries.pages import PAGE, holds, words

_counted, _level, _unit = table(CountedResult).c, table(CountedLevel).c, table(Unit).c

NAME = "team"
"""The column of names; a category and the empty text, for overall, are the others."""

NOT_THERE = -1
"""Is no overall level."""

WALK = 2_000
"""How many are looked at one by one, in their order, before all that fit are found first."""

FAR = 5_000
"""The same where a movement alone is asked: of every hundred some fell or joined, and to find all takes long."""

MANY = 3
"""So many filters together leave so few that to look along the order first would seldom fill a page."""

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

    @property
    def moved(self) -> Move | None:
        """The movement that narrows the page: none without a cycle that it is since."""
        return None if self.since is None else self.move


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
    """One page, by one statement, or two where few fit; whoever asks has asked `dashboard.seen_part` for the unit."""
    pages = [_page(organisation_id, asked)]
    if 0 < _filters_asked(asked) < MANY:
        pages.insert(0, _walked(organisation_id, asked))
    for page in pages:
        found = connection.execute(_shown(organisation_id, asked, page.subquery("page"))).all()
        if len(found) > asked.limit:
            break
    rows = [HeatRow(*row[:-1]) for row in found[: asked.limit]]
    if len(found) <= asked.limit:
        return HeatPage(tuple(rows), None)
    last_row = rows[-1]
    return HeatPage(tuple(rows), (found[asked.limit - 1][-1], last_row.name, last_row.assessment_id))


def _narrows(asked: HeatMap) -> bool:
    """Whether some may be left out."""
    return _filters_asked(asked) > 0


def _filters_asked(asked: HeatMap) -> int:
    return sum(map(bool, (asked.unit_path, words(asked.search), asked.limiting, asked.level is not None, asked.moved)))


def _page(organisation_id: int, asked: HeatMap) -> Select[*tuple[Any, ...]]:
    """Level, name and number of the assessments of one page, and of one more where another page follows."""
    narrows = _narrows(asked)
    if narrows and asked.by in (NAME, ""):
        # Both stand in the index that filters; there is nothing to look up for the order.
        level, name, id = _counted.overall + 0, _counted.name.concat(""), _counted.assessment_id
        fitting = _at_once(
            _fitting(organisation_id, asked).with_only_columns(level.label("level"), name.label("name"), id)
        )
        return _ordered(
            asked, select(fitting), fitting.c.level, fitting.c.name, fitting.c.assessment_id, asked.limit + 1
        )
    page, level, name, id = _in_order(organisation_id, asked)
    if narrows and _narrows(rest := replace(asked, limiting="") if asked.limiting == asked.by else asked):
        page = page.where(_among(id, _fitting(organisation_id, rest)))
    if asked.by and asked.limiting == asked.by:
        page = page.where(_level.limits)
    return _ordered(asked, page, level, name, id, asked.limit + 1)


def _at_once(fitting: Select[*tuple[Any, ...]]) -> CTE:
    """All of them, before anything is made of them: PostgreSQL would look for one after the other, to stop at fifty."""
    return fitting.cte("fitting").prefix_with("MATERIALIZED", dialect="postgresql")


def _among(id: ColumnElement[int], found: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """Whether it is one of those; they are found once, also by PostgreSQL, which sees a join in a plain `IN`."""
    return (id + 0).in_(found).is_(true())


def _walked(organisation_id: int, asked: HeatMap) -> Select[*tuple[Any, ...]]:
    """The same, of the next in the order alone: quick, and enough unless few of them fit."""
    every, level, name, id = _in_order(organisation_id, asked)
    far = FAR if asked.moved and _filters_asked(asked) == 1 else WALK
    walk = _ordered(asked, every, level, name, id, far).subquery("walk")
    # Asked of one after the other: either database would begin with all that fit, and both see a join in EXISTS.
    same = _counted.organisation_id == organisation_id, _counted.assessment_id == walk.c.assessment_id
    fits = _moved(
        select(_counted.assessment_id).where(
            *same, *_filters(organisation_id, asked, partial(_one_at, organisation_id))
        ),
        asked,
    )
    found = select(walk).where(fits.limit(1).scalar_subquery().is_not(None))
    return _ordered(asked, found, walk.c.level, walk.c.name, walk.c.assessment_id, asked.limit + 1)


def _in_order(organisation_id: int, asked: HeatMap) -> tuple[Select[*tuple[Any, ...]], Any, Any, Any]:
    """All of the cycle where an index holds the order: with the columns of level, name and number."""
    if asked.by == NAME:
        of: Any = _counted
        return (
            select(of.assessment_id).where(*_of_cycle(of, organisation_id, asked.cycle_id)),
            literal(0),
            of.name,
            of.assessment_id,
        )
    page = select(_level.assessment_id).where(
        *_of_cycle(_level, organisation_id, asked.cycle_id), _level.category == asked.by
    )
    if asked.moved is Move.ROSE:
        page = page.where(_level.level > _overall_then(organisation_id, asked.since, func.min))
    if asked.moved is Move.FELL and asked.by == "":
        page = page.where(_level.level < _overall_then(organisation_id, asked.since, func.max))
    return page, _level.level, _level.name, _level.assessment_id


def _overall_then(organisation_id: int, since: int | None, of: Callable[[Any], Any]) -> ColumnElement[int]:
    """The lowest or highest of an earlier cycle, so that who cannot have moved is not walked past.

    Who rose is above the lowest, in every category too, since none is below overall; who fell is below the highest.
    """
    then = table(CountedLevel).alias("levels_then").c
    return select(of(then.level)).where(*_of_cycle(then, organisation_id, since), then.category == "").scalar_subquery()


def _ordered(
    asked: HeatMap,
    page: Select[*tuple[Any, ...]],
    level: ColumnElement[int],
    name: ColumnElement[str],
    id: ColumnElement[int],
    limit: int,
) -> Select[*tuple[Any, ...]]:
    """The first of them after the last page, in the order that is asked for."""
    order: list[ColumnElement[Any]] = [name, id] if asked.by == NAME else [level, name, id]
    if asked.after is not None:
        last = [literal(value, column.type) for value, column in zip(asked.after[-len(order) :], order, strict=True)]
        page = page.where(tuple_(*order) < tuple_(*last) if asked.descending else tuple_(*order) > tuple_(*last))
    columns: list[Any] = [
        literal(0).label("level") if asked.by == NAME else level.label("level"),
        name.label("name"),
        id,
    ]
    page = page.with_only_columns(*columns, maintain_column_froms=True)
    return page.order_by(*(each.desc() if asked.descending else each for each in order)).limit(limit)


def _of_cycle(of: Any, organisation_id: int, cycle_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return of.organisation_id == organisation_id, of.cycle_id == cycle_id


def _fitting(organisation_id: int, asked: HeatMap) -> Select[*tuple[Any, ...]]:
    """The numbers of all assessments that fit the filters."""
    of_cycle, of_level = (_of_cycle(each, organisation_id, asked.cycle_id) for each in (_counted, _level))
    return _moved(
        select(_counted.assessment_id).where(*of_cycle, *_filters(organisation_id, asked, partial(_all_at, of_level))),
        asked,
    )


def _moved(fitting: Select[*tuple[Any, ...]], asked: HeatMap) -> Select[*tuple[Any, ...]]:
    """Those of them that moved as asked."""
    if asked.moved is None:
        return fitting
    then, same = _earlier(asked.since)
    moves = {
        Move.ROSE: _counted.overall > func.coalesce(then.c.overall, _counted.overall),
        Move.FELL: _counted.overall < func.coalesce(then.c.overall, _counted.overall),
        Move.STAYED: _counted.overall == func.coalesce(then.c.overall, NOT_THERE),
        Move.JOINED: then.c.overall.is_(None),
    }
    return fitting.select_from(table(CountedResult).outerjoin(then, same)).where(moves[asked.moved])


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


AtLevel = Callable[[str, ColumnElement[bool]], ColumnElement[bool]]
"""Whether the level of a category fits."""


def _filters(organisation_id: int, asked: HeatMap, at: AtLevel) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.unit_path:
        below = _unit.path.startswith(asked.unit_path, autoescape=True)
        found.append(_among(_counted.unit_id, select(_unit.id).where(_unit.organisation_id == organisation_id, below)))
    if search := words(asked.search):
        found.append(holds(_counted.name, search))
    if asked.limiting:
        found.append(at(asked.limiting, _level.limits))
    if asked.level is not None and asked.at_category:
        found.append(at(asked.at_category, _level.level == asked.level))
    elif asked.level is not None:
        found.append(_counted.overall == asked.level)
    return found


def _all_at(of_cycle: tuple[ColumnElement[bool], ...], category: str, fits: ColumnElement[bool]) -> ColumnElement[bool]:
    """Among all of the cycle whose level fits; they are found once."""
    found = select(_level.assessment_id).where(*of_cycle, _level.category == category, fits)
    return _among(_counted.assessment_id, found)


def _one_at(organisation_id: int, category: str, fits: ColumnElement[bool]) -> ColumnElement[bool]:
    """By the level of this one result alone."""
    of_it = _level.organisation_id == organisation_id, _level.assessment_id == _counted.assessment_id
    return select(_level.assessment_id).where(*of_it, _level.category == category, fits).exists()


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
