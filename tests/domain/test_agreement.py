"""Alpha against the published examples and against its definition; statements compared by hand."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import strategies as st

from app.domain.agreement import (
    Agreement,
    OwnSheet,
    StatementComparison,
    Strength,
    Undefined,
    agreement,
    compared,
    in_words,
    ordinal_alpha,
)
from app.domain.answers import Value
from app.domain.rubric import Kind, Rubric, Subject
from tests.domain.faults import check, check_found
from tests.domain.strategies import SOURCE, WORDS, points_category

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value

Units = Sequence[Sequence[int]]
Metric = Callable[[Counter[int], int, int], Fraction]


def by_unit(*observers: str) -> list[list[int]]:
    """The units of a table with a line for each observer; a full stop is no judgement."""
    tables = [line.split() for line in observers]
    return [[int(each) for each in unit if each != "."] for unit in zip(*tables, strict=True)]


# K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, examples A, and C and D.
BINARY = by_unit("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
FOUR_OBSERVERS = by_unit(
    "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."
)
# A. F. Hayes and K. Krippendorff, Answering the Call for a Standard Reliability Measure for Coding Data, Communication
# Methods and Measures 1 (2007), table 1: five observers, 40 articles.
NEWS = by_unit(
    "1 1 2 . 0 0 1 1 2 2 . 0 1 3 1 1 2 1 1 0 0 0 2 0 1 0 0 1 1 1 1 2 2 3 2 2 2 2 2 1",
    "1 1 3 0 0 0 0 . 2 1 1 0 2 3 1 1 1 2 1 0 0 0 3 0 2 1 0 2 1 1 1 1 2 2 2 2 2 2 2 1",
    "2 0 3 0 0 0 2 2 2 1 0 0 2 2 1 1 2 3 0 0 1 . 3 0 . 1 0 1 2 2 0 2 . 2 2 3 2 . 2 1",
    ". 1 3 . . . . 0 . 1 0 0 2 2 . . . 3 1 . 1 0 3 0 2 1 1 2 2 . . 1 2 2 . . . 1 2 .",
    "2 . . 0 0 0 1 . 2 . . . . 3 1 1 2 . . 0 . 0 . . 2 . 0 . . 2 0 . 2 . 2 2 2 2 . 1",
)


def nominal(_: Counter[int], one: int, other: int) -> Fraction:
    return Fraction(one != other)


def interval(_: Counter[int], one: int, other: int) -> Fraction:
    return Fraction(one - other) ** 2


def ordinal(totals: Counter[int], one: int, other: int) -> Fraction:
    low, high = sorted((one, other))
    ranks = sum((Fraction(totals[value]) for value in range(low, high + 1)), Fraction(0))
    return (ranks - Fraction(totals[one] + totals[other], 2)) ** 2


def ratio(_: Counter[int], one: int, other: int) -> Fraction:
    return Fraction(one - other, one + other) ** 2


def by_definition(units: Iterable[Sequence[int]], metric: Metric) -> Fraction | None:
    """Alpha pair by pair of single judgements: within units as observed, over all of them as expected."""
    pairable = [unit for unit in units if len(unit) > 1]
    everything = [value for unit in pairable for value in unit]
    totals = Counter(everything)
    observed = sum(
        (metric(totals, one, other) / (len(unit) - 1) for unit in pairable for one, other in permutations(unit, 2)),
        Fraction(0),
    )
    expected = sum((metric(totals, one, other) for one, other in permutations(everything, 2)), Fraction(0))
    return 1 - (len(everything) - 1) * observed / expected if expected else None


@pytest.mark.parametrize(
    ("units", "metric", "published"),
    [
        (BINARY, nominal, "0.095"),
        (FOUR_OBSERVERS, nominal, "0.743"),
        (FOUR_OBSERVERS, ordinal, "0.815"),
        (FOUR_OBSERVERS, interval, "0.849"),
        (FOUR_OBSERVERS, ratio, "0.797"),
        (NEWS, nominal, "0.4765"),
        (NEWS, ordinal, "0.7598"),
        (NEWS, interval, "0.7574"),
    ],
)
def test_the_definition_gives_what_was_published(units: Units, metric: Metric, published: str) -> None:
    alpha = by_definition(units, metric)

    assert alpha is not None
    assert round(alpha, len(published) - 2) == Fraction(published)


@pytest.mark.parametrize(
    # Of two values the order is all there is: each metric gives the same.
    ("units", "published"),
    [(BINARY, "0.095"), (FOUR_OBSERVERS, "0.815"), (NEWS, "0.7598")],
)
def test_alpha_is_what_was_published(units: Units, published: str) -> None:
    alpha = ordinal_alpha(units)

    assert alpha is not None
    assert round(alpha, len(published) - 2) == Fraction(published)


@pytest.mark.parametrize("units", [[], [[1]], [[1], [2], [0]], [[1, 1], [1, 1, 1]], [[1, 1], [2]]])
def test_there_is_no_alpha_without_judgements_that_differ(units: Units) -> None:
    assert ordinal_alpha(units) is None


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        ([[0, 0], [2, 2]], 1),
        ([[0, 2], [2, 0]], Fraction(-1, 2)),
        ([[0, 0], [0, 2]], 0),
    ],
)
def test_small_ones_by_hand(units: Units, alpha: Fraction) -> None:
    assert ordinal_alpha(units) == alpha


Alpha = Callable[[Units], Fraction | None]
SOME_UNITS: st.SearchStrategy[Units] = st.lists(st.lists(st.integers(0, 3), max_size=5), max_size=8)


def is_the_definition(alpha: Alpha, units: Units) -> bool:
    return alpha(units) == by_definition(units, ordinal)


def is_at_most_one(alpha: Alpha, units: Units) -> bool:
    """It is 1 exactly where all agree on every unit."""
    found = alpha(units)
    return found is None or (found <= 1 and (found == 1) == all(len(set(unit)) <= 1 for unit in units))


def order_says_nothing(alpha: Alpha, units: Units) -> bool:
    """Neither the order of units nor that of judgements, nor what no second person judged."""
    turned = [unit[::-1] for unit in units[::-1]]
    return alpha(units) == alpha(turned) == alpha([*units, [1], []])


def only_the_order_of_values_counts(alpha: Alpha, units: Units) -> bool:
    """Turned upside down or drawn apart, the values have the same alpha."""
    upside_down = [[-value for value in unit] for unit in units]
    drawn_apart = [[2**value for value in unit] for unit in units]
    return alpha(units) == alpha(upside_down) == alpha(drawn_apart)


def with_nominal(units: Units) -> Fraction | None:
    return by_definition(units, nominal)


def with_interval(units: Units) -> Fraction | None:
    return by_definition(units, interval)


def lone_judgements_too(units: Units) -> Fraction | None:
    """Takes a unit that one person judged for one that two judged alike."""
    return ordinal_alpha([[*unit, *unit] if len(unit) == 1 else unit for unit in units])


def with_replacement(units: Units) -> Fraction | None:
    """Expects as if a judgement could be paired with itself, as Scott's pi does."""
    alpha = ordinal_alpha(units)
    judgements = sum(len(unit) for unit in units if len(unit) > 1)
    return None if alpha is None else 1 - (1 - alpha) * judgements / (judgements - 1)


