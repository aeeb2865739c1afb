"""How clear statements are: nothing is told of few sheets, and the shares are what was counted."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.domain.quality import Counted, clarity, first_to_look_at
from app.domain.rubric_file import read_rubric
from tests.domain.test_rubric_file import LADDER

RUBRIC = read_rubric(LADDER.encode(), "f").rubric
KEYS = tuple(RUBRIC.statements)
LEAST = 5


@st.composite
def counts(draw: st.DrawFn) -> list[Counted]:
    """What some cycles say, each statement once in each."""
    places = draw(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(KEYS)), unique=True))
    return [draw(count(cycle, statement)) for cycle, statement in places]


@st.composite
def count(draw: st.DrawFn, cycle: int, statement: str) -> Counted:
    answered = draw(st.integers(1, 12))
    unknown = draw(st.integers(0, answered))
    not_applicable = draw(st.integers(0, answered - unknown))
    judged = draw(st.integers(0, answered - unknown - not_applicable))
    compared = draw(st.integers(min(1, judged // 2), judged // 2))
    return Counted(
        cycle, statement, answered, unknown, not_applicable, draw(st.integers(0, answered)), judged, compared,
        draw(st.integers(0, compared)),
    )  # fmt: skip


def test_it_works() -> None:
    counted = [Counted(1, KEYS[2], 10, 4, 1, 2, 5, 2, 1), Counted(1, KEYS[0], 10, 0, 0, 1, 10, 5, 0)]

    first, second, *others = clarity(RUBRIC, counted, LEAST)

    assert (first.statement, first.sheets, first.differing) == (KEYS[2], 10, Fraction(1, 2))
    assert (first.unknown, first.not_applicable, first.edited) == (Fraction(2, 5), Fraction(1, 10), Fraction(1, 5))
    assert (second.statement, second.differing) == (KEYS[0], Fraction(0))
    assert [(each.statement, each.sheets, each.unknown) for each in others] == [(KEYS[1], 0, None), (KEYS[3], 0, None)]
    assert first_to_look_at(clarity(RUBRIC, counted, LEAST)) == [first]


def test_of_one_assessment_no_disagreement_is_told() -> None:
    first, *_ = clarity(RUBRIC, [Counted(1, KEYS[0], 10, 0, 0, 0, 10, 1, 1)], LEAST)

    assert (first.sheets, first.differing) == (10, None)


@given(counts(), st.data())
def test_few_sheets_change_nothing(counted: list[Counted], data: st.DataObject) -> None:
    """Whoever looks before and after a small cycle is closed sees the same."""
    few = data.draw(count(9, data.draw(st.sampled_from(KEYS))).filter(lambda each: each.answered < LEAST))

    assert clarity(RUBRIC, [*counted, few], LEAST) == clarity(RUBRIC, counted, LEAST)


@given(counts())
def test_figures_are_of_enough_sheets(counted: list[Counted]) -> None:
    found = clarity(RUBRIC, counted, LEAST)

    assert sorted(each.statement for each in found) == sorted(KEYS)
    for each in found:
        shares = (each.unknown, each.not_applicable, each.edited, each.differing)
        assert all(share is None for share in shares) if not each.sheets else each.sheets >= LEAST
        assert all(share is None or 0 <= share <= 1 for share in shares)
    assert [each.doubt for each in found] == sorted((each.doubt for each in found), reverse=True)


@given(counts())
def test_the_order_of_cycles_makes_no_difference(counted: list[Counted]) -> None:
    assert clarity(RUBRIC, counted[::-1], LEAST) == clarity(RUBRIC, counted, LEAST)


@given(counts())
def test_two_equal_cycles_have_the_shares_of_one(counted: list[Counted]) -> None:
    twice = [*counted, *(replace(each, cycle=each.cycle + 10) for each in counted)]

    once, double = clarity(RUBRIC, counted, LEAST), clarity(RUBRIC, twice, LEAST)

    assert [replace(each, sheets=0) for each in once] == [replace(each, sheets=0) for each in double]
    assert [2 * each.sheets for each in once] == [each.sheets for each in double]
