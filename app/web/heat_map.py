"""The heat map on the dashboard: teams by categories, sorted by any column, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.errors import Invalid, Sentence
from app.domain.rubric import Rubric
from app.queries.dashboard import CycleChoice
from app.queries.heat_map import NAME, HeatMap, HeatRow, Key, Move, heat_map
from app.queries.units import UnitLine
from app.web.deps import Db
from app.web.lists import addressed
from app.web.overview import tint

OVERALL = "overall"
"""What the address calls the column of overall levels."""


@dataclass(frozen=True, slots=True)
class HeatAsked:
    """What the address asks of the heat map. `sort` is a column, with a minus before it in descending order."""

    search: str = ""
    level: int | None = None
    limiting: str = ""
    moved: str = ""
    sort: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's name, the address that sorts by it, and how it is sorted now, as `aria-sort` says it."""

    name: str
    address: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A level, None where nothing applied; `tint` is its colour, `limits` whether it holds the overall level down."""

    level: int | None
    tint: int
    limits: bool


@dataclass(frozen=True, slots=True)
class HeatLine:
    row: HeatRow
    cells: Sequence[Cell]
    tint: int

    @property
    def moved(self) -> int | None:
        return None if self.row.then is None else self.row.overall - self.row.then


@dataclass(frozen=True, slots=True)
class HeatView:
    """`kept` is what the filter's form sends along unseen."""

    asked: HeatAsked
    heads: Sequence[Head]
    lines: Sequence[HeatLine]
    first: str
    further: str
    kept: Mapping[str, str]


def heat_view(
    db: Db,
    organisation_id: int,
    cycle: CycleChoice,
    before: CycleChoice | None,
    unit: UnitLine | None,
    rubric: Rubric,
    asked: HeatAsked,
    path: str,
    part: Mapping[str, str],
) -> HeatView:
    """One page of it. Invalid for a column, a movement or a page that there is none of."""
    column = asked.sort.removeprefix("-")
    if column not in {"", OVERALL, NAME, *rubric.category_by_key}:
        raise Invalid("There is no such column to sort by.")
    if asked.limiting and asked.limiting not in rubric.category_by_key:
        raise Invalid("This rubric has no such category.")
    if asked.moved not in {"", *Move}:
        raise Invalid("This is none of the choices.")
    found = heat_map(
        db.connection(),
        organisation_id,
        HeatMap(
            cycle.id,
            unit.path if unit else "",
            by="" if column == OVERALL else column or NAME,
            descending=asked.sort.startswith("-"),
            search=asked.search,
            limiting=asked.limiting,
            level=asked.level,
            move=Move(asked.moved) if asked.moved and before else None,
            since=before.id if before else None,
            after=_key(asked.after),
        ),
    )
    filters = {
        **part,
        "q": asked.search,
        "level": "" if asked.level is None else str(asked.level),
        "limiting": asked.limiting,
        "moved": asked.moved,
    }
    page = {**filters, "sort": asked.sort}
    return HeatView(
        asked,
        [*_heads(rubric, asked.sort, path, filters), *([Head(before.name, "")] if before else [])],
        [_line(rubric, row) for row in found.rows],
        addressed(path, page) + "#teams" if asked.after else "",
        addressed(path, {**page, "after": _written(found.after)}) + "#teams" if found.after else "",
        {**part, "sort": asked.sort},
    )


def _line(rubric: Rubric, row: HeatRow) -> HeatLine:
    cells = []
    for category in rubric.categories:
        level = row.levels.get(category.key)
        cells.append(Cell(level, tint(rubric, level or 0), category.key in row.limiting))
    return HeatLine(row, cells, tint(rubric, row.overall))


def _heads(rubric: Rubric, sort: str, path: str, filters: Mapping[str, str]) -> Sequence[Head]:
    named = [
        (NAME, Sentence("Team")),
        *((each.key, each.name) for each in rubric.categories),
        (OVERALL, Sentence("Overall")),
    ]
    return [_head(column, name, sort or NAME, path, filters) for column, name in named]


def _head(column: str, name: str, sort: str, path: str, filters: Mapping[str, str]) -> Head:
    here, turned = sort.removeprefix("-") == column, not sort.startswith("-")
    order = ("ascending" if turned else "descending") if here else ""
    return Head(
        name, addressed(path, {**filters, "sort": f"-{column}" if here and turned else column}) + "#teams", order
    )


def _written(key: Key) -> str:
    return f"{key[0]}.{key[2]}.{key[1]}"


def _key(text: str) -> Key | None:
    if not text:
        return None
    level, _, rest = text.partition(".")
    id, _, name = rest.partition(".")
    if not all(each.isascii() and each.isdecimal() and len(each) <= 18 for each in (level, id)):
        raise Invalid("This list has no such page. Begin with the first one.")
    return int(level), name, int(id)
