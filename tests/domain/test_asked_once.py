"""Answers given above the teams: whose counts, what follows from a change, and objections."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.asked_once import (
    ORGANISATION,
    Consequence,
    Counted,
    GivenAbove,
    Objection,
    TakenOver,
    asked_of_organisation,
    consequence,
    mark,
    nearest,
    objection,
    stands,
    taken_over,
    with_taken_over,
)
from app.domain.errors import Invalid
from app.domain.rubric import Category, Kind, Rubric, Subject
from app.domain.rubric_file import shipped
from app.domain.sheets import SavedAnswer
from tests.domain.faults import check, check_found
from tests.domain.strategies import SOURCE, WORDS, statement

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value

STRATEGY = Category(
    "strategy", "Strategy", "Who?", (replace(statement("sponsor"), asked="organisation"), statement("hired"))
)
SUMS = Rubric("sums", "Sums", Kind.POINTS, "What.", 5, Subject.TEAM, SOURCE, WORDS, (STRATEGY,))

OWN = SavedAnswer(HALF, "", "We believe so.")
WHOLE = GivenAbove(ORGANISATION, SavedAnswer(YES, "", "The board said so."))
UNIT = GivenAbove("/3/", SavedAnswer(NO))
BELOW = GivenAbove("/3/17/", SavedAnswer(UNKNOWN))
BESIDE = GivenAbove("/31/", SavedAnswer(HALF))
NOTE_ONLY = GivenAbove("/3/17/", SavedAnswer(None, "", "To be asked."))


@pytest.mark.parametrize(
    ("given", "path", "found"),
    [
        ([], "/3/17/", None),
        ([WHOLE], "/3/17/", WHOLE),
        ([WHOLE, UNIT, BELOW], "/3/17/", BELOW),
        ([BELOW, UNIT, WHOLE], "/3/17/4/", BELOW),
        ([WHOLE, UNIT, BELOW], "/3/18/", UNIT),
        ([WHOLE, UNIT, BELOW], "/3/", UNIT),
        ([WHOLE, UNIT, BELOW], "/31/", WHOLE),
        ([UNIT, BELOW], "/31/", None),
        ([BESIDE, NOTE_ONLY], "/3/17/", None),
        ([UNIT, NOTE_ONLY], "/3/17/", UNIT),
    ],
)
def test_the_nearest_answer_above_counts(given: list[GivenAbove], path: str, found: GivenAbove | None) -> None:
    assert nearest(given, path) == found
    assert taken_over(OWN, given, path) == TakenOver(found.answer if found else OWN, found)


def test_a_teams_answers_as_they_are_scored() -> None:
    own = {"sponsor": OWN, "hired": SavedAnswer(YES)}
    given = {"sponsor": [WHOLE], "hired": [WHOLE], "gone": [WHOLE]}

    assert asked_of_organisation(SUMS) == ("sponsor",)
    assert with_taken_over(SUMS, own, given, "/3/") == {"sponsor": WHOLE.answer, "hired": SavedAnswer(YES)}
    assert with_taken_over(SUMS, {}, {"sponsor": [WHOLE]}, "/3/") == {"sponsor": WHOLE.answer}
    assert with_taken_over(SUMS, own, {"sponsor": [UNIT]}, "/31/") == own
    assert with_taken_over(SUMS, own, {}, "/3/") == own


def test_the_mark_moves_with_what_counts_alone() -> None:
    noted = replace(WHOLE, answer=replace(WHOLE.answer, note="Another note."))

    assert mark({"sponsor": WHOLE}) == mark({"sponsor": noted})
    assert len({mark({}), mark({"sponsor": WHOLE}), mark({"sponsor": UNIT}), mark({"hired": WHOLE})}) == 4
    assert mark({"sponsor": replace(WHOLE, answer=replace(WHOLE.answer, carried_from=4))}) != mark({"sponsor": WHOLE})


def test_the_maturity_model_asks_the_organisation() -> None:
    asked = asked_of_organisation(shipped()["gigaom-mlops"])

    assert len(asked) == 24


def counted(number: int, path: str, value: Value | None, *, agreed: bool = False) -> Counted:
    return Counted(number, path, value, OWN, agreed)


def test_what_follows_from_a_change() -> None:
    assessments = [
        counted(1, "/3/", YES),
        counted(2, "/3/17/", YES, agreed=True),
        counted(3, "/3/17/", NO, agreed=True),
        counted(4, "/31/", YES),
        counted(5, "/31/", HALF, agreed=True),
    ]

    assert consequence([WHOLE, UNIT], assessments) == Consequence((1,), (2, 5))
    assert consequence([WHOLE], assessments) == Consequence((), (3, 5))
    # Where nobody above answers any more, a team falls back on its own.
    assert consequence([], assessments) == Consequence((1, 4), (2, 3))


def test_what_was_carried_over_counts_when_it_is_confirmed() -> None:
    carried = replace(WHOLE, answer=replace(WHOLE.answer, carried_from=4))

    assert nearest([carried], "/3/") == carried
    assert consequence([carried], [counted(1, "/3/", None), counted(2, "/3/", None, agreed=True)]) == Consequence(
        (), ()
    )
    assert consequence([WHOLE], [counted(1, "/3/", None), counted(2, "/3/", None, agreed=True)]) == Consequence(
        (1,), (2,)
    )


def test_objecting() -> None:
    taken = taken_over(OWN, [WHOLE], "/3/")
    said = objection(SUMS, "sponsor", taken, " Not for us. \r\n")

    assert said == Objection("sponsor", WHOLE, "Not for us.")
    assert stands(said, taken)


@pytest.mark.parametrize(
    ("given", "still"),
    [
        ([GivenAbove("/", SavedAnswer(YES, "", "Another note."))], True),
        ([GivenAbove("/", SavedAnswer(NO))], False),
        ([WHOLE, GivenAbove("/3/", SavedAnswer(YES))], False),
        ([], False),
    ],
)
def test_an_objection_stands_until_another_answer_comes(given: list[GivenAbove], still: bool) -> None:
    said = objection(SUMS, "sponsor", taken_over(OWN, [WHOLE], "/3/"), "Not for us.")

    assert stands(said, taken_over(OWN, given, "/3/")) is still


@pytest.mark.parametrize(
    ("statement", "given", "note"),
    [
        ("hired", [WHOLE], "Why."),
        ("gone", [WHOLE], "Why."),
        ("sponsor", [], "Why."),
        ("sponsor", [WHOLE], " \n "),
        ("sponsor", [WHOLE], "x" * 4001),
        ("sponsor", [WHOLE], "a\x00"),
    ],
)
def test_nothing_to_object_to_or_nothing_said(statement: str, given: list[GivenAbove], note: str) -> None:
    with pytest.raises(Invalid):
        objection(SUMS, statement, taken_over(OWN, given, "/3/"), note)


@dataclass(frozen=True)
class Case:
    """A tree of units, an answer at some of its paths, and assessments of teams that hold any value."""

    given: Sequence[GivenAbove]
    assessments: Sequence[Counted]


PATHS = ("/", "/1/", "/1/2/", "/1/2/3/", "/1/4/", "/11/", "/11/2/")
ANSWERS = st.builds(SavedAnswer, st.sampled_from([None, *Value]), st.just(""), st.sampled_from(["", "A note."]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    paths = draw(st.lists(st.sampled_from(PATHS), unique=True))
    units = st.sampled_from(PATHS[1:])
    assessments = [
        Counted(number, draw(units), draw(st.sampled_from([None, *Value])), draw(ANSWERS), draw(st.booleans()))
        for number in range(draw(st.integers(0, 5)))
    ]
    return Case([GivenAbove(path, draw(ANSWERS)) for path in paths], assessments)


Taking = Callable[[SavedAnswer, Iterable[GivenAbove], str], TakenOver]


def going_up_finds_the_same(taking: Taking, case: Case) -> bool:
    """From the team's unit step by step to the top, the first value met is what counts; its own where none is met."""
    at = {each.path: each for each in case.given}
    for team in case.assessments:
        path, found = team.path, None
        while path and not found:
            given = at.get(path)
            found = given if given and given.answer.value is not None else None
            path = path[: path.rindex("/", 0, -1) + 1] if path != "/" else ""
        if taking(team.own, case.given, team.path) != TakenOver(found.answer if found else team.own, found):
            return False
    return True


