"""Investments against plain enumeration of every combination."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.investments import Investment, ranked, rising
from app.domain.rollup import Counted, rollup
from tests.domain.organisations import Organisation, few, organisations
from tests.pace import spent

Needs = dict[tuple[str, ...], int]


def enumerated(results: list[Counted], size: int, most: int) -> tuple[Investment, ...]:
    """By the definition: every combination, every team, and no combination of which a part would do."""
    statements = sorted({key for each in results for key in each.of.unmet})

    def lifted(combination: tuple[str, ...]) -> int:
        return sum(bool(each.of.unmet) and set(each.of.unmet) <= set(combination) for each in results)

    found = [
        Investment(each, lifted(each))
        for each in combinations(statements, size)
        if all(lifted(each) > lifted((*each[:place], *each[place + 1 :])) for place in range(size))
    ]
    return tuple(sorted(found, key=lambda each: (-each.teams, each.statements))[:most])


def test_it_works() -> None:
    needs = {("a",): 5, ("b",): 3, ("a", "b"): 2, ("b", "c"): 9, ("a", "b", "c"): 1}
    assert rising(needs, {"a"}) == 5
    assert rising(needs, {"c", "b"}) == 12
    assert ranked(needs, 1) == (Investment(("a",), 5), Investment(("b",), 3))
    assert ranked(needs, 2) == (Investment(("b", "c"), 12), Investment(("a", "b"), 10))
    assert ranked(needs, 3) == (Investment(("a", "b", "c"), 20),)


@few
@given(organisations(only_ladders=True), st.integers(1, 3), st.sampled_from([1, 3, 1000]))
def test_it_is_what_enumeration_gives(organisation: Organisation, size: int, most: int) -> None:
    results = organisation.results
    # The statements of a random ladder are many: those of the rarest teams are enough to be wrong with.
    results = results[:8]
    if len({key for each in results for key in each.of.unmet}) > 14:
        return
    assert ranked(rollup(results).needs, size, most) == enumerated(results, size, most)


keys = st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))


@given(st.dictionaries(keys, st.integers(1, 6), max_size=25), st.integers(1, 3), st.sampled_from([1, 2, 4, 1000]))
def test_any_counted_sets(needs: Needs, size: int, most: int) -> None:
    found = [
        Investment(each, rising(needs, each))
        for each in combinations("abcdefgh", size)
        if all(rising(needs, each) > rising(needs, set(each) - {key}) for key in each)
    ]
    assert ranked(needs, size, most) == tuple(sorted(found, key=lambda each: (-each.teams, each.statements))[:most])


def test_nobody_needs_anything() -> None:
    assert ranked({}, 3) == ()
    assert ranked({("a",): 1}, 1, most=0) == ()
    assert rising({(): 4}, {"a"}) == 0


@pytest.mark.parametrize("size", [0, 4])
def test_other_sizes_do_not_exist(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        ranked({}, size)


def test_a_hundred_thousand_teams_are_quick() -> None:
    """Their sets are counted: 75 statements of four gates, and all the sets that a rubric of that size can have."""
    random, statements = Random(7), [f"s{number:02}" for number in range(75)]
    needs: Needs = {}
    for gate in range(0, 75, 19):
        for size in (1, 2, 3):
            for together in combinations(statements[gate : gate + 19], size):
                needs[together] = random.randrange(1, 60)
    assert sum(needs.values()) > 100_000
    with spent() as time:
        assert [len(ranked(needs, size)) for size in (1, 2, 3)] == [10, 10, 10]
    assert time.seconds < 1
