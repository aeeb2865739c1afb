"""How ready an organisation is for a date: shares, the pace, and what stands between."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.investments import Needs, ranked, rising
from app.domain.readiness import (
    Measured,
    Pace,
    Round,
    agreed_by,
    below,
    day_ahead,
    investments,
    level_to_reach,
    older,
    pace,
    readiness,
    towards,
)
from app.domain.rollup import NOBODY, WHOLE, Counted, Distribution, Overview, levels, rollup
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import pick, score
from tests.domain.organisations import Organisation, few, organisations

LADDER: Rubric = shipped()["gigaom-mlops"]
POINTS: Rubric = shipped()["production-readiness"]
DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2026, 1, 1)
DAYS = st.integers(0, 3000).map(lambda days: FIRST + days * DAY)
SPREAD = st.dictionaries(st.integers(0, 4), st.integers(0, 50)).map(Distribution.of)
ROUNDS = st.lists(st.builds(Round, st.text(max_size=3), DAYS, SPREAD, st.booleans()), max_size=6)


def counted(team: int, *reached: int) -> Counted:
    """A team that picked these levels, category by category."""
    values = {
        key: value
        for category, level in zip(LADDER.categories, reached, strict=True)
        for key, value in pick(category, level).items()
    }
    of = levels(LADDER, score(LADDER, values))
    assert of is not None
    return Counted(team, None, 1, (WHOLE,), of)


def at(days: int, ready: int, teams: int = 10, *, over: bool = True) -> Measured:
    return Measured(f"day {days}", FIRST + days * DAY, ready, teams, over)


def rounds(*each: tuple[int, dict[int, int]], last_over: bool = True) -> list[Round]:
    found = [Round(f"day {days}", FIRST + days * DAY, Distribution.of(counts)) for days, counts in each]
    return [*found[:-1], Round(found[-1].name, found[-1].due, found[-1].overall, last_over)]


def test_it_works() -> None:
    found = readiness(rounds((0, {0: 8, 2: 2}), (100, {0: 6, 2: 3, 3: 1})), 2, FIRST + 150 * DAY)

    assert found is not None
    assert (found.now.ready, found.now.teams, found.now.share) == (4, 10, Fraction(2, 5))
    assert [each.share for each in found.trend] == [Fraction(1, 5), Fraction(2, 5)]
    assert found.pace is not None
    assert (found.pace.days, found.pace.change) == (100, Fraction(1, 5))
    assert found.expected == Fraction(1, 2)


def test_without_a_result_there_is_nothing_to_say() -> None:
    assert readiness([], 1, FIRST) is None
    assert readiness([Round("empty", FIRST, NOBODY)], 1, FIRST) is None


@pytest.mark.parametrize(
    "trend",
    [
        [],
        [at(0, 1)],
        [at(0, 1), at(0, 5)],
        [at(0, 1), at(100, 5, over=False)],
    ],
)
def test_no_pace_is_told_from_fewer_than_two_cycles_that_are_over(trend: list[Measured]) -> None:
    assert pace(trend) is None


def test_the_pace_is_that_of_the_last_two_that_are_over() -> None:
    trend = [at(0, 0), at(100, 2), at(200, 6), at(200, 7), at(300, 1, over=False)]
    assert pace(trend) == Pace(trend[1], trend[3])


def test_a_running_cycle_is_shown_and_is_what_the_pace_looks_forward_to() -> None:
    found = readiness(
        rounds((0, {0: 8, 1: 2}), (100, {0: 6, 1: 4}), (200, {0: 1}), last_over=False), 1, FIRST + 200 * DAY
    )
    assert found is not None
    assert found.now.share == 0
    assert found.expected == Fraction(3, 5)


@pytest.mark.parametrize(("days", "expected"), [(99, None), (100, None), (101, True)])
def test_what_is_measured_is_not_guessed(days: int, expected: bool | None) -> None:
    found = readiness(rounds((0, {0: 8, 1: 2}), (100, {0: 6, 1: 4})), 1, FIRST + days * DAY)
    assert found is not None
    assert (found.expected is not None) is bool(expected)


@given(ROUNDS, st.integers(0, 5), DAYS)
def test_a_share_is_never_below_none_or_above_all(rounds: list[Round], level: int, on: datetime.date) -> None:
    found = readiness(rounds, level, on)
    if found is None:
        assert not any(each.overall.teams for each in rounds)
        return
    assert all(0 <= each.share <= 1 for each in found.trend)
    assert found.expected is None or 0 <= found.expected <= 1
    assert list(found.trend) == sorted(found.trend, key=lambda each: each.due)
    assert found.expected is None or found.pace is not None


@given(ROUNDS)
def test_no_pace_without_two_due_dates_that_are_over(rounds: list[Round]) -> None:
    found = readiness(rounds, 1, FIRST)
    dates = {each.due for each in rounds if each.over and each.overall.teams}
    assert (found is not None and found.pace is not None) == (len(dates) > 1)


@given(ROUNDS, DAYS)
def test_a_higher_level_is_never_reached_by_more(rounds: list[Round], on: datetime.date) -> None:
    found = [readiness(rounds, level, on) for level in range(6)]
    shares = [each.now.share for each in found if each]
    assert shares == sorted(shares, reverse=True)


@given(st.integers(0, 10), st.integers(0, 10), st.lists(st.integers(0, 5000), min_size=2, max_size=5))
def test_what_is_expected_goes_one_way(then: int, now: int, days: list[int]) -> None:
    found = Pace(at(0, then), at(100, now))
    shares = [found.expected(FIRST + (100 + each) * DAY) for each in sorted(days)]
    assert shares == sorted(shares, reverse=now < then)
    assert found.expected(FIRST + 100 * DAY) == Fraction(now, 10)


@pytest.mark.parametrize(
    ("rubric", "counts", "level"),
    [
        (LADDER, {0: 3, 1: 1}, 1),
        (LADDER, {1: 2, 2: 2}, 2),
        (LADDER, {4: 1}, 4),
        (LADDER, {}, 1),
        (POINTS, {0: 1}, 1),
    ],
)
def test_the_level_to_reach_is_one_above_the_median(rubric: Rubric, counts: dict[int, int], level: int) -> None:
    assert level_to_reach(rubric, Distribution.of(counts)) == level


def test_what_stands_between_is_counted_by_category() -> None:
    found = rollup([counted(1, 1, 2, 2, 2, 0), counted(2, 1, 2, 2, 2, 1), counted(3, 2, 2, 2, 2, 2)])
    assert below(found, 2) == (("governance", 2), ("strategy", 2))
    assert below(found, 1) == (("governance", 1),)
    assert below(found, 0) == ()


@few
@given(organisations(only_ladders=True), st.integers(1, 4))
def test_nobody_is_below_the_level_who_is_above_it_everywhere(of: Organisation, level: int) -> None:
    """By the rule of the weakest category: who is below overall is below somewhere, and the other way round."""
    found = rollup(of.of_cycle(5))
    lacking = found.teams - found.overall.at_or_above(level)
    counts = [teams for _, teams in below(found, level)]
    assert max(counts, default=0) <= lacking <= sum(counts)
    assert counts == sorted(counts, reverse=True)


@few
@given(organisations(only_ladders=True), st.integers(1, 4))
def test_what_lifts_those_below_is_what_lifts_them_alone(of: Organisation, level: int) -> None:
    """As if nobody else were there."""
    results = of.of_cycle(5)
    low = rollup([each for each in results if each.of.overall < level])
    known = {key: teams for key, teams in low.needs.items() if key}
    assert towards(of.rubric, rollup(results).needs, level) == known
    found = investments(of.rubric, rollup(results), level)
    assert len(found) <= 3
    assert all(each.teams == rising(known, each.statements) for each in found)
    assert [each.teams for each in found] == sorted((each.teams for each in found), reverse=True)
    if found:
        assert found[0].teams == max(each.teams for size in (1, 2, 3) for each in ranked(known, size, 1))


def overview(needs: Needs) -> Overview:
    return Overview(NOBODY, {}, {}, {}, needs)


def test_investments_are_for_those_below_the_level_alone() -> None:
    low, high = (next(key for key, each in LADDER.statements.items() if each.gate == gate) for gate in (1, 3))
    needs: Needs = {(low,): 2, (high,): 9, ("gone",): 5}
    assert towards(LADDER, needs, 1) == {(low,): 2}
    assert towards(LADDER, needs, 3) == {(low,): 2, (high,): 9}


def test_no_investment_has_a_statement_for_nothing() -> None:
    one, other = sorted(key for key, each in LADDER.statements.items() if each.gate == 1)[:2]
    both = investments(LADDER, overview({(one,): 3, (other,): 2}), 1)
    assert [(each.statements, each.teams) for each in both] == [((one, other), 5), ((one,), 3), ((other,), 2)]
    alone = investments(LADDER, overview({(one,): 3}), 1)
    assert [(each.statements, each.teams) for each in alone] == [((one,), 3)]
    assert investments(LADDER, overview({}), 1) == ()


def test_old_is_older_than_so_many_days() -> None:
    agreed = {FIRST: 2, FIRST + 10 * DAY: 3}
    assert [older(agreed, FIRST + days * DAY, 20) for days in (20, 21, 30, 31)] == [0, 2, 2, 5]


@given(st.dictionaries(DAYS, st.integers(1, 9)), DAYS, DAYS)
def test_agreed_by_some_days_only_grows(
    agreed: dict[datetime.date, int], one: datetime.date, other: datetime.date
) -> None:
    first, last = sorted((one, other))
    found = agreed_by(agreed, first, last)
    assert found[0][0] == first
    assert found[-1][0] == last
    counts = [count for _, count in found]
    assert counts == sorted(counts)
    assert counts[-1] == sum(count for day, count in agreed.items() if day <= last)


@given(st.lists(DAYS, min_size=1), DAYS)
def test_a_day_to_look_at_lies_ahead_and_goes_on_in_steps(due: list[datetime.date], today: datetime.date) -> None:
    found = day_ahead(due, today)

    assert found > today
    assert found >= max(due)
    if max(due) > today:
        assert found == max(due)
    elif earlier := [day for day in due if day < max(due)]:
        assert (found - max(due)) % (max(due) - max(earlier)) == datetime.timedelta(0)
        assert found - (max(due) - max(earlier)) <= today
