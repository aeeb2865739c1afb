"""Advice by examples: what comes first, and what stands beside it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from app.domain.advice import Question, advice_json, level_up_actions, next_steps, open_questions, way
from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.rubric import Action, Band, Effort, Kind, Rubric, Statement, Story, Subject, Unit
from app.domain.rubric_file import shipped
from app.domain.scoring import score
from tests.domain.strategies import SOURCE, WORDS, points_category
from tests.domain.test_scoring import ladder, people, points_rubric, tools
from tests.pace import spent

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value


def dressed(rubric: Rubric, **changes: dict[str, object]) -> Rubric:
    """The rubric with some fields of some statements changed; keys have _ for -."""

    def change(each: Statement) -> Statement:
        return replace(each, **changes.get(each.key.replace("-", "_"), {}))  # type: ignore[arg-type]

    return replace(
        rubric,
        categories=tuple(
            replace(category, statements=tuple(change(each) for each in category.statements))
            for category in rubric.categories
        ),
    )


def steps(rubric: Rubric, values: dict[str, Value]) -> list[str]:
    return [step.statement for step in next_steps(rubric, values, score(rubric, values))]


def test_binding_categories_come_first() -> None:
    rubric = ladder(tools(), people())
    values = {"nobody": NO, "hired": HALF}

    assert way(rubric, values).waves[0].statements == ("nobody", "hired", "tool-1")
    assert steps(rubric, values) == ["nobody", "hired"]


def test_little_effort_comes_first_but_never_before_what_it_needs() -> None:
    plain = ladder(people(), tools())
    values = {"nobody": NO, "hired": NO, "tool-1": NO}
    by_effort = dressed(plain, hired={"effort": Effort.S}, nobody={"effort": Effort.L})
    by_need = dressed(by_effort, hired={"effort": Effort.S, "needs": ("nobody",)})

    assert steps(plain, values) == ["nobody", "hired", "tool-1"]
    assert steps(by_effort, values) == ["hired", "tool-1", "nobody"]
    assert steps(by_need, values) == ["tool-1", "nobody", "hired"]


def test_what_is_open_is_found_out_and_what_needs_it_waits() -> None:
    rubric = dressed(ladder(people(), tools()), hired={"needs": ("tool-1",)})
    values = {"nobody": NO, "hired": NO, "tool-1": UNKNOWN}

    assert steps(rubric, values) == ["nobody"]
    assert steps(rubric, {**values, "tool-1": YES}) == ["nobody", "hired"]


def test_where_all_is_open_the_steps_are_to_find_out() -> None:
    rubric = ladder(people(), tools())
    found = next_steps(rubric, {}, score(rubric, {}))

    assert [step.statement for step in found] == ["nobody", "hired", "tool-1"]
    assert all(step.find_out and step.action is None for step in found)


def test_an_action_and_a_story_where_they_fit() -> None:
    first, second = (Action(key, f"Do {key}.", ("people",)) for key in ("first", "second"))
    story = Story("One firm did it.", "A publisher 2020", ("hired",))
    plain = ladder(people(), tools())
    rubric = replace(
        plain, levels=(replace(plain.levels[0], actions=(first, second)), *plain.levels[1:]), stories=(story,)
    )
    rubric = dressed(rubric, hired={"asked": "organisation"})
    found = next_steps(rubric, values := {"nobody": NO, "hired": NO, "tool-1": NO}, score(rubric, values))

    assert [step.action for step in found] == [first, second, None]
    assert [step.story for step in found] == [None, story, None]
    assert [step.organisation_wide for step in found] == [False, True, False]
    assert [(step.category, step.lifts_to) for step in found] == [("people", 1), ("people", 1), ("tools", 1)]


def test_actions_of_the_level_for_the_categories_that_limit() -> None:
    rubric = shipped()["gigaom-mlops"]
    actions = level_up_actions(rubric, score(rubric, {}))

    assert [action.key for action in actions] == [action.key for action in rubric.levels[0].actions]
    assert level_up_actions(shipped()["ml-test-score"], score(shipped()["ml-test-score"], {})) == ()


def test_questions_of_low_gates_come_first_then_the_nearest_category() -> None:
    rubric = ladder(people(), tools())
    values = {"trained": YES, "one-absence": NO}

    assert open_questions(rubric, values, score(rubric, values)) == (
        Question("tool-1", "tools", True),
        Question("nobody", "people", True),
        Question("hired", "people", True),
        Question("tool-2", "tools", True),
    )


def test_where_the_level_is_held_no_question_decides() -> None:
    rubric = ladder(people(), tools())
    values = {"nobody": NO}

    assert open_questions(rubric, values, score(rubric, values)) == (
        Question("hired", "people", False),
        Question("tool-1", "tools", False),
    )


def test_questions_of_points_begin_with_the_lowest_score() -> None:
    rubric = points_rubric(Unit.POINTS, 2, 3)
    values = {"c1-s1": YES, "c2-s1": HALF, "c2-s2": NO}

    assert open_questions(rubric, values, score(rubric, values)) == (
        Question("c2-s3", "c2", True),
        Question("c1-s2", "c1", True),
    )


@pytest.mark.parametrize(
    ("efforts", "given", "target", "statements"),
    [
        ("MMM", [NO, NO, NO], Fraction(1, 2), {"c1-s1"}),
        ("LMM", [NO, NO, NO], 1, {"c1-s2"}),
        ("LSS", [NO, NO, NO], 2, {"c1-s2", "c1-s3"}),
        ("MMM", [NO, HALF, HALF], Fraction(5, 2), {"c1-s1", "c1-s2"}),
        ("MMM", [NO, HALF, NO], 1, {"c1-s2"}),
        ("SLM", [NO, HALF, NO], 1, {"c1-s1"}),
        ("MMM", [HALF, HALF, NO], 2, {"c1-s3"}),
        ("SMM", [HALF, HALF, NO], 2, {"c1-s1", "c1-s2"}),
        ("MMM", [None, UNKNOWN, NO], 1, {"c1-s3"}),
        ("MMM", [None, UNKNOWN, NOT_APPLICABLE], 1, {"c1-s1"}),
    ],
)
def test_the_least_effort(efforts: str, given: list[Value | None], target: Fraction, statements: set[str]) -> None:
    changes = {f"c1_s{at}": {"effort": Effort(effort)} for at, effort in enumerate(efforts, 1)}
    rubric = dressed(points_rubric(Unit.POINTS, 3, 3), **changes)  # type: ignore[arg-type]
    values = {f"c1-s{at}": value for at, value in enumerate(given, 1) if value is not None}
    values |= dict.fromkeys(("c2-s1", "c2-s2", "c2-s3"), YES)

    assert set(way(rubric, values, target).waves[0].statements) == statements


def test_the_next_band_of_points() -> None:
    rubric = points_rubric(Unit.POINTS, 2, 3)

    assert way(rubric, {}).target == Fraction(1, 2)
    assert way(rubric, dict.fromkeys(rubric.statements, HALF)).target == 2
    assert advice_json(rubric, dict.fromkeys(rubric.statements, YES)) == {
        "overall": 2,
        "target": 2,
        "waves": [],
        "next": [],
    }


def test_without_a_score_there_is_no_way() -> None:
    rubric = points_rubric(Unit.POINTS, 2, 3)
    values = dict.fromkeys(rubric.statements, NOT_APPLICABLE)

    assert advice_json(rubric, values) == {"overall": None, "target": None, "waves": [], "next": []}


@pytest.mark.parametrize("target", [-1, 4, Fraction(1, 2)])
def test_a_target_beyond_the_levels(target: Fraction) -> None:
    with pytest.raises(Invalid, match="give a level from 0 to 3"):
        way(ladder(people(), tools()), {}, target)


@pytest.mark.parametrize(
    ("unit", "target", "best"), [(Unit.POINTS, 3, 2), (Unit.PERCENT, 101, 100), (Unit.POINTS, -1, 2)]
)
def test_a_target_out_of_reach(unit: Unit, target: int, best: int) -> None:
    with pytest.raises(Invalid, match=f"give a score from 0 to {best}"):
        way(points_rubric(unit, 2, 3), {}, target)


def test_the_largest_rubric_with_crossing_needs_is_advised_in_time() -> None:
    """Beyond LIMIT the effort may not be the least, but the target is reached, needs first."""
    keys = [f"c{category}-s{number}" for number in range(1, 61) for category in range(12)]
    needs = {key: tuple(keys[at * 7 % (at + 1) : at : 97]) for at, key in enumerate(keys)}
    categories = tuple(
        replace(each, statements=tuple(replace(one, needs=needs[one.key]) for one in each.statements))
        for each in (points_category(f"c{number}", 60) for number in range(12))
    )
    bands = (Band(Fraction(-1), "low", ""), Band(Fraction(50), "high", ""))
    rubric = Rubric(
        "big", "Big", Kind.POINTS, "", 5, Subject.MODEL, SOURCE, WORDS, categories, bands=bands, unit=Unit.PERCENT
    )
    with spent() as time:
        (wave,) = way(rubric, {}).waves

    assert time.seconds < 20
    overall = score(rubric, dict.fromkeys(wave.statements, YES)).overall
    assert overall is not None
    assert overall >= wave.to
    assert all(need in wave.statements[:at] for at, key in enumerate(wave.statements) for need in needs[key])


def test_the_levels_of_a_way() -> None:
    rubric = ladder(people(), tools())
    values = {"tool-2": YES, "trained": NOT_APPLICABLE}
    found = way(rubric, values, 3)

    assert [(wave.to, wave.statements) for wave in found.waves] == [
        (1, ("nobody", "hired", "tool-1")),
        (2, ()),
        (3, ("sponsor", "one-absence", "tool-3")),
    ]
