"""The rules of advice hold in every case, and each finds the fault planted for it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from app.domain.advice import Wave, Way, next_steps, open_questions, way
from app.domain.answers import MET, OPEN
from app.domain.rubric import Rubric
from app.domain.scoring import score
from tests.domain import advice_properties as rules
from tests.domain.advice_properties import BOTH, LADDERS, POINTS, Adviser, deciding
from tests.domain.scoring_properties import YES, Case, Values

Rule = Callable[[Adviser, Case], bool]

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def default(rubric: Rubric, values: Values) -> Way:
    return way(rubric, values)


def to_the_top(rubric: Rubric, values: Values) -> Way:
    return way(rubric, values, rubric.top)


RULES: list[tuple[Rule, Adviser, st.SearchStrategy[Case]]] = [
    (rules.waves_are_what_the_target_takes, default, LADDERS),
    (rules.waves_are_what_the_target_takes, to_the_top, LADDERS),
    (rules.wave_after_wave_reaches_its_level, default, LADDERS),
    (rules.wave_after_wave_reaches_its_level, to_the_top, LADDERS),
    (rules.needs_come_first, default, BOTH),
    (rules.needs_come_first, to_the_top, LADDERS),
    (rules.only_the_unmet_is_advised, default, BOTH),
    (rules.the_effort_is_least, default, POINTS),
    (rules.the_target_is_the_next_band, default, POINTS),
]
NAMES = [f"{rule.__name__}: {adviser.__name__}" for rule, adviser, _ in RULES]


@pytest.mark.parametrize(("rule", "adviser", "cases"), RULES, ids=NAMES)
def test_it_holds(rule: Rule, adviser: Adviser, cases: st.SearchStrategy[Case]) -> None:
    check(rule, adviser, cases, 40)


@pytest.mark.long
@pytest.mark.parametrize(("rule", "adviser", "cases"), RULES, ids=NAMES)
def test_it_holds_long(rule: Rule, adviser: Adviser, cases: st.SearchStrategy[Case]) -> None:
    check(rule, adviser, cases, 300)


def check(rule: Rule, adviser: Adviser, cases: st.SearchStrategy[Case], examples: int) -> None:
    @settings(calm, max_examples=examples)
    @given(case=cases)
    def always(case: Case) -> None:
        assert rule(adviser, case)

    always()


@settings(calm, max_examples=60)
@given(case=BOTH)
def test_steps_can_be_built_at_once(case: Case) -> None:
    result = score(case.rubric, case.values)
    found = way(case.rubric, case.values)
    steps = next_steps(case.rubric, case.values, result)
    keys = [step.statement for step in steps]

    assert len(keys) <= 3
    assert bool(keys) == bool(found.waves)
    assert all(key in found.waves[0].statements for key in keys)
    assert all(step.find_out == (case.values.get(step.statement) in OPEN) for step in steps)
    assert len({step.find_out for step in steps}) <= 1
    for at, step in enumerate(steps):
        needs = [need for need in case.rubric.statements[step.statement].needs if case.values.get(need) not in MET]
        assert step.find_out or set(needs) <= set(keys[:at])


@settings(calm, max_examples=50)
@given(case=BOTH)
def test_questions_that_decide_are_those_that_can_change_the_result(case: Case) -> None:
    few_open, changing = deciding(case)
    result = score(case.rubric, few_open)
    questions = open_questions(case.rubric, few_open, result)

    assert {each.statement for each in questions if each.decides} == changing
    assert all(few_open.get(each.statement) in OPEN for each in questions)
    assert len({each.statement for each in questions}) == len(questions)
    assert bool(changing) != result.settled


def last_left_out(rubric: Rubric, values: Values) -> Way:
    return changed(way(rubric, values), lambda keys: keys[:-1])


def one_too_many(rubric: Rubric, values: Values) -> Way:
    """Adds what is not needed for the target."""
    done = [key for key in rubric.statements if values.get(key) in MET]
    return changed(way(rubric, values), lambda keys: (*keys, *done[:1]))


def backwards(rubric: Rubric, values: Values) -> Way:
    return changed(way(rubric, values), lambda keys: keys[::-1])


def all_at_once(rubric: Rubric, values: Values) -> Way:
    """Puts the whole way into its last wave."""
    found = to_the_top(rubric, values)
    keys = tuple(key for wave in found.waves for key in wave.statements)
    return Way(found.target, tuple(Wave(wave.to, keys) for wave in found.waves[-1:]))


def known_only(rubric: Rubric, values: Values) -> Way:
    """Forgets that what is open counts as unmet."""
    found = way(rubric, values)
    return changed(found, lambda keys: tuple(key for key in keys if values.get(key) not in OPEN))


def without_effort(rubric: Rubric, values: Values) -> Way:
    """Counts statements instead of their effort."""
    categories = tuple(
        replace(category, statements=tuple(replace(each, effort=None) for each in category.statements))
        for category in rubric.categories
    )
    return way(replace(rubric, categories=categories), values)


def greedy(rubric: Rubric, values: Values) -> Way:
    """Takes one statement after the other until the target is reached."""
    found = way(rubric, values)
    keys: list[str] = []
    for key in rubric.statements:
        overall = score(rubric, {**values, **dict.fromkeys(keys, YES)}).overall
        if found.target is not None and overall is not None and overall < found.target and values.get(key) not in MET:
            keys.append(key)
    return changed(found, lambda _: tuple(keys))


def without_needs(rubric: Rubric, values: Values) -> Way:
    categories = tuple(
        replace(category, statements=tuple(replace(each, needs=()) for each in category.statements))
        for category in rubric.categories
    )
    return way(replace(rubric, categories=categories), values)


def a_band_too_high(rubric: Rubric, values: Values) -> Way:
    """Goes for the highest score at once."""
    return way(replace(rubric, bands=rubric.bands[:1]), values)


def changed(found: Way, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Way:
    return replace(found, waves=tuple(replace(wave, statements=change(wave.statements)) for wave in found.waves))


FAULTS: list[tuple[Adviser, Rule, st.SearchStrategy[Case]]] = [
    (last_left_out, rules.waves_are_what_the_target_takes, LADDERS),
    (one_too_many, rules.waves_are_what_the_target_takes, LADDERS),
    (known_only, rules.waves_are_what_the_target_takes, LADDERS),
    (last_left_out, rules.wave_after_wave_reaches_its_level, LADDERS),
    (one_too_many, rules.wave_after_wave_reaches_its_level, LADDERS),
    (all_at_once, rules.wave_after_wave_reaches_its_level, LADDERS),
    (backwards, rules.needs_come_first, LADDERS),
    (without_needs, rules.needs_come_first, POINTS),
    (one_too_many, rules.only_the_unmet_is_advised, POINTS),
    (without_effort, rules.the_effort_is_least, POINTS),
    (greedy, rules.the_effort_is_least, POINTS),
    (last_left_out, rules.the_effort_is_least, POINTS),
    (a_band_too_high, rules.the_target_is_the_next_band, POINTS),
]


@pytest.mark.parametrize(
    ("fault", "rule", "cases"), FAULTS, ids=[f"{fault.__name__}: {rule.__name__}" for fault, rule, _ in FAULTS]
)
def test_a_planted_fault_is_found(fault: Adviser, rule: Rule, cases: st.SearchStrategy[Case]) -> None:
    """Raises NoSuchExample, and fails, where the rule does not see the fault."""
    patient = settings(calm, max_examples=1000, phases=(Phase.generate,), derandomize=True, database=None)

    counterexample = find(cases, lambda case: not rule(fault, case), settings=patient)

    assert rule(default, counterexample)


def test_every_rule_has_a_fault() -> None:
    assert {rule for rule, _, _ in RULES} == {rule for _, rule, _ in FAULTS}
