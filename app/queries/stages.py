"""Reading how far the assessments of a cycle have come: what a stage is in SQL, and how many are at which, by unit.

It says what was done, and nothing of what anybody answered.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Case, ColumnElement, Connection, and_, case, func, or_, select, union_all

from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet
from app.db.tables.findings import AgreedResult
from app.db.tables.org import MlSystem, Team, Unit
from app.domain.cycles import Stage
from app.domain.rollup import WHOLE
from app.queries.dashboard import units_below

_assessment, _sheet, _agreed = table(Assessment).c, table(Sheet).c, table(AgreedResult).c
_team, _unit, _system = table(Team).c, table(Unit).c, table(MlSystem).c

Counts = Mapping[Stage, int]
"""How many assessments are at each stage; every stage is there."""


@dataclass(frozen=True, slots=True)
class UnitStages:
    """A unit right below the shown part, with all teams below it; those of no such unit are in the part itself."""

    id: int
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Stages:
    """All assessments of a part, and the same by unit right below it; `here` are those of teams in the unit itself."""

    counts: Counts
    here: Counts
    below: tuple[UnitStages, ...]


def stage() -> Case[str]:
    """How far an assessment has come, as a column. Submitted: all who were asked have, which reveals it."""
    of_it = (_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id)
    begun = select(_sheet.id).where(*of_it, _sheet.version > 0).exists()
    agreed = (
        select(_agreed.id)
        .where(
            _agreed.organisation_id == _assessment.organisation_id,
            _agreed.assessment_id == _assessment.id,
            _agreed.reopened_at.is_(None),
        )
        .exists()
    )
    return case(
        (agreed, Stage.AGREED.value),
        (_assessment.revealed_at.is_not(None), Stage.SUBMITTED.value),
        (begun, Stage.BEGUN.value),
        else_=Stage.NOT_BEGUN.value,
    )


def stages(
    connection: Connection,
    organisation_id: int,
    cycle_id: int,
    closed_at: datetime.datetime | None = None,
    unit_id: int = WHOLE,
    unit_path: str = "",
) -> Stages:
    """How far the whole organisation has come, or a unit with all below it.

    Two statements, which answer a line for each unit and stage. The first looks at every assessment of the cycle, so
    that it takes longer the more teams there are.
    """
    found = asked(organisation_id, cycle_id, closed_at, unit_path, _team.unit_id, stage().label("stage")).c
    counted = select(found.unit_id, found.stage, func.count().label("teams")).group_by(found.unit_id, found.stage)
    grouped = counted.subquery()
    in_unit = and_(_unit.organisation_id == organisation_id, _unit.id == grouped.c.unit_id)
    lines = select(_unit.path, grouped.c.stage, grouped.c.teams).join_from(grouped, table(Unit), in_unit)
    by_path: dict[str, dict[Stage, int]] = {}
    for path, name, count in connection.execute(lines):
        by_path.setdefault(path, {})[Stage(name)] = count
    below = []
    for id, name in units_below(connection, organisation_id, unit_id):
        inside = f"{unit_path or '/'}{id}/"
        counts = _sum(of for path, of in by_path.items() if path.startswith(inside))
        below.append(UnitStages(id, name, counts))
    return Stages(_sum(by_path.values()), _sum([by_path.get(unit_path, {})]), tuple(below))


def asked(
    organisation_id: int,
    cycle_id: int,
    closed_at: datetime.datetime | None,
    unit_path: str,
    *columns: ColumnElement[Any],
) -> CTE:
    """A line for each assessment of the cycle that has part in it, to be counted; its team is joined to it.

    An archived team, or ML system, has none, unless the cycle was closed by then: as where results are counted.
    """
    here = [_assessment.organisation_id == organisation_id, _assessment.cycle_id == cycle_id]
    of_team = and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
    of_system = and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id)
    placed = table(Assessment).join(table(Team), of_team)
    if unit_path:
        here.append(_unit.path.startswith(unit_path, autoescape=True))
        of_unit = and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
        placed = placed.join(table(Unit), of_unit)

    def stays(archived_at: ColumnElement[Any]) -> ColumnElement[bool]:
        return archived_at.is_(None) if closed_at is None else or_(archived_at.is_(None), archived_at >= closed_at)

    # One for each index of a cycle: that of teams, and that of ML systems.
    teams = select(*columns).select_from(placed).where(*here, _assessment.ml_system_id.is_(None))
    systems = (
        select(*columns).select_from(placed.join(table(MlSystem), of_system)).where(*here, stays(_team.archived_at))
    )
    found = union_all(
        teams.where(_assessment.team_id.is_not(None), stays(_team.archived_at)),
        systems.where(_assessment.ml_system_id.is_not(None), stays(_system.archived_at)),
    )
    return found.cte("asked")


def _sum(counts: Iterable[Mapping[Stage, int]]) -> Counts:
    found = dict.fromkeys(Stage, 0)
    for each in counts:
        for name, count in each.items():
            found[name] += count
    return found
