"""Rubric files: what is read is what was written, and whatever breaks the format is named by line and key."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings

from app.domain.rubric import Rubric
from app.domain.rubric_file import document, from_document, read_rubric, shipped, shipped_files, write_rubric
from app.domain.yaml_file import Problems
from tests.domain.strategies import calm, dressed_rubrics

LADDER = """\
format: 1
key: tiny
title: A tiny ladder
kind: ladder
summary: What it measures.
minutes: 5
subject: team
source: {work: A work, author: An author, publisher: A publisher, year: 2020}
answers: [{value: 0, name: Not yet}, {value: 0.5, name: Partly}, {value: 1, name: In place}]
gap_answers: [{value: 0, name: Still true}, {value: 0.5, name: Partly overcome}, {value: 1, name: Overcome}]
levels:
  - {level: 0, name: None, summary: s, focus: f, outcome: o, actions: [{key: begin, text: Begin., categories: [one]}]}
  - {level: 1, name: Some, summary: s1, focus: f1, outcome: o1, actions: []}
  - {level: 2, name: All, summary: s2, focus: f2, outcome: o2, actions: []}
categories:
  - key: one
    name: One
    question: How does one stand?
    statements:
      - {key: one-lags, kind: gap, level: 0, gate: 1, text: One lags., do: Help it., proof: A sign.}
      - {key: one-leads, kind: practice, level: 2, gate: 2, text: One leads., do: Go., proof: It, needs: [one-lags]}
  - key: two
    name: Two
    question: How does two stand?
    statements:
      - {key: two-lives, kind: practice, level: 1, gate: 1, text: Two lives., do: Feed it., proof: Its food.}
      - {key: two-thrives, kind: practice, level: 2, gate: 2, text: Two thrives., do: Groom it., proof: Its fur.}
stories:
  - {text: Somebody did it., source: A publisher 2020, statements: [one-leads]}
bears_on:
  - {rubric: ml-test-score, category: one, statements: [feature-schema]}
"""
POINTS = """\
format: 1
key: tiny-points
title: Some points
kind: points
summary: What it measures.
minutes: 5
subject: model
source: {work: A work, author: An author, publisher: A publisher, year: 2020}
answers: [{value: 0, name: Not yet}, {value: 0.5, name: Partly}, {value: 1, name: In place}]
bands:
  - {above: -1, name: Low, summary: s}
  - {above: 0.5, name: High, summary: t}
unit: points
categories:
  - {key: one, name: One, question: One?, statements: [{key: a, text: t, do: d, proof: p}]}
  - {key: two, name: Two, question: Two?, statements: [{key: b, text: u, do: e, proof: q}]}
