"""How a team comes to its result: own sheets begun and submitted, the reveal, the agreement, and its reopening."""

import datetime
from collections.abc import Mapping

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.carrying import begin_with_the_last
from app.actions.counting import count_teams, may_count
from app.actions.mutations import locked as locked_sheet
from app.actions.revealing import revealed
from app.actions.upserts import upsert
from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet, SheetKind
from app.db.tables.cycles import Respondent
from app.db.tables.findings import AgreedResult, Dissent
from app.domain.answers import NOTE_LIMIT, Value
from app.domain.asked_once import mark
from app.domain.cycles import Mode, check_may_be_answered
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.frozen_answers import Frozen, document
from app.domain.people import Actor, RoleKind
from app.domain.results import LadderResult
from app.domain.rubric import Rubric
from app.domain.scoring import result_json, score
from app.domain.sheets import values
from app.domain.text import plain
from app.queries import rubrics
from app.queries.asked_once import counting
from app.queries.assessing import Assessing, assessing
from app.queries.teams import people_of_team

_assessment, _sheet, _agreed = table(Assessment).c, table(Sheet).c, table(AgreedResult).c

ASK = upsert(table(Respondent), ("organisation_id", "assessment_id", "person_id"), ("categories",))
DISSENT = upsert(
    table(Dissent), ("organisation_id", "assessment_id", "statement", "person_id"), ("value", "note", "at")
)


def hold(session: Session, organisation_id: int, assessment_id: int) -> None:
    """Let nobody else take an assessment further until this transaction ends."""
    session.execute(
        select(_assessment.id)
        .where(_assessment.organisation_id == organisation_id, _assessment.id == assessment_id)
        .with_for_update()
    )


def held(session: Session, actor: Actor, assessment_id: int) -> Assessing:
    """The assessment, held until this transaction ends; Missing where it is not seen."""
    hold(session, actor.organisation_id, assessment_id)
    return assessing(session.connection(), actor, assessment_id)


def begin_own_sheet(
    session: Session, actor: Actor, assessment_id: int, today: datetime.date, now: datetime.datetime
) -> int:
    """The number of the actor's own sheet, made where they have none. Raises NotAllowed where they are not asked."""
    found = held(session, actor, assessment_id)
    check_answered_now(found, today)
    own = found.own(actor.person_id)
    if own and own.sheet_id is not None:
        return own.sheet_id
    if actor.person_id is None or not found.alone.may_change_own_sheet(actor.person_id):
        raise NotAllowed("You were not asked to answer this alone, or it was revealed already.")
    row = {
        "organisation_id": actor.organisation_id,
        "assessment_id": assessment_id,
        "kind": SheetKind.OWN,
        "version": 0,
        "created_at": now,
        "person_id": actor.person_id,
    }
    sheet_id: int = session.execute(insert(table(Sheet)).returning(_sheet.id), row).scalar_one()
    if found.cycle and found.cycle.carried_from is not None:
        # It was the team's word, which every one of its people knows: nobody learns what another one thinks.
        connection, last = session.connection(), found.cycle.carried_from
        begin_with_the_last(connection, actor.organisation_id, sheet_id, assessment_id, last, now)
    audit.record_by(session, actor, now, "own sheet begun", ("assessment", assessment_id))
    return sheet_id


def submit(session: Session, actor: Actor, assessment_id: int, today: datetime.date, now: datetime.datetime) -> bool:
    """Hand in the actor's own sheet, which is closed with it; whether that revealed the answers of all.

    From here on they may see those of others who submitted, and so never change their own again.
    """
    found = held(session, actor, assessment_id)
    check_answered_now(found, today)
    own = found.own(actor.person_id)
    if actor.person_id is None or own is None or not found.alone.may_change_own_sheet(actor.person_id):
        raise NotAllowed("There is nothing of yours to submit here.")
    if not own.version:
        raise Invalid("Nothing is answered yet. Pick a level or answer a statement first.")
    session.execute(
        update(table(Sheet))
        .where(_sheet.organisation_id == actor.organisation_id, _sheet.id == own.sheet_id)
        .values(submitted_at=now, closed_at=now)
    )
    audit.record_by(session, actor, now, "own sheet submitted", ("assessment", assessment_id))
    return _reveal_if_all_are_in(session, actor, assessment_id, now)


