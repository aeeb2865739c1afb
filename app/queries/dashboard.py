"""The figures of the organisation at a glance: read from what is counted, and never from answers.

Each function is one statement that costs the same for a hundred teams as for a hundred thousand. `unit_id` is WHOLE for
the whole organisation, else a unit with all below it. Whoever calls has asked `seen_part` first: what a manager of a
unit may see is that unit.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, bindparam, select

from app.db.base import table
from app.db.tables.cycles import Cycle
from app.db.tables.org import Unit
from app.db.tables.rollup import Tally
from app.db.tables.rubrics import RubricVersion
from app.domain import cycles, tallies
from app.domain.errors import Missing
from app.domain.people import Actor
from app.domain.rollup import WHOLE, Distribution, Movement, Overview
from app.domain.tallies import Row, TallyKind
from app.queries.units import UnitLine, unit

_tally, _cycle = table(Tally).c, table(Cycle).c
_unit, _version = table(Unit).c, table(RubricVersion).c

_ROW = (_tally.kind, _tally.key, _tally.level, _tally.teams)
_COUNTED = _tally.organisation_id == bindparam("organisation_id")

FIGURES = select(*_ROW).where(
    _COUNTED,
    _tally.cycle_id == bindparam("cycle_id"),
    _tally.unit_id == bindparam("unit_id"),
    _tally.kind != TallyKind.FLOW,
    _tally.teams != 0,
)
LEVELS = select(_tally.cycle_id, _tally.unit_id, *_ROW).where(
    _COUNTED,
    _tally.cycle_id.in_(bindparam("cycle_ids", expanding=True)),
    _tally.unit_id.in_(bindparam("unit_ids", expanding=True)),
    _tally.kind.in_(bindparam("kinds", expanding=True)),
    _tally.teams != 0,
)
CYCLES = (
    select(
        _cycle.id,
        _cycle.name,
        _version.key,
        _version.title,
        _cycle.rubric_version_id,
        _cycle.opens_on,
        _cycle.due_on,
        _cycle.unit_id,
        _cycle.closed_at,
    )
    .join_from(
        table(Cycle),
        table(RubricVersion),
        and_(_version.organisation_id == _cycle.organisation_id, _version.id == _cycle.rubric_version_id),
    )
    .where(_cycle.organisation_id == bindparam("organisation_id"))
    .order_by(_cycle.due_on.desc(), _cycle.id.desc())
)
UNITS_BELOW = (
    select(_unit.id, _unit.name)
    .where(
        _unit.organisation_id == bindparam("organisation_id"),
        _unit.parent_id.is_not_distinct_from(bindparam("parent_id", type_=_unit.parent_id.type)),
        _unit.archived_at.is_(None),
    )
    .order_by(_unit.name, _unit.id)
)


@dataclass(frozen=True, slots=True)
class CycleChoice:
    """A cycle to look at. `unit_id` is the part of the organisation that it asks, None for all of it.

    `title` is the rubric's as its version has it, in the language that it was written in.
    """

    id: int
    name: str
    rubric: str
    title: str
    rubric_version_id: int
    opens_on: datetime.date
    due_on: datetime.date
    unit_id: int | None
    closed_at: datetime.datetime | None

    @property
    def rules(self) -> cycles.Cycle:
        """The cycle as its rules see it; it reminds nobody here."""
        return cycles.Cycle(self.id, self.opens_on, self.due_on, closed_at=self.closed_at)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit right below the shown part, with the distributions of all its teams."""

    id: int
    name: str
    overall: Distribution
    categories: Mapping[str, Distribution]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One cycle of a trend: its distributions, and what moved since the one before, None for the first."""

    cycle_id: int
    overall: Distribution
    categories: Mapping[str, Distribution]
    movement: Movement | None


def seen_part(connection: Connection, actor: Actor, unit_id: int) -> UnitLine | None:
    """The unit to look at, None for the whole organisation; Missing where the actor may not see it as a whole.

    It is named with those above it that the actor sees, since others may have its own name. One statement, two where
    there are some.
    """
    if unit_id == WHOLE:
        if not actor.may_see_organisation():
            raise Missing("There is no such dashboard.")
        return None
    found = unit(connection, actor.organisation_id, unit_id)
    if not actor.may_see_unit(found.path):
        raise Missing("There is no such unit.")
    return replace(found, name=" / ".join([*_names_above(connection, actor, found.path), found.name]))


def _names_above(connection: Connection, actor: Actor, path: str) -> list[str]:
    """The names of the units above one at this path that the actor sees, from the top."""
    numbers = [int(number) for number in path.strip("/").split("/")[:-1]]
    if not numbers:
        return []
    asked = select(_unit.name, _unit.path).where(_unit.organisation_id == actor.organisation_id, _unit.id.in_(numbers))
    return [name for name, here in connection.execute(asked.order_by(_unit.path)) if actor.may_see_unit(here)]


def cycle_choices(connection: Connection, organisation_id: int) -> Sequence[CycleChoice]:
    """All cycles of the organisation, the last due first."""
    return [CycleChoice(*row) for row in connection.execute(CYCLES, {"organisation_id": organisation_id})]


def overview(connection: Connection, organisation_id: int, cycle_id: int, unit_id: int = WHOLE) -> Overview:
    """Everything of one cycle in one unit, as `domain.rollup.rollup` defines it."""
    asked = {"organisation_id": organisation_id, "cycle_id": cycle_id, "unit_id": unit_id}
    return tallies.overview(_row(*row) for row in connection.execute(FIGURES, asked))


def movement(connection: Connection, organisation_id: int, earlier: int, later: int, unit_id: int = WHOLE) -> Movement:
    """What moved between any two cycles by one rubric, the earlier one named first."""
    first, last = sorted((earlier, later))
    found = _read(connection, organisation_id, (first, last), (unit_id,), (TallyKind.OVERALL, TallyKind.FLOW))
    before, after = (tallies.overview(found.get((cycle, unit_id), ())).overall for cycle in (first, last))
    forward = tallies.movement(first, before, after, found.get((last, unit_id), ()))
    if earlier == first:
        return forward
    flows = {(now, then): teams for (then, now), teams in forward.flows.items()}
    return Movement(dict(sorted(flows.items())), forward.left, forward.joined)


def trend(
    connection: Connection, organisation_id: int, cycle_ids: Sequence[int], unit_id: int = WHOLE
) -> tuple[TrendPoint, ...]:
    """The cycles in the order of their numbers, each with what moved since the one before. One statement."""
    kinds = (TallyKind.OVERALL, TallyKind.CATEGORY, TallyKind.FLOW)
    found = _read(connection, organisation_id, cycle_ids, (unit_id,), kinds)
    points: list[TrendPoint] = []
    for cycle_id in sorted(cycle_ids):
        rows = found.get((cycle_id, unit_id), [])
        here = tallies.overview(rows)
        last = points[-1] if points else None
        moves = tallies.movement(last.cycle_id, last.overall, here.overall, rows) if last else None
        points.append(TrendPoint(cycle_id, here.overall, here.categories, moves))
    return tuple(points)


def unit_rows(connection: Connection, organisation_id: int, cycle_id: int, unit_id: int = WHOLE) -> tuple[UnitRow, ...]:
    """The units right below, by name; archived ones are left out. Two statements."""
    units = units_below(connection, organisation_id, unit_id)
    kinds = (TallyKind.OVERALL, TallyKind.CATEGORY)
    found = _read(connection, organisation_id, (cycle_id,), [id for id, _ in units], kinds)
    rows = []
    for id, name in units:
        of = tallies.overview(found.get((cycle_id, id), ()))
        rows.append(UnitRow(id, name, of.overall, of.categories))
    return tuple(rows)


def with_results(
    connection: Connection, organisation_id: int, cycle_ids: Sequence[int], unit_id: int = WHOLE
) -> frozenset[int]:
    """Those of the cycles in which something is agreed in the unit. One statement."""
    found = _read(connection, organisation_id, cycle_ids, (unit_id,), (TallyKind.OVERALL,))
    return frozenset(cycle_id for cycle_id, _ in found)


def units_below(connection: Connection, organisation_id: int, unit_id: int = WHOLE) -> Sequence[tuple[int, str]]:
    """Numbers and names of the units right below that are in use, by name."""
    parent = {"organisation_id": organisation_id, "parent_id": None if unit_id == WHOLE else unit_id}
    return [(id, name) for id, name in connection.execute(UNITS_BELOW, parent)]


def _read(
    connection: Connection,
    organisation_id: int,
    cycle_ids: Iterable[int],
    unit_ids: Iterable[int],
    kinds: Iterable[TallyKind],
) -> Mapping[tuple[int, int], list[Row]]:
    asked = {
        "organisation_id": organisation_id,
        "cycle_ids": list(cycle_ids),
        "unit_ids": list(unit_ids),
        "kinds": list(kinds),
    }
    found: dict[tuple[int, int], list[Row]] = {}
    for cycle_id, unit_id, *row in connection.execute(LEVELS, asked):
        found.setdefault((cycle_id, unit_id), []).append(_row(*row))
    return found


def _row(kind: str, key: str, level: int, teams: int) -> Row:
    return TallyKind(kind), key, level, teams
