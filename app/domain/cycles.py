"""A cycle: a round of assessments with an opening and a due date; when it may be answered, and who is reminded when.

Days are days of the organisation: whoever asks says which day today is. The due date itself is still in time.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.domain.answers import REASON_LIMIT
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.text import one_line

DUE_SOON_DAYS = 7
MOST_DAYS = 365
MOST_REMINDERS = 10
YEARS = range(1990, 3000)
"""In which a cycle may lie: its reminders are days before and after it, which there must be."""
MADE_UP_FOR_DAYS = 80
"""Days for which a reminder that was missed is still sent. What was sent is remembered for longer (actions.mail)."""


class Mode(StrEnum):
    """How a team answers: on one sheet together, or everybody alone first, then agreeing after the reveal."""

    TOGETHER = "together"
    ALONE_FIRST = "alone_first"


class CycleState(StrEnum):
    """`due_soon` from a week before the due date, `overdue` from the day after it; closed is closed whatever the day.

    `not_yet_open`: its opening lies ahead, and nothing is asked of anybody.
    """

    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CLOSED = "closed"


class Stage(StrEnum):
    """How far a respondent is. Agreed: the team's answers are, so that nothing is left to do, submitted or not."""

    NOT_BEGUN = "not_begun"
    BEGUN = "begun"
    SUBMITTED = "submitted"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a cycle reminds: so many days before the due date (0 is the day itself), and so many after it.

    Raises Invalid where a number is out of range, comes twice, or there are more reminders than anybody reads.
    """

    before: tuple[int, ...] = (7, 1)
    after: tuple[int, ...] = (3,)

    def __post_init__(self) -> None:
        for days, least in ((self.before, 0), (self.after, 1)):
            if not all(least <= each <= MOST_DAYS for each in days):
                raise Invalid(
                    "Reminders go out from %(least)s to %(most)s days before or after the due date.",
                    least=least,
                    most=MOST_DAYS,
                )
            if len(set(days)) < len(days):
                raise Invalid("Two reminders on the same day are one too many.")
        if len(self.before) + len(self.after) > MOST_REMINDERS:
            raise Invalid("A cycle reminds at most %(most)s times.", most=MOST_REMINDERS)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What the rules need to know of a cycle. `reopened_on` is the last day on which it was reopened."""

    id: int
    opens: date
    due: date
    schedule: Schedule = field(default_factory=Schedule)
    closed_at: datetime | None = None
    reopened_on: date | None = None

    def __post_init__(self) -> None:
        if self.opens.year not in YEARS or self.due.year not in YEARS:
            raise Invalid("Give days between %(first)s and %(last)s.", first=YEARS[0], last=YEARS[-1])
        if self.due < self.opens:
            raise Invalid("A cycle is due on the day it opens, or later.")


def state(cycle: Cycle, today: date) -> CycleState:
    """Where the cycle stands on that day."""
    if cycle.closed_at is not None:
        return CycleState.CLOSED
    if today < cycle.opens:
        return CycleState.NOT_YET_OPEN
    if today > cycle.due:
        return CycleState.OVERDUE
    return CycleState.DUE_SOON if (cycle.due - today).days <= DUE_SOON_DAYS else CycleState.OPEN


def overdue(cycle: Cycle, counts: Mapping[Stage, int], today: date) -> int:
    """How many of a cycle's assessments are late: not agreed, though its due date is over and it is not closed."""
    late = state(cycle, today) is CycleState.OVERDUE
    return sum(count for stage, count in counts.items() if stage is not Stage.AGREED) if late else 0


def may_be_answered(cycle: Cycle, today: date) -> bool:
    """From its opening until it is closed. Late answers are taken: it is people who close a cycle, not the calendar."""
    return state(cycle, today) not in {CycleState.NOT_YET_OPEN, CycleState.CLOSED}


def check_may_be_answered(cycle: Cycle, today: date) -> None:
    """NotAllowed, with the reason, where the cycle takes no answers on that day."""
    if state(cycle, today) is CycleState.CLOSED:
        raise NotAllowed("This cycle is closed, so its answers stay as they are. A manager or admin can reopen it.")
    if not may_be_answered(cycle, today):
        raise NotAllowed(
            "This cycle opens on %(opens)s; until then it takes no answers.", opens=cycle.opens.isoformat()
        )


def extended(cycle: Cycle, due: date, today: date) -> Cycle:
    """The cycle with a later due date. Conflict where it is closed; Invalid where the date is not later, or is past."""
    if cycle.closed_at is not None:
        raise Conflict("This cycle is closed. Reopen it first.")
    if due <= cycle.due:
        raise Invalid("It is due on %(due)s already; give a later day.", due=cycle.due.isoformat())
    if due < today:
        raise Invalid("This day has passed; give today or a later day.")
    return replace(cycle, due=due)