def ask_people(
    session: Session,
    actor: Actor,
    assessment_id: int,
    asked: Mapping[int, tuple[str, ...]],
    now: datetime.datetime,
) -> None:
    """Ask these people of the team, each for some categories or, with none named, for all; nobody else is asked then.

    Who submitted stays. Raises Invalid for somebody who is not of the team, or a category that is not the rubric's.
    """
    found = held(session, actor, assessment_id)
    _check_leads(actor, found)
    if not found.alone.may_ask_more():
        raise Conflict("The answers were revealed already: nobody answers alone any more.")
    if not asked:
        raise Invalid("Choose at least one person to ask.")
    rubric = _rubric(session, found)
    team = people_of_team(session.connection(), actor.organisation_id, found.place.team_id)
    if not set(asked) <= {one.person_id for one in team if one.kind is not RoleKind.VIEWER}:
        raise Invalid("Only members and leads of the team are asked.")
    if not {category for categories in asked.values() for category in categories} <= set(rubric.category_by_key):
        raise Invalid("This rubric has no such category.")
    keep = {one.person_id for one in found.respondents if one.submitted_at}
    gone = (
        table(Respondent)
        .delete()
        .where(
            table(Respondent).c.organisation_id == actor.organisation_id,
            table(Respondent).c.assessment_id == assessment_id,
            table(Respondent).c.person_id.not_in(set(asked) | keep),
        )
    )
    session.execute(gone)
    rows = [
        {
            "organisation_id": actor.organisation_id,
            "assessment_id": assessment_id,
            "person_id": person_id,
            "categories": list(asked.get(person_id, ())) or None,
            "asked_at": now,
        }
        for person_id in sorted(set(asked) | keep)
    ]
    connection = session.connection()
    connection.execute(ASK[connection.dialect.name], rows).close()
    audit.record_by(session, actor, now, "people asked", ("assessment", assessment_id), people=sorted(asked))
    _reveal_if_all_are_in(session, actor, assessment_id, now)


def reveal(session: Session, actor: Actor, assessment_id: int, now: datetime.datetime) -> None:
    """End the answering alone before everybody submitted; Conflict where that is not to be."""
    found = held(session, actor, assessment_id)
    _check_leads(actor, found)
    if not found.alone.may_reveal(found.viewer(actor)):
        raise Conflict("Nothing can be revealed yet: somebody has to have submitted, and you too if you were asked.")
    _note_revealed(session, actor, assessment_id, now)


def agree(
    session: Session,
    actor: Actor,
    assessment_id: int,
    version: int,
    today: datetime.date,
    now: datetime.datetime,
    above: str = "",
) -> int:
    """Freeze the agreed sheet as the team's result; the number of the revision.

    `version` is the sheet's as the actor saw it, `above` the mark of what it took over then, empty where that is not
    known: Conflict where somebody changed the one or the other since.
    """
    may_count(session, actor.organisation_id)
    found = held(session, actor, assessment_id)
    _check_leads(actor, found)
    check_answered_now(found, today)
    if found.result is not None:
        raise Conflict("This is agreed already. Reopen it to change something.")
    if not found.alone.may_change_agreed_sheet():
        raise Conflict("Everybody answers alone first. Reveal the answers before you agree.")
    connection = session.connection()
    if locked_sheet(connection, found.sheet) != version:
        raise Conflict("The answers were changed since you looked. Look at them again before you agree.")
    rubric = _rubric(session, found)
    counted = counting(connection, found, rubric)
    if above not in ("", mark(counted.taken)):
        raise Conflict("Something else is said above since you looked. Look at it again before you agree.")
    if not values(counted.own):
        raise Invalid("Nothing is answered or confirmed yet. There is nothing to agree on.")
    revision = _freeze(session, actor, found, rubric, Frozen(counted.own, counted.taken), version, now)
    session.execute(
        update(table(Sheet))
        .where(_sheet.organisation_id == actor.organisation_id, _sheet.id == found.sheet.sheet_id)
        .values(closed_at=now)
    )
    audit.record_by(session, actor, now, "result agreed", ("assessment", assessment_id), revision=revision)
    _count(session, found)
    return revision


def reopen(
    session: Session, actor: Actor, assessment_id: int, reason: str, today: datetime.date, now: datetime.datetime
) -> None:
    """Take the agreed sheet into work again; what was agreed stays readable as the revision that it is."""
    may_count(session, actor.organisation_id)
    found = held(session, actor, assessment_id)
    _check_leads(actor, found)
    check_answered_now(found, today)
    reason = plain(reason.strip(), NOTE_LIMIT)
    if not reason:
        raise Invalid("Say why it is reopened: one sentence is enough.")
    if found.result is None:
        raise Conflict("Nothing is agreed here that could be reopened.")
    session.execute(
        update(table(AgreedResult))
        .where(_agreed.organisation_id == actor.organisation_id, _agreed.id == found.result.id)
        .values(reopened_at=now, reopened_by=actor.person_id, reopen_reason=reason)
    )
    session.execute(
        update(table(Sheet))
        .where(_sheet.organisation_id == actor.organisation_id, _sheet.id == found.sheet.sheet_id)
        .values(closed_at=None)
    )
    revision = found.result.revision
    audit.record_by(session, actor, now, "result reopened", ("assessment", assessment_id), revision=revision)
    _count(session, found)


