"""Answers on their way into the next cycle and the next version, and the two levels of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.carrying import (
    EARLIER,
    CarriedAnswer,
    TwoResults,
    as_carried,
    as_saved,
    carried_forward,
    same_question,
    two_results,
    what_changed,
)
from app.domain.results import LadderResult, Result
from app.domain.rubric import AnswerWord, Category, Kind, Rubric, StatementKind, Subject
from app.domain.scoring import score
from app.domain.sheets import Change, SavedAnswer, confirmed, merge, values
from tests.domain.faults import check, check_found
from tests.domain.scoring_properties import heights
from tests.domain.strategies import SOURCE, WORDS, level, statement
from tests.domain.versions import Versions, versions

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value
GAP, PRACTICE = StatementKind.GAP, StatementKind.PRACTICE
SPRING, AUTUMN = 3, 4

KEYS = ("hired", "nobody", "trained")
PEOPLE = Category(
    "people",
    "People",
    "Who?",
    (statement("hired", PRACTICE, 1, 1), statement("nobody", GAP, 0, 1), statement("trained", PRACTICE, 2, 2)),
)
TOOLS = Category("tools", "Tools", "With?", (statement("tool-1", PRACTICE, 1, 1), statement("tool-2", PRACTICE, 2, 2)))
OLD = Rubric(
    "steps",
    "Steps",
    Kind.LADDER,
    "What.",
    5,
    Subject.TEAM,
    SOURCE,
    WORDS,
    (PEOPLE, TOOLS),
    WORDS,
    tuple(level(each, "people") for each in range(3)),
)


def with_statement(key: str, **fields: object) -> Rubric:
    """The rubric with another such statement."""
    people = tuple(replace(each, **fields) if each.key == key else each for each in PEOPLE.statements)  # type: ignore[arg-type]
    return replace(OLD, categories=(replace(PEOPLE, statements=people), TOOLS))


HIRED, *OTHERS = PEOPLE.statements
MOVED = replace(
    OLD,
    categories=(replace(PEOPLE, statements=tuple(OTHERS)), replace(TOOLS, statements=(*TOOLS.statements, HIRED))),
)
OTHER_WORDS = (*WORDS[:2], AnswerWord(Fraction(1), "Wholly"))


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (OLD, {}),
        (with_statement("hired", text="Another fact."), {"hired": ("text",)}),
        (with_statement("hired", help="What it means."), {"hired": ("help",)}),
        (
            with_statement("hired", proof="A list.", enough="Names.", not_enough="A wish."),
            {"hired": ("proof", "enough", "not_enough")},
        ),
        (with_statement("hired", asked="organisation"), {"hired": ("asked",)}),
        (with_statement("hired", gate=2, level=2), {"hired": ("level", "gate")}),
        (with_statement("hired", kind=GAP), {"hired": ("kind",)}),
        (with_statement("hired", do="Do it.", needs=("trained",), effort=None, criteria=("automation",)), {}),
        (MOVED, {"hired": ("category",)}),
        (replace(OLD, gap_answers=OTHER_WORDS), {"nobody": ("answers",)}),
        (
            replace(OLD, answers=OTHER_WORDS),
            dict.fromkeys(("hired", "trained", "tool-1", "tool-2"), ("answers",)),
        ),
        (replace(OLD, title="New", categories=(TOOLS, PEOPLE)), {}),
        (replace(OLD, categories=(TOOLS,)), {}),
    ],
)
def test_what_makes_a_statement_another(new: Rubric, found: dict[str, tuple[str, ...]]) -> None:
    assert what_changed(OLD, new) == found


def test_an_answer_to_a_practice_is_none_to_a_gap() -> None:
    assert same_question(OLD, with_statement("hired", text="Another fact.", gate=2), "hired")
    assert not same_question(OLD, with_statement("hired", kind=GAP), "hired")
    assert not same_question(OLD, replace(OLD, categories=(TOOLS,)), "hired")
    assert not same_question(replace(OLD, categories=(TOOLS,)), OLD, "hired")


def carry(old: Rubric, new: Rubric, answers: Mapping[str, CarriedAnswer], cycle: int) -> dict[str, CarriedAnswer]:
    return carried_forward(new, what_changed(old, new), answers, cycle)


ANSWER = SavedAnswer(YES, "", "We are three.", 17)


@pytest.mark.parametrize(
    ("new", "before", "after"),
    [
        (OLD, CarriedAnswer(ANSWER), CarriedAnswer(ANSWER, AUTUMN)),
        (OLD, CarriedAnswer(ANSWER, SPRING), CarriedAnswer(ANSWER, SPRING)),
        (with_statement("hired", gate=2), CarriedAnswer(ANSWER), CarriedAnswer(ANSWER, AUTUMN, ("gate",))),
        (
            with_statement("hired", gate=2, text="Other."),
            CarriedAnswer(ANSWER, SPRING, ("proof", "text")),
            CarriedAnswer(ANSWER, SPRING, ("proof", "text", "gate")),
        ),
        (
            with_statement("hired", kind=GAP),
            CarriedAnswer(ANSWER),
            CarriedAnswer(SavedAnswer(note="We are three."), AUTUMN, ("kind",)),
        ),
        (with_statement("hired", kind=GAP), CarriedAnswer(SavedAnswer(NOT_APPLICABLE, "why")), None),
        (replace(OLD, categories=(TOOLS,)), CarriedAnswer(ANSWER), None),
        (OLD, CarriedAnswer(SavedAnswer()), None),
        (
            OLD,
            CarriedAnswer(SavedAnswer(NOT_APPLICABLE, "why")),
            CarriedAnswer(SavedAnswer(NOT_APPLICABLE, "why"), AUTUMN),
        ),
    ],
)
def test_an_answer_is_carried(new: Rubric, before: CarriedAnswer, after: CarriedAnswer | None) -> None:
    forward = carry(OLD, new, {"hired": before}, AUTUMN)

    assert forward == ({} if after is None else {"hired": after})
    assert all(each.answer.version == 0 for each in forward.values())


def test_confirming_and_answering_anew() -> None:
    waiting = CarriedAnswer(ANSWER, SPRING, ("text",))

    assert waiting.waits
    saved = as_saved(waiting)
    assert (saved.waits, saved.carried_from, saved.look_again) == (True, SPRING, True)
    assert as_carried(saved) == CarriedAnswer(ANSWER, SPRING, EARLIER)
    assert confirmed(saved) == ANSWER
    assert values({"hired": saved}) == {}
    assert merge("hired", Change(HALF), saved, saved) == SavedAnswer(HALF, "", ANSWER.note)
    assert merge("hired", Change(ANSWER.value), saved, saved) == ANSWER
    assert merge("hired", Change(None), saved, saved) == SavedAnswer(None, "", ANSWER.note)
    assert merge("hired", Change(note="Four."), saved, saved) == replace(saved, note="Four.")


def test_a_note_alone_needs_no_confirming() -> None:
    note = CarriedAnswer(SavedAnswer(note="Only a note."), SPRING)
    assert not note.waits
    assert as_saved(note) == SavedAnswer(note="Only a note.")


def test_two_levels_until_all_is_confirmed() -> None:
    first = {
        key: CarriedAnswer(SavedAnswer(YES), SPRING if key == "hired" else None) for key in (*KEYS, "tool-1", "tool-2")
    }
    found = two_results(OLD, first)

    assert (found.carried.overall, found.confirmed.overall, found.confirmed.overall_high) == (2, 0, 2)
    then = two_results(OLD, first | {"hired": CarriedAnswer(first["hired"].answer)})
    assert then.carried == then.confirmed == found.carried


Carrying = Callable[[Rubric, Rubric, Mapping[str, CarriedAnswer], int], dict[str, CarriedAnswer]]


@dataclass(frozen=True)
class Case:
    versions: Versions
    answers: Mapping[str, CarriedAnswer]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A sheet of the old version, some of its answers from older cycles."""
    both = draw(versions())
    answers = {
        key: CarriedAnswer(
            SavedAnswer(value, "why" if value is NOT_APPLICABLE else "", draw(st.sampled_from(["", "A note."])), 5),
            draw(st.sampled_from([None, None, 1, 2])),
        )
        for key, value in both.old_values.items()
    }
    return Case(both, answers)


