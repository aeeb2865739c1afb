"""The first sheet of a workbook: what it is of, and the figures of the whole part in blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.domain.exported import ExportedPart, headline_words
from app.domain.rollup import Distribution, Movement
from app.exports.tables import Cell, ColumnKind

Row = Sequence[Cell | float]

TEXT, NUMBER, LEVEL, SHARE = ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.LEVEL, ColumnKind.SHARE


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with rows below it. `kinds` are those of the columns; what has none is a text."""

    title: str
    head: Sequence[str] = ()
    rows: Sequence[Row] = ()
    kinds: Sequence[ColumnKind] = field(default=())

    def kind(self, place: int) -> ColumnKind:
        return self.kinds[place] if place < len(self.kinds) else TEXT


def blocks(part: ExportedPart) -> Iterator[Block]:
    """From the name of the organisation down to what moved."""
    yield Block(part.organisation, rows=list(_about(part)))
    if not part.overview.teams:
        return
    yield _levels(part)
    yield _shares(part)
    if part.limits():
        yield _limits(part)
    if part.blocks():
        yield _blocks(part)
    if part.investments:
        yield _investments(part)
    if part.moves:
        yield _movement(part, part.moves)


def _about(part: ExportedPart) -> Iterator[tuple[str, Cell]]:
    yield "Headline", headline_words(part)
    yield "Cycle", part.cycle
    yield "Due on", part.due_on
    yield "Unit", part.whole
    yield "Compared with", part.before
    yield "Rubric", f"{part.rubric.title}, version {part.version}"
    yield "Made on", part.made_at.date()
    yield "State", part.so_far or "closed"
    yield "Agreed results", part.overview.teams
    yield "Teams listed", "only those that fit the filters of the dashboard" if part.filters.any else "all"


def _levels(part: ExportedPart) -> Block:
    names = [f"{level} {name}" for level, name in part.level_names.items()]
    rows: list[Row] = []
    for category, of in part.distributions():
        figures = (of.teams, of.floor, of.median, of.upper_quartile)
        rows.append([category.name if category else "Overall", *figures, *(of.at(level) for level in part.level_names)])
    head = ["Teams at each level", "Teams", "Floor", "Median", "Upper quartile", *names]
    return Block("Where the teams stand", head, rows, [TEXT, NUMBER, LEVEL, LEVEL, LEVEL, *[NUMBER] * len(names)])


def _shares(part: ExportedPart) -> Block:
    above = list(part.level_names)[1:]
    rows: list[Row] = [
        [category.name if category else "Overall", *(float(of.share_at_or_above(level)) for level in above)]
        for category, of in part.distributions()
    ]
    head = ["", *(f"at {level} {part.level_names[level]} or above" for level in above)]
    return Block("Share of the teams at each level or above", head, rows, [TEXT, *[SHARE] * len(above)])


def _limits(part: ExportedPart) -> Block:
    teams = part.overview.teams
    rows: list[Row] = [[category.name, limited, limited / teams] for category, limited in part.limits()]
    return Block("What limits the teams", ["Category", "Teams", "Share"], rows, [TEXT, NUMBER, SHARE])


def _blocks(part: ExportedPart) -> Block:
    of = part.rubric.category_of
    rows: list[Row] = [[each.key, teams, of[each.key].name, each.text] for each, teams in part.blocks()]
    head = ["Statement", "Teams", "Category", "Text"]
    return Block("What keeps teams from their next level", head, rows, [TEXT, NUMBER])


def _investments(part: ExportedPart) -> Block:
    known = part.rubric.statements
    rows: list[Row] = [
        [" + ".join(each.statements), each.teams, " + ".join(known[key].do for key in each.statements)]
        for each in part.investments
    ]
    head = ["Statements", "Teams that would rise", "What to do"]
    return Block("What would lift most teams, met everywhere", head, rows, [TEXT, NUMBER])


def _movement(part: ExportedPart, moves: Movement) -> Block:
    names = part.level_names

    def joined_or_left(title: str, of: Distribution) -> Row:
        return [title, of.teams, *(of.at(level) for level in names)]

    flows = moves.flows
    rows: list[Row] = [
        [f"from {then} {name}", sum(here), *here]
        for then, name in names.items()
        if any(here := [flows.get((then, now), 0) for now in names])
    ]
    totals: list[Row] = [
        ["rose", moves.rose],
        ["stayed", moves.stayed],
        ["fell", moves.fell],
    ]
    others = [
        joined_or_left("joined", moves.joined),
        joined_or_left("missing (left, or have not agreed), by their level then", moves.left),
    ]
    head = ["Teams", "Number", *(f"to {level} {name}" for level, name in names.items())]
    kinds = [TEXT, *[NUMBER] * (len(names) + 1)]
    return Block(f"What moved since {part.before}", head, [*totals, *rows, *others], kinds)
