"""What a benchmark shows tells nothing about a small group, whatever is subtracted from what."""

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.benchmark import DEFAULT_LEAST, Hidden, above, at_or_below, below, checked_least, hidden
from app.domain.errors import Invalid
from app.domain.rollup import WHOLE, Distribution

Tree = tuple[Mapping[int, int], Mapping[int, int]]


def grown(parents: list[int], own: list[int]) -> Tree:
    """Teams with all below, and the unit above each: unit n + 1 lies in one with a lower number; `own` teams in it."""
    above = {place + 1: parent % (place + 1) for place, parent in enumerate(parents)}
    teams = dict.fromkeys((WHOLE, *above), 0)
    for unit, count in zip(above, own, strict=True):
        while True:
            teams[unit] += count
            if unit == WHOLE:
                break
            unit = above[unit]
    return teams, above


def inside(above: Mapping[int, int], unit: int) -> list[int]:
    """All groups round a unit."""
    found = []
    while unit != WHOLE:
        unit = above[unit]
        found.append(unit)
    return found


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    size = draw(st.integers(0, 12))
    parents = draw(st.lists(st.integers(0, 20), min_size=size, max_size=size))
    return grown(parents, draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)))


@given(trees(), st.integers(3, 8))
@example(grown([0, 0, 0], [10, 10, 2]), 5)
def test_no_difference_of_views_is_about_few_teams(tree: Tree, least: int) -> None:
    """The attack: a group less a group inside it, and less several that lie apart from each other."""
    teams, above = tree
    shown = [unit for unit in teams if unit not in hidden(teams, above, least)]
    assert all(teams[unit] >= least for unit in shown)
    for group in shown:
        within = [unit for unit in shown if group in inside(above, unit)][:7]
        for size in range(1, len(within) + 1):
            for some in itertools.combinations(within, size):
                if all(one not in inside(above, other) for one, other in itertools.permutations(some, 2)):
                    left = teams[group] - sum(teams[unit] for unit in some)
                    assert left == 0 or left >= least, (teams, above, group, some)


@given(trees(), st.integers(3, 8))
def test_each_team_hides_among_as_many_as_the_views_can_part(tree: Tree, least: int) -> None:
    """Every sum and difference of views weighs the teams by the smallest shown group that each is in, and those alone
    are told apart: so it is these parts that must not be small."""
    teams, above = tree
    kept_back = hidden(teams, above, least)
    parts = dict.fromkeys((unit for unit in teams if unit not in kept_back), 0)
    for unit in teams:
        own = teams[unit] - sum(teams[each] for each, parent in above.items() if parent == unit)
        smallest = next((each for each in (unit, *inside(above, unit)) if each in parts), None)
        if smallest is not None:
            parts[smallest] += own
    assert all(part == 0 or part >= least for part in parts.values())


@given(trees(), st.integers(3, 8))
def test_no_more_is_hidden_than_has_to_be(tree: Tree, least: int) -> None:
    """The organisation is shown where it is large enough, and with it one unit at a time that leaves enough."""
    teams, above = tree
    kept_back = hidden(teams, above, least)
    assert (WHOLE in kept_back) == (teams[WHOLE] < least)
    for unit, why in kept_back.items():
        assert (why is Hidden.FEW) == (teams[unit] < least)
    for unit in above:
        alone = [each for each in above if above[each] == above[unit] and teams[each]] == [unit]
        if alone and above[unit] not in kept_back and teams[unit] >= least:
            left = teams[above[unit]] - teams[unit]
            assert (unit in kept_back) == (0 < left < least)


@pytest.mark.parametrize(
    ("own", "reasons"),
    [
        ([5, 5], {}),
        ([5, 4], {1: Hidden.REST, 2: Hidden.FEW}),
        ([4], {WHOLE: Hidden.FEW, 1: Hidden.FEW}),
        ([10, 10, 2], {1: Hidden.REST, 3: Hidden.FEW}),
        ([10, 10, 2, 3], {3: Hidden.FEW, 4: Hidden.FEW}),
        ([7], {}),
    ],
)
def test_units_beside_each_other(own: list[int], reasons: Mapping[int, Hidden]) -> None:
    assert hidden(*grown([0] * len(own), own), 5) == reasons


@pytest.mark.parametrize(("least", "taken"), [(2, False), (3, True), (DEFAULT_LEAST, True), (50, True), (51, False)])
def test_the_least_has_bounds(least: int, taken: bool) -> None:
    if taken:
        assert checked_least(least) == least
    else:
        with pytest.raises(Invalid, match="at least 3"):
            checked_least(least)


def test_where_a_team_stands_among_others() -> None:
    group = Distribution({0: 2, 1: 6, 2: 4, 4: 1})
    assert [at_or_below(level, group) for level in range(5)] == [15, 61, 92, 92, 100]
    assert at_or_below(3, Distribution({3: 999, 4: 1})) == 99
    assert at_or_below(0, Distribution({})) == 0
    assert [below(level, group) for level in range(5)] == [0, 15, 61, 92, 92]
    assert [above(level, group) for level in range(5)] == [84, 38, 7, 7, 0]