def nothing_is_lost_or_made_up(carrying: Carrying, case: Case) -> bool:
    """What both versions ask alike keeps its answer; nothing else has a value, and no note of theirs is lost."""
    old, new = case.versions.old, case.versions.new
    forward = carrying(old, new, case.answers, AUTUMN)
    for key in old.statements.keys() | new.statements.keys():
        before, after = case.answers.get(key), forward.get(key)
        alike = key in old.statements and key in new.statements
        alike = alike and old.statements[key].kind is new.statements[key].kind
        if alike and (before and before.answer) != (after and after.answer):
            return False
        if not alike and after and after.answer.value is not None:
            return False
        if before and key in new.statements and before.answer.note and (not after or not after.answer.note):
            return False
    return set(forward) <= set(new.statements)


def nothing_counts_as_confirmed(carrying: Carrying, case: Case) -> bool:
    """Each says since when nobody has confirmed it: the cycle it comes from, or an older one."""
    forward = carrying(case.versions.old, case.versions.new, case.answers, AUTUMN)
    return all(each.since == (case.answers[key].since or AUTUMN) for key, each in forward.items())


def what_reads_otherwise_is_looked_at(carrying: Carrying, case: Case) -> bool:
    """Whoever answered another text, proof, help, kind or gate is asked again, and nobody for advice alone."""
    old, new = case.versions.old.statements, case.versions.new.statements
    for key, each in carrying(case.versions.old, case.versions.new, case.answers, AUTUMN).items():
        was, now = old[key], new[key]
        same = (was.text, was.proof, was.help, was.kind, was.gate) == (
            now.text,
            now.proof,
            now.help,
            now.kind,
            now.gate,
        )
        if same == bool(each.look_again):
            return False
    return True


