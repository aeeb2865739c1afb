"""What must be true of advice in every case: rules that take the adviser, so that a fault can be planted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from hypothesis import strategies as st

from app.domain.advice import Way
from app.domain.answers import Value
from app.domain.rubric import Effort, Rubric, Statement
from app.domain.scoring import score, score_points
from tests.domain.scoring_properties import HALF, NOT_APPLICABLE, UNKNOWN, YES, Case, Values, completions, with_few_open
from tests.domain.strategies import ladders, points_rubrics, values

Adviser = Callable[[Rubric, Values], Way]

WEIGHT: Mapping[Effort | None, Fraction] = {
    Effort.S: Fraction(1),
    Effort.M: Fraction(2),
    Effort.L: Fraction(3),
    None: Fraction(2),
}
MOST_UNDONE = 9  # 512 sets to try


@st.composite
def dressed(draw: st.DrawFn, rubrics: st.SearchStrategy[Rubric]) -> Rubric:
    """A rubric with efforts, and with needs across categories: always of what comes earlier in a shuffle."""
    rubric = draw(rubrics)
    shuffled = draw(st.permutations(list(rubric.statements.values())))
    dress: dict[str, Statement] = {}
    for statement in shuffled:
        possible = [key for key, each in dress.items() if (each.gate or 0) <= (statement.gate or 0)]
        needs: set[str] = draw(st.sets(st.sampled_from(possible), max_size=2)) if possible else set()
        effort = draw(st.sampled_from((None, *Effort)))
        dress[statement.key] = replace(statement, needs=tuple(sorted(needs)), effort=effort)
    categories = [
        replace(category, statements=tuple(dress[each.key] for each in category.statements))
        for category in rubric.categories
    ]
    return replace(rubric, categories=tuple(categories))


@st.composite
def cases(draw: st.DrawFn, rubrics: st.SearchStrategy[Rubric]) -> Case:
    rubric = draw(dressed(rubrics))
    return Case(rubric, draw(values(rubric)), {})


LADDERS, POINTS = cases(ladders()), cases(points_rubrics())
BOTH = st.one_of(LADDERS, POINTS)


def unmet(rubric: Rubric, values: Values) -> list[str]:
    return [key for key in rubric.statements if values.get(key) not in (YES, NOT_APPLICABLE)]


def met(values: Values, keys: Iterable[str]) -> dict[str, Value]:
    return {**values, **dict.fromkeys(keys, YES)}


def waves_are_what_the_target_takes(adviser: Adviser, case: Case) -> bool:
    """The union of the waves is exactly the unmet statements up to the target's gate; none comes twice."""
    found = adviser(case.rubric, case.values)
    keys = [key for wave in found.waves for key in wave.statements]
    gates = {key: case.rubric.statements[key].gate or 0 for key in unmet(case.rubric, case.values)}
    taken = [key for key, gate in gates.items() if found.target is not None and gate <= found.target]
    reached = score(case.rubric, case.values).overall
    return sorted(keys) == sorted(taken if found.target != reached else [])


def wave_after_wave_reaches_its_level(adviser: Adviser, case: Case) -> bool:
    """One wave for each level on the way; each wave, once met, gives its level, and without any one statement not."""
    now: Values = case.values
    found = adviser(case.rubric, now)
    start = score(case.rubric, now).overall
    assert isinstance(start, int)
    assert found.target is not None
    if [wave.to for wave in found.waves] != list(range(start + 1, int(found.target) + 1)):
        return False
    for wave in found.waves:
        if any(overall(case.rubric, met(now, set(wave.statements) - {key})) >= wave.to for key in wave.statements):
            return False
        now = met(now, wave.statements)
        if overall(case.rubric, now) < wave.to:
            return False
    return True


def needs_come_first(adviser: Adviser, case: Case) -> bool:
    """No statement comes before one that it needs and that is not met."""
    missing = set(unmet(case.rubric, case.values))
    for wave in adviser(case.rubric, case.values).waves:
        for key in wave.statements:
            if missing & set(case.rubric.statements[key].needs):
                return False
            missing.discard(key)
    return True


def only_the_unmet_is_advised(adviser: Adviser, case: Case) -> bool:
    """Nothing that is met or does not apply is on the way."""
    found = adviser(case.rubric, case.values)
    return {key for wave in found.waves for key in wave.statements} <= set(unmet(case.rubric, case.values))


def the_effort_is_least(adviser: Adviser, case: Case) -> bool:
    """The one wave of points reaches the target, and no set that keeps to the needs does so for less."""
    few = with_few_undone(case)
    found = adviser(case.rubric, few)
    if not found.waves:
        return found.target is None or overall(case.rubric, few) >= found.target
    (wave,) = found.waves
    assert found.target is not None
    least = min(
        effort(case.rubric, few, keys)
        for keys in closed_sets(case.rubric, few)
        if overall(case.rubric, met(few, keys)) >= found.target
    )
    reached = overall(case.rubric, met(few, wave.statements)) >= found.target
    return reached and effort(case.rubric, few, wave.statements) == least


def the_target_is_the_next_band(adviser: Adviser, case: Case) -> bool:
    """The target is the least overall score in another band that any answers to what applies could give."""
    few = with_few_undone(case)
    now, target = score_points(case.rubric, few), adviser(case.rubric, few).target
    if now.overall is None:
        return target is None
    possible = {height for each in now.categories for height in grid(case.rubric, each.needed, each.not_applicable)}
    highest = overall(case.rubric, met(few, unmet(case.rubric, few)))
    bands = [each.above for each in case.rubric.bands if each.above >= now.overall]
    above = [height for height in possible if bands and bands[0] < height <= highest]
    return target == min(above, default=highest)


def grid(rubric: Rubric, statements: int, not_applicable: int) -> Iterator[Fraction]:
    """Every score that a category of this size can have."""
    applicable = statements - not_applicable
    most = 100 if rubric.unit == "percent" else statements
    return (Fraction(halves * most, 2 * applicable) for halves in range(2 * applicable + 1) if applicable)


def closed_sets(rubric: Rubric, values: Values) -> Iterator[tuple[str, ...]]:
    """All sets of unmet statements with what they need."""
    missing = unmet(rubric, values)
    for count in range(len(missing) + 1):
        for keys in combinations(missing, count):
            if all(need in keys for key in keys for need in rubric.statements[key].needs if need in missing):
                yield keys


def effort(rubric: Rubric, values: Values, keys: Iterable[str]) -> Fraction:
    """S 1, M 2, L 3, not given as M; half of it for what is half done."""
    weights = [(WEIGHT[rubric.statements[key].effort], values.get(key) is HALF) for key in keys]
    return sum((weight / 2 if half else weight for weight, half in weights), Fraction(0))


def overall(rubric: Rubric, values: Values) -> Fraction:
    found = score(rubric, values).overall
    return Fraction(-1) if found is None else Fraction(found)


def with_few_undone(case: Case) -> dict[str, Value]:
    """The case's answers with all but a few statements met."""
    return met(case.values, unmet(case.rubric, case.values)[MOST_UNDONE:])


def deciding(case: Case) -> tuple[dict[str, Value], set[str]]:
    """The case with few open answers, and by trying all: which of them can change the overall level or score."""
    few_open = with_few_open(case)
    found = set()
    for key in [key for key in case.rubric.statements if few_open.get(key, UNKNOWN) is UNKNOWN]:
        without = {other: value for other, value in few_open.items() if other != key} | {key: Value.NO}
        if any(
            overall(case.rubric, way) != overall(case.rubric, {**way, key: YES})
            for way in completions(case.rubric, without)
        ):
            found.add(key)
    return few_open, found
