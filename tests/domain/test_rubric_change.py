"""The difference of two rubrics: complete, by key, and word by word."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from app.domain.rubric import Category, Rubric, Statement
from app.domain.rubric_change import Difference, Move, OrderChange, Piece, Turn, difference, pieces
from app.domain.rubric_file import read_rubric
from tests.domain.strategies import calm, dressed_rubrics, long_texts
from tests.domain.test_rubric_file import LADDER, swapped

OLD = read_rubric(LADDER.encode(), "f").rubric
SAME, REMOVED, ADDED = Turn.SAME, Turn.REMOVED, Turn.ADDED


def changed(old: str, new: str) -> Rubric:
    return read_rubric(swapped(LADDER, old, new).encode(), "f").rubric


def with_statements(rubric: Rubric, key: str, statements: tuple[Statement, ...]) -> Rubric:
    def filled(category: Category) -> Category:
        return replace(category, statements=statements) if category.key == key else category

    return replace(rubric, categories=tuple(filled(category) for category in rubric.categories))


def test_it_works() -> None:
    changes = difference(OLD, changed("text: Two lives.", "text: Two lives well."))

    (text,) = changes.texts
    assert (text.path, text.old, text.new) == ("statements.two-lives.text", "Two lives.", "Two lives well.")
    assert text.pieces == (Piece(SAME, "Two lives"), Piece(ADDED, " well"), Piece(SAME, "."))
    assert changes == Difference((), (), (), changes.texts, ())


@calm
@given(dressed_rubrics())
def test_a_rubric_does_not_differ_from_itself(rubric: Rubric) -> None:
    assert not difference(rubric, rubric)


@settings(calm, max_examples=30)
@given(dressed_rubrics(), dressed_rubrics())
def test_rubrics_that_differ_have_a_difference_which_turns_round(one: Rubric, other: Rubric) -> None:
    there, back = difference(one, other), difference(other, one)

    assert bool(there) is (one != other)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert {(each.path, each.old, each.new) for each in there.texts} == {
        (each.path, each.new, each.old) for each in back.texts
    }
    assert {(each.statement, each.what, each.old, each.new) for each in there.moved} == {
        (each.statement, each.what, each.new, each.old) for each in back.moved
    }


@calm
@given(long_texts(80), long_texts(80))
def test_the_pieces_make_both_texts(old: str, new: str) -> None:
    laid = pieces(old, new)

    assert "".join(piece.text for piece in laid if piece.turn is not ADDED) == old
    assert "".join(piece.text for piece in laid if piece.turn is not REMOVED) == new


def test_an_added_statement_is_removed_the_other_way_round() -> None:
    lives, thrives = OLD.category_by_key["two"].statements
    extra = replace(lives, key="extra")
    new = with_statements(OLD, "two", (lives, extra, thrives))

    assert [(each.category, each.statement) for each in difference(OLD, new).added] == [("two", extra)]
    assert [each.statement.key for each in difference(new, OLD).removed] == ["extra"]
    assert not difference(OLD, new).texts


def test_what_changes_results_is_told_apart() -> None:
    new = changed("kind: gap, level: 0, gate: 1", "kind: practice, level: 1, gate: 1")

    assert difference(OLD, new).moved == (
        Move("one-lags", "kind", "gap", "practice"),
        Move("one-lags", "level", "0", "1"),
    )


def test_a_statement_that_goes_to_another_category_has_moved() -> None:
    lives, thrives = OLD.category_by_key["two"].statements
    there = with_statements(OLD, "two", (thrives,))
    new = with_statements(there, "one", (*OLD.category_by_key["one"].statements, lives))

    assert difference(OLD, new).moved == (Move("two-lives", "category", "two", "one"),)
    assert not difference(OLD, new).texts


def test_another_order_is_a_difference() -> None:
    lives, thrives = OLD.category_by_key["two"].statements
    new = with_statements(OLD, "two", (thrives, lives))

    assert difference(OLD, new).orders == (
        OrderChange("categories.two", ("two-lives", "two-thrives"), ("two-thrives", "two-lives")),
    )


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("title: A tiny ladder", "title: A small ladder", "title"),
        ("year: 2020", "year: 2021", "source.year"),
        ("name: Partly}", "name: Half}", "answers.0.5.name"),
        ("name: Overcome}", "name: Gone}", "gap_answers.1.name"),
        ("summary: s1", "summary: t", "levels.1.summary"),
        ("text: Begin.", "text: Start.", "actions.begin.text"),
        ("question: How does two stand?", "question: Does two stand?", "categories.two.question"),
        ("needs: [one-lags]", "needs: []", "statements.one-leads.needs"),
        ("proof: Its food.", "proof: Its food., effort: M", "statements.two-lives.effort"),
    ],
)
def test_every_field_has_its_path(old: str, new: str, path: str) -> None:
    assert [text.path for text in difference(OLD, changed(old, new)).texts] == [path]