def by_place(old: Rubric, new: Rubric, answers: Mapping[str, CarriedAnswer], cycle: int) -> dict[str, CarriedAnswer]:
    """Maps statements by where they stand."""
    places = dict(zip(old.statements, new.statements, strict=False))
    return carry(old, new, {places[key]: each for key, each in answers.items() if key in places}, cycle)


def as_confirmed(
    old: Rubric, new: Rubric, answers: Mapping[str, CarriedAnswer], cycle: int
) -> dict[str, CarriedAnswer]:
    return {key: replace(each, since=None) for key, each in carry(old, new, answers, cycle).items()}


def any_kind(old: Rubric, new: Rubric, answers: Mapping[str, CarriedAnswer], cycle: int) -> dict[str, CarriedAnswer]:
    """Takes an answer to a practice for one to a gap."""
    return carried_forward(new, {}, answers, cycle)


def forgetting(old: Rubric, new: Rubric, answers: Mapping[str, CarriedAnswer], cycle: int) -> dict[str, CarriedAnswer]:
    """Takes every answer for one of the last cycle."""
    return carry(old, new, {key: replace(each, since=None) for key, each in answers.items()}, cycle)


RULES = (nothing_is_lost_or_made_up, nothing_counts_as_confirmed, what_reads_otherwise_is_looked_at)


@pytest.mark.parametrize("rule", RULES)
def test_carrying_holds(rule: Callable[[Carrying, Case], bool]) -> None:
    check(rule, carry, cases())


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (by_place, nothing_is_lost_or_made_up),
        (any_kind, nothing_is_lost_or_made_up),
        (as_confirmed, nothing_counts_as_confirmed),
        (forgetting, nothing_counts_as_confirmed),
        (any_kind, what_reads_otherwise_is_looked_at),
    ],
)
def test_a_fault_in_carrying_is_found(fault: Carrying, rule: Callable[[Carrying, Case], bool]) -> None:
    check_found(rule, fault, carry, cases())


Reading = Callable[[Rubric, Mapping[str, CarriedAnswer]], TwoResults]


def confirmed_is_never_above_carried(reading: Reading, case: Case) -> bool:
    """Overall and category by category, wherever there is a height at all: nothing applicable is above all."""
    found = reading(case.versions.old, case.answers)
    return all(low <= high for low, high in zip(plain(found.confirmed), plain(found.carried), strict=True))


def plain(result: Result) -> list[Fraction]:
    """Heights with open answers as 0; what does not apply at all is above all others."""
    found = [Fraction(1000) if height == -1 else height for height in heights(result)]
    if isinstance(result, LadderResult):
        return [height for at, height in enumerate(found) if at in (0, 2) or (at > 2 and (at - 3) % 4 in (0, 2))]
    return found[::2]


def what_nobody_confirmed_is_open(reading: Reading, case: Case) -> bool:
    left = {key: each.answer for key, each in case.answers.items() if each.since is None}
    found = reading(case.versions.old, case.answers)
    everything = values({key: each.answer for key, each in case.answers.items()})
    return found == TwoResults(score(case.versions.old, everything), score(case.versions.old, values(left)))


def turned_round(rubric: Rubric, answers: Mapping[str, CarriedAnswer]) -> TwoResults:
    found = two_results(rubric, answers)
    return TwoResults(found.confirmed, found.carried)


def doubted_are_met(rubric: Rubric, answers: Mapping[str, CarriedAnswer]) -> TwoResults:
    """Takes what nobody confirmed for what does not apply."""
    doubted = {
        key: each if each.confirmed else CarriedAnswer(SavedAnswer(NOT_APPLICABLE)) for key, each in answers.items()
    }
    return TwoResults(two_results(rubric, answers).carried, two_results(rubric, doubted).carried)


def all_believed(rubric: Rubric, answers: Mapping[str, CarriedAnswer]) -> TwoResults:
    carried = two_results(rubric, answers).carried
    return TwoResults(carried, carried)


@pytest.mark.parametrize("rule", [confirmed_is_never_above_carried, what_nobody_confirmed_is_open])
def test_two_results_hold(rule: Callable[[Reading, Case], bool]) -> None:
    check(rule, two_results, cases())


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (turned_round, confirmed_is_never_above_carried),
        (doubted_are_met, confirmed_is_never_above_carried),
        (all_believed, what_nobody_confirmed_is_open),
    ],
)
def test_a_fault_in_two_results_is_found(fault: Reading, rule: Callable[[Reading, Case], bool]) -> None:
    check_found(rule, fault, two_results, cases())
