"""When a cycle may be answered and who is reminded when: tables, and a worker that runs on some days only."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import strategies as st

from app.actions.mail import FORGOTTEN_AFTER
from app.domain.cycles import (
    MADE_UP_FOR_DAYS,
    Cycle,
    CycleState,
    DueReminder,
    Reminder,
    Respondent,
    Schedule,
    Stage,
    check_may_be_answered,
    closed,
    due_reminders,
    extended,
    latest_reminder,
    may_be_answered,
    reminder_by_hand,
    reminder_key,
    reminders,
    reopened,
    respondent_state,
    state,
    to_remind,
)
from app.domain.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.domain.faults import check, check_found

NOT_YET_OPEN, OPEN, DUE_SOON, OVERDUE, CLOSED = CycleState
NOT_BEGUN, BEGUN, SUBMITTED, AGREED = Stage
MARCH = Cycle(12, date(2026, 3, 1), date(2026, 3, 20))
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SHUT = closed(MARCH, NOON)


def day(number: int) -> date:
    """That day of March 2026; 0 and below are days of February."""
    return date(2026, 3, 1) + timedelta(days=number - 1)


@pytest.mark.parametrize(
    ("today", "found"),
    [(0, NOT_YET_OPEN), (1, OPEN), (12, OPEN), (13, DUE_SOON), (20, DUE_SOON), (21, OVERDUE), (400, OVERDUE)],
)
def test_the_state_of_a_cycle(today: int, found: CycleState) -> None:
    assert state(MARCH, day(today)) is found
    assert state(SHUT, day(today)) is CLOSED


@pytest.mark.parametrize(("today", "may"), [(0, False), (1, True), (20, True), (21, True)])
def test_it_is_answered_from_its_opening_until_it_is_closed(today: int, may: bool) -> None:
    assert may_be_answered(MARCH, day(today)) is may
    assert not may_be_answered(SHUT, day(today))


def test_whoever_answers_too_early_or_too_late_is_told_why() -> None:
    check_may_be_answered(MARCH, day(21))

    with pytest.raises(NotAllowed, match="opens on 2026-03-01"):
        check_may_be_answered(MARCH, day(0))
    with pytest.raises(NotAllowed, match="closed"):
        check_may_be_answered(SHUT, day(11))


def test_a_short_cycle_is_due_soon_at_once() -> None:
    assert state(Cycle(1, day(5), day(5)), day(5)) is DUE_SOON


def test_a_cycle_is_not_due_before_it_opens() -> None:
    with pytest.raises(Invalid, match="due on the day it opens"):
        Cycle(1, day(5), day(4))


def test_more_time() -> None:
    late = extended(MARCH, day(27), day(25))

    assert late == replace(MARCH, due=day(27))
    assert state(late, day(25)) is DUE_SOON


@pytest.mark.parametrize(
    ("cycle", "due", "today", "error"),
    [(MARCH, 20, 10, Invalid), (MARCH, 19, 10, Invalid), (MARCH, 24, 25, Invalid), (SHUT, 27, 10, Conflict)],
)
def test_no_less_time_and_none_for_a_closed_cycle(cycle: Cycle, due: int, today: int, error: type[DomainError]) -> None:
    with pytest.raises(error):
        extended(cycle, day(due), day(today))


def test_closing_and_reopening() -> None:
    again, reason = reopened(SHUT, " Risk was on leave ", day(15))

    assert SHUT.closed_at == NOON
    assert (again, reason) == (replace(MARCH, reopened_on=day(15)), "Risk was on leave")
    assert state(again, day(15)) is DUE_SOON


def test_nothing_is_closed_or_reopened_twice_or_for_no_reason() -> None:
    with pytest.raises(Conflict):
        closed(SHUT, NOON)
    with pytest.raises(Conflict):
        reopened(MARCH, "Because", day(15))
    with pytest.raises(Invalid):
        reopened(SHUT, "  ", day(15))
    with pytest.raises(Invalid):
        reopened(SHUT, "x" * 601, day(15))


@pytest.mark.parametrize(
    ("begun", "submitted", "agreed", "found"),
    [
        (False, False, False, NOT_BEGUN),
        (True, False, False, BEGUN),
        (True, True, False, SUBMITTED),
        (False, True, False, SUBMITTED),
        (True, True, True, AGREED),
        (False, False, True, AGREED),
    ],
)
def test_the_state_of_a_respondent(begun: bool, submitted: bool, agreed: bool, found: Stage) -> None:
    assert respondent_state(begun=begun, submitted=submitted, agreed=agreed) is found


@pytest.mark.parametrize(
    ("before", "after"), [((-1,), ()), ((366,), ()), ((), (0,)), ((1, 1), ()), ((), (3, 3)), (tuple(range(11)), ())]
)
def test_a_schedule_that_nobody_means(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        Schedule(before, after)


def test_the_schedule_by_day() -> None:
    cycle = replace(MARCH, schedule=Schedule((1, 0, 7), (14, 3)))

    assert reminders(cycle) == (
        Reminder("7-before-2026-03-20", day(13)),
        Reminder("1-before-2026-03-20", day(19)),
        Reminder("0-before-2026-03-20", day(20)),
        Reminder("3-after-2026-03-20", day(23)),
        Reminder("14-after-2026-03-20", day(34)),
    )
    assert reminder_key(cycle, 7, reminders(cycle)[0]) == "cycle-12:person-7:7-before-2026-03-20"


def sent_on(today: int, cycle: Cycle = MARCH, who: Respondent | None = None, *sent: str) -> list[str]:
    one = who or Respondent(7, day(1), BEGUN)
    return [due.key.rpartition(":")[2][:-11] for due in due_reminders(cycle, [one], sent, day(today))]


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        (0, []),
        (12, []),
        (13, ["7-before"]),
        (18, ["7-before"]),
        (19, ["1-before"]),
        (22, ["1-before"]),
        (23, ["3-after"]),
        (99, ["3-after"]),
    ],
)
def test_the_latest_reminder_is_due_until_it_is_sent(today: int, kinds: list[str]) -> None:
    assert sent_on(today) == kinds


@pytest.mark.parametrize("who", [NOT_BEGUN, BEGUN, SUBMITTED, AGREED])
def test_only_who_has_something_to_do_is_reminded(who: Stage) -> None:
    assert bool(sent_on(13, MARCH, Respondent(7, day(1), who))) == (who in {NOT_BEGUN, BEGUN})
    assert not sent_on(13, MARCH, Respondent(7, day(1), who, wants_reminders=False))


@pytest.mark.parametrize(
    ("cycle", "asked_on", "today", "kinds"),
    [
        (SHUT, 1, 13, []),
        (replace(MARCH, opens=day(14)), 1, 15, []),
        (replace(MARCH, opens=day(13)), 1, 13, []),
        (MARCH, 14, 15, []),
        (MARCH, 14, 19, ["1-before"]),
        (replace(MARCH, reopened_on=day(19)), 1, 19, []),
        (replace(MARCH, reopened_on=day(19)), 1, 23, ["3-after"]),
    ],
)
def test_what_fell_due_before_it_could_be_meant_is_let_be(
    cycle: Cycle, asked_on: int, today: int, kinds: list[str]
) -> None:
    assert sent_on(today, cycle, Respondent(7, day(asked_on), BEGUN)) == kinds


def test_nothing_is_sent_twice_and_a_new_due_date_is_a_new_reason() -> None:
    first = due_reminders(MARCH, [Respondent(7, day(1), BEGUN)], (), day(13))
    keys = [due.key for due in first]

    assert not sent_on(14, MARCH, None, *keys)
    assert sent_on(21, extended(MARCH, day(27), day(15)), None, *keys) == ["7-before"]


Reminding = Callable[[Cycle, Iterable[Respondent], Collection[str], date], tuple[DueReminder, ...]]


@dataclass(frozen=True)
class Run:
    """A cycle, its people, and the days of March on which a worker looks."""

    cycle: Cycle
    people: tuple[Respondent, ...]
    days: tuple[int, ...]


@st.composite
def runs(draw: st.DrawFn) -> Run:
    offsets = st.sets(st.integers(1, 9), max_size=3)
    schedule = Schedule(tuple(draw(offsets)), tuple(draw(offsets)))
    opens = draw(st.integers(1, 10))
    cycle = Cycle(1, day(opens), day(opens + draw(st.integers(0, 12))), schedule)
    if draw(st.booleans()):
        cycle = replace(cycle, closed_at=draw(st.sampled_from([None, NOON])), reopened_on=day(draw(st.integers(1, 30))))
    people = tuple(
        Respondent(number, day(draw(st.integers(1, 25))), draw(st.sampled_from(Stage)), draw(st.booleans()))
        for number in range(draw(st.integers(1, 3)))
    )
    return Run(cycle, people, tuple(sorted(draw(st.sets(st.integers(0, 35), max_size=36)))))


def mails(reminding: Reminding, run: Run) -> list[tuple[int, DueReminder]]:
    """All that is sent, with the day."""
    sent: list[tuple[int, DueReminder]] = []
    for today in run.days:
        keys = {due.key for _, due in sent}
        sent += [(today, due) for due in reminding(run.cycle, run.people, keys, day(today))]
    return sent


def never_twice_and_one_a_day(reminding: Reminding, run: Run) -> bool:
    sent = mails(reminding, run)
    keys = [(due.person, due.reminder.kind) for _, due in sent]
    days = [(due.person, today) for today, due in sent]
    return len(set(keys)) == len(keys) and len(set(days)) == len(days)


def only_who_waits_is_reminded(reminding: Reminding, run: Run) -> bool:
    """Never who has submitted or opted out, never outside of the cycle, never before the day."""
    waiting = {each.person for each in run.people if each.wants_reminders and each.state in (NOT_BEGUN, BEGUN)}
    return all(
        due.person in waiting and may_be_answered(run.cycle, day(today)) and due.reminder.on <= day(today)
        for today, due in mails(reminding, run)
    )


def after_each_look_the_latest_is_out(reminding: Reminding, run: Run) -> bool:
    """However long the worker slept, who waits has the last reminder that fell due since they were asked."""
    for upto, today in enumerate(run.days, 1):
        if not may_be_answered(run.cycle, day(today)):
            continue
        sent = {(due.person, due.reminder) for _, due in mails(reminding, replace(run, days=run.days[:upto]))}
        past = [each for each in reminders(run.cycle) if each.on <= day(today)]
        for person in run.people:
            start = max(run.cycle.opens, person.asked_on, run.cycle.reopened_on or run.cycle.opens)
            waits = person.wants_reminders and person.state in (NOT_BEGUN, BEGUN)
            if waits and past and past[-1].on > start and (person.person, past[-1]) not in sent:
                return False
    return True


def forgetful(
    cycle: Cycle, people: Iterable[Respondent], sent: Collection[str], today: date
) -> tuple[DueReminder, ...]:
    return due_reminders(cycle, people, (), today)


def all_at_once(
    cycle: Cycle, people: Iterable[Respondent], sent: Collection[str], today: date
) -> tuple[DueReminder, ...]:
    """Makes up for every reminder that was missed."""
    past = [each for each in reminders(cycle) if each.on <= today]
    due = [DueReminder(one.person, each, reminder_key(cycle, one.person, each)) for one in people for each in past]
    return tuple(each for each in due if each.key not in sent)


def to_everybody(
    cycle: Cycle, people: Iterable[Respondent], sent: Collection[str], today: date
) -> tuple[DueReminder, ...]:
    return due_reminders(cycle, [replace(each, state=BEGUN) for each in people], sent, today)


def on_the_day_only(
    cycle: Cycle, people: Iterable[Respondent], sent: Collection[str], today: date
) -> tuple[DueReminder, ...]:
    """Forgets what fell due while the worker slept."""
    return tuple(due for due in due_reminders(cycle, people, sent, today) if due.reminder.on == today)


RULES = (never_twice_and_one_a_day, only_who_waits_is_reminded, after_each_look_the_latest_is_out)


@pytest.mark.parametrize("rule", RULES)
def test_reminding_holds(rule: Callable[[Reminding, Run], bool]) -> None:
    check(rule, due_reminders, runs(), 100)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (forgetful, never_twice_and_one_a_day),
        (all_at_once, never_twice_and_one_a_day),
        (to_everybody, only_who_waits_is_reminded),
        (on_the_day_only, after_each_look_the_latest_is_out),
    ],
)
def test_a_fault_in_reminding_is_found(fault: Reminding, rule: Callable[[Reminding, Run], bool]) -> None:
    check_found(rule, fault, due_reminders, runs())


def test_a_reminder_that_was_missed_for_long_is_let_be() -> None:
    """What was sent is not remembered for ever, and must not be sent a second time."""
    assert latest_reminder(MARCH, MARCH.due + timedelta(days=3 + MADE_UP_FOR_DAYS))
    assert latest_reminder(MARCH, MARCH.due + timedelta(days=3 + MADE_UP_FOR_DAYS + 1)) is None
    assert timedelta(days=MADE_UP_FOR_DAYS) < FORGOTTEN_AFTER


def test_by_hand_once_a_day_while_it_takes_answers() -> None:
    by_hand = reminder_by_hand(MARCH, day(9), day(10))
    assert by_hand == Reminder("by-hand-2026-03-10", day(10))
    people = [
        Respondent(1, day(10), NOT_BEGUN),
        Respondent(2, day(1), SUBMITTED),
        Respondent(3, day(1), BEGUN, wants_reminders=False),
        Respondent(4, day(1), BEGUN),
    ]
    found = to_remind(MARCH, by_hand, people, [reminder_key(MARCH, 4, by_hand)])
    assert [each.person for each in found] == [1]
    with pytest.raises(Conflict, match="tomorrow"):
        reminder_by_hand(MARCH, day(10), day(10))
    for cycle, today in ((SHUT, day(11)), (MARCH, day(0))):
        with pytest.raises(NotAllowed):
            reminder_by_hand(cycle, None, today)
