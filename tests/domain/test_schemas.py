"""The schemas of our files: what the product takes they take, and what they refuse the product refuses too."""

import importlib
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, meta

from app.domain.answers_file import write_answers
from app.domain.errors import Missing
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped, shipped_files, write_rubric
from app.domain.schemas import SCHEMAS, of_shape, schema
from app.domain.yaml_file import read_yaml
from tests.domain import strategies
from tests.domain.strategies import calm, dressed_rubrics
from tests.domain.test_answers_file import EXAMPLE, HEAD
from tests.domain.test_rubric_file import CASES, LADDER, POINTS, POINTS_CASES, swapped

HERE = Path(__file__).parents[2]
VALIDATORS = {name: Draft202012Validator(schema(name), validate_formats=True) for name in SCHEMAS}
# What holds between parts of a file, and what only the text of the file shows.
UNSAID = re.compile(
    "names no|is the key of another|leads round|in the band before|the top level is|has no statement with"
    "|what comes first has|names this rubric itself|gate: must be a whole number, not a number|stands here twice"
)


def plain(value: Any) -> Any:
    """The values as another reader of YAML takes them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Fraction):
        return float(value)
    return value if isinstance(value, str | int | None) else str(value)


def fits(name: str, text: str | bytes) -> bool:
    data = text.encode() if isinstance(text, str) else text
    return VALIDATORS[name].is_valid(plain(read_yaml(data, "f").data))


@pytest.mark.parametrize("key", shipped_files())
def test_every_shipped_rubric_fits(key: str) -> None:
    assert fits("rubric", shipped_files()[key])
    assert fits("rubric", write_rubric(shipped()[key]))


def test_the_example_answers_fit() -> None:
    assert fits("answers", (HERE / "docs" / "example-answers.yaml").read_bytes())
    assert fits("answers", EXAMPLE)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_file_in_the_repository_is_up_to_date(name: str) -> None:
    tool = importlib.import_module("tools.schemas")

    assert meta.is_valid(schema(name))
    assert (tool.FOLDER / f"{name}.json").read_text(encoding="utf-8") == tool.written(name)
    assert json.loads(tool.written(name)) == schema(name)


def test_there_is_no_other_schema() -> None:
    with pytest.raises(Missing):
        schema("plan")


def test_a_shape_that_it_was_not_told_of_is_no_silent_yes() -> None:
    class Colour:
        def take(self, *_: object) -> None: ...

    with pytest.raises(TypeError):
        of_shape(Colour())


@calm
@given(dressed_rubrics())
def test_any_valid_rubric_fits(rubric: Rubric) -> None:
    assert fits("rubric", write_rubric(rubric))


@calm
@given(st.data(), strategies.rubrics())
def test_any_valid_answers_fit(data: st.DataObject, rubric: Rubric) -> None:
    assert fits("answers", write_answers(rubric, data.draw(strategies.answers(rubric)), 3))


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=[case[2][:60] for case in CASES])
def test_a_bad_ladder_fits_only_where_a_schema_cannot_say_why(old: str, new: str, expected: str) -> None:
    assert fits("rubric", LADDER)
    assert fits("rubric", swapped(LADDER, old, new)) == bool(UNSAID.search(expected))


@pytest.mark.parametrize(("old", "new", "expected"), POINTS_CASES, ids=[case[2][:60] for case in POINTS_CASES])
def test_a_bad_points_rubric_fits_only_where_a_schema_cannot_say_why(old: str, new: str, expected: str) -> None:
    assert fits("rubric", POINTS)
    assert fits("rubric", swapped(POINTS, old, new)) == bool(UNSAID.search(expected))


@pytest.mark.parametrize(
    "text",
    [
        "answers: {a: 2}",
        "answers: {a: 0.25}",
        "answers: {a: yes}",
        "answers: {a: true}",
        'answers: {a: "1"}',
        "answers: {a: {}}",
        "answers: {A: 1}",
        "answers: [1]",
        "answers: {a: {value: 1, not_applicable: b}}",
        "answers: {a: {not_applicable: ' '}}",
        "answers: {a: {value: 1, not: b}}",
        "answers: {a: {evidence: [{date: 2026-03-01}]}}",
        "answers: {a: {evidence: [{link: 'javascript:alert(1)'}]}}",
        "answers: {a: {evidence: [{link: 'https://example.org', date: 2026-13-01}]}}",
        "answers: {a: {evidence: [{link: 'https://example.org', for: perhaps}]}}",
        f"answers: {{a: {{note: {'x' * 4001}}}}}",
        "picks: {a: 7}",
        "picks: {a: one}",
        "version: 0",
        "stories: []",
    ],
)
def test_bad_answers_do_not_fit(text: str) -> None:
    assert not fits("answers", HEAD + text)


@pytest.mark.parametrize("text", ["[]", "a", "format: 1", "rubric: tiny", ""])
def test_what_is_no_such_file_does_not_fit(text: str) -> None:
    data = plain(read_yaml(text.encode(), "f").data) if text else None
    assert not any(each.is_valid(data) for each in VALIDATORS.values())