def closed(cycle: Cycle, at: datetime) -> Cycle:
    """The cycle, closed. Conflict where it is closed already, so that the first closing stands."""
    if cycle.closed_at is not None:
        raise Conflict("This cycle is closed already.")
    return replace(cycle, closed_at=at)


def reopened(cycle: Cycle, reason: str, today: date) -> tuple[Cycle, str]:
    """The cycle, open again with the due date it had, and the reason as it is kept.

    Conflict where it is not closed; Invalid without a reason. More time is another decision: `extended`.
    """
    if cycle.closed_at is None:
        raise Conflict("This cycle is not closed.")
    return replace(cycle, closed_at=None, reopened_on=today), one_line(reason, REASON_LIMIT)


def respondent_state(*, begun: bool, submitted: bool, agreed: bool) -> Stage:
    """What is known of a respondent at one glance; it says nothing of any answer, so everybody may see it."""
    if agreed:
        return Stage.AGREED
    if submitted:
        return Stage.SUBMITTED
    return Stage.BEGUN if begun else Stage.NOT_BEGUN


@dataclass(frozen=True, slots=True)
class Respondent:
    """A person who was asked, by the least that any of their sheets in the cycle has come to.

    `asked_on` is the day on which they were first asked in it; `wants_reminders` is false for who opted out.
    """

    person: int
    asked_on: date
    state: Stage
    wants_reminders: bool = True


@dataclass(frozen=True, slots=True)
class Reminder:
    """One entry of the schedule. `kind` is what it is for: the days to or from this due date, which may be moved."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A mail to send now. `key` names its reason: what was sent for a key is never sent again."""

    person: int
    reminder: Reminder
    key: str


def reminders(cycle: Cycle) -> tuple[Reminder, ...]:
    """The whole schedule by day."""
    days = [(-each, f"{each}-before") for each in cycle.schedule.before]
    days += [(each, f"{each}-after") for each in cycle.schedule.after]
    # With the date in it, a due date that was moved is a reason of its own.
    return tuple(
        Reminder(f"{name}-{cycle.due.isoformat()}", cycle.due + timedelta(days=offset)) for offset, name in sorted(days)
    )


def reminder_key(cycle: Cycle, person: int, reminder: Reminder) -> str:
    """The reason of one mail to one person, whatever teams of the cycle they answer for: `cycle:person:kind`."""
    return f"cycle-{cycle.id}:person-{person}:{reminder.kind}"


def due_reminders(
    cycle: Cycle, respondents: Iterable[Respondent], sent: Collection[str], today: date
) -> tuple[DueReminder, ...]:
    """Who is to be reminded on that day: who has not submitted, did not opt out, and was not reminded for it.

    `sent` are the keys of what was sent. Only the latest reminder of the schedule counts: when those before it were
    missed, nobody gets several at once. What fell due by the day a person was asked, or the cycle opened or was opened
    again, is not made up for: that day has its own mail. None while the cycle takes no answers.
    """
    latest = latest_reminder(cycle, today)
    if latest is None:
        return ()
    asked = [each for each in respondents if latest.on > each.asked_on]
    return to_remind(cycle, latest, asked, sent)


def latest_reminder(cycle: Cycle, today: date) -> Reminder | None:
    """The reminder of the schedule that is to go out on that day to whoever has not got it; None where there is none.

    One that was missed for longer than MADE_UP_FOR_DAYS comes too late to be sent at all.
    """
    if not may_be_answered(cycle, today):
        return None
    past = [reminder for reminder in reminders(cycle) if reminder.on <= today]
    running_since = max(cycle.opens, cycle.reopened_on or cycle.opens)
    latest = past[-1] if past else None
    if latest is None or latest.on <= running_since or (today - latest.on).days > MADE_UP_FOR_DAYS:
        return None
    return latest


def reminder_by_hand(cycle: Cycle, last: date | None, today: date) -> Reminder:
    """The reminder that somebody who looks after the cycle sends now; `last` is the day of the one before.

    NotAllowed while the cycle takes no answers; Conflict for a second one on a day.
    """
    check_may_be_answered(cycle, today)
    if last == today:
        raise Conflict("This cycle was reminded of by hand today. One such letter a day is enough: try again tomorrow.")
    return Reminder(f"by-hand-{today.isoformat()}", today)


def to_remind(
    cycle: Cycle, reminder: Reminder, respondents: Iterable[Respondent], sent: Collection[str]
) -> tuple[DueReminder, ...]:
    """Whom this reminder is for: who has not submitted, did not opt out, and was not reminded for it."""
    found = [
        DueReminder(each.person, reminder, reminder_key(cycle, each.person, reminder))
        for each in respondents
        if waits_for(each)
    ]
    return tuple(due for due in found if due.key not in sent)


def waits_for(respondent: Respondent) -> bool:
    """Whether a reminder would be for something, and is wanted."""
    return respondent.wants_reminders and respondent.state in {Stage.NOT_BEGUN, Stage.BEGUN}
