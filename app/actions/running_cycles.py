"""Looking after a cycle that is there: more time, closing it and opening it again, and copying tried again."""

import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.counting import count_archived
from app.actions.jobs import try_again
from app.actions.revealing import revealed
from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet
from app.db.tables.cycles import Cycle
from app.domain import cycles
from app.domain.cycles import Mode, Schedule
from app.domain.errors import Conflict, Missing, NotAllowed, Sentence
from app.domain.people import Actor
from app.queries import units
from app.queries.carrying import unfinished

ONLY_MANAGERS = Sentence("Cycles are looked after by admins, and by managers for their part of the organisation.")

_assessment, _sheet = table(Assessment).c, table(Sheet).c


def cycle(session: Session, organisation_id: int, cycle_id: int) -> Cycle:
    """The cycle to be changed, held until the transaction ends; Missing where it is not this organisation's."""
    found = session.scalar(
        select(Cycle)
        .where(Cycle.organisation_id == organisation_id, Cycle.id == cycle_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing("There is no such cycle.")
    return found


def managed(session: Session, actor: Actor, cycle_id: int) -> Cycle:
    """The cycle to be changed, as `cycle`; NotAllowed where it is not the actor's to look after."""
    found = cycle(session, actor.organisation_id, cycle_id)
    if not actor.may_manage_cycles(path_of(session, actor.organisation_id, found.unit_id)):
        raise NotAllowed(ONLY_MANAGERS)
    return found


def extend_cycle(
    session: Session, actor: Actor, cycle_id: int, due_on: datetime.date, today: datetime.date, now: datetime.datetime
) -> None:
    """Give more time. Raises what `domain.cycles.extended` raises."""
    moved = managed(session, actor, cycle_id)
    before = moved.due_on
    moved.due_on = cycles.extended(rules(moved), due_on, today).due
    days = {"before": before.isoformat(), "after": due_on.isoformat()}
    audit.record_by(session, actor, now, "cycle extended", ("cycle", cycle_id), **days)


def close_cycle(session: Session, actor: Actor, cycle_id: int, now: datetime.datetime) -> None:
    """From here on nothing of it is answered or agreed, and what was answered alone is revealed; Conflict if closed."""
    ending = managed(session, actor, cycle_id)
    ending.closed_at = cycles.closed(rules(ending), now).closed_at
    audit.record_by(session, actor, now, "cycle closed", ("cycle", cycle_id))
    if ending.mode is Mode.ALONE_FIRST:
        _reveal_all(session, ending, now)
    _set_closed(session, ending, None, now)


def reopen_cycle(
    session: Session, actor: Actor, cycle_id: int, reason: str, today: datetime.date, now: datetime.datetime
) -> None:
    """Take it into use again, for a reason that the audit trail keeps. What was revealed stays so."""
    again = managed(session, actor, cycle_id)
    _, kept = cycles.reopened(rules(again), reason, today)
    check_name(session, actor.organisation_id, again.name)
    _set_closed(session, again, again.closed_at, None)
    again.closed_at, again.reopened_on = None, today
    count_archived(session, actor.organisation_id, cycle_id)
    audit.record_by(session, actor, now, "cycle reopened", ("cycle", cycle_id), reason=kept)


def carry_on_again(session: Session, actor: Actor, cycle_id: int, now: datetime.datetime) -> None:
    """Go on where the copying failed. Conflict where it did not, which may be since somebody was faster."""
    found = managed(session, actor, cycle_id)
    failed = [job.id for job in session.execute(unfinished(found.organisation_id, cycle_id)) if job.failed_at]
    if not failed:
        raise Conflict("Nothing has to be copied again here. Load the page anew to see how far it is.")
    for job_id in failed:
        try_again(session, job_id, now)
    audit.record_by(session, actor, now, "copying tried again", ("cycle", cycle_id))


def rules(of: Cycle) -> cycles.Cycle:
    """The cycle as its rules see it."""
    schedule = Schedule(tuple(of.reminders["before"]), tuple(of.reminders["after"]))
    return cycles.Cycle(of.id, of.opens_on, of.due_on, schedule, of.closed_at, of.reopened_on)


def path_of(session: Session, organisation_id: int, unit_id: int | None) -> str:
    return units.unit(session.connection(), organisation_id, unit_id).path if unit_id is not None else ""


def check_name(session: Session, organisation_id: int, name: str) -> None:
    same = select(Cycle.id).where(
        Cycle.organisation_id == organisation_id, Cycle.name == name, Cycle.closed_at.is_(None)
    )
    if session.scalar(same.limit(1)) is not None:
        raise Conflict("There is an open cycle %(name)s already.", name=name)


def check_open(changed: Cycle) -> None:
    if changed.closed_at is not None:
        raise Conflict("This cycle is closed. Reopen it first.")


def _set_closed(session: Session, of: Cycle, was: datetime.datetime | None, becomes: datetime.datetime | None) -> None:
    """Close the sheets that are open, or open those again that the cycle closed: a save looks at its sheet alone."""
    here = select(_assessment.id).where(
        _assessment.organisation_id == of.organisation_id, _assessment.cycle_id == of.id
    )
    session.execute(
        update(table(Sheet))
        .where(
            _sheet.organisation_id == of.organisation_id,
            _sheet.assessment_id.in_(here),
            _sheet.closed_at.is_not_distinct_from(was),
            _sheet.submitted_at.is_(None),
        )
        .values(closed_at=becomes)
    )


def _reveal_all(session: Session, closed: Cycle, now: datetime.datetime) -> None:
    here = (_assessment.organisation_id == closed.organisation_id, _assessment.cycle_id == closed.id)
    # Whoever is submitting just now comes first and is revealed too; whoever comes later finds the cycle closed.
    session.execute(select(_assessment.id).where(*here).order_by(_assessment.id).with_for_update())
    submitted = select(_sheet.id).where(
        _sheet.organisation_id == _assessment.organisation_id,
        _sheet.assessment_id == _assessment.id,
        _sheet.submitted_at.is_not(None),
    )
    revealed(session, closed.organisation_id, and_(*here, submitted.exists()), now)
