"""Every stated property holds of our scoring, and would notice if it did not: each finds the faults planted for it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.results import LadderResult, PointsResult, Result
from app.domain.rubric import Rubric, StatementKind
from app.domain.scoring import score
from tests.domain import scoring_properties as stated
from tests.domain.scoring_properties import (
    BOTH,
    HALF,
    LADDERS,
    NO,
    NOT_APPLICABLE,
    POINTS,
    UNKNOWN,
    YES,
    Case,
    Scorer,
    Values,
)

Property = Callable[[Scorer, Case], bool]

PROPERTIES: list[tuple[Property, st.SearchStrategy[Case]]] = [
    (stated.raising_lowers_nothing, BOTH),
    (stated.answering_narrows, BOTH),
    (stated.picking_gives_the_level, LADDERS),
    (stated.interval_is_least_and_greatest, BOTH),
    (stated.order_does_not_matter, BOTH),
    (stated.lists_keep_the_order, BOTH),
    (stated.not_applicable_is_met, LADDERS),
    (stated.not_applicable_leaves_the_maximum, POINTS),
    (stated.ladder_is_as_defined, LADDERS),
    (stated.points_are_as_defined, POINTS),
    (stated.overall_is_the_least, BOTH),
    (stated.drift_is_among_complete, LADDERS),
]
NAMES = [holds.__name__ for holds, _ in PROPERTIES]

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize(("holds", "cases"), PROPERTIES, ids=NAMES)
def test_it_holds(holds: Property, cases: st.SearchStrategy[Case]) -> None:
    check(holds, cases, 80)


@pytest.mark.long
@pytest.mark.parametrize(("holds", "cases"), PROPERTIES, ids=NAMES)
def test_it_holds_long(holds: Property, cases: st.SearchStrategy[Case]) -> None:
    check(holds, cases, 600)


def check(holds: Property, cases: st.SearchStrategy[Case], examples: int) -> None:
    @settings(calm, max_examples=examples)
    @given(case=cases)
    def always(case: Case) -> None:
        assert holds(score, case)

    always()


def taking(wrong: Value | None, right: Value) -> Scorer:
    """Takes one answer, or none, for another."""

    def scorer(rubric: Rubric, values: Values) -> Result:
        return score(
            rubric,
            {
                key: right if values.get(key) is wrong else values[key]
                for key in rubric.statements
                if key in values or wrong is None
            },
        )

    return scorer


def ladder(change: Callable[[LadderResult], LadderResult]) -> Scorer:
    """Scores rightly, then spoils what it found in a ladder."""

    def scorer(rubric: Rubric, values: Values) -> Result:
        result = score(rubric, values)
        return change(result) if isinstance(result, LadderResult) else result

    return scorer


def points(change: Callable[[PointsResult], PointsResult]) -> Scorer:
    def scorer(rubric: Rubric, values: Values) -> Result:
        result = score(rubric, values)
        return change(result) if isinstance(result, PointsResult) else result

    return scorer


def first_of_each_gate(rubric: Rubric, values: Values) -> Result:
    """Looks at one statement of each gate only."""
    seen: set[tuple[str, int | None]] = set()
    first: dict[str, Value] = {}
    for key, statement in rubric.statements.items():
        place = (rubric.category_of[key].key, statement.gate)
        first[key] = values.get(key, NO) if place not in seen else YES
        seen.add(place)
    return score(rubric, first)


def first_statement_weighs_more(rubric: Rubric, values: Values) -> Result:
    firsts = {category.statements[0].key for category in rubric.categories}
    return score(rubric, {key: YES if key in firsts and value is HALF else value for key, value in values.items()})


def gap_at_its_level(rubric: Rubric, values: Values) -> Result:
    """Takes the level at which a gap is shown for its gate."""
    moved = [
        replace(
            category,
            statements=tuple(
                replace(each, gate=max(each.level or 0, 1)) if each.kind is StatementKind.GAP else each
                for each in category.statements
            ),
        )
        for category in rubric.categories
    ]
    return score(replace(rubric, categories=tuple(moved)), values)


def one_level_less(rubric: Rubric, values: Values) -> Result:
    """Counts a statement for the level below its gate."""
    moved = [
        replace(
            category,
            statements=tuple(replace(each, gate=max((each.gate or 0) - 1, 1)) for each in category.statements),
        )
        for category in rubric.categories
    ]
    return score(replace(rubric, categories=tuple(moved)), values)


def islands_count(rubric: Rubric, values: Values) -> Result:
    """Skips levels: counts the gates that are met wherever they are."""
    result = score(rubric, values)
    if not isinstance(result, LadderResult):
        return result
    met = {
        key: sum(all(values.get(each.key) in (YES, NOT_APPLICABLE) for each in gate) for gate in gates)
        for key, gates in rubric.gates.items()
    }
    return replace(result, categories=tuple(replace(each, level=met[each.key]) for each in result.categories))


def half_spoils(rubric: Rubric, values: Values) -> Result:
    """Takes what is half done for worse than nothing: a half makes another statement of its category 0."""
    spoiled = dict(values)
    for category in rubric.categories:
        if any(values.get(each.key) is HALF for each in category.statements):
            spoiled |= {each.key: NO for each in category.statements if values.get(each.key) is YES}
    return score(rubric, spoiled)


def answered_only(rubric: Rubric, values: Values) -> Result:
    """Takes what is open for what does not apply."""
    return score(rubric, {key: values.get(key, NOT_APPLICABLE) for key in rubric.statements})


def mean_overall(result: LadderResult) -> LadderResult:
    return replace(result, overall=round(sum(each.level for each in result.categories) / len(result.categories)))


def mean_score(result: PointsResult) -> PointsResult:
    scores = [each.score for each in result.categories if each.score is not None]
    return replace(result, overall=sum(scores, Fraction(0)) / len(scores) if scores else None)


def highest_of_highs(result: LadderResult) -> LadderResult:
    return replace(result, overall_high=max(each.level_high for each in result.categories))


def half_is_the_most(rubric: Rubric, values: Values) -> Result:
    """Takes 1/2 for the most that an open statement can come to."""
    low = score(rubric, values)
    high = score(
        rubric, {key: HALF if values.get(key, UNKNOWN) is UNKNOWN else values[key] for key in rubric.statements}
    )
    return replace(low, overall_high=high.overall)  # type: ignore[arg-type]


def backwards(result: LadderResult) -> LadderResult:
    return replace(result, categories=tuple(replace(each, blockers=each.blockers[::-1]) for each in result.categories))


def drifting_incomplete(result: LadderResult) -> LadderResult:
    """Warns of categories that nobody has answered yet."""
    return replace(result, drifting=tuple(each.key for each in result.categories if each.level - result.overall >= 2))


def all_bind(result: LadderResult) -> LadderResult:
    return replace(result, binding=result.limiting)


def unscaled(rubric: Rubric, values: Values) -> Result:
    """Leaves what does not apply in the maximum."""
    return taking(NOT_APPLICABLE, NO)(rubric, values)


FAULTS: list[tuple[str, Scorer, Property, st.SearchStrategy[Case]]] = [
    ("half counts as met", taking(HALF, YES), stated.ladder_is_as_defined, LADDERS),
    ("half counts as nothing", taking(HALF, NO), stated.points_are_as_defined, POINTS),
    ("half spoils", half_spoils, stated.raising_lowers_nothing, BOTH),
    ("a gap counts at its level", gap_at_its_level, stated.ladder_is_as_defined, LADDERS),
    ("a gap counts at its level", gap_at_its_level, stated.picking_gives_the_level, LADDERS),
    ("the level below the gate", one_level_less, stated.picking_gives_the_level, LADDERS),
    ("levels are skipped", islands_count, stated.ladder_is_as_defined, LADDERS),
    ("mean of the levels", ladder(mean_overall), stated.overall_is_the_least, LADDERS),
    ("mean of the scores", points(mean_score), stated.overall_is_the_least, POINTS),
    ("all that limits binds", ladder(all_bind), stated.overall_is_the_least, LADDERS),
    ("the upper bound of the best", ladder(highest_of_highs), stated.interval_is_least_and_greatest, LADDERS),
    ("half is the most", half_is_the_most, stated.interval_is_least_and_greatest, BOTH),
    ("don't know counts as 1", taking(UNKNOWN, YES), stated.interval_is_least_and_greatest, BOTH),
    ("don't know counts as 1", taking(UNKNOWN, YES), stated.answering_narrows, BOTH),
    ("unanswered counts as 0", taking(None, NO), stated.answering_narrows, BOTH),
    ("unanswered does not apply", answered_only, stated.points_are_as_defined, POINTS),
    ("unanswered does not apply", answered_only, stated.answering_narrows, BOTH),
    ("not applicable counts as 0", taking(NOT_APPLICABLE, NO), stated.not_applicable_is_met, LADDERS),
    ("not applicable is open", taking(NOT_APPLICABLE, UNKNOWN), stated.not_applicable_is_met, LADDERS),
    ("not applicable stays in the maximum", unscaled, stated.not_applicable_leaves_the_maximum, POINTS),
    ("not applicable counts as 1", taking(NOT_APPLICABLE, YES), stated.not_applicable_leaves_the_maximum, POINTS),
    ("the first of each gate", first_of_each_gate, stated.order_does_not_matter, LADDERS),
    ("the first weighs more", first_statement_weighs_more, stated.order_does_not_matter, POINTS),
    ("lists backwards", ladder(backwards), stated.lists_keep_the_order, LADDERS),
    ("drift among the unanswered", ladder(drifting_incomplete), stated.drift_is_among_complete, LADDERS),
]


@pytest.mark.parametrize(
    ("fault", "holds", "cases"),
    [(fault, holds, cases) for _, fault, holds, cases in FAULTS],
    ids=[f"{name}: {holds.__name__}" for name, _, holds, _ in FAULTS],
)
def test_a_planted_fault_is_found(fault: Scorer, holds: Property, cases: st.SearchStrategy[Case]) -> None:
    """Raises NoSuchExample, and fails, where the property does not see the fault."""
    patient = settings(calm, max_examples=1000, phases=(Phase.generate,), derandomize=True, database=None)

    counterexample = find(cases, lambda case: not holds(fault, case), settings=patient)

    assert holds(score, counterexample)


def test_every_property_has_a_fault() -> None:
    assert {holds for holds, _ in PROPERTIES} == {holds for _, _, holds, _ in FAULTS}