def dissent(
    session: Session,
    actor: Actor,
    assessment_id: int,
    statement: str,
    value: Value | None,
    note: str,
    now: datetime.datetime,
) -> None:
    """Put on record that the actor sees a statement differently, and why."""
    found = held(session, actor, assessment_id)
    if actor.person_id is None or not actor.may_answer(found.place):
        raise NotAllowed("Members and leads of the team dissent.")
    if not found.alone.may_see_agreed_sheet():
        raise Conflict("There is nothing agreed yet to dissent from.")
    if statement not in _rubric(session, found).statements:
        raise Invalid("This rubric has no such statement.")
    note = plain(note.strip(), NOTE_LIMIT)
    if not note:
        raise Invalid("Say why you see it differently: one sentence is enough.")
    row = {
        "organisation_id": actor.organisation_id,
        "assessment_id": assessment_id,
        "statement": statement,
        "person_id": actor.person_id,
        "value": value,
        "note": note,
        "at": now,
    }
    connection = session.connection()
    connection.execute(DISSENT[connection.dialect.name], [row]).close()
    audit.record_by(session, actor, now, "dissent recorded", ("assessment", assessment_id), statement=statement)


def _count(session: Session, found: Assessing) -> None:
    """Last of all: everybody who agrees adds to the same few tallies, and waits here for who was first."""
    if found.cycle is not None:
        count_teams(session, found.sheet.organisation_id, [found.place.team_id])


def check_answered_now(found: Assessing, today: datetime.date) -> None:
    """NotAllowed, with the reason, where the assessment's cycle takes no answers on that day."""
    if found.cycle is not None:
        check_may_be_answered(found.cycle.rules, today)


def _check_leads(actor: Actor, found: Assessing) -> None:
    if not actor.may_agree(found.place):
        raise NotAllowed("Only the team's lead asks people, reveals, agrees and reopens.")


def _rubric(session: Session, found: Assessing) -> Rubric:
    sheet = found.sheet
    return rubrics.published(session.connection(), sheet.organisation_id, sheet.rubric_version_id).rubric


def _reveal_if_all_are_in(session: Session, actor: Actor, assessment_id: int, now: datetime.datetime) -> bool:
    after = assessing(session.connection(), actor, assessment_id)
    if after.mode is not Mode.ALONE_FIRST or not after.alone.is_to_be_revealed():
        return False
    _note_revealed(session, actor, assessment_id, now)
    return True


def _note_revealed(session: Session, actor: Actor, assessment_id: int, now: datetime.datetime) -> None:
    revealed(session, actor.organisation_id, _assessment.id == assessment_id, now)
    # What nobody submitted stays as it is, and is seen by its author alone.
    session.execute(
        update(table(Sheet))
        .where(
            _sheet.organisation_id == actor.organisation_id,
            _sheet.assessment_id == assessment_id,
            _sheet.kind == SheetKind.OWN,
            _sheet.closed_at.is_(None),
        )
        .values(closed_at=now)
    )
    audit.record_by(session, actor, now, "answers revealed", ("assessment", assessment_id))


def _freeze(
    session: Session,
    actor: Actor,
    found: Assessing,
    rubric: Rubric,
    frozen: Frozen,
    version: int,
    now: datetime.datetime,
) -> int:
    result = score(rubric, values(frozen.answers))
    highest = select(func.max(_agreed.revision)).where(
        _agreed.organisation_id == actor.organisation_id, _agreed.assessment_id == found.id
    )
    revision = (session.scalar(highest) or 0) + 1
    session.add(
        AgreedResult(
            organisation_id=actor.organisation_id,
            assessment_id=found.id,
            revision=revision,
            rubric_version_id=found.sheet.rubric_version_id,
            sheet_version=version,
            answers=document(frozen),
            result=result_json(rubric, result),
            overall=result.overall if isinstance(result, LadderResult) else None,
            agreed_at=now,
            agreed_by=actor.person_id,
        )
    )
    return revision