def the_highest(own: SavedAnswer, given: Iterable[GivenAbove], path: str) -> TakenOver:
    """Lets the organisation overrule its units."""
    above = sorted((each for each in given if path.startswith(each.path)), key=lambda each: len(each.path))
    return taken_over(own, above[:1], path)


def by_number(own: SavedAnswer, given: Iterable[GivenAbove], path: str) -> TakenOver:
    """Takes unit 11 for a part of unit 1."""
    return taken_over(own, [replace(each, path=each.path[:2]) for each in given], path)


def own_first(own: SavedAnswer, given: Iterable[GivenAbove], path: str) -> TakenOver:
    return TakenOver(own, None) if own.value else taken_over(own, given, path)


def notes_too(own: SavedAnswer, given: Iterable[GivenAbove], path: str) -> TakenOver:
    """Takes a note without a value for an answer."""
    found = max((each for each in given if path.startswith(each.path)), key=lambda each: len(each.path), default=None)
    return TakenOver(found.answer if found else own, found)


def test_taking_over_holds() -> None:
    check(going_up_finds_the_same, taken_over, cases(), 200)


@pytest.mark.parametrize("fault", [the_highest, by_number, own_first, notes_too])
def test_a_fault_in_taking_over_is_found(fault: Taking) -> None:
    check_found(going_up_finds_the_same, fault, taken_over, cases())