def first_two_only(units: Units) -> Fraction | None:
    return ordinal_alpha([unit[:2] for unit in units])


def one_where_undefined(units: Units) -> Fraction | None:
    """Takes what cannot be said for perfect."""
    return ordinal_alpha(units) or Fraction(1)


ALPHA_RULES = (is_the_definition, is_at_most_one, order_says_nothing, only_the_order_of_values_counts)


@pytest.mark.parametrize("rule", ALPHA_RULES)
def test_alpha_holds(rule: Callable[[Alpha, Units], bool]) -> None:
    check(rule, ordinal_alpha, SOME_UNITS, 200)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (with_nominal, is_the_definition),
        (with_replacement, is_the_definition),
        (one_where_undefined, is_at_most_one),
        (lone_judgements_too, order_says_nothing),
        (first_two_only, order_says_nothing),
        (with_interval, only_the_order_of_values_counts),
    ],
)
def test_a_fault_in_alpha_is_found(fault: Alpha, rule: Callable[[Alpha, Units], bool]) -> None:
    check_found(rule, fault, ordinal_alpha, SOME_UNITS)


@pytest.mark.parametrize(
    ("alpha", "strength"),
    [
        ("1", Strength.RELIABLE),
        ("0.8", Strength.RELIABLE),
        ("0.7996", Strength.RELIABLE),
        ("0.7994", Strength.TENTATIVE),
        ("2/3", Strength.TENTATIVE),
        ("0.6664", Strength.WEAK),
        ("0.001", Strength.WEAK),
        ("0.0004", Strength.NONE),
        ("0", Strength.NONE),
        ("-0.5", Strength.NONE),
    ],
)
def test_in_words_it_is_what_people_read(alpha: str, strength: Strength) -> None:
    assert in_words(Fraction(alpha)) is strength


