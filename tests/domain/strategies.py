"""Rubrics and answers for properties: small, odd in shape, their statements in any order."""

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.rubric import (
    Action,
    AnswerWord,
    Band,
    Category,
    Kind,
    Level,
    Rubric,
    Source,
    Statement,
    StatementKind,
    Subject,
    Unit,
)

MET = (Value.YES, Value.YES, Value.YES, Value.NOT_APPLICABLE)
ANY: tuple[Value | None, ...] = (None, *Value)
SOURCE = Source(work="A work", author="An author", publisher="A publisher", year=2020)
WORDS = tuple(AnswerWord(Fraction(halves, 2), name) for halves, name in enumerate(("No", "Partly", "Yes")))


@st.composite
def ladders(draw: st.DrawFn) -> Rubric:
    """A ladder of 2 to 5 categories and 2 to 6 levels, each gate with 1 to 4 statements, in shuffled order."""
    top = draw(st.integers(2, 6))
    categories = [draw(ladder_categories(f"c{number}", top)) for number in range(1, draw(st.integers(2, 5)) + 1)]
    return Rubric(
        key="a-ladder",
        title="A ladder",
        kind=Kind.LADDER,
        summary="What it measures.",
        minutes=5,
        subject=Subject.TEAM,
        source=SOURCE,
        answers=WORDS,
        gap_answers=WORDS,
        levels=tuple(level(number, categories[0].key) for number in range(top + 1)),
        categories=tuple(categories),
    )


@st.composite
def ladder_categories(draw: st.DrawFn, key: str, top: int) -> Category:
    statements: list[Statement] = []
    for gate in range(1, top + 1):
        for _ in range(draw(st.integers(1, 4))):
            shown = draw(st.integers(0, gate))
            kind = StatementKind.PRACTICE if shown == gate else StatementKind.GAP
            statements.append(statement(f"{key}-s{len(statements) + 1}", kind=kind, level=shown, gate=gate))
    return Category(key, f"Category {key}", f"How does {key} stand?", tuple(draw(st.permutations(statements))))


@st.composite
def points_rubrics(draw: st.DrawFn) -> Rubric:
    """A points rubric of either unit, of 2 to 5 categories with 1 to 8 statements each."""
    unit = draw(st.sampled_from(Unit))
    categories = tuple(
        points_category(f"c{number}", draw(st.integers(1, 8))) for number in range(1, draw(st.integers(2, 5)) + 1)
    )
    most = 100 if unit is Unit.PERCENT else 8
    starts = sorted(draw(st.sets(st.fractions(0, most, max_denominator=2), max_size=4)))
    return Rubric(
        key="some-points",
        title="Some points",
        kind=Kind.POINTS,
        summary="What it measures.",
        minutes=5,
        subject=Subject.MODEL,
        source=SOURCE,
        answers=WORDS,
        bands=tuple(Band(above, f"Band above {above}", "What it means.") for above in (Fraction(-1), *starts)),
        unit=unit,
        categories=categories,
    )


def points_category(key: str, count: int) -> Category:
    statements = tuple(statement(f"{key}-s{number}") for number in range(1, count + 1))
    return Category(key, f"Category {key}", f"How does {key} stand?", statements)


def rubrics() -> st.SearchStrategy[Rubric]:
    """Both kinds."""
    return st.one_of(ladders(), points_rubrics())


def statement(
    key: str, kind: StatementKind | None = None, level: int | None = None, gate: int | None = None
) -> Statement:
    return Statement(
        key, f"The fact {key} holds.", f"Bring about {key}.", f"A sign of {key}.", kind=kind, level=level, gate=gate
    )


def level(number: int, category: str) -> Level:
    actions = (Action(f"climb-{number}", f"Climb from {number}.", (category,)),)
    return Level(number, f"Level {number}", "What it looks like.", "What has priority.", "What you will have.", actions)


@st.composite
def values(draw: st.DrawFn, rubric: Rubric) -> Mapping[str, Value]:
    """Answers of all six kinds, absent ones included.

    Half of the categories are met up to some gate, so that high levels are not a rarity; above it, and in the other
    half, anything may stand.
    """
    answers: dict[str, Value] = {}
    for category in rubric.categories:
        met = draw(st.integers(0, rubric.top)) if draw(st.booleans()) else -1
        for each in category.statements:
            value = draw(st.sampled_from(MET if (each.gate or 0) <= met else ANY))
            if value is not None:
                answers[each.key] = value
    return answers