"""
LONG = "x" * 601
LAGS = "20: categories.one.statements.one-lags"
LEADS = "21: categories.one.statements.one-leads"
LIVES = "26: categories.two.statements.two-lives"
ONLY_LADDER = "does not belong here: it is for a ladder, and this rubric is of kind points."
ONLY_POINTS = "does not belong here: it is for a rubric of kind points, and this one is a ladder."
NO_SLUG = "a key is small letters and digits, in words joined by single hyphens."
QUOTES = "must be text, not a number; put it in quotes if it is meant as text."
BEARS_ON = "{rubric: ml-test-score, category: one, statements: [feature-schema]}"


def problems(text: str) -> list[str]:
    with pytest.raises(Problems) as raised:
        read_rubric(text.encode(), "f")
    return str(raised.value).split("\n")


def swapped(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def test_it_works() -> None:
    read = read_rubric(LADDER.encode(), "f")

    assert read.rubric.top == 2
    assert read.rubric.statements["one-leads"].needs == ("one-lags",)
    assert read_rubric(POINTS.encode(), "f").rubric.bands[1].above * 2 == 1


CASES = [
    # the parts, each by itself
    ("format: 1", "format: 2", "1: format: must be 1, the only version of the format there is."),
    ("format: 1", "format: true", "1: format: must be 1, the only version of the format there is."),
    ("key: tiny", "key: Tiny", f'2: key: is "Tiny"; {NO_SLUG}'),
    ("key: tiny", "key: a--b", f'2: key: is "a--b"; {NO_SLUG}'),
    ("key: tiny", f"key: {'a' * 61}", "2: key: has 61 characters; a key has at most 60."),
    ("key: tiny", "key: 5", "2: key: must be a key such as two-words, not a number."),
    ("title: A tiny ladder", "title: 5", f"3: title: {QUOTES}"),
    (
        "title: A tiny ladder",
        "title: true",
        "3: title: must be text, not true; put it in quotes if it is meant as text.",
    ),
    ("title: A tiny ladder", "title:", "3: title: must be text, not nothing."),
    ("title: A tiny ladder", "title: ' '", "3: title: is empty."),
    ("title: A tiny ladder", "title: [a]", "3: title: must be text, not a list."),
    ("title: A tiny ladder", f"title: {'x' * 121}", "3: title: has 121 characters; the limit is 120."),
    (
        "title: A tiny ladder",
        'title: "a\\nb"',
        "3: title: must be one line, without line breaks and tabs (a folded text begins with >- and not with >).",
    ),
    ("title: A tiny ladder", 'title: "a\\x07"', "3: title: holds a control character, which no text may."),
    ("kind: ladder", "kind: laddr", '4: kind: is "laddr"; it must be ladder or points; did you mean "ladder"?'),
    ("summary: What it measures.", f"summary: {LONG}", "5: summary: has 601 characters; the limit is 600."),
    ("minutes: 5", "minutes: 5.5", "6: minutes: must be a whole number, not a number."),
    ("minutes: 5", "minutes: true", "6: minutes: must be a whole number, not true."),
    ("minutes: 5", "minutes: 0", "6: minutes: is 0; it must be from 1 to 600."),
    ("subject: team", "subject: unit", '7: subject: is "unit"; it must be team or model.'),
    ("year: 2020", "year: now", "8: source.year: must be a whole number, not text."),
    ("{work: A work, author: An author, ", "{work: A work, ", "8: source.author: is missing."),
    ("{value: 0, name: Not yet}, ", "", "9: answers: has 2 entries; it must have exactly 3."),
    (
        "{value: 0.5, name: Partly}",
        "{value: 0.6, name: Partly}",
        "9: answers: must be worth 0, 0.5 and 1, in this order.",
    ),
    ("{value: 0.5, name: Partly}", "{value: half, name: Partly}", "9: answers.value: must be a number, not text."),
    (
        "{value: 0, name: Still true}",
        "{value: 1, name: Still true}",
        "10: gap_answers: must be worth 0, 0.5 and 1, in this order.",
    ),
    ("name: Some,", f"name: {'x' * 81},", "13: levels.name: has 81 characters; the limit is 80."),
    ("level: 1, name: Some", "level: 2, name: Some", "13: levels.level: is 2, where level 1 should stand."),
    ("text: Begin.", f"text: {'x' * 201}", "12: levels.actions.begin.text: has 201 characters; the limit is 200."),
    ("question: How does one stand?", "question: 1", f"18: categories.one.question: {QUOTES}"),
    ("kind: gap", "kind: gaps", f'{LAGS}.kind: is "gaps"; it must be practice or gap; did you mean "gap"?'),
    ("text: One lags.", f"text: {'x' * 201}", f"{LAGS}.text: has 201 characters; the limit is 200."),
    *(
        ("proof: A sign.", f"proof: A sign., {name}: {LONG}", f"{LAGS}.{name}: has 601 characters; the limit is 600.")
        for name in ("help", "enough", "not_enough")
    ),
    ("do: Help it.", f"do: {LONG}", f"{LAGS}.do: has 601 characters; the limit is 600."),
    ("proof: A sign.", "proof: p, asked: team", f'{LAGS}.asked: is "team"; it must be organisation.'),
    ("proof: A sign.", "proof: p, effort: XL", f'{LAGS}.effort: is "XL"; it must be S, M or L.'),
    (
        "proof: A sign.",
        "proof: p, criteria: [automatic]",
        f'{LAGS}.criteria: is "automatic"; it must be reproducibility, reusability, '
        'manageability or automation; did you mean "automation"?',
    ),
    ("proof: A sign.", "proof: p, criteria: automation", f"{LAGS}.criteria: must be a list, not text."),
    ("needs: [one-lags]", "needs: [one-lags, one-lags]", f'{LEADS}.needs: names "one-lags" twice.'),
    # keys
    ("gate: 1, text: One", "gaet: 1, text: One", f'{LAGS}.gaet: is no key of the format; did you mean "gate"?'),
    ("gate: 1, text: One", "gaet: 1, text: One", f"{LAGS}.gate: is missing."),
    ("subject: team", "subject: team\nsubject: model", "8: subject: stands here twice, the first time on line 7."),
    ("kind: gap,", "kind: gap, kind: gap,", f"{LAGS}.kind: stands here twice, the first time on line 20."),
    ("minutes: 5", "bands: []", f"6: bands: {ONLY_POINTS}"),
    ("minutes: 5", "unit: points", f"6: unit: {ONLY_POINTS}"),
    ("minutes: 5\n", "", "1: minutes: is missing."),
    (
        "key: two-lives",
        "key: one-lags",
        "26: categories.two.statements.one-lags.key: is the key of another statement already, on line 20.",
    ),
    ("key: two\n", "key: one\n", "22: categories.one.key: is the key of another category already, on line 16."),
    (
        "outcome: o1, actions: []",
        "outcome: o1, actions: [{key: begin, text: t, categories: [two]}]",
        "13: levels.actions.begin.key: is the key of another action already, on line 12.",
    ),
    # levels and gates
    (
        "kind: practice, level: 1, gate: 1",
        "kind: practice, level: 1, gate: 2",
        f"{LIVES}.gate: is 2; the gate of a practice is its level, 1.",
    ),
    ("level: 0, gate: 1", "level: 1, gate: 1", f"{LAGS}.gate: is 1; the gate of a gap is above its level, 1."),
    ("level: 0, gate: 1", "level: 0, gate: 0", f"{LAGS}.gate: is 0; it must be from 1 to 6."),
    ("level: 0, gate: 1", "level: 0, gate: 3", f"{LAGS}.gate: is 3; the top level is 2."),
    ("level: 0, gate: 1", "level: 0, gate: 1.0", f"{LAGS}.gate: must be a whole number, not a number."),
    ("level: 0, gate: 1", "level: 0, gate: 2", "19: categories.one.statements: has no statement with gate 1."),
    # references
    (
        "needs: [one-lags]",
        "needs: [one-lag]",
        f'{LEADS}.needs: names no statement of this rubric, "one-lag"; did you mean "one-lags"?',
    ),
    (
        "text: One lags.",
        "needs: [one-leads], text: One lags.",
        f'{LAGS}.needs: names "one-leads" with gate 2; what comes first has a gate of 1 at most.',
    ),
    (
        "text: One lags.",
        "needs: [one-lags], text: t",
        f"{LAGS}.needs: leads round in a circle: one-lags → one-lags.",
    ),
    (
        "text: One lags.",
        "needs: [one-leads], text: t",
        f"{LAGS}.needs: leads round in a circle: one-leads → one-lags → one-leads.",
    ),
    (
        "categories: [one]",
        "categories: [three]",
        '12: levels.actions.begin.categories: names no category of this rubric, "three".',
    ),
    (
        "statements: [one-leads]",
        "statements: [none]",
        '29: stories.statements: names no statement of this rubric, "none".',
    ),
    (BEARS_ON, BEARS_ON.replace("one", "three"), '31: bears_on.category: names no category of this rubric, "three".'),
    (
        BEARS_ON,
        BEARS_ON.replace("ml-test-score", "tiny"),
        "31: bears_on.rubric: names this rubric itself; it must be another one.",
    ),
    (
        BEARS_ON,
        BEARS_ON.replace("feature-schema", "schema"),
        '31: bears_on.statements: names no statement of ml-test-score, "schema".',
    ),
    (
        BEARS_ON,
        BEARS_ON.replace("feature-schema", "A B"),
        f'31: bears_on.statements: is "A B"; {NO_SLUG}',
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=[case[2][:60] for case in CASES])
def test_a_problem_of_a_ladder_names_line_and_keys(old: str, new: str, expected: str) -> None:
    assert f"f:{expected}" in problems(swapped(LADDER, old, new))


POINTS_CASES = [
    ("unit: points", "unit: marks", '13: unit: is "marks"; it must be points or percent.'),
    ("unit: points", "levels: []", f"13: levels: {ONLY_LADDER}"),
    ("unit: points", "gap_answers: []", f"13: gap_answers: {ONLY_LADDER}"),
    ("{key: a, ", "{key: a, gate: 1, ", f"15: categories.one.statements.a.gate: {ONLY_LADDER}"),
    ("above: -1", "above: 0", "11: bands.above: must be -1 in the first band, so that it takes a score of exactly 0."),
    ("above: 0.5", "above: -1", "12: bands.above: must be greater than in the band before."),
    ("above: 0.5", "above: .inf", "12: bands.above: is .inf, which is no finite number."),
    (
        "[{key: a, text: t, do: d, proof: p}]",
        "[]",
        "15: categories.one.statements: has 0 entries; it must have from 1 to 60.",
    ),
    ("unit: points", "", "1: unit: is missing."),
]


@pytest.mark.parametrize(("old", "new", "expected"), POINTS_CASES, ids=[case[2][:60] for case in POINTS_CASES])
def test_a_problem_of_a_points_rubric_names_line_and_keys(old: str, new: str, expected: str) -> None:
    assert f"f:{expected}" in problems(swapped(POINTS, old, new))


def test_the_number_of_levels_categories_and_statements_is_bounded() -> None:
    head, tail = POINTS.split("categories:\n")
    one = "  - {{key: c{}, name: n, question: q, statements: [{}]}}\n"
    few, many = (
        one.format(1, "{key: a, text: t, do: d, proof: p}"),
        "".join(one.format(number, f"{{key: s{number}, text: t, do: d, proof: p}}") for number in range(13)),
    )
    crowd = ", ".join(f"{{key: s{number}, text: t, do: d, proof: p}}" for number in range(61))

    assert problems(f"{head}categories:\n{few}") == ["f:14: categories: has 1 entry; it must have from 2 to 12."]
    assert problems(f"{head}categories:\n{many}") == ["f:14: categories: has 13 entries; it must have from 2 to 12."]
    assert problems(f"{head}categories:\n{one.format(1, crowd)}{tail}")[0] == (
        "f:15: categories.c1.statements: has 61 entries; it must have from 1 to 60."
    )
    assert "f:11: levels: has 2 entries; it must have from 3 to 7." in problems(
        re.sub(r"  - {level: 2, .*\n", "", LADDER)
    )


def test_all_problems_come_at_once_and_in_the_order_of_lines() -> None:
    text = swapped(swapped(swapped(LADDER, "minutes: 5", "minutes: x"), "gate: 1", "gate: 9"), "[one-leads]", "[x]")

    lines = [int(each.split(":")[1]) for each in problems(text)]

    assert lines == sorted(lines)
    assert {6, 20, 29} <= set(lines)


def test_what_the_reader_refuses_and_what_the_format_refuses_come_together() -> None:
    text = swapped(swapped(LADDER, "minutes: 5", "minutes: x"), "title: A tiny ladder", "title: !!str A")

    assert [each.split(": ")[1] for each in problems(text)] == ["title", "minutes"]


def test_a_list_in_place_of_the_whole_is_one_sentence() -> None:
    assert len(problems("[1, 2]")) == 1


def test_a_file_with_more_problems_than_anyone_reads_ends_with_a_word_about_it() -> None:
    text = LADDER + "".join(f"extra-{number}: 1\n" for number in range(500))

    assert len(problems(text)) == 101
    assert problems(text)[-1].endswith("has more problems; these are the first 100.")


@calm
@given(dressed_rubrics())
def test_reading_what_was_written_gives_the_same_rubric(rubric: Rubric) -> None:
    text = write_rubric(rubric)

    assert comes_back(rubric, text)
    assert write_rubric(read_rubric(text.encode(), "f").rubric) == text


def comes_back(rubric: Rubric, text: str) -> bool:
    try:
        return read_rubric(text.encode(), "f").rubric == rubric
    except Problems:
        return False


FAULTS: dict[str, Callable[[str], str]] = {
    "quotes forgotten": lambda text: text.replace('"', ""),
    "help forgotten": lambda text: re.sub(r"(?m)^ *help: .*\n", "", text),
    "needs forgotten": lambda text: re.sub(r"(?m)^ *needs:\n( *- [a-z0-9-]+\n)+", "", text),
    "halves rounded": lambda text: text.replace("value: 0.5", "value: 0"),
    "line breaks folded": lambda text: text.replace(" |-", " >-"),
    "blanks at the end cut": lambda text: re.sub(r" \"?$", '"', text, flags=re.MULTILINE),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_writer_with_a_fault_is_found_out(fault: Callable[[str], str]) -> None:
    with pytest.raises(AssertionError):
        faulty_writer(fault)


def faulty_writer(fault: Callable[[str], str]) -> None:
    @settings(calm, database=None, phases=[Phase.generate], max_examples=500)
    @given(dressed_rubrics())
    def come_back(rubric: Rubric) -> None:
        assert comes_back(rubric, fault(write_rubric(rubric)))

    come_back()


@calm
@given(dressed_rubrics())
def test_the_document_of_the_database_gives_the_same_rubric(rubric: Rubric) -> None:
    assert from_document(json.loads(json.dumps(document(rubric)))) == rubric


@pytest.mark.parametrize("key", shipped_files())
def test_every_shipped_rubric_keeps_every_rule(key: str) -> None:
    rubric = read_rubric(shipped_files()[key], key).rubric

    assert rubric == replace(shipped()[key], translations={})
    assert rubric.key == key
    assert read_rubric(write_rubric(rubric).encode(), key).rubric == rubric


def test_seven_rubrics_are_shipped() -> None:
    assert len(shipped()) == 7


def test_a_shipped_rubric_with_a_changed_text_is_another_rubric() -> None:
    rubric = shipped()["ml-test-score"]

    assert from_document(document(replace(rubric, title="Another"))) != rubric
