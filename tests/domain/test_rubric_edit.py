"""A rubric written into its own file: what it says is the rubric, and nothing moves that did not change."""

import difflib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import rubric_edit
from app.domain.errors import Conflict
from app.domain.rubric import Rubric, Story
from app.domain.rubric_edit import rewrite_rubric
from app.domain.rubric_file import read_rubric, shipped, shipped_files, write_rubric
from app.domain.yaml_edit import edited
from app.domain.yaml_file import Problems, read_yaml
from tests.domain.strategies import calm, dressed_rubrics
from tests.domain.test_rubric_file import LADDER, POINTS

few = settings(calm, max_examples=30)

COMMENTED = """\
# Ours since 2020.

key: tiny   # never changes
format: 1
title: "A tiny ladder"  # quoted
kind: ladder
summary: >-  # folded
  What it
  measures.

minutes: 5
subject: team
source: {work: A work, author: An author,   # over two lines
         publisher: A publisher, year: 2020}
answers: [{value: 0, name: Not yet}, {value: 0.50, name: Partly}, {value: 1, name: In place}]
gap_answers: [{value: 0, name: Still true}, {value: 0.5, name: Partly overcome}, {value: 1, name: Overcome}]
levels:
- {level: 0, name: None, summary: s, focus: f, outcome: o, actions: [{key: begin, text: Begin., categories: [one]}]}
- {level: 1, name: Some, summary: s1, focus: f1, outcome: o1, actions: []}
- {level: 2, name: All, summary: s2, focus: f2, outcome: o2, actions: []}
categories:
  # Which comes first matters.
  - name: One
    key: one
    question: How does one stand?   # asked first
    statements:
      - key: one-lags
        # A gap.
        kind: gap
        level: 0
        gate: 1
        text: 'One lags.'
        do: |-
          Help it.
          Soon.
        proof: A sign.   # any sign
        needs: []

      # Leads.
      - {key: one-leads, kind: practice, level: 2, gate: 2, text: One leads., do: Go., proof: It, needs: [one-lags]}

  # Two comes second.
  - key: two
    name: Two
    question: How does two stand?
    statements:
      - {key: two-lives, kind: practice, level: 1, gate: 1, text: Two lives., do: Feed it., proof: Its food.}
      - {key: two-thrives, kind: practice, level: 2, gate: 2, text: Two thrives., do: Groom it., proof: Its fur.}
stories: []
# The end.
"""
RUBRIC = read_rubric(COMMENTED.encode(), "f").rubric


def changed(rubric: Rubric, text: str = COMMENTED) -> list[str]:
    """What a file loses and gains, line by line; it has to say the rubric."""
    after = edited(text, read_yaml(write_rubric(rubric).encode(), "f").data)  # type: ignore[arg-type]
    assert read_rubric(after.encode(), "f").rubric == rubric
    compared = difflib.ndiff(text.split("\n"), after.split("\n"))
    return [line for line in compared if line[0] in "+-"]


def with_statement(rubric: Rubric, key: str, **fields: object) -> Rubric:
    return replace(
        rubric,
        categories=tuple(
            replace(
                category,
                statements=tuple(
                    replace(each, **fields) if each.key == key else each  # type: ignore[arg-type]
                    for each in category.statements
                ),
            )
            for category in rubric.categories
        ),
    )


@pytest.mark.parametrize(
    ("rubric", "lines"),
    [
        (RUBRIC, []),
        (replace(RUBRIC, title="A ladder"), ['- title: "A tiny ladder"  # quoted', "+ title: A ladder  # quoted"]),
        (
            replace(RUBRIC, summary="Short."),
            ["- summary: >-  # folded", "+ summary: Short.  # folded", "-   What it", "-   measures."],
        ),
        (
            replace(RUBRIC, source=replace(RUBRIC.source, year=2021)),
            ["-          publisher: A publisher, year: 2020}", "+          publisher: A publisher, year: 2021}"],
        ),
        (
            with_statement(RUBRIC, "one-lags", proof="One, two"),
            ["-         proof: A sign.   # any sign", "+         proof: One, two   # any sign"],
        ),
        (
            with_statement(RUBRIC, "one-lags", help="Of help."),
            ["+         help: Of help."],
        ),
        (
            with_statement(RUBRIC, "one-lags", do="Help it.\nNow."),
            ["-           Soon.", "+           Now."],
        ),
        (
            with_statement(RUBRIC, "one-leads", needs=(), proof="It, all of it"),
            [
                "-       - {key: one-leads, kind: practice, level: 2, gate: 2, text: One leads., do: Go., "
                "proof: It, needs: [one-lags]}",
                "+       - {key: one-leads, kind: practice, level: 2, gate: 2, text: One leads., do: Go., "
                'proof: "It, all of it"}',
            ],
        ),
        (
            replace(RUBRIC, stories=(Story("It works.", "A publisher", ("one-leads",)),)),
            [
                "- stories: []", "+ stories:", "+   - text: It works.", "+     source: A publisher",
                "+     statements:", "+       - one-leads",
            ],
        ),
    ],
)  # fmt: skip
def test_only_what_differs_changes(rubric: Rubric, lines: list[str]) -> None:
    assert changed(rubric) == lines


