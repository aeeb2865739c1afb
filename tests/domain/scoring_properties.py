"""The properties that docs/rubric-format.md states of scoring, each a function that says whether it holds in a case.

A property takes the scorer as an argument, so that a wrong one can be planted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.results import LadderCategory, LadderResult, PointsCategory, PointsResult, Result
from app.domain.rubric import Category, Rubric, Statement, StatementKind, Unit
from app.domain.scoring import pick
from tests.domain.strategies import ladders, points_rubrics, values

Values = Mapping[str, Value]
Scorer = Callable[[Rubric, Values], Result]

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value
DEFINITE = (NO, HALF, YES)
MOST_OPEN = 5  # three answers to each make 243 ways


@dataclass(frozen=True)
class Case:
    """A rubric, answers to it, and for some of its statements another definite answer."""

    rubric: Rubric
    values: Values
    others: Values


@st.composite
def cases(draw: st.DrawFn, rubrics: st.SearchStrategy[Rubric]) -> Case:
    rubric = draw(rubrics)
    others = {key: draw(st.sampled_from((None, *DEFINITE))) for key in rubric.statements}
    return Case(rubric, draw(values(rubric)), {key: value for key, value in others.items() if value is not None})


LADDERS, POINTS = cases(ladders()), cases(points_rubrics())
BOTH = st.one_of(LADDERS, POINTS)


def raising_lowers_nothing(score: Scorer, case: Case) -> bool:
    """From 0 to 1/2 to 1, nothing that is reported as a level, index or score goes down."""
    raised = {
        key: case.others[key] if key in case.others and value in DEFINITE and case.others[key] > value else value
        for key, value in case.values.items()
    }
    before, after = heights(score(case.rubric, case.values)), heights(score(case.rubric, raised))
    return all(low <= high for low, high in zip(before, after, strict=True))


def answering_narrows(score: Scorer, case: Case) -> bool:
    """An answer to what was open raises no upper bound and lowers no lower one."""
    answered = {key: value for key, value in case.others.items() if case.values.get(key, UNKNOWN) is UNKNOWN}
    before, after = bounds(score(case.rubric, case.values)), bounds(score(case.rubric, {**case.values, **answered}))
    return all(
        low <= new_low <= new_high <= high for (low, high), (new_low, new_high) in zip(before, after, strict=True)
    )


def picking_gives_the_level(score: Scorer, case: Case) -> bool:
    """Picking level L in every category gives exactly level L, with nothing open and no island."""
    for level in range(case.rubric.top + 1):
        picked: dict[str, Value] = {}
        for category in case.rubric.categories:
            picked |= pick(category, level)
        result = score(case.rubric, picked)
        assert isinstance(result, LadderResult)
        if not (result.overall == result.overall_high == result.overall_index == level and result.complete):
            return False
        if any(each.islands or not each.level == each.level_high == each.index == level for each in result.categories):
            return False
    return True


def interval_is_least_and_greatest(score: Scorer, case: Case) -> bool:
    """The bounds are the least and the greatest over all ways of giving 0, 1/2 or 1 to what is open."""
    few_open = with_few_open(case)
    stated = bounds(score(case.rubric, few_open))
    ways = [bounds(score(case.rubric, way)) for way in completions(case.rubric, few_open)]
    found = [(min(low for low, _ in each), max(low for low, _ in each)) for each in zip(*ways, strict=True)]
    return stated == found


def order_does_not_matter(score: Scorer, case: Case) -> bool:
    """The same statements in another order stand at the same levels and scores."""
    turned = replace(
        case.rubric,
        categories=tuple(replace(each, statements=each.statements[::-1]) for each in case.rubric.categories),
    )
    return heights(score(case.rubric, case.values)) == heights(score(turned, case.values))


def lists_keep_the_order(score: Scorer, case: Case) -> bool:
    """Every list is in the rubric's order."""
    result = score(case.rubric, case.values)
    categories = [category.key for category in case.rubric.categories]
    statements = list(case.rubric.statements)
    lists = [(result.limiting, categories), (result.binding, categories)]
    for category in result.categories:
        if isinstance(category, LadderCategory):
            lists += [(each, statements) for each in (category.blockers, category.open_blockers, category.islands)]
    reported = [category.key for category in result.categories]
    return reported == categories and all(list(keys) == [key for key in order if key in keys] for keys, order in lists)