def test_what_is_not_there_has_no_words() -> None:
    assert in_words(None) is None


def rubric(*sizes: int) -> Rubric:
    """Categories c1, c2 and so on, with statements c1-s1, c1-s2 and so on."""
    categories = tuple(points_category(f"c{number}", size) for number, size in enumerate(sizes, 1))
    return Rubric("sums", "Sums", Kind.POINTS, "What.", 5, Subject.MODEL, SOURCE, WORDS, categories)


FOUR = rubric(2, 2)
KEYS = tuple(FOUR.statements)


def sheet(respondent: int, *values: Value | None, categories: Iterable[str] | None = None) -> OwnSheet:
    given = {key: value for key, value in zip(KEYS, values, strict=False) if value is not None}
    return OwnSheet(respondent, given, None if categories is None else frozenset(categories))


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ([], Agreement(None, Undefined.ONE_RESPONDENT, 0, 0)),
        ([sheet(1, YES, NO)], Agreement(None, Undefined.ONE_RESPONDENT, 1, 0)),
        ([sheet(1, YES, UNKNOWN), sheet(2, NOT_APPLICABLE, NO)], Agreement(None, Undefined.NOTHING_SHARED, 2, 0)),
        ([sheet(1, YES, YES), sheet(2, YES, YES)], Agreement(None, Undefined.NO_VARIATION, 2, 2)),
        ([sheet(1, YES, YES), sheet(2, YES, YES, NO)], Agreement(None, Undefined.NO_VARIATION, 2, 2)),
        ([sheet(1, YES, NO), sheet(2, YES, NO)], Agreement(Fraction(1), None, 2, 2)),
        ([sheet(1, YES, NO), sheet(2, NO, YES)], Agreement(Fraction(-1, 2), None, 2, 2)),
        # What a person was not asked for does not count, even where it was answered.
        ([sheet(1, YES, NO, YES), sheet(2, YES, NO, NO, categories=["c1"])], Agreement(Fraction(1), None, 2, 2)),
    ],
)
def test_the_agreement_of_an_assessment(sheets: list[OwnSheet], found: Agreement) -> None:
    assert agreement(FOUR, sheets) == found


def test_a_statement_is_compared() -> None:
    sheets = [sheet(7, YES), sheet(8, NO), sheet(9, UNKNOWN), sheet(5), sheet(4, YES), sheet(6, NO, categories=["c2"])]
    found = compared(FOUR, sheets)[0]

    assert found == StatementComparison(
        "c1-s1", "c1", {7: YES, 8: NO, 9: UNKNOWN, 5: None, 4: YES}, Fraction(1), 2, False, None
    )
    assert found.share_answered == Fraction(4, 5)