def test_what_moves_takes_its_comments_along() -> None:
    first, second = RUBRIC.categories
    swapped = edited(COMMENTED, read_yaml(write_rubric(replace(RUBRIC, categories=(second, first))).encode(), "f").data)  # type: ignore[arg-type]

    categories = swapped[swapped.index("categories:") :]
    assert categories.index("# Two comes second.") < categories.index("key: two") < categories.index("name: One")
    assert categories.index("name: One") < categories.index("# asked first") < categories.index("# Leads.")
    assert read_rubric(swapped.encode(), "f").rubric.categories == (second, first)


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    data = ("\ufeff" + COMMENTED.replace("\n", "\r\n")).encode()

    after = rewrite_rubric(data, "f", replace(RUBRIC, title="Ü")).decode()

    assert after.startswith("\ufeff# Ours")
    assert after.count("\n") == after.count("\r\n") == COMMENTED.count("\n")
    assert "title: Ü  # quoted" in after or 'title: "Ü"  # quoted' in after


def test_a_file_without_a_last_line_end() -> None:
    data = LADDER.rstrip("\n").encode()

    assert rewrite_rubric(data, "f", read_rubric(data, "f").rubric) == data
    other = replace(read_rubric(data, "f").rubric, bears_on=())
    assert read_rubric(rewrite_rubric(data, "f", other), "f").rubric == other


def in_one_language(key: str) -> Rubric:
    """What the shipped file itself says; its translations lie beside it."""
    return replace(shipped()[key], translations={})


@pytest.mark.parametrize("key", shipped_files())
def test_a_shipped_file_stays_byte_for_byte(key: str) -> None:
    assert rewrite_rubric(shipped_files()[key], "f", in_one_language(key)) == shipped_files()[key]


@pytest.mark.parametrize("key", shipped_files())
def test_one_text_of_a_shipped_file_is_one_line(key: str) -> None:
    rubric = in_one_language(key)
    statement = rubric.categories[1].statements[2]

    lines = changed(with_statement(rubric, statement.key, text="It reads otherwise."), shipped_files()[key].decode())

    assert [line[0] for line in lines] == ["-", "+"]
    assert "It reads otherwise." in lines[1]


@few
@given(dressed_rubrics())
def test_its_own_file_stays_byte_for_byte(rubric: Rubric) -> None:
    data = write_rubric(rubric).encode()
    assert rewrite_rubric(data, "f", rubric) == data
    commented = with_comments(data.decode())
    assert rewrite_rubric(commented.encode(), "f", rubric).decode() == commented


@few
@given(dressed_rubrics(), dressed_rubrics(), st.booleans())
def test_any_rubric_can_be_written_into_the_file_of_any_other(old: Rubric, new: Rubric, commented: bool) -> None:
    text = write_rubric(old)
    changed(new, with_comments(text) if commented else text)


@few
@given(st.data(), dressed_rubrics())
def test_no_comment_is_lost_where_all_is_reordered(data: st.DataObject, rubric: Rubric) -> None:
    text = with_comments(write_rubric(rubric))
    mixed = [replace(each, statements=tuple(data.draw(st.permutations(each.statements)))) for each in rubric.categories]
    other = replace(rubric, categories=tuple(data.draw(st.permutations(mixed))))

    after = edited(text, read_yaml(write_rubric(other).encode(), "f").data)  # type: ignore[arg-type]

    assert read_rubric(after.encode(), "f").rubric == other
    assert sorted(after.split("\n")) == sorted(text.split("\n"))


def with_comments(text: str) -> str:
    """A comment above each statement, level and key of the top."""
    found = read_yaml(text.encode(), "f")
    lines = text.split("\n")
    for path, line in sorted(found.lines.items(), key=lambda each: each[1], reverse=True):
        if len(path) == 1 or (len(path) == 4 and path[2] == "statements"):
            indent = len(lines[line - 1]) - len(lines[line - 1].lstrip(" "))
            named = found.name(path).split(".")[-1]
            lines.insert(line - 1, f"{' ' * indent}# at {named}")
    return "\n".join(lines)


def test_another_rubric_is_not_written_over_it() -> None:
    with pytest.raises(Conflict, match="holds another rubric than tiny"):
        rewrite_rubric(POINTS.encode(), "f", RUBRIC)


@pytest.mark.parametrize("text", ["a: [", "a: &a 1\nkey: tiny", "key: tiny\nkey: tiny", "a" * 2_000_000])
def test_what_cannot_be_read_is_left(text: str) -> None:
    with pytest.raises(Problems):
        rewrite_rubric(text.encode(), "f", RUBRIC)


def test_a_file_that_cannot_be_kept_is_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: Callable[[str, object], str] = lambda text, _values: text  # noqa: E731
    monkeypatch.setattr(rubric_edit, "edited", broken)
    other = replace(RUBRIC, title="Another")

    assert rewrite_rubric(COMMENTED.encode(), "f", other).decode() == write_rubric(other)
