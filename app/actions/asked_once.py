"""What is asked once: answering for a unit, objecting to what was answered above, and settling that."""

import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.assessing import check_answered_now, held
from app.actions.running_cycles import cycle
from app.actions.upserts import upsert
from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet, SheetKind
from app.db.tables.findings import Objection
from app.domain import asked_once
from app.domain.asked_once import TakenOver, asked_of_organisation
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed, Sentence
from app.domain.people import Actor
from app.domain.sheets import NEVER_ANSWERED
from app.queries import rubrics, units
from app.queries.asked_once import taken_over_by
from app.queries.cycles import cycle_line
from app.queries.objections import objections_against, objections_of_team

ONLY_ABOVE = Sentence("This is answered by admins, and by managers for their part of the organisation.")
ONLY_TEAM = Sentence("Members and leads of the team object.")

_assessment, _sheet, _objection = table(Assessment).c, table(Sheet).c, table(Objection).c

OBJECT = upsert(
    table(Objection),
    ("organisation_id", "assessment_id", "statement"),
    ("person_id", "note", "at", "against_unit_id", "against_value", "against_reason", "settled_at", "settled_by"),
)


def answer_for_unit(session: Session, actor: Actor, cycle_id: int, unit_id: int, now: datetime.datetime) -> None:
    """Let a unit be answered for by itself in a cycle; nothing happens where it is already.

    Raises NotAllowed where it is not the actor's, Missing where the unit is not in the cycle's part of the
    organisation, Invalid where the rubric asks nothing of it, Conflict where the cycle is closed.
    """
    organisation_id = actor.organisation_id
    held_cycle = cycle(session, organisation_id, cycle_id)
    line = cycle_line(session.connection(), organisation_id, cycle_id)
    unit = units.unit(session.connection(), organisation_id, unit_id)
    if not actor.may_answer_for(unit.path):
        raise NotAllowed(ONLY_ABOVE)
    if not unit.path.startswith(line.unit_path) or unit.archived_at is not None:
        raise Missing("This unit is not in the cycle.")
    version = rubrics.published(session.connection(), organisation_id, line.rubric_version_id)
    if not asked_of_organisation(version.rubric):
        raise Invalid("This rubric asks nothing of the organisation.")
    if held_cycle.closed_at is not None:
        raise Conflict("This cycle is closed. Reopen it first.")
    there = select(_assessment.id).where(
        _assessment.organisation_id == organisation_id,
        _assessment.cycle_id == cycle_id,
        _assessment.team_id.is_(None),
        _assessment.unit_id == unit_id,
    )
    if session.scalar(there) is not None:
        return
    row = {
        "organisation_id": organisation_id,
        "rubric_version_id": line.rubric_version_id,
        "cycle_id": cycle_id,
        "unit_id": unit_id,
        "created_at": now,
    }
    made = session.execute(insert(table(Assessment)).returning(_assessment.id), row).scalar_one()
    sheet = {
        "organisation_id": organisation_id,
        "assessment_id": made,
        "kind": SheetKind.AGREED,
        "version": 0,
        "created_at": now,
    }
    session.execute(insert(table(Sheet)), sheet)
    audit.record_by(session, actor, now, "unit answered for", ("cycle", cycle_id), unit=unit_id)


def object_to(
    session: Session,
    actor: Actor,
    assessment_id: int,
    statement: str,
    note: str,
    today: datetime.date,
    now: datetime.datetime,
) -> None:
    """Say that what the team takes over is not so for it; Conflict before the reveal, and where that is said already.

    Before the reveal it would tell what somebody thinks who answers alone.
    """
    found = held(session, actor, assessment_id)
    if actor.person_id is None or not actor.may_answer(found.place):
        raise NotAllowed(ONLY_TEAM)
    if not found.alone.may_see_agreed_sheet():
        raise Conflict("Everybody answers alone first. The team objects after the reveal.")
    check_answered_now(found, today)
    if found.result is not None:
        raise Conflict("This result is agreed: reopen it to object to what it takes over.")
    connection = session.connection()
    rubric = rubrics.published(connection, actor.organisation_id, found.sheet.rubric_version_id).rubric
    taken = taken_over_by(connection, found, rubric).get(statement)
    objection = asked_once.objection(rubric, statement, TakenOver(NEVER_ANSWERED, taken), note)
    before = objections_of_team(connection, found).get(statement)
    if before and before.settled_at is None and before.stands(taken):
        raise Conflict("Your team objects to this already.")
    answer = objection.against.answer
    row = {
        "organisation_id": actor.organisation_id,
        "assessment_id": assessment_id,
        "statement": statement,
        "person_id": actor.person_id,
        "note": objection.note,
        "at": now,
        "against_unit_id": objection.against.unit_id,
        "against_value": answer.value,
        "against_reason": answer.reason,
        "settled_at": None,
        "settled_by": None,
    }
    connection.execute(OBJECT[connection.dialect.name], [row]).close()
    audit.record_by(session, actor, now, "objection made", ("assessment", assessment_id), statement=statement)


def settle_objection(
    session: Session,
    actor: Actor,
    cycle_id: int,
    unit_id: int | None,
    assessment_id: int,
    statement: str,
    now: datetime.datetime,
) -> None:
    """Take a team's objection off the list, of whoever answers for this unit, or for the organisation."""
    connection = session.connection()
    path = units.unit(connection, actor.organisation_id, unit_id).path if unit_id is not None else ""
    if not actor.may_answer_for(path):
        raise NotAllowed(ONLY_ABOVE)
    open_ones = objections_against(connection, actor.organisation_id, cycle_id, unit_id)
    if not any((each.assessment_id, each.statement) == (assessment_id, statement) for each in open_ones):
        raise Missing("There is no such objection, or it was settled already.")
    session.execute(
        update(table(Objection))
        .where(
            _objection.organisation_id == actor.organisation_id,
            _objection.assessment_id == assessment_id,
            _objection.statement == statement,
        )
        .values(settled_at=now, settled_by=actor.person_id)
    )
    audit.record_by(session, actor, now, "objection settled", ("assessment", assessment_id), statement=statement)
