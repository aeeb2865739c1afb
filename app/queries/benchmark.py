"""A team beside the others: its latest results, and of which groups the figures may be shown."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app.db.base import table
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Organisation, Unit
from app.db.tables.rollup import CountedLevel, CountedResult, Tally
from app.domain.benchmark import Hidden, hidden
from app.domain.rollup import WHOLE
from app.domain.rubric import Subject
from app.domain.tallies import TallyKind
from app.queries.units import UnitLine

_counted, _level, _tally = table(CountedResult).c, table(CountedLevel).c, table(Tally).c
_cycle, _agreed, _unit, _organisation = table(Cycle).c, table(AgreedResult).c, table(Unit).c, table(Organisation).c


@dataclass(frozen=True, slots=True)
class OwnResult:
    """What a team, or one of its ML systems, agreed on the last time by one rubric in a cycle."""

    assessment_id: int
    cycle_id: int
    cycle: str
    rubric: str
    rubric_version_id: int
    system_id: int | None
    system: str
    overall: int
    levels: Mapping[str, int]
    agreed_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Groups:
    """What may be compared with in one cycle. `units` are those to choose from, as a tree; `least` is k.

    `hidden` has for each category, and for the empty key overall, the units that show nothing, with the reason.
    """

    least: int
    units: Sequence[UnitLine]
    hidden: Mapping[str, Mapping[int, Hidden]]


def own_results(connection: Connection, organisation_id: int, team_id: int) -> Sequence[OwnResult]:
    """The latest of each rubric and ML system, the newest first. One statement."""
    rows = connection.execute(
        select(
            _counted.assessment_id,
            _counted.cycle_id,
            _cycle.name,
            _counted.rubric,
            _agreed.rubric_version_id,
            _counted.ml_system_id,
            _counted.system,
            _counted.overall,
            _counted.levels,
            _agreed.agreed_at,
        )
        .select_from(
            table(CountedResult)
            .join(
                table(AgreedResult),
                and_(_agreed.organisation_id == _counted.organisation_id, _agreed.id == _counted.result_id),
            )
            .join(
                table(Cycle), and_(_cycle.organisation_id == _counted.organisation_id, _cycle.id == _counted.cycle_id)
            )
        )
        .where(_counted.organisation_id == organisation_id, _counted.team_id == team_id)
        .order_by(_agreed.agreed_at.desc(), _agreed.id.desc())
    )
    latest: dict[tuple[str, int | None], OwnResult] = {}
    for row in rows:
        fields: list[Any] = [*row]
        found = OwnResult(*fields)
        latest.setdefault((found.rubric, found.system_id), found)
    return tuple(latest.values())


def groups(connection: Connection, organisation_id: int, cycle_id: int, subject: Subject) -> Groups:
    """Which units of the organisation may be compared with. Three statements; what is counted decides, not the actor.

    Archived units count as well: what is shown must not tell of them either.
    """
    least = connection.execute(select(_organisation.least_compared).where(_organisation.id == organisation_id))
    rows = connection.execute(
        select(_unit.id, _unit.parent_id, _unit.name, _unit.path, _unit.archived_at).where(
            _unit.organisation_id == organisation_id
        )
    )
    units = [UnitLine(*row) for row in rows]
    above = {each.id: each.parent_id or WHOLE for each in units}
    of_teams = subject is not Subject.MODEL
    sizes = (_tallied if of_teams else _teams_of_systems)(connection, organisation_id, cycle_id, units)
    k = least.scalar_one()
    return Groups(k, _tree(units), {key: hidden(teams, above, k) for key, teams in sizes.items()})


def _tallied(
    connection: Connection, organisation_id: int, cycle_id: int, _units: Sequence[UnitLine]
) -> Mapping[str, Mapping[int, int]]:
    """The number of teams in each unit with all below it, by category and overall."""
    rows = connection.execute(
        select(_tally.key, _tally.unit_id, func.sum(_tally.teams))
        .where(
            _tally.organisation_id == organisation_id,
            _tally.cycle_id == cycle_id,
            _tally.kind.in_((TallyKind.OVERALL, TallyKind.CATEGORY)),
        )
        .group_by(_tally.key, _tally.unit_id)
    )
    found: dict[str, dict[int, int]] = {"": {}}
    for key, unit_id, teams in rows:
        found.setdefault(key, {})[unit_id] = int(teams)
    return found


def _teams_of_systems(
    connection: Connection, organisation_id: int, cycle_id: int, units: Sequence[UnitLine]
) -> Mapping[str, Mapping[int, int]]:
    """The same where ML systems are counted: the teams that they belong to, since it is teams that are protected."""
    # The cycle stands with the level too, for the index by levels, of which else all cycles would be read.
    of_it = and_(
        _level.organisation_id == _counted.organisation_id,
        _level.cycle_id == _counted.cycle_id,
        _level.assessment_id == _counted.assessment_id,
    )
    rows = connection.execute(
        select(_level.category, _counted.unit_id, func.count(_counted.team_id.distinct()))
        .select_from(table(CountedResult).join(table(CountedLevel), of_it))
        .where(_counted.organisation_id == organisation_id, _counted.cycle_id == cycle_id, _level.level >= 0)
        .group_by(_level.category, _counted.unit_id)
    )
    around = {each.id: (WHOLE, *_ids(each)) for each in units}
    found: dict[str, dict[int, int]] = {"": {}}
    for category, unit_id, teams in rows:
        counts = found.setdefault(category, {})
        for unit in around[unit_id]:
            counts[unit] = counts.get(unit, 0) + teams
    return found


def _ids(unit: UnitLine) -> tuple[int, ...]:
    return tuple(int(each) for each in unit.path.strip("/").split("/"))


def _tree(units: Sequence[UnitLine]) -> Sequence[UnitLine]:
    """Each unit that is not archived right before those below it, and by name beside each other."""
    names = {each.id: each.name for each in units}
    kept = sorted(
        (each for each in units if each.archived_at is None),
        key=lambda each: [(names[id], id) for id in _ids(each)],
    )
    return [UnitLine(each.id, each.parent_id, each.name, each.path, None, depth=len(_ids(each)) - 1) for each in kept]
