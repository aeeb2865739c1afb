"""Drafts: every step is taken back exactly, nobody goes over anybody, and what breaks the format is said."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft_places import (
    BELOW,
    FIELDS,
    NAMED_BY,
    TOP_LISTS,
    entries_of,
    found,
    lists,
    place_of,
    values_at,
)
from app.domain.drafts import (
    Add,
    Move,
    Overtaken,
    Remove,
    Replace,
    Set,
    Step,
    apply,
    mark,
    read_step,
    step_json,
    translations,
    with_gate,
    with_language,
    with_translations,
    without,
    without_language,
)
from app.domain.errors import Invalid
from app.domain.rubric import Kind, Rubric
from app.domain.rubric_file import check_document, document, from_document, shipped
from app.domain.rubric_shape import TRANSLATED
from app.domain.shape import ListOf, Whole
from app.domain.translations import texts_of
from tests.domain.strategies import calm, dressed_rubrics

MATURITY = replace(shipped()["gigaom-mlops"], translations={})
FIRST = MATURITY.categories[0].statements[0].key
OTHER = MATURITY.categories[1].key


def known(_: str) -> None:
    """No other rubric is known."""


def renamed(path: str = "categories.strategy", to: str = "Direction") -> Set:
    return Set(path, "name", to, mark(values_at(document(MATURITY), path)["name"]))


def test_it_works() -> None:
    changed, back = apply(document(MATURITY), [renamed()])

    checked = check_document(changed, known)
    assert checked.rubric
    assert checked.rubric.category_by_key["strategy"].name == "Direction"
    assert apply(changed, back)[0] == document(MATURITY)


@calm
@given(dressed_rubrics())
def test_what_was_published_has_no_problem_as_a_draft(rubric: Rubric) -> None:
    checked = check_document(document(rubric), known)

    assert (checked.rubric, checked.problems) == (rubric, ())


@st.composite
def steps(draw: st.DrawFn, values: dict[str, Any]) -> Step:
    """A step that fits: of each kind, at any place."""
    sections = [each for each in FIELDS if each in ("", "source") or any(entries for _, entries in lists(values, each))]
    section = draw(st.sampled_from(sections))
    if section in ("", "source"):
        return draw(sets(values, section, section))
    into, entries = draw(st.sampled_from([each for each in lists(values, section) if each[1]]))
    at = draw(st.integers(0, len(entries) - 1))
    name = NAMED_BY.get(section)
    path = f"{section}.{entries[at][name] if name else at}"
    if draw(st.integers(0, 9)) == 0:
        return Replace(document(draw(dressed_rubrics())), mark(values))
    kinds = ["set"] + ["remove", "move", "add"] * (section not in ("answers", "gap_answers", "levels"))
    match draw(st.sampled_from(kinds)):
        case "remove":
            return Remove(path, mark(entries[at]))
        case "move":
            to = draw(st.sampled_from([each for each, _ in lists(values, section)]))
            return Move(path, to, draw(st.integers(0, 9)), into)
        case "add":
            new = {**entries[at], "key": "entirely-new"} if name == "key" else {**entries[at]}
            return Add(into, draw(st.integers(0, 9)), {**new, **({BELOW[section]: []} if section in BELOW else {})})
        case _:
            return draw(sets(values, section, path))


@st.composite
def sets(draw: st.DrawFn, values: dict[str, Any], section: str, path: str) -> Set:
    there = values_at(values, path)
    names = [name for name in FIELDS[section] if name in there and name != NAMED_BY.get(section)]
    name = draw(st.sampled_from(names))
    if values.get("languages") and name in TRANSLATED.get(section, {}) and draw(st.booleans()):
        field = f"{name}@{draw(st.sampled_from(values['languages']))}"
        text = draw(st.none() | st.text(st.characters(codec="ascii", categories=["L"])))
        return Set(path, field, text, mark(there.get(field)))
    shape = FIELDS[section][name]
    if isinstance(shape, ListOf):
        return Set(path, name, draw(st.lists(st.text("ab-"), max_size=3)), mark(there[name]))
    if isinstance(shape, Whole):
        return Set(path, name, draw(st.integers(-5, 9)), mark(there[name]))
    value = st.text(st.characters(codec="ascii", categories=["L"]))
    return Set(path, name, draw(value), mark(there[name]))


@calm
@given(dressed_rubrics(), st.data())
def test_every_step_is_taken_back_exactly(rubric: Rubric, data: st.DataObject) -> None:
    before = document(rubric)
    values, undo = before, list[Step]()
    for _ in range(data.draw(st.integers(1, 6))):
        step = data.draw(steps(values))
        assert read_step(step_json(step)) == step
        kept = mark(values)
        try:
            changed, back = apply(values, [step])
        except Invalid:  # the key of what was added before is added again, which is the only thing refused here
            assert isinstance(step, Add)
            continue
        assert mark(values) == kept, "what was given stays as it is"
        check_document(changed, known)  # says what is wrong, whatever that is
        values, undo = changed, [*back, *undo]
    assert apply(values, undo)[0] == before


@calm
@given(dressed_rubrics(), st.data())
def test_a_step_that_has_seen_something_else_is_refused(rubric: Rubric, data: st.DataObject) -> None:
    values = document(rubric)
    step = data.draw(steps(values).filter(lambda step: isinstance(step, Set)))
    assert isinstance(step, Set)
    first = apply(values, [step])[0]

    if first == values:
        assert apply(first, [step])[0] == values
        return
    with pytest.raises(Overtaken) as overtaken:
        apply(first, [Set(step.path, step.field, "Mine", step.seen)])

    assert overtaken.value.now == values_at(first, step.path).get(step.field)


@pytest.mark.parametrize(
    "step",
    [
        Set(f"statements.{FIRST}", "text", "Mine.", mark("as I saw it")),
        Remove(f"statements.{FIRST}", mark({"key": FIRST})),
        Move(f"statements.{FIRST}", f"categories.{OTHER}", 0, "categories.elsewhere"),
        Remove("statements.gone", ""),
        Move("statements.gone", f"categories.{OTHER}", 0, ""),
        Set("statements.gone", "text", "Mine.", ""),
        Add("categories.gone", 0, {"key": "mine"}),
    ],
)
def test_what_was_changed_or_taken_away_meanwhile(step: Step) -> None:
    with pytest.raises(Overtaken):
        apply(document(MATURITY), [step])


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Set("", "title", 7, mark(MATURITY.title)), "a text"),
        (Set("", "title", "T" * 5_001, mark(MATURITY.title)), "too long"),
        (Set("", "title", "bell \x07", mark(MATURITY.title)), "not a printable one"),
        (Set("", "minutes", "ten", mark(MATURITY.minutes)), "whole number"),
        (Set("", "minutes", 10**12, mark(MATURITY.minutes)), "too large"),
        (Set("", "key", "other", mark(MATURITY.key)), "no such field"),
        (Set("", "unit", "points", mark(None)), "no such field"),
        (Set("source", "licence", "free", mark(None)), "no such field"),
        (Set(f"statements.{FIRST}", "key", "other", mark(FIRST)), "no such field"),
        (Set(f"statements.{FIRST}", "needs", "one", mark(None)), "a list of at most"),
        (Set(f"statements.{FIRST}", "needs", ["one"] * 201, mark(None)), "a list of at most"),
        (Add("categories", 0, {"key": "strategy", "name": "Again", "question": "Why?"}), "key strategy already"),
        (Add("categories", 0, {"key": "new", "statements": [{"key": FIRST}]}), f"key {FIRST} already"),
        (Add("categories", 0, {"key": "Not A Key"}), "small letters"),
        (Add("categories", 0, {"key": "new", "colour": "red"}), "no such field"),
        (Add("bands", 0, {"above": -1}), "none of these"),
        (Remove("answers.1", mark(document(MATURITY)["answers"][2])), "always three"),
        (Remove("levels.0", mark(document(MATURITY)["levels"][0])), "no gap"),
        (Move("levels.1", "levels", 0, "levels"), "cannot stand there"),
        (Move(f"statements.{FIRST}", "levels.1", 0, "categories.strategy"), "cannot stand there"),
    ],
)
def test_what_no_draft_can_hold(step: Step, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        apply(document(MATURITY), [step])


def test_a_draft_never_grows_beyond_what_a_file_may_have() -> None:
    values = document(MATURITY)
    long = {"key": "x", "text": "t" * 5_000, "help": "h" * 5_000}
    many = [Add("categories.strategy", 0, {**long, "key": f"x-{number}"}) for number in range(120)]

    with pytest.raises(Invalid, match="1 MiB"):
        apply(values, many)


@calm
@given(dressed_rubrics(), st.data())
def test_without_a_mention(rubric: Rubric, data: st.DataObject) -> None:
    """What is taken away is mentioned nowhere, and comes back whole with all its mentions."""
    values = document(rubric)
    section = data.draw(st.sampled_from([each for each in ("statements", "categories", "stories") if values.get(each)]))
    path = data.draw(st.sampled_from([path for path, _ in entries_of(values, section)]))

    changed, back = apply(values, without(values, path))

    names = [problem.text for problem in check_document(changed, known).problems]
    assert not [text for text in names if text.startswith("names no")], names
    assert apply(changed, back)[0] == values


def test_moving_within_a_list_counts_without_what_is_moved() -> None:
    values = document(MATURITY)
    last = MATURITY.categories[-1].key

    changed, back = apply(values, [Move(f"categories.{last}", "categories", 1, "categories")])

    assert [each["key"] for each in changed["categories"]][:2] == [MATURITY.categories[0].key, last]
    assert apply(changed, back)[0] == values


def test_a_level_comes_on_top_and_goes_from_there() -> None:
    values = document(MATURITY)
    level = {"name": "Beyond", "summary": "S.", "focus": "F.", "outcome": "O.", "level": 0}

    changed, back = apply(values, [Add("levels", 0, level)])

    assert (changed["levels"][-1]["level"], changed["levels"][-1]["name"]) == (MATURITY.top + 1, "Beyond")
    assert "statement with gate 5" in check_document(changed, known).problems[0].text
    assert apply(changed, back)[0] == values


def test_the_gate_of_a_practice_goes_with_its_level() -> None:
    values = document(MATURITY)
    practice = next(key for key, each in MATURITY.statements.items() if each.gate == each.level == 2)
    gap = next(key for key, each in MATURITY.statements.items() if each.level == 1 and each.gate == 2)
    path = f"statements.{practice}"
    level, gate = Set(path, "level", 3, mark(2)), Set(path, "gate", 3, mark(2))

    assert with_gate(values, [level]) == (level, gate)
    assert with_gate(values, [gate, level]) == (gate, level)
    assert len(with_gate(values, [Set(f"statements.{gap}", "level", 0, mark(1))])) == 1
    assert with_gate(values, []) == ()
    assert with_gate(values, [renamed()]) == (renamed(),)


def test_problems_have_paths_and_no_lines() -> None:
    values = document(MATURITY)
    seen = values_at(values, f"statements.{FIRST}")
    steps = [
        Set(f"statements.{FIRST}", "text", "", mark(seen["text"])),
        Set(f"statements.{FIRST}", "needs", ["nothing-of-the-kind"], mark(seen.get("needs"))),
    ]

    checked = check_document(apply(values, steps)[0], known)

    assert checked.rubric is None
    assert [(each.path, each.text) for each in checked.problems] == [
        (f"categories.strategy.statements.{FIRST}.text", "is empty."),
        (f"categories.strategy.statements.{FIRST}.needs", 'names no statement of this rubric, "nothing-of-the-kind".'),
    ]
    assert [place_of(values, each.at) for each in checked.problems] == [
        (f"statements.{FIRST}", "text"),
        (f"statements.{FIRST}", "needs"),
    ]


def test_every_field_is_where_a_remark_leads() -> None:
    values = document(MATURITY)
    for at, place in {
        ("title",): ("", "title"),
        ("source", "year"): ("source", "year"),
        ("categories", 0, "name"): ("categories.strategy", "name"),
        ("categories", 0, "statements"): ("categories.strategy", ""),
        ("levels", 2, "summary"): ("levels.2", "summary"),
        ("levels", 2, "actions", 0, "text"): (f"actions.{MATURITY.levels[2].actions[0].key}", "text"),
        ("answers", 1, "name"): ("answers.0.5", "name"),
        ("stories", 0, "statements", 0): ("stories.0", "statements"),
        ("categories",): ("", ""),
        (): ("", ""),
    }.items():
        assert place_of(values, at) == place


def test_warnings_stand_beside_problems_of_other_places() -> None:
    values = document(MATURITY)
    twice = values_at(values, f"statements.{FIRST}")["text"]
    second = MATURITY.categories[0].statements[1]

    checked = check_document(
        apply(values, [Set(f"statements.{second.key}", "text", twice, mark(second.text))])[0], known
    )

    assert checked.rubric
    assert [each.text for each in checked.warnings] == [
        f"says the same as categories.strategy.statements.{FIRST}.text."
    ]


@pytest.mark.parametrize("kind", Kind)
def test_decimals_come_back(kind: Kind) -> None:
    rubric = next(each for each in shipped().values() if each.kind is kind)

    assert check_document(document(rubric), known).rubric == rubric == from_document(document(rubric))


def test_every_section_is_found_and_every_list_has_a_name() -> None:
    values = document(MATURITY)
    for section in FIELDS:
        for path, entry in entries_of(values, section):
            assert found(values, path).entry is entry
            assert section in TOP_LISTS or section in NAMED_BY


def in_german() -> dict[str, Any]:
    values = apply(document(MATURITY), [with_language(document(MATURITY), "de")])[0]
    seen = mark(None)
    texts = [
        Set("", "title@de", "Reife", seen),
        Set(f"statements.{FIRST}", "text@de", "Es gibt jemanden.", seen),
        Set("stories.1", "text@de", "Eine Geschichte.", seen),
    ]
    return apply(values, texts)[0]


def test_a_translation_goes_with_its_text() -> None:
    values = in_german()
    moved = apply(
        values,
        [
            Move("stories.1", "stories", 0, "stories"),
            Move(f"statements.{FIRST}", f"categories.{OTHER}", 0, "categories.strategy"),
        ],
    )[0]

    assert values_at(moved, "stories.0")["text@de"] == "Eine Geschichte."
    assert values_at(moved, f"statements.{FIRST}")["text@de"] == "Es gibt jemanden."


def test_a_language_is_taken_away_with_its_texts_and_comes_back() -> None:
    values = in_german()

    gone, back = apply(values, without_language(values, "de"))

    assert gone == document(MATURITY)
    assert apply(gone, back)[0] == values
    with pytest.raises(Overtaken):
        without_language(gone, "de")


def test_what_was_removed_before_its_language_comes_back_without_it() -> None:
    values = in_german()
    removed, back = apply(values, without(values, "stories.1"))
    without_german = apply(removed, without_language(removed, "de"))[0]

    assert apply(without_german, back)[0] == document(MATURITY)


def test_a_text_that_is_taken_away_goes_in_every_language() -> None:
    values = in_german()
    path = next(path for path, each in entries_of(values, "statements") if each.get("help"))
    helped = apply(values, [Set(path, "help@de", "Hilfe.", mark(None))])[0]
    step = Set(path, "help", None, mark(values_at(helped, path)["help"]))

    assert check_document(apply(helped, [step])[0], known).problems[0].text.startswith("translates a text")
    assert check_document(apply(helped, with_translations(helped, [step]))[0], known).rubric


@pytest.mark.parametrize("language", ["DE", "d", "de_at", "", "de-", "<script>", "a" * 9])
def test_what_is_no_language(language: str) -> None:
    with pytest.raises(Invalid, match="no language"):
        with_language(document(MATURITY), language)


def test_there_are_as_many_languages_as_a_file_may_have() -> None:
    values = {**document(MATURITY), "languages": [f"a{chr(97 + number)}" for number in range(12)]}

    with pytest.raises(Invalid, match="at most 12"):
        with_language(values, "de")
    with pytest.raises(Invalid, match="there already"):
        with_language(values, "aa")
    with pytest.raises(Invalid, match="cannot be translated"):
        apply(values, [Set("", "title@de", "Reife", mark(None))])
    with pytest.raises(Invalid, match="cannot be translated"):
        apply(values, [Set("", "minutes@aa", "zehn", mark(None))])


def test_every_translation_is_where_a_remark_leads() -> None:
    values = in_german()
    for place, text in {
        ("", "title"): "T" * 200,
        (f"statements.{FIRST}", "text"): "t" * 300,
        ("stories.1", "text"): "",
    }.items():
        path, name = place
        there = values_at(values, path).get(f"{name}@de")
        wrong = apply(values, [Set(path, f"{name}@de", text, mark(there))])[0]
        problems = check_document(wrong, known).problems
        assert [place_of(wrong, each.at) for each in problems] == [(path, f"{name}@de")]
    points = document(replace(shipped()["ml-test-score"], translations={"de": {("bands", "-1", "name"): "B" * 81}}))
    assert [place_of(points, each.at) for each in check_document(points, known).problems] == [("bands.0", "name@de")]


def test_translations_are_listed_with_their_originals() -> None:
    values = in_german()

    listed = [*translations(values, "de")]

    assert [(each.path, each.translation) for each in listed if each.translation] == [
        ("", "Reife"),
        (f"statements.{FIRST}", "Es gibt jemanden."),
        ("stories.1", "Eine Geschichte."),
    ]
    assert len(listed) == len(texts_of(MATURITY))
