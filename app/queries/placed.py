"""Where an assessment is: what every statement joins that asks for a place, or for `rights.teams_seen`."""

from sqlalchemy import FromClause, Join, and_

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.org import Team, Unit

_assessment, _team, _unit = table(Assessment).c, table(Team).c, table(Unit).c


def placed(assessments: FromClause | None = None) -> Join:
    """Assessments, or what joins them already, with the team and its unit; those of no team are left out."""
    return (
        (table(Assessment) if assessments is None else assessments)
        .join(table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id))
        .join(table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id))
    )