@pytest.mark.parametrize(
    ("values", "spread", "apart", "proposal"),
    [
        ((YES, YES), 0, 0, YES),
        ((UNKNOWN, UNKNOWN), 0, 0, UNKNOWN),
        ((NOT_APPLICABLE, NOT_APPLICABLE), 0, 0, NOT_APPLICABLE),
        ((YES, None), 0, 0, None),
        ((None, None), 0, 0, None),
        ((YES, UNKNOWN), 0, 1, None),
        ((YES, NOT_APPLICABLE, NOT_APPLICABLE), 0, 1, None),
        ((YES, HALF), "1/2", 1, None),
        ((YES, YES, NO, HALF), 1, 2, None),
        ((YES, YES, NO, NO), 1, 2, None),
    ],
)
def test_disagreement_about_a_statement(
    values: tuple[Value | None, ...], spread: str | int, apart: int, proposal: Value | None
) -> None:
    found = compared(rubric(1, 1), [sheet(number, value) for number, value in enumerate(values)])
    of_it = next(each for each in found if each.statement == "c1-s1")

    assert (of_it.spread, of_it.apart, of_it.proposal) == (Fraction(spread), apart, proposal)
    assert of_it.unanimous == (proposal is not None)


def test_most_disagreement_comes_first() -> None:
    sheets = [sheet(1, YES, YES, YES, HALF), sheet(2, YES, HALF, NO, NO), sheet(3, YES, HALF, NO, YES)]

    assert [each.statement for each in compared(FOUR, sheets)] == ["c2-s2", "c2-s1", "c1-s2", "c1-s1"]


def test_nobody_asked_is_nobody_agreed() -> None:
    found = compared(FOUR, [])

    assert [each.statement for each in found] == list(KEYS)
    assert not any(each.unanimous or each.share_answered for each in found)


Comparer = Callable[[Rubric, Sequence[OwnSheet]], tuple[StatementComparison, ...]]


@st.composite
def own_sheets(draw: st.DrawFn) -> list[OwnSheet]:
    values = st.sampled_from([*Value, None])
    return [
        sheet(number, *(draw(values) for _ in KEYS), categories=draw(st.sampled_from([None, ["c1"], ["c2"], []])))
        for number in range(draw(st.integers(0, 4)))
    ]


def everything_comes_in_order(comparer: Comparer, sheets: Sequence[OwnSheet]) -> bool:
    found = comparer(FOUR, sheets)
    ranks = [(-each.spread, -each.apart, FOUR.position[each.statement]) for each in found]
    return sorted(each.statement for each in found) == sorted(KEYS) and ranks == sorted(ranks)


def what_is_proposed_is_what_all_said(comparer: Comparer, sheets: Sequence[OwnSheet]) -> bool:
    """A proposal takes nobody's answer away: each who was asked gave it, and then nobody is apart."""
    for each in comparer(FOUR, sheets):
        asked = [one for one in sheets if one.categories is None or each.category in one.categories]
        same = bool(asked) and all(one.values.get(each.statement) == each.proposal for one in asked)
        if each.unanimous != (each.proposal is not None) or (each.unanimous and not (same and each.apart == 0)):
            return False
    return True


def who_comes_first_does_not_matter(comparer: Comparer, sheets: Sequence[OwnSheet]) -> bool:
    return comparer(FOUR, sheets) == comparer(FOUR, sheets[::-1])


def in_rubric_order(rubric: Rubric, sheets: Sequence[OwnSheet]) -> tuple[StatementComparison, ...]:
    return tuple(sorted(compared(rubric, sheets), key=lambda each: rubric.position[each.statement]))


def the_first_decides(rubric: Rubric, sheets: Sequence[OwnSheet]) -> tuple[StatementComparison, ...]:
    """Proposes what the first respondent says."""
    return compared(rubric, sheets[:1])


RULES = (everything_comes_in_order, what_is_proposed_is_what_all_said, who_comes_first_does_not_matter)


@pytest.mark.parametrize("rule", RULES)
def test_comparing_holds(rule: Callable[[Comparer, Sequence[OwnSheet]], bool]) -> None:
    check(rule, compared, own_sheets(), 100)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (in_rubric_order, everything_comes_in_order),
        (the_first_decides, what_is_proposed_is_what_all_said),
        (the_first_decides, who_comes_first_does_not_matter),
    ],
)
def test_a_fault_in_comparing_is_found(fault: Comparer, rule: Callable[[Comparer, Sequence[OwnSheet]], bool]) -> None:
    check_found(rule, fault, compared, own_sheets())
