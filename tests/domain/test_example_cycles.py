"""The cycles of the example: when they are, who is in them, and that some rise and some fall. Nothing but the seed."""

import datetime
import itertools
from collections import Counter

import pytest

from app.domain import example
from app.domain.cycles import Cycle, CycleState, Stage, state
from app.domain.errors import Invalid
from app.domain.example_cycles import MOST_CYCLES, left_after, rounds, stages
from app.domain.rubric import DEFAULT
from app.domain.rubric_file import shipped
from app.domain.scoring import score
from app.domain.sheets import values

MANY = 400
DAYS = [datetime.date(2026, month, day) for month in range(1, 13) for day in (1, 15, 28, 30) if (month, day) != (2, 30)]


@pytest.mark.parametrize("today", DAYS)
def test_the_newest_cycle_runs_and_is_late(today: datetime.date) -> None:
    found = rounds(MOST_CYCLES, today)

    assert len({each.name for each in found}) == MOST_CYCLES
    for number, each in enumerate(found, 1):
        day = each.closed_on
        at = None if day is None else datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        here = state(Cycle(number, each.opens_on, each.due_on, closed_at=at), today)
        assert here is (CycleState.OVERDUE if number == MOST_CYCLES else CycleState.CLOSED)
    assert all(one.closed_on and one.closed_on < other.opens_on for one, other in itertools.pairwise(found))


@pytest.mark.parametrize("count", [0, MOST_CYCLES + 1])
def test_a_number_of_cycles_that_cannot_be(count: int) -> None:
    with pytest.raises(Invalid):
        rounds(count, DAYS[0])


@pytest.mark.parametrize("cycles", [1, 2, 4, MOST_CYCLES])
def test_every_team_is_somewhere_and_without_a_gap(cycles: int) -> None:
    for number in range(MANY):
        part = stages(number, 1, cycles)
        asked = [place for place, stage in enumerate(part) if stage is not None]
        assert asked == list(range(asked[0], asked[-1] + 1))
        assert left_after(part) == (None if asked[-1] == cycles - 1 else asked[-1])


def test_some_join_some_leave_and_some_are_late() -> None:
    parts = [stages(number, 1, 4) for number in range(MANY)]

    assert MANY * 0.1 < sum(part[0] is None for part in parts) < MANY * 0.3
    assert MANY * 0.05 < sum(part[-1] is None for part in parts) < MANY * 0.2
    newest = Counter(part[-1] for part in parts)
    assert all(newest[stage] > MANY * 0.05 for stage in Stage)
    assert newest[Stage.AGREED] > MANY / 2
    assert Stage.SUBMITTED not in {part[0] for part in parts}, "what is closed is agreed, or was never finished"


def test_some_rise_and_some_fall() -> None:
    rubric, moves = shipped()[DEFAULT], Counter[int]()
    for team in example.teams(MANY):
        before, after = (score(rubric, values(each)).overall for each in example.history(rubric, team, cycles=2))
        assert before is not None
        assert after is not None
        moves[(after > before) - (after < before)] += 1

    assert moves[0] > moves[1] > moves[-1] > MANY * 0.03


def test_more_cycles_change_nothing_of_the_first() -> None:
    rubric = shipped()[DEFAULT]
    for team in example.teams(5):
        assert example.history(rubric, team, cycles=2) == example.history(rubric, team, cycles=4)[:2]
        assert example.answers(rubric, team, cycle=3) == example.history(rubric, team, cycles=4)[3]


def test_who_answers_alone_sees_some_of_it_otherwise() -> None:
    rubric = shipped()[DEFAULT]
    for team in example.teams(20):
        agreed = example.answers(rubric, team)
        alone = example.seen_alone(team, agreed)
        otherwise = sum(alone[key].value != answer.value for key, answer in agreed.items())
        assert alone.keys() == agreed.keys()
        assert otherwise < len(agreed) / 2
        assert alone == example.seen_alone(team, agreed)
