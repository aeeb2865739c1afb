"""The figures of the organisation: by hand on small ones, and by their definitions on random ones."""

from dataclasses import replace
from fractions import Fraction
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.advice import way
from app.domain.rollup import (
    NOBODY,
    Counted,
    Distribution,
    Headline,
    Levels,
    headline,
    highest,
    levels,
    movement,
    rollup,
)
from app.domain.rubric import DEFAULT, Kind, Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import Values, pick, result_json, score
from tests.domain.organisations import CYCLES, Organisation, organisations
from tests.domain.strategies import calm, ladders, rubrics, values

RUBRIC = shipped()[DEFAULT]
CATEGORIES = tuple(RUBRIC.category_by_key)


def counted(team: int, *picks: int, cycle: int = 1) -> Counted:
    """A team that picked these levels, category by category."""
    answers = {
        key: value
        for category, level in zip(RUBRIC.categories, picks, strict=True)
        for key, value in pick(category, level).items()
    }
    of = levels(RUBRIC, score(RUBRIC, answers))
    assert of is not None
    return Counted(team, None, cycle, (0, 1), of)


def test_it_works() -> None:
    spring = [
        counted(1, 1, 2, 2, 1, 3),
        counted(2, 0, 1, 1, 1, 1),
        counted(3, 2, 2, 2, 2, 2),
        counted(4, 4, 4, 4, 4, 4),
    ]
    autumn = [
        counted(1, 2, 2, 2, 2, 3, cycle=2),
        counted(2, 0, 1, 1, 1, 1, cycle=2),
        counted(5, 2, 2, 2, 1, 2, cycle=2),
    ]

    found, moves = rollup(autumn), movement(spring, autumn)

    assert found.overall.counts == {0: 1, 1: 1, 2: 1}
    assert (found.overall.floor, found.overall.median, found.overall.upper_quartile) == (0, 1, 2)
    assert found.overall.share_at_or_above(1) == Fraction(2, 3)
    assert found.categories[CATEGORIES[4]].counts == {1: 1, 2: 1, 3: 1}
    assert found.ranked_limits() == (
        ("processes", 2),
        ("strategy", 2),
        *((key, 1) for key in ("architecture", "modeling")),
    )
    assert moves.flows == {(0, 0): 1, (1, 2): 1}
    assert (moves.rose, moves.stayed, moves.fell) == (1, 1, 0)
    assert (moves.joined.counts, moves.left.counts) == ({1: 1}, {2: 1, 4: 1})
    assert headline(RUBRIC, found, moves) == Headline(3, 0, 1, CATEGORIES[0], 1, 1, 0)


def test_nothing_is_agreed_yet() -> None:
    found = rollup([])
    assert (found.teams, found.overall.median) == (0, None)
    assert found.overall.share(0) == 0
    assert headline(RUBRIC, found) is None
    assert movement([], []).flows == {}


def test_at_the_top_nothing_limits() -> None:
    top = rollup([counted(1, 4, 4, 4, 4, 4)])
    said = headline(RUBRIC, top)
    assert said is not None
    assert (said.level, said.limiting, said.limited) == (4, None, 0)
    assert (top.blocks, top.needs) == ({}, {})


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_quantiles_are_those_of_the_sorted_levels(stood: list[int]) -> None:
    found, ordered = Distribution.of({level: stood.count(level) for level in range(6)}), sorted(stood)
    assert found.floor == ordered[0]
    assert found.median == median_low(ordered)
    assert found.upper_quartile == ordered[-(-3 * len(ordered) // 4) - 1]
    assert found.quantile(Fraction(1)) == ordered[-1]


def test_a_quantile_of_nobody_is_none() -> None:
    assert (NOBODY.floor, NOBODY.median, NOBODY.upper_quartile) == (None, None, None)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[Rubric, Values]:
    rubric = draw(ladders())
    return rubric, draw(values(rubric))


@calm
@given(sheets())
def test_unmet_is_the_first_wave_of_advice(sheet: tuple[Rubric, Values]) -> None:
    rubric, given_answers = sheet
    found, waves = levels(rubric, score(rubric, given_answers)), way(rubric, given_answers).waves
    assert found is not None
    assert len(found.unmet) == len(set(found.unmet))
    assert set(found.unmet) == set(waves[0].statements if waves else ())


@calm
@given(st.data())
def test_a_result_and_what_is_stored_of_it_count_alike(data: st.DataObject) -> None:
    rubric = data.draw(rubrics())
    result = score(rubric, data.draw(values(rubric)))
    found = levels(rubric, result)
    assert found == levels(rubric, result_json(rubric, result))
    if rubric.kind is Kind.POINTS:
        assert (found is None) == (result.overall is None)
    if found is not None:
        assert found.overall == min(found.levels.values())
        assert 0 <= found.overall <= highest(rubric)


@calm
@given(organisations())
def test_figures_add_up(organisation: Organisation) -> None:
    before, after = (organisation.of_cycle(cycle) for cycle in CYCLES[:2])
    found, moves = rollup(after), movement(before, after)
    flowing = sum(moves.flows.values())
    assert found.teams == len(after) == moves.joined.teams + flowing
    assert len(before) == moves.left.teams + flowing == moves.left.teams + moves.rose + moves.fell + moves.stayed
    assert sum(found.needs.values()) <= len(after)
    assert all(each.teams <= len(after) for each in found.categories.values())
    if after and organisation.rubric.kind is Kind.LADDER:
        assert sum(each.teams for each in found.limits.values()) >= len(after)


@pytest.mark.parametrize("level", range(5))
def test_shares_of_a_level_and_above(level: int) -> None:
    found = Distribution.of({0: 1, 2: 2, 3: 1})
    assert found.share(level) == Fraction({0: 1, 2: 2, 3: 1}.get(level, 0), 4)
    assert found.share_at_or_above(level) == Fraction([4, 3, 3, 1, 0][level], 4)


def test_the_headline_names_the_lowest_of_equals() -> None:
    found = rollup([counted(1, 1, 1, 1, 1, 1), counted(2, 0, 1, 1, 1, 1)])
    said = headline(RUBRIC, found)
    assert said is not None
    assert (said.level, said.at_level, said.limiting, said.limited) == (0, 1, CATEGORIES[0], 1)


def test_large_sets_are_blocked_and_not_needed() -> None:
    of = Levels(0, {"a": 0}, ("a",), ("w", "x", "y", "z"))
    found = rollup([Counted(1, None, 1, (0,), of), Counted(2, None, 1, (0,), replace(of, unmet=("z", "w")))])
    assert found.blocks == {"w": 2, "x": 1, "y": 1, "z": 2}
    assert found.needs == {("w", "z"): 1}
