"""Reading what teams object to in the answers given above them. An objection belongs to what a team agrees."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.findings import Objection
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.domain import asked_once
from app.domain.asked_once import ORGANISATION, GivenAbove, TakenOver, stands
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer
from app.queries.asked_once import NOTHING_GIVEN, given_above
from app.queries.assessing import Assessing

LISTED = 200
"""Objections that are listed at most."""

_assessment, _objection = table(Assessment).c, table(Objection).c
_team, _unit, _person = table(Team).c, table(Unit).c, table(Person).c


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """A team's objection, with the words and the name of whoever wrote it; `unit_path` is where the team is."""

    assessment_id: int
    team: str
    unit_path: str
    statement: str
    note: str
    by: str
    at: datetime.datetime
    against: GivenAbove
    settled_at: datetime.datetime | None

    def stands(self, taken: GivenAbove | None) -> bool:
        """Whether it is still about what the team takes over now."""
        objection = asked_once.Objection(self.statement, self.against, self.note)
        return stands(objection, TakenOver(NEVER_ANSWERED, taken))


def objections_of_team(connection: Connection, found: Assessing) -> Mapping[str, ObjectionLine]:
    """A team's objections by statement; none before the agreed sheet may be seen, which they belong to."""
    if not found.alone.may_see_agreed_sheet():
        return {}
    of_it = _objection.assessment_id == found.id
    return {line.statement: line for line in _objections(connection, found.sheet.organisation_id, of_it)}


def objections_against(
    connection: Connection, organisation_id: int, cycle_id: int, unit_id: int | None
) -> Sequence[ObjectionLine]:
    """What teams object to that was answered for this unit, or for the organisation, and is not settled: newest first.

    Those that are no longer about what the team takes over are left out. Two statements.
    """
    against = and_(
        _assessment.cycle_id == cycle_id,
        _objection.against_unit_id.is_not_distinct_from(unit_id),
        _objection.settled_at.is_(None),
    )
    lines = _objections(connection, organisation_id, against)
    if not lines:
        return ()
    given = given_above(connection, organisation_id, [cycle_id], {line.unit_path for line in lines})
    above = given.get(cycle_id, NOTHING_GIVEN)
    return [line for line in lines if line.stands(asked_once.nearest(above.get(line.statement, ()), line.unit_path))]


def _objections(connection: Connection, organisation_id: int, which: ColumnElement[bool]) -> Sequence[ObjectionLine]:
    against = table(Unit).alias("against")
    rows = connection.execute(
        select(
            _objection.assessment_id,
            _team.name,
            _unit.path,
            _objection.statement,
            _objection.note,
            func.coalesce(_person.name, ""),
            _objection.at,
            func.coalesce(against.c.path, ORGANISATION).label("against_path"),
            _objection.against_value,
            _objection.against_reason,
            _objection.settled_at,
        )
        .select_from(
            table(Objection)
            .join(
                table(Assessment),
                and_(
                    _assessment.organisation_id == _objection.organisation_id,
                    _assessment.id == _objection.assessment_id,
                ),
            )
            .join(
                table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
            )
            .join(table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id))
            .outerjoin(
                against,
                and_(
                    against.c.organisation_id == _objection.organisation_id,
                    against.c.id == _objection.against_unit_id,
                ),
            )
            .outerjoin(table(Person), _person.id == _objection.person_id)
        )
        .where(_objection.organisation_id == organisation_id, which)
        .order_by(_objection.at.desc(), _objection.assessment_id, _objection.statement)
        .limit(LISTED)
    )
    return [
        ObjectionLine(
            *row[:7],
            against=GivenAbove(row.against_path, SavedAnswer(row.against_value, row.against_reason)),
            settled_at=row.settled_at,
        )
        for row in rows
    ]
