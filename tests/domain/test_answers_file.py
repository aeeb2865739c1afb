"""Answers files: picks and answers, every problem by line and key, and what is written is read back."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import Answer, Evidence, Value
from app.domain.answers_file import read_answers, rubric_key, write_answers
from app.domain.rubric import Rubric
from app.domain.rubric_file import read_rubric, shipped
from app.domain.yaml_file import Problems
from tests.domain import strategies
from tests.domain.test_rubric_file import LADDER, POINTS

RUBRIC = read_rubric(LADDER.encode(), "f").rubric
HEAD = "format: 1\nrubric: tiny\n"
NOT_A_VALUE = "must be exactly 0, 0.5 or 1, unknown, or {not_applicable: the reason}"

EXAMPLE = b"""\
format: 1
rubric: gigaom-mlops
version: 3
picks: {strategy: 2, governance: 0}
answers:
  executives-doubt-ml: 0.5
  audit-trail: unknown
  cloud-interest: {not_applicable: the law keeps our data on premises}
  pipelines-automated:
    value: 1
    note: runs nightly since March
    evidence: [{link: "https://example.org/runs", date: 2026-03-01, expires: 2027-03-01, for: true}]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(Problems) as raised:
        read_answers(text.encode(), "f", RUBRIC)
    return str(raised.value).split("\n")


def values(text: str) -> dict[str, Value]:
    return read_answers((HEAD + text).encode(), "f", RUBRIC).values()


def test_it_works() -> None:
    rubric = shipped()["gigaom-mlops"]

    read = read_answers(EXAMPLE, "f", rubric)

    assert rubric_key(EXAMPLE, "f") == read.rubric == "gigaom-mlops"
    assert (read.version, read.picks) == (3, {"strategy": 2, "governance": 0})
    assert read.answers["executives-doubt-ml"] == Answer(Value.HALF)
    assert read.answers["audit-trail"] == Answer(Value.UNKNOWN)
    assert read.answers["cloud-interest"] == Answer(Value.NOT_APPLICABLE, "the law keeps our data on premises")
    assert read.answers["pipelines-automated"] == Answer(
        Value.YES,
        note="runs nightly since March",
        evidence=(Evidence("https://example.org/runs", datetime.date(2026, 3, 1), datetime.date(2027, 3, 1), True),),
    )
    for statement in rubric.category_by_key["strategy"].statements:
        if statement.key != "executives-doubt-ml":
            assert read.answers[statement.key].value == (Value.YES if (statement.gate or 0) <= 2 else Value.NO)


def test_a_pick_answers_its_category_and_answers_refine_it() -> None:
    assert values("picks: {one: 1}\n") == {"one-lags": Value.YES, "one-leads": Value.NO}
    assert values("picks: {one: 1}\nanswers: {one-leads: 0.5}\n")["one-leads"] == Value.HALF
    assert values("answers: {}\n") == {}


def test_a_note_alone_leaves_the_picked_value() -> None:
    read = read_answers(f"{HEAD}picks: {{one: 1}}\nanswers: {{one-lags: {{note: n}}}}\n".encode(), "f", RUBRIC)

    assert read.answers["one-lags"] == Answer(Value.YES, note="n")


def test_answers_come_in_the_order_of_the_rubric() -> None:
    assert [*values("answers: {two-thrives: 1, one-lags: 0}\n")] == ["one-lags", "two-thrives"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        *((text, Value.NO) for text in ("0", "0.0", "-0", "0e5")),
        *((text, Value.HALF) for text in ("0.5", "0.50", ".5", "5e-1")),
        *((text, Value.YES) for text in ("1", "1.0", "+1", "0x1")),
        ("unknown", Value.UNKNOWN),
        ('"unknown"', Value.UNKNOWN),
        ("{value: unknown}", Value.UNKNOWN),
        ("{value: 0.5, note: n}", Value.HALF),
    ],
)
def test_a_value_counts_however_it_is_written(given: str, expected: Value) -> None:
    assert values(f"answers: {{one-lags: {given}}}\n") == {"one-lags": expected}