def not_applicable_is_met(score: Scorer, case: Case) -> bool:
    """In a ladder, what does not apply stands as if it were met."""
    met = {key: YES if value is NOT_APPLICABLE else value for key, value in case.values.items()}
    before, after = score(case.rubric, case.values), score(case.rubric, met)
    return heights(before) == heights(after) and blockers(before) == blockers(after)


def not_applicable_leaves_the_maximum(score: Scorer, case: Case) -> bool:
    """In points, what does not apply might as well not be asked; a sum is scaled up to all statements."""
    kept: list[Category] = []
    scale: dict[str, Fraction] = {}
    for category in case.rubric.categories:
        left = tuple(each for each in category.statements if case.values.get(each.key) is not NOT_APPLICABLE)
        if left:
            kept.append(replace(category, statements=left))
        scaled = case.rubric.unit is Unit.POINTS and left
        scale[category.key] = Fraction(len(category.statements), len(left)) if scaled else Fraction(1)
    result = score(case.rubric, case.values)
    rated = [each for each in points(result) if each.score is not None]
    if not kept:
        return not rated and result.overall is None
    without = points(score(replace(case.rubric, categories=tuple(kept)), case.values))
    return [(each.key, each.score, each.score_high) for each in rated] == [
        (each.key, (each.score or 0) * scale[each.key], (each.score_high or 0) * scale[each.key]) for each in without
    ]


def ladder_is_as_defined(score: Scorer, case: Case) -> bool:
    """Levels, progress, lists and counts are what the definition says, word for word."""
    result = score(case.rubric, case.values)
    assert isinstance(result, LadderResult)
    return all(
        category_is_as_defined(case.rubric, each, category, case.values)
        for each, category in zip(case.rubric.categories, result.categories, strict=True)
    )


def category_is_as_defined(rubric: Rubric, category: Category, found: LadderCategory, values: Values) -> bool:
    def met(statement: Statement) -> bool:
        return values.get(statement.key) in (YES, NOT_APPLICABLE)

    def gate(statement: Statement) -> int:
        return statement.gate or 0

    levels = [
        level
        for level in range(rubric.top + 1)
        if all(met(each) for each in category.statements if gate(each) <= level)
    ]
    level = max(levels)
    ahead = [each for each in category.statements if gate(each) == level + 1]
    worth = {NO: Fraction(0), HALF: Fraction(1, 2), YES: Fraction(1), UNKNOWN: Fraction(0), NOT_APPLICABLE: Fraction(1)}
    mean = sum((worth[values.get(each.key, NO)] for each in ahead), Fraction(0)) / (len(ahead) or 1)
    islands = [each for each in category.statements if each.kind is StatementKind.PRACTICE and gate(each) > level + 1]
    near = [each for each in category.statements if gate(each) <= level + 1]
    given = [values[each.key] for each in category.statements if each.key in values]
    return (
        found.level == level
        and found.progress == mean
        and found.index == level + mean
        and list(found.blockers) == [each.key for each in ahead if not met(each)]
        and list(found.open_blockers) == [each.key for each in ahead if values.get(each.key, UNKNOWN) is UNKNOWN]
        and list(found.islands) == [each.key for each in islands if values.get(each.key) is YES]
        and found.complete == all(each.key in values for each in near)
        and (found.needed, found.needed_answered) == (len(near), sum(each.key in values for each in near))
        and (found.answered, found.unknown) == (len(given), given.count(UNKNOWN))
        and found.not_applicable == given.count(NOT_APPLICABLE)
    )


