"""Reminders of cycles by mail: on the days of their schedule, and by hand; and who wants none.

A periodic job looks which cycles have a reminder to send, and leaves each of them to a job of its own, which writes to
AT_ONCE people and leaves those after them to the next one. What was written for a reason is never written again.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.jobs import enqueue, enqueue_all
from app.actions.mail import Addressed, send_all
from app.actions.running_cycles import ONLY_MANAGERS, cycle, managed, rules
from app.db.base import table
from app.db.tables.people import Membership
from app.domain.cycles import (
    Cycle,
    DueReminder,
    Reminder,
    due_reminders,
    latest_reminder,
    may_be_answered,
    reminder_by_hand,
    reminder_key,
    to_remind,
)
from app.domain.errors import Conflict, NotAllowed, Sentence
from app.domain.mail import Letter
from app.domain.people import Actor
from app.domain.secret import signed
from app.domain.translations import in_language
from app.queries import reminders, rubrics, units
from app.queries.cycles import cycle_line
from app.queries.organisations import organisation
from app.queries.reminders import AT_ONCE, UNSUBSCRIBE, Asked, Awaited, salt

LOOK, KIND = "look for reminders", "send reminders"
INVENTED = Sentence("The people of an example organisation are invented: nobody is written to.")


@dataclass(frozen=True, slots=True)
class ReminderWords:
    """What a reminder says. `secret` is that of the link by which its reader ends reminders."""

    organisation: str
    cycle: str
    rubric: str
    opens_on: datetime.date
    due_on: datetime.date
    today: datetime.date
    asked: Sequence[Asked]
    secret: str
    language: str | None


Write = Callable[[ReminderWords], Letter]


def look_for_reminders(session: Session, now: datetime.datetime) -> None:
    """The periodic job: have the reminders sent that are due today. Once a day for each cycle is enough."""
    today = now.date()
    jobs = {}
    for organisation_id, runs in reminders.running(session.connection(), today):
        if latest := latest_reminder(runs, today):
            jobs[_key(runs.id, latest, today)] = _payload(organisation_id, runs.id)
    enqueue_all(session, KIND, jobs, now)


def send_reminders(session: Session, write: Write | None, job: dict[str, Any], now: datetime.datetime) -> None:
    """The job: write to the next people whom a cycle waits for. `write` is None where no mail is set up."""
    connection, today = session.connection(), now.date()
    line = cycle_line(connection, job["organisation"], job["cycle"])
    # Where the unit lies now: it may have been moved since.
    unit = job.get("unit", 0)
    path = units.unit(connection, job["organisation"], unit).path if unit else ""
    reminder = _reminder(line.rules, job["by_hand"], today)
    here = organisation(connection, job["organisation"])
    if write is None or reminder is None or here.example:
        return
    people = reminders.awaited(connection, here.id, line.id, job["after"], path)
    due = _due(connection, here.id, line.rules, reminder, people, today, by_hand=bool(job["by_hand"]))
    rubric = rubrics.published(connection, here.id, line.rubric_version_id).rubric
    key = salt(connection)
    by_person = {each.person_id: each for each in people}
    titles = {language: in_language(rubric, language or "").title for language in {each.language for each in people}}

    def letter(to: Awaited) -> Letter:
        secret = signed(key, UNSUBSCRIBE, here.id, to.person_id)
        of = (here.name, line.name, titles[to.language], line.opens_on, line.due_on, today)
        return write(ReminderWords(*of, to.asked, secret, to.language))

    letters = [Addressed(by_person[each.person].email, letter(by_person[each.person]), each.key) for each in due]
    if count := send_all(session, here.id, letters, now):
        audit.record(connection, now, here.id, "reminders sent", ("cycle", line.id), letters=count)
    if len(people) == AT_ONCE:
        after = people[-1].person_id
        following = _payload(here.id, line.id, job["by_hand"], after, unit)
        enqueue(session, KIND, following, now, f"{_key(line.id, reminder, today, unit)} {after}")


def remind_now(session: Session, actor: Actor, cycle_id: int, today: datetime.date, now: datetime.datetime) -> int:
    """Have everybody reminded whom the cycle waits for, and who wants it; how many they are.

    Raises NotAllowed where the cycle is not the actor's to look after or takes no answers, and Conflict where this was
    done today already or nobody would be written to.
    """
    reminded = managed(session, actor, cycle_id)
    reminder = reminder_by_hand(rules(reminded), reminded.reminded_on, today)
    letters = _letters(session, actor, cycle_id)
    reminded.reminded_on = today
    audit.record_by(session, actor, now, "reminders asked for", ("cycle", cycle_id), letters=letters)
    payload = _payload(actor.organisation_id, cycle_id, today.isoformat())
    enqueue(session, KIND, payload, now, _key(cycle_id, reminder, today))
    return letters


def remind_unit_now(
    session: Session, actor: Actor, cycle_id: int, unit_id: int, today: datetime.date, now: datetime.datetime
) -> int:
    """The same for a unit with all below it, which its managers may, whoever looks after the cycle.

    Whoever had a letter by hand today, for another unit or for the whole cycle, gets no second one.
    """
    reminded = cycle(session, actor.organisation_id, cycle_id)
    path = units.unit(session.connection(), actor.organisation_id, unit_id).path
    if not actor.may_manage_cycles(path):
        raise NotAllowed(ONLY_MANAGERS)
    last = last_by_hand(session.connection(), rules(reminded), reminded.reminded_on, path, today)
    reminder = reminder_by_hand(rules(reminded), last, today)
    letters = _letters(session, actor, cycle_id, path)
    audit.record_by(session, actor, now, "reminders asked for", ("cycle", cycle_id), unit=unit_id, letters=letters)
    payload = _payload(actor.organisation_id, cycle_id, today.isoformat(), unit=unit_id)
    enqueue(session, KIND, payload, now, _key(cycle_id, reminder, today, unit_id))
    return letters


def last_by_hand(
    connection: Connection, of: Cycle, cycle_reminded_on: datetime.date | None, unit_path: str, today: datetime.date
) -> datetime.date | None:
    """The last day on which a unit was reminded by hand: by itself, with a unit above it, or with the whole cycle.

    Of the days before today only those of the whole cycle are known, which is all that the rule asks for.
    """
    if cycle_reminded_on != today and may_be_answered(of, today):
        reminder = reminder_by_hand(of, None, today)
        above = [int(each) for each in unit_path.strip("/").split("/") if each]
        if reminders.asked_for(connection, [_key(of.id, reminder, today, each) for each in above]):
            return today
    return cycle_reminded_on


def _letters(session: Session, actor: Actor, cycle_id: int, unit_path: str = "") -> int:
    """How many letters there will be; Conflict for none."""
    connection = session.connection()
    if organisation(connection, actor.organisation_id).example:
        raise Conflict(INVENTED)
    letters = reminders.reach(connection, actor.organisation_id, cycle_id, unit_path).letters
    if not letters:
        raise Conflict("Nobody is waited for whom a reminder would reach.")
    return letters


def want_reminders(session: Session, actor: Actor, wanted: bool, now: datetime.datetime) -> None:
    """Whether the actor is reminded of what they have not answered, in this organisation."""
    if actor.person_id is None:
        raise NotAllowed("A service gets no mail.")
    if _changed(session, actor.organisation_id, actor.person_id, wanted):
        action = "reminders switched on" if wanted else "reminders switched off"
        audit.record_by(session, actor, now, action, ("person", actor.person_id))


def unsubscribe(session: Session, secret: str, now: datetime.datetime) -> None:
    """Whoever has the link of a letter gets no more of them. Missing for a link that is none; twice is as good as once.

    A mail program may follow it for its reader, who is not signed in: the event says that it came by a link.
    """
    connection = session.connection()
    found = reminders.reminded(connection, secret)
    if _changed(session, found.organisation_id, found.person_id, wanted=False):
        subject = ("person", found.person_id)
        audit.record(connection, now, found.organisation_id, "reminders switched off", subject, by_link=True)


def _changed(session: Session, organisation_id: int, person_id: int, wanted: bool) -> bool:
    membership = table(Membership).c
    other = update(table(Membership)).where(
        membership.organisation_id == organisation_id,
        membership.person_id == person_id,
        membership.reminders.is_not(wanted),
    )
    return session.connection().execute(other.values(reminders=wanted)).rowcount == 1


def _reminder(cycle: Cycle, by_hand: str, today: datetime.date) -> Reminder | None:
    if not by_hand:
        return latest_reminder(cycle, today)
    # It was asked for while the cycle took answers, and may have been closed since.
    day = datetime.date.fromisoformat(by_hand)
    return reminder_by_hand(cycle, None, day) if may_be_answered(cycle, today) else None


def _due(
    connection: Connection,
    organisation_id: int,
    cycle: Cycle,
    reminder: Reminder,
    people: Sequence[Awaited],
    today: datetime.date,
    *,
    by_hand: bool,
) -> Sequence[DueReminder]:
    keys = [reminder_key(cycle, each.person_id, reminder) for each in people]
    written = reminders.sent(connection, organisation_id, keys)
    respondents = [each.respondent for each in people]
    if by_hand:
        return to_remind(cycle, reminder, respondents, written)
    return due_reminders(cycle, respondents, written, today)


def _payload(organisation_id: int, cycle_id: int, by_hand: str = "", after: int = 0, unit: int = 0) -> dict[str, Any]:
    whole = {"organisation": organisation_id, "cycle": cycle_id, "by_hand": by_hand, "after": after}
    return {**whole, "unit": unit} if unit else whole


def _key(cycle_id: int, reminder: Reminder, today: datetime.date, unit: int = 0) -> str:
    return f"remind {cycle_id} {reminder.kind} {today.isoformat()}{f' unit {unit}' if unit else ''}"
