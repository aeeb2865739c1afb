"""What a new version does to results: the same as carrying the answers onto it, and through which statements."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.carrying import CarriedAnswer, carried_forward, what_changed
from app.domain.impact import effect, kept, version_change
from app.domain.rubric import Category, Rubric, Statement, StatementKind
from app.domain.rubric_file import shipped
from app.domain.scoring import pick, score
from app.domain.sheets import SavedAnswer
from app.domain.sheets import values as values_of
from tests.domain.strategies import calm, ladders, points_rubrics, values

MATURITY = shipped()["gigaom-mlops"]


def picked(level: int) -> dict[str, Value]:
    return {key: value for category in MATURITY.categories for key, value in pick(category, level).items()}


def with_statement(rubric: Rubric, statement: Statement) -> Rubric:
    """The rubric with this statement in the place of the one with its key."""

    def changed(category: Category) -> Category:
        same = tuple(statement if each.key == statement.key else each for each in category.statements)
        return replace(category, statements=same)

    return replace(rubric, categories=tuple(changed(category) for category in rubric.categories))


def test_it_works() -> None:
    """A practice of the next level is asked for a level earlier: teams that lack it fall, and through nothing else."""
    practice = next(
        each for each in MATURITY.statements.values() if each.gate == 3 and each.kind is StatementKind.PRACTICE
    )
    stricter = with_statement(MATURITY, replace(practice, level=2, gate=2))
    change = version_change(MATURITY, stricter)

    fallen, stayed = (effect(MATURITY, stricter, change, picked(level)) for level in (2, 3))

    assert (fallen.step, fallen.through) == (-1, (practice.key,))
    assert (stayed.step, stayed.through) == (0, ())
    assert change.look_again == {practice.key: ("level", "gate")}
    assert effect(stricter, MATURITY, version_change(stricter, MATURITY), picked(2)).through == (practice.key,)


def test_a_practice_that_becomes_a_gap_is_asked_again() -> None:
    practice = next(each for each in MATURITY.statements.values() if each.gate == 2 and each.level == 2)
    turned = with_statement(MATURITY, replace(practice, kind=StatementKind.GAP, level=1))
    change = version_change(MATURITY, turned)

    assert change.asked_again == (practice.key,)
    assert practice.key not in change.look_again
    assert effect(MATURITY, turned, change, picked(2)).through == (practice.key,)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Rubric, Rubric, Mapping[str, Value]]:
    """A ladder, another version of it, and answers to the first."""
    old = draw(ladders())
    new, top = old, len(old.levels) - 1
    for key in draw(st.lists(st.sampled_from([*old.statements]), max_size=4)):
        gate = draw(st.integers(1, top))
        level = draw(st.integers(0, gate))
        kind = StatementKind.PRACTICE if level == gate else StatementKind.GAP
        new = with_statement(new, replace(new.statements[key], kind=kind, level=level, gate=gate))
    if draw(st.booleans()):
        first = new.categories[0]
        added = replace(first.statements[0], key="entirely-new")
        others = first.statements[draw(st.integers(0, 1)) :]
        new = replace(new, categories=(replace(first, statements=(*others, added)), *new.categories[1:]))
    return old, new, draw(values(old))


@calm
@given(versions())
def test_it_is_what_carrying_the_answers_comes_to(drawn: tuple[Rubric, Rubric, Mapping[str, Value]]) -> None:
    old, new, given_values = drawn
    answers = {key: CarriedAnswer(SavedAnswer(value, "A reason.")) for key, value in given_values.items()}

    forward = carried_forward(new, what_changed(old, new), answers, 1)
    onto = values_of({key: each.answer for key, each in forward.items()})

    assert score(new, kept(version_change(old, new), given_values)) == score(new, onto)


@calm
@given(versions())
def test_who_falls_does_so_through_what_is_named(drawn: tuple[Rubric, Rubric, Mapping[str, Value]]) -> None:
    """Were the statements met through which a team falls, its overall level would be another one; so with a rise."""
    old, new, given_values = drawn
    change = version_change(old, new)
    found = effect(old, new, change, given_values)
    assert found.before
    assert found.after

    if found.step == 0:
        assert found.through == ()
    elif found.step < 0:
        met = {**kept(change, given_values), **dict.fromkeys(found.through, Value.YES)}
        assert score(new, met).overall > found.after.overall  # type: ignore[operator] # a ladder has a level always
    else:
        met = {**given_values, **dict.fromkeys(found.through, Value.YES)}
        assert score(old, met).overall > found.before.overall  # type: ignore[operator] # as above


@calm
@given(points_rubrics(), st.data())
def test_points(rubric: Rubric, data: st.DataObject) -> None:
    given_values = data.draw(values(rubric))

    found = effect(rubric, rubric, version_change(rubric, rubric), given_values)

    assert (found.before, found.through, found.step) == (found.after, (), 0)


@calm
@given(versions())
def test_every_statement_is_kept_asked_again_new_or_gone(drawn: tuple[Rubric, Rubric, Mapping[str, Value]]) -> None:
    old, new, _ = drawn
    change = version_change(old, new)

    assert {*change.new, *change.gone} == old.statements.keys() ^ new.statements.keys()
    assert not {*change.look_again} & {*change.asked_again, *change.new, *change.gone}