Following = Callable[[Sequence[GivenAbove], Sequence[Counted]], Consequence]


def scoring_anew_settles_it(following: Following, case: Case) -> bool:
    """Once each that is to be scored anew was, only the marks are left; no agreed one is ever scored anew."""
    found = following(case.given, case.assessments)
    agreed = {each.assessment for each in case.assessments if each.agreed}
    then = [
        replace(each, value=taken_over(each.own, case.given, each.path).answer.value)
        if each.assessment in found.rescored
        else each
        for each in case.assessments
    ]
    return (
        not agreed & set(found.rescored)
        and set(found.differing) <= agreed
        and following(case.given, then) == Consequence((), found.differing)
    )


def changed_back_is_unmarked(following: Following, case: Case) -> bool:
    """Nothing is marked or scored anew where each holds what counts."""
    held = [replace(each, value=taken_over(each.own, case.given, each.path).answer.value) for each in case.assessments]
    return following(case.given, held) == Consequence((), ())


def the_agreed_too(given: Sequence[GivenAbove], assessments: Sequence[Counted]) -> Consequence:
    """Changes what is frozen."""
    return consequence(given, [replace(each, agreed=False) for each in assessments])


def all_below(given: Sequence[GivenAbove], assessments: Sequence[Counted]) -> Consequence:
    """Marks every agreed assessment below an answer, whatever it holds."""
    below = [each for each in assessments if nearest(given, each.path)]
    differing = tuple(each.assessment for each in below if each.agreed)
    return Consequence(consequence(given, assessments).rescored, differing)


def the_first_only(given: Sequence[GivenAbove], assessments: Sequence[Counted]) -> Consequence:
    found = consequence(given, assessments)
    return Consequence(found.rescored[:1], found.differing)


@pytest.mark.parametrize("rule", [scoring_anew_settles_it, changed_back_is_unmarked])
def test_consequences_hold(rule: Callable[[Following, Case], bool]) -> None:
    check(rule, consequence, cases(), 200)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (the_agreed_too, scoring_anew_settles_it),
        (the_first_only, scoring_anew_settles_it),
        (all_below, changed_back_is_unmarked),
    ],
)
def test_a_fault_in_consequences_is_found(fault: Following, rule: Callable[[Following, Case], bool]) -> None:
    check_found(rule, fault, consequence, cases())
