"""The reveal as it is kept: when it was, and who was asked by then."""

import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, literal, select, update
from sqlalchemy.orm import Session

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Respondent
from app.db.tables.people import Role
from app.domain.people import RoleKind

_assessment, _respondent, _role = table(Assessment).c, table(Respondent).c, table(Role).c

ANSWERING = (RoleKind.LEAD, RoleKind.MEMBER)


def revealed(session: Session, organisation_id: int, which: ColumnElement[bool], now: datetime.datetime) -> None:
    """Reveal those assessments of the organisation that are not revealed yet.

    Where nobody was named, the whole team was asked: it is named now. Whoever joins the team later was not asked, and
    is not taken for somebody who kept their answers to themselves.
    """
    mine = and_(_assessment.organisation_id == organisation_id, _assessment.revealed_at.is_(None), which)
    of_it = and_(
        _respondent.organisation_id == _assessment.organisation_id, _respondent.assessment_id == _assessment.id
    )
    team = (
        select(_assessment.organisation_id, _assessment.id, _role.person_id, literal(now, _respondent.asked_at.type))
        .distinct()
        .join_from(
            table(Assessment),
            table(Role),
            and_(_role.organisation_id == _assessment.organisation_id, _role.team_id == _assessment.team_id),
        )
        .where(mine, _role.kind.in_(ANSWERING), ~exists().where(of_it))
    )
    columns = ("organisation_id", "assessment_id", "person_id", "asked_at")
    session.execute(insert(table(Respondent)).from_select(columns, team))
    session.execute(update(table(Assessment)).where(mine).values(revealed_at=now))
