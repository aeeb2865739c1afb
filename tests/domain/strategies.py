"""Rubrics and answers for properties: small, odd in shape, their statements in any order."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.domain.answers import Answer, Evidence, Value
from app.domain.rubric import (
    Action,
    AnswerWord,
    Band,
    Bearing,
    Category,
    Criterion,
    Effort,
    Kind,
    Level,
    Place,
    Rubric,
    Source,
    Statement,
    StatementKind,
    Story,
    Subject,
    Unit,
)
from app.domain.translations import texts_of

# A whole rubric is much to draw, and a machine may be busy: neither is a fault of what is tested.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

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


# Words that some reader of YAML takes for something else, and signs that mean something to it.
TRAPS = (
    *("no", "Yes", "null", "~", "true", "1", "0.5", "1e3", "0x1F", ".inf", "2026-03-01", "-", "- a", "? a", ": a"),
    *("a: b", "a:", "a #b", "# a", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">-", "'a'", '"a"', "a\\nb", "{a: b}"),
    *("[a]", "<<", "=", " a", "a ", "a\u00a0", "\u2028a", "\ufeffa", "\ufffd", "é😀", "---", "...", "a, b", "C:\\x"),
)
LINE = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
LINES = st.one_of(LINE, st.sampled_from("\n\t "))


def lines(limit: int) -> st.SearchStrategy[str]:
    """A text on one line, as hard to write as it gets."""
    return st.one_of(st.sampled_from(TRAPS), st.text(LINE, min_size=1, max_size=limit).filter(str.strip))


def long_texts(limit: int) -> st.SearchStrategy[str]:
    """A text of several lines, with blanks wherever they may hurt."""
    paragraphs = st.lists(st.sampled_from(("a b", "c.", "- d", "", "# e", "  f", "g: h", "i ")), min_size=2, max_size=4)
    several = st.one_of(paragraphs.map("\n".join), st.text(LINES, min_size=1, max_size=limit))
    return st.one_of(lines(limit), several.filter(str.strip))


@st.composite
def dressed_rubrics(draw: st.DrawFn) -> Rubric:
    """A rubric of either kind with every optional field somewhere, and hostile texts in all of them."""
    rubric = draw(rubrics())
    texts = draw(st.lists(long_texts(30), min_size=4, max_size=4))
    names = draw(st.lists(lines(30), min_size=3, max_size=3))
    keys = tuple(rubric.statements)
    first, *others = rubric.categories[0].statements
    dressed = replace(
        first,
        text=names[0],
        do=texts[0],
        proof=texts[1],
        help=draw(st.sampled_from(["", texts[2]])),
        enough=draw(st.sampled_from(["", texts[3]])),
        not_enough=draw(st.sampled_from(["", texts[0]])),
        asked=draw(st.sampled_from([None, "organisation"])),
        effort=draw(st.sampled_from([None, *Effort])),
        needs=tuple(each.key for each in others if (each.gate or 0) <= (first.gate or 0)),
        criteria=tuple(draw(st.lists(st.sampled_from(get_args(Criterion)), unique=True))),
    )
    category = replace(rubric.categories[0], name=names[1], question=names[2], statements=(dressed, *others))
    whole = replace(
        rubric,
        title=names[0],
        summary=texts[1],
        answers=(replace(WORDS[0], hint=names[1]), *WORDS[1:]),
        levels=tuple(replace(each, focus=texts[2]) for each in rubric.levels),
        bands=tuple(replace(each, summary=texts[3]) for each in rubric.bands),
        categories=(category, *rubric.categories[1:]),
        stories=tuple(Story(each, names[2], keys[:2]) for each in draw(st.lists(st.sampled_from(texts), max_size=2))),
        bears_on=draw(st.sampled_from([(), (Bearing("another-rubric", rubric.categories[1].key, ("a", "b-1")),)])),
    )
    languages = draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=3))
    return replace(whole, translations={language: draw(translations(whole)) for language in languages})


# YAML of old takes the tag of Norwegian for a denial.
LANGUAGES = ("de", "de-at", "no", "pt-br", "zh-hant-tw")


@st.composite
def translations(draw: st.DrawFn, rubric: Rubric) -> Mapping[Place, str]:
    """Some of its texts in another language, as hard to write as the originals."""
    chosen = draw(st.lists(st.sampled_from([*texts_of(rubric)]), unique=True, max_size=6))
    return {place: draw(lines(20)) for place in chosen}


@st.composite
def answers(draw: st.DrawFn, rubric: Rubric) -> Mapping[str, Answer]:
    """A whole sheet: values of all kinds, with notes, reasons and evidence."""
    evidence = st.builds(
        Evidence,
        link=st.sampled_from(["https://example.org/runs?a=b#c", "http://example.org:8000/{a},[b]"]),
        date=st.none() | st.dates(),
        expires=st.none() | st.dates(),
        speaks_for=st.booleans(),
    )
    notes = ["", *draw(st.lists(long_texts(60), min_size=2, max_size=2))]
    shelves = [(), tuple(draw(st.lists(evidence, min_size=1, max_size=2)))]
    sheet = {}
    for key, value in draw(values(rubric)).items():
        note, shelf = draw(st.sampled_from(notes)), draw(st.sampled_from(shelves))
        if value is Value.NOT_APPLICABLE:
            sheet[key] = Answer(value, notes[1], note, shelf)
        else:
            sheet[key] = Answer(value if draw(st.booleans()) else None, "", note, shelf)
    return sheet