def points_are_as_defined(score: Scorer, case: Case) -> bool:
    """The sum of the values, scaled up to all statements, or in percent of what is possible."""
    halves = {NO: 0, HALF: 1, YES: 2}
    for category, found in zip(case.rubric.categories, points(score(case.rubric, case.values)), strict=True):
        given = [case.values.get(each.key) for each in category.statements]
        total = Fraction(sum(halves.get(value, 0) for value in given if value), 2)
        applicable = len(given) - given.count(NOT_APPLICABLE)
        most = 100 if case.rubric.unit is Unit.PERCENT else len(given)
        if found.score != (total * most / applicable if applicable else None):
            return False
        if found.complete != (None not in given) or found.answered != len(given) - given.count(None):
            return False
    return True


def overall_is_the_least(score: Scorer, case: Case) -> bool:
    """The overall result is the minimum of each bound; what limits and binds, and the spread, follow from it."""
    result = score(case.rubric, case.values)
    if isinstance(result, LadderResult):
        ranges = [(each.key, Fraction(each.level), Fraction(each.level_high)) for each in result.categories]
        if result.overall_index != min(each.index for each in result.categories):
            return False
        if result.spread != max(each.level for each in result.categories) - result.overall:
            return False
    else:
        ranges = [
            (each.key, each.score, each.score_high)
            for each in result.categories
            if each.score is not None and each.score_high is not None
        ]
    overall = min((low for _, low, _ in ranges), default=None)
    overall_high = min((high for _, _, high in ranges), default=None)
    return (
        (result.overall, result.overall_high) == (overall, overall_high)
        and list(result.limiting) == [key for key, low, _ in ranges if low == overall]
        and list(result.binding) == [key for key, low, high in ranges if low == overall == high]
        and result.settled == (overall == overall_high)
        and result.complete == all(each.complete for each in result.categories)
    )


def drift_is_among_complete(score: Scorer, case: Case) -> bool:
    """Drifting are the complete categories two levels or more above the lowest complete one."""
    result = score(case.rubric, case.values)
    assert isinstance(result, LadderResult)
    complete = {each.key: each.level for each in result.categories if each.complete}
    return list(result.drifting) == [key for key, level in complete.items() if level >= min(complete.values()) + 2]


def heights(result: Result) -> list[Fraction]:
    """Everything that counts upwards, overall first; nothing applicable counts as the lowest."""
    if isinstance(result, LadderResult):
        own = [(each.level, each.level_high, each.index, each.index_high) for each in result.categories]
        overall: tuple[int | Fraction, ...] = (result.overall, result.overall_high, result.overall_index)
        return [Fraction(height) for heights in (overall, *own) for height in heights]
    scores = [height for each in result.categories for height in (each.score, each.score_high)]
    return [Fraction(-1) if height is None else height for height in (result.overall, result.overall_high, *scores)]


def bounds(result: Result) -> list[tuple[Fraction, Fraction]]:
    """Every interval, overall first."""
    flat = heights(result)
    if isinstance(result, PointsResult):
        return list(zip(flat[::2], flat[1::2], strict=True))
    own = [pair for at in range(3, len(flat), 4) for pair in ((flat[at], flat[at + 1]), (flat[at + 2], flat[at + 3]))]
    return [(flat[0], flat[1]), *own]


def blockers(result: Result) -> list[tuple[str, ...]]:
    return [each.blockers for each in result.categories if isinstance(each, LadderCategory)]


def points(result: Result) -> tuple[PointsCategory, ...]:
    assert isinstance(result, PointsResult)
    return result.categories


def with_few_open(case: Case) -> dict[str, Value]:
    """The case's answers with all but a few of the open statements answered."""
    open_keys = [key for key in case.rubric.statements if case.values.get(key, UNKNOWN) is UNKNOWN]
    return {**case.values, **{key: case.others.get(key, NO) for key in open_keys[MOST_OPEN:]}}


def completions(rubric: Rubric, values: Values) -> Iterator[dict[str, Value]]:
    """All ways of giving 0, 1/2 or 1 to what is open."""
    open_keys = [key for key in rubric.statements if values.get(key, UNKNOWN) is UNKNOWN]
    for given in product(DEFINITE, repeat=len(open_keys)):
        yield {**values, **dict(zip(open_keys, given, strict=True))}
