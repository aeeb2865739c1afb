"""The teams that a cycle does not ask: to be asked by an action, and to be named before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, true

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.org import MlSystem, Team, Unit
from app.domain.rubric import Subject
from app.queries.cycles import CycleLine

NAMED = 3
"""Teams that are named, the first by name."""

_assessment, _team, _unit, _system = table(Assessment).c, table(Team).c, table(Unit).c, table(MlSystem).c


@dataclass(frozen=True, slots=True)
class Unasked:
    """How many teams of a cycle's part of the organisation are not in it, and the names of the first."""

    count: int
    names: Sequence[str]


def unasked(organisation_id: int, cycle_id: int, path: str, subject: Subject) -> Select[int]:
    """The teams in use below a unit's path, or a line for each of their ML systems, that the cycle does not ask."""
    joined = table(Team).join(
        table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
    )
    same: ColumnElement[bool] = true()
    if subject is Subject.MODEL:
        of_team = and_(_system.organisation_id == _team.organisation_id, _system.team_id == _team.id)
        joined = joined.join(table(MlSystem), and_(of_team, _system.archived_at.is_(None)))
        same = _assessment.ml_system_id == _system.id
    there = select(_assessment.id).where(
        _assessment.organisation_id == organisation_id,
        _assessment.cycle_id == cycle_id,
        _assessment.team_id == _team.id,
        same,
    )
    below = _unit.path.startswith(path, autoescape=True) if path else true()
    return (
        select(_team.id)
        .select_from(joined)
        .where(_team.organisation_id == organisation_id, _team.archived_at.is_(None), below, ~there.exists())
        .order_by(_team.id)
    )


def teams_unasked(connection: Connection, organisation_id: int, cycle: CycleLine, subject: Subject) -> Unasked:
    """Whom `actions.cycles.ask_more` would ask now. One statement."""
    teams = (
        unasked(organisation_id, cycle.id, cycle.unit_path, subject)
        .with_only_columns(_team.name, func.count().over())
        .group_by(_team.id, _team.name)
        .order_by(None)
        .order_by(_team.name, _team.id)
        .limit(NAMED)
    )
    rows = connection.execute(teams).all()
    return Unasked(rows[0][1] if rows else 0, [name for name, _ in rows])
