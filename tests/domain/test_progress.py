"""What changed from one result to the next, in one version and across two."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.progress import CategoryProgress, Progress, Standing, progress
from app.domain.results import LadderResult
from app.domain.rubric import Category, Kind, Rubric, StatementKind, Subject
from app.domain.scoring import Values, score
from tests.domain.faults import check, check_found
from tests.domain.strategies import SOURCE, WORDS, level, points_category, rubrics, statement, values
from tests.domain.versions import versions

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value
GAP, PRACTICE = StatementKind.GAP, StatementKind.PRACTICE
PROCESSES = Category(
    "processes",
    "Processes",
    "How?",
    (
        statement("by-hand", GAP, 0, 1),
        statement("tested", PRACTICE, 1, 1),
        statement("ci-cd", PRACTICE, 2, 2),
        statement("slow", GAP, 1, 2),
    ),
)
TOOLS = Category("tools", "Tools", "With?", (statement("tool-1", PRACTICE, 1, 1), statement("tool-2", PRACTICE, 2, 2)))


def steps(*categories: Category) -> Rubric:
    levels = tuple(level(each, categories[0].key) for each in range(3))
    return Rubric("steps", "Steps", Kind.LADDER, "What.", 5, Subject.TEAM, SOURCE, WORDS, categories, WORDS, levels)


STEPS = steps(PROCESSES, TOOLS)
FIRST = {"by-hand": YES, "tested": YES, "ci-cd": HALF, "slow": NO, "tool-1": YES}


def standing(rubric: Rubric, values: Values) -> Standing:
    return Standing(rubric, values, score(rubric, values))


def between(after: Values, rubric: Rubric = STEPS, before: Values = FIRST) -> Progress:
    return progress(standing(STEPS, before), standing(rubric, after))


def test_processes_one_to_two() -> None:
    found = between(FIRST | {"ci-cd": YES, "slow": NOT_APPLICABLE})

    assert (found.before, found.after, found.gone) == (1, 1, ())
    assert found.categories == (
        CategoryProgress("processes", 1, 2, ("ci-cd",), ("slow",), (), (), ()),
        CategoryProgress("tools", 1, 1, (), (), (), ("tool-2",), ()),
    )
    assert [each.moved for each in found.categories] == [True, False]


@pytest.mark.parametrize(
    ("then", "now", "overcome", "set_aside", "lost"),
    [
        (NO, YES, True, False, False),
        (HALF, YES, True, False, False),
        (UNKNOWN, YES, True, False, False),
        (None, YES, True, False, False),
        (NO, NOT_APPLICABLE, False, True, False),
        (YES, NO, False, False, True),
        (YES, None, False, False, True),
        (NOT_APPLICABLE, HALF, False, False, True),
        (YES, NOT_APPLICABLE, False, False, False),
        (NOT_APPLICABLE, YES, False, False, False),
        (NO, HALF, False, False, False),
        (YES, YES, False, False, False),
    ],
)
def test_one_statement(then: Value | None, now: Value | None, overcome: bool, set_aside: bool, lost: bool) -> None:
    def given(value: Value | None) -> Values:
        return {} if value is None else {"tested": value}

    found = between(given(now), before=given(then)).categories[0]

    assert [bool(each) for each in (found.overcome, found.set_aside, found.lost)] == [overcome, set_aside, lost]
    assert set(found.overcome + found.set_aside + found.lost) <= {"tested"}


def test_in_another_version() -> None:
    """One statement is gone, one is new, one is another kind, one moved; one category is new."""
    by_hand, tested, ci_cd, _ = PROCESSES.statements
    new = steps(
        replace(PROCESSES, statements=(replace(by_hand, kind=PRACTICE), ci_cd, statement("canary", PRACTICE, 2, 2))),
        replace(TOOLS, statements=(*TOOLS.statements, replace(tested, gate=2))),
        Category("people", "People", "Who?", (statement("hired", PRACTICE, 1, 1), statement("more", PRACTICE, 2, 2))),
    )
    found = between(FIRST | dict.fromkeys(new.statements, YES) | {"tested": NO}, new)

    assert found.gone == ("slow",)
    assert found.categories == (
        CategoryProgress("processes", 1, 2, ("ci-cd",), (), (), (), ("by-hand", "canary")),
        CategoryProgress("tools", 1, 1, ("tool-2",), (), ("tested",), ("tested",), ()),
        CategoryProgress("people", None, 2, (), (), (), (), ("hired", "more")),
    )


def points(size: int, key: str = "sums") -> Rubric:
    categories = (points_category("c1", size),)
    return Rubric(key, "Sums", Kind.POINTS, "What.", 5, Subject.MODEL, SOURCE, WORDS, categories)


def test_in_points_all_that_is_not_met_is_missing() -> None:
    before, after = {"c1-s1": YES}, {"c1-s1": HALF, "c1-s2": YES, "c1-s3": NOT_APPLICABLE}
    found = progress(standing(points(3), before), standing(points(3), after))

    assert found.categories == (
        CategoryProgress("c1", 1, Fraction(9, 4), ("c1-s2",), ("c1-s3",), ("c1-s1",), ("c1-s1",), ()),
    )


def test_a_category_without_anything_that_applies_has_no_height() -> None:
    found = progress(standing(points(1), {"c1-s1": NOT_APPLICABLE}), standing(points(1), {"c1-s1": YES}))

    assert (found.before, found.categories[0].before, found.after) == (None, None, 1)


def test_only_results_of_one_rubric_are_compared() -> None:
    one, other = standing(points(1), {}), standing(points(1, "others"), {})
    with pytest.raises(Invalid):
        progress(one, other)
    with pytest.raises(Invalid):
        progress(one, standing(replace(STEPS, key="sums"), {}))


@dataclass(frozen=True)
class Case:
    before: Standing
    after: Standing


@st.composite
def in_one_version(draw: st.DrawFn) -> Case:
    rubric = draw(rubrics())
    return Case(standing(rubric, draw(values(rubric))), standing(rubric, draw(values(rubric))))


@st.composite
def across_versions(draw: st.DrawFn) -> Case:
    both = draw(versions())
    return Case(standing(both.old, both.old_values), standing(both.new, both.new_values))


Telling = Callable[[Standing, Standing], Progress]


def every_move_has_its_reason(telling: Telling, case: Case) -> bool:
    """In one version a category of a ladder rises by what is overcome or set aside, and falls by what is lost."""
    if not isinstance(case.before.result, LadderResult):
        return True
    for each in telling(case.before, case.after).categories:
        assert each.before is not None
        assert each.after is not None
        if each.after > each.before and not (each.overcome or each.set_aside):
            return False
        if each.after < each.before and not each.lost:
            return False
    return True


def the_way_back_is_the_reverse(telling: Telling, case: Case) -> bool:
    """What was gained is what is lost on the way back, and what is gone is new there, across versions too."""
    there, back = telling(case.before, case.after), telling(case.after, case.before)
    gained = {key for each in there.categories for key in each.overcome + each.set_aside}
    lost = {key for each in back.categories for key in each.lost}
    new = {key for each in back.categories for key in each.new}
    return gained == lost and set(there.gone) <= new and (there.before, there.after) == (back.after, back.before)


def each_statement_has_one_place(telling: Telling, case: Case) -> bool:
    """All of it is of its category, in order, each statement in at most one list; what is missing is not met."""
    for each in telling(case.before, case.after).categories:
        order = [one.key for one in case.after.rubric.category_by_key[each.key].statements]
        lists = (each.overcome, each.set_aside, each.lost, each.new)
        placed = [key for keys in lists for key in keys]
        if len(set(placed)) < len(placed):
            return False
        if any(list(keys) != [key for key in order if key in keys] for keys in (*lists, each.missing)):
            return False
        if any(case.after.values.get(key) in (YES, NOT_APPLICABLE) for key in each.missing):
            return False
    return True


def newly_yes(before: Standing, after: Standing) -> Progress:
    """Forgets what now does not apply."""
    return changed(progress(before, after), lambda each: replace(each, set_aside=()))


def any_key(before: Standing, after: Standing) -> Progress:
    """Says that what was never asked before was overcome."""
    met = {key for key, value in after.values.items() if value is YES}
    return changed(
        progress(before, after),
        lambda each: replace(each, overcome=each.overcome + tuple(key for key in each.new if key in met)),
    )


def nothing_is_lost(before: Standing, after: Standing) -> Progress:
    return changed(progress(before, after), lambda each: replace(each, lost=()))


def missing_before(before: Standing, after: Standing) -> Progress:
    """Names what was missing then."""
    then = {each.key: each.missing for each in progress(before, before).categories}
    return changed(progress(before, after), lambda each: replace(each, missing=then.get(each.key, ())))


def changed(found: Progress, change: Callable[[CategoryProgress], CategoryProgress]) -> Progress:
    return replace(found, categories=tuple(change(each) for each in found.categories))


RULES: list[tuple[Callable[[Telling, Case], bool], st.SearchStrategy[Case]]] = [
    (every_move_has_its_reason, in_one_version()),
    (the_way_back_is_the_reverse, across_versions()),
    (each_statement_has_one_place, across_versions()),
]


@pytest.mark.parametrize(("rule", "cases"), RULES, ids=[rule.__name__ for rule, _ in RULES])
def test_telling_holds(rule: Callable[[Telling, Case], bool], cases: st.SearchStrategy[Case]) -> None:
    check(rule, progress, cases)


@pytest.mark.parametrize(
    ("fault", "rule", "cases"),
    [
        (newly_yes, every_move_has_its_reason, in_one_version()),
        (nothing_is_lost, every_move_has_its_reason, in_one_version()),
        (nothing_is_lost, the_way_back_is_the_reverse, across_versions()),
        (any_key, each_statement_has_one_place, across_versions()),
        (missing_before, each_statement_has_one_place, across_versions()),
    ],
    ids=["newly_yes", "nothing_is_lost", "nothing_is_lost_on_the_way_back", "any_key", "missing_before"],
)
def test_a_fault_in_telling_is_found(
    fault: Telling, rule: Callable[[Telling, Case], bool], cases: st.SearchStrategy[Case]
) -> None:
    check_found(rule, fault, progress, cases)