ONE = "4: answers.one-lags"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2", f"{ONE}: {NOT_A_VALUE}, not 2."),
        ("-1", f"{ONE}: {NOT_A_VALUE}, not -1."),
        ("0.3", f"{ONE}: {NOT_A_VALUE}, not 0.3."),
        ("0.50000001", f"{ONE}: {NOT_A_VALUE}, not 0.50000001."),
        ('"1"', f'{ONE}: {NOT_A_VALUE}, not "1".'),
        ("'0.5'", f'{ONE}: {NOT_A_VALUE}, not "0.5".'),
        ("true", f"{ONE}: {NOT_A_VALUE}, not true."),
        ("no", f'{ONE}: {NOT_A_VALUE}, not "no".'),
        ("", f"{ONE}: {NOT_A_VALUE}, not nothing."),
        ("[1]", f"{ONE}: {NOT_A_VALUE}, not a list."),
        ("{}", f"{ONE}: {NOT_A_VALUE}, not an empty mapping."),
        (".nan", f"{ONE}: is .nan, which is no finite number."),
        ("1e999999", f"{ONE}: is too long a number; put it in quotes if it is meant as text."),
        ("{value: maybe}", f'{ONE}.value: {NOT_A_VALUE}, not "maybe".'),
        ("{value: true}", f"{ONE}.value: {NOT_A_VALUE}, not true."),
        ("{valu: 1}", f'{ONE}.valu: is no key of the format; did you mean "value"?'),
        ("{not_applicable: }", f"{ONE}.not_applicable: must be text, not nothing."),
        ("{not_applicable: ''}", f"{ONE}.not_applicable: is empty."),
        ("{not_applicable: ' '}", f"{ONE}.not_applicable: is empty."),
        (f"{{not_applicable: {'x' * 601}}}", f"{ONE}.not_applicable: has 601 characters; the limit is 600."),
        (
            "{value: 1, not_applicable: why}",
            f"{ONE}.not_applicable: stands beside a value; an answer has one of the two.",
        ),
        (f"{{note: {'x' * 4001}}}", f"{ONE}.note: has 4,001 characters; the limit is 4,000."),
        ('{note: "a\\x00"}', f"{ONE}.note: holds a control character, which no text may."),
        ("{evidence: {link: a}}", f"{ONE}.evidence: must be a list, not a mapping."),
        ("{evidence: [a]}", f"{ONE}.evidence: must be a mapping with the keys link, not text."),
        ("{evidence: [{for: true}]}", f"{ONE}.evidence.link: is missing."),
        (
            "{evidence: [{link: 'javascript:alert(1)'}]}",
            f"{ONE}.evidence.link: must be a link that begins with https:// or http:// and names a host.",
        ),
        (
            "{evidence: [{link: 'http://a', date: 2026-02-30}]}",
            f"{ONE}.evidence.date: must be a date such as 2026-03-01.",
        ),
        (
            "{evidence: [{link: 'http://a', date: 20260301}]}",
            f"{ONE}.evidence.date: must be a date such as 2026-03-01.",
        ),
        ("{evidence: [{link: 'http://a', for: 1}]}", f"{ONE}.evidence.for: must be true or false, not a number."),
    ],
)
def test_what_is_no_answer_is_refused(given: str, expected: str) -> None:
    assert problems(f"{HEAD}answers:\n  one-lags: {given}\n") == [f"f:{expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rubric: tiny\n", "1: format: is missing."),
        ("format: 1\n", "1: rubric: is missing."),
        ("format: 1\nrubric: other\n", '2: rubric: is "other", and the answers are read for "tiny".'),
        (f"{HEAD}version: 0\n", "3: version: is 0; it must be from 1 to 2147483647."),
        (f"{HEAD}version: three\n", "3: version: must be a whole number, not text."),
        (f"{HEAD}answer: {{}}\n", '3: answer: is no key of the format; did you mean "answers"?'),
        (f"{HEAD}answers: []\n", "3: answers: must be a mapping of statement keys to answers, not a list."),
        (f"{HEAD}picks: 3\n", "3: picks: must be a mapping of category keys to levels, not a number."),
        (f"{HEAD}picks: {{one: 3}}\n", "3: picks.one: is 3; it must be from 0 to 2."),
        (f"{HEAD}picks: {{one: -1}}\n", "3: picks.one: is -1; it must be from 0 to 2."),
        (f"{HEAD}picks: {{one: 1.0}}\n", "3: picks.one: must be a whole number, not a number."),
        (f"{HEAD}picks: {{three: 1}}\n", "3: picks.three: is no category of tiny."),
        (f"{HEAD}answers:\n  one-lag: 1\n", '4: answers.one-lag: is no statement of tiny; did you mean "one-lags"?'),
        (
            f"{HEAD}answers:\n  one-lags: 1\n  one-lags: 0\n",
            "5: answers.one-lags: stands here twice, the first time on line 4.",
        ),
    ],
)
def test_what_is_no_answers_file_is_refused(text: str, expected: str) -> None:
    assert problems(text) == [f"f:{expected}"]


def test_a_points_rubric_has_no_levels_to_pick() -> None:
    rubric = read_rubric(POINTS.encode(), "f").rubric

    with pytest.raises(Problems, match=r"^f:3: picks: does not belong here: tiny-points has no levels to pick\.$"):
        read_answers(b"format: 1\nrubric: tiny-points\npicks: {one: 1}\n", "f", rubric)


@pytest.mark.parametrize("data", [b"format: 1\n", b"rubric: Not A Key\n", b"- a\n", b"", b"rubric: a\nrubric: b\n"])
def test_a_file_that_does_not_say_its_rubric_is_refused(data: bytes) -> None:
    with pytest.raises(Problems):
        rubric_key(data, "f")


@strategies.calm
@given(st.data(), strategies.rubrics())
def test_what_is_written_is_read_back(data: st.DataObject, rubric: Rubric) -> None:
    sheet = data.draw(strategies.answers(rubric))
    said = {key: answer for key, answer in sheet.items() if answer != Answer()}

    text = write_answers(rubric, sheet, 7)
    read = read_answers(text.encode(), "f", rubric)

    assert (read.answers, read.version, read.picks) == (said, 7, {})
    assert rubric_key(text.encode(), "f") == rubric.key
    assert write_answers(rubric, read.answers, 7) == text


def test_the_long_form_is_the_one_of_the_format() -> None:
    answers = {
        "one-leads": Answer(Value.HALF, note="half way"),
        "one-lags": Answer(Value.NOT_APPLICABLE, reason="no data"),
        "two-lives": Answer(Value.UNKNOWN),
        "two-thrives": Answer(Value.YES, evidence=(Evidence("http://a.b/c", datetime.date(2026, 3, 1), None, False),)),
        "stranger": Answer(Value.YES),
    }

    assert write_answers(RUBRIC, answers) == (
        "format: 1\nrubric: tiny\nanswers:\n"
        "  one-lags:\n    not_applicable: no data\n"
        "  one-leads:\n    value: 0.5\n    note: half way\n"
        "  two-lives:\n    value: unknown\n"
        "  two-thrives:\n    value: 1\n    evidence:\n"
        "      - link: http://a.b/c\n        date: 2026-03-01\n        for: false\n"
    )
