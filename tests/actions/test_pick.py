"""Quick picks: one click answers a category, and one click takes it back."""

import dataclasses

import pytest

from app.actions import sheets
from app.db.engine import reading, writing
from app.domain.answers import Value
from app.domain.errors import Conflict, Invalid
from app.domain.sheets import AnswersDiffer, Change, Mutation, SavedAnswer
from app.queries.sheets import Pick, last_picks, sheet_by_secret
from tests.conftest import StatementCount
from tests.quick_check import NOW, QuickCheck, begun, new_id, statement

YES, NO, HALF, NA = Value.YES, Value.NO, Value.HALF, Value.NOT_APPLICABLE


def picks(quick_check: QuickCheck) -> dict[str, Pick]:
    sheet = quick_check.sheet
    with reading(quick_check.engine) as session:
        return last_picks(session.connection(), sheet.organisation_id, sheet.sheet_id)


def values(quick_check: QuickCheck) -> dict[str, Value | None]:
    return {key: answer.value for key, answer in quick_check.answers.items()}


def expected(quick_check: QuickCheck, level: int) -> dict[str, Value]:
    statements = quick_check.rubric.categories[0].statements
    return {each.key: YES if (each.gate or 0) <= level else NO for each in statements}


def test_it_works(quick_check: QuickCheck) -> None:
    saved = quick_check.pick(0, 2)
    assert saved.version == 1
    assert set(saved.changed) == set(expected(quick_check, 2))
    assert values(quick_check) == expected(quick_check, 2)
    assert picks(quick_check) == {quick_check.rubric.categories[0].key: Pick(2, 1)}


def test_a_pick_keeps_notes_and_clears_reasons(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(NA, reason="no cloud", note="see wiki"))
    quick_check.pick(1, 4)
    assert quick_check.answers[statement(quick_check.rubric, "a")] == SavedAnswer(YES, "", "see wiki")


def test_a_repeated_pick_is_recognised(quick_check: QuickCheck) -> None:
    id = new_id()
    quick_check.pick(0, 2, id)
    again = quick_check.pick(0, 2, id)
    assert (again.version, again.repeated) == (1, True)
    with pytest.raises(Conflict, match="something else"):
        quick_check.pick(0, 3, id)


def test_a_pick_is_no_way_round_a_conflict(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=HALF)
    with pytest.raises(AnswersDiffer):
        quick_check.pick(0, 2)
    assert picks(quick_check) == {}


@pytest.mark.parametrize("level", [-1, 5, 2**63])
def test_a_level_out_of_range_is_invalid(quick_check: QuickCheck, level: int) -> None:
    with pytest.raises(Invalid, match="evel"):
        quick_check.pick(0, level)


def test_an_unknown_category_is_invalid(quick_check: QuickCheck) -> None:
    sheet = quick_check.sheet
    with writing(quick_check.engine) as session, pytest.raises(Invalid, match="no category"):
        sheets.pick(session, sheet, quick_check.rubric, new_id(), 0, "\ud800", 1, NOW)
    with writing(quick_check.engine) as session, pytest.raises(Invalid, match="no category"):
        sheets.undo_pick(session, sheet, quick_check.rubric, new_id(), 0, "none", NOW)


def test_undo_restores_what_was_before(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(NA, reason="no cloud"), b=HALF)
    quick_check.pick(1, 3)
    saved = quick_check.undo(2)

    a, b = statement(quick_check.rubric, "a"), statement(quick_check.rubric, "b")
    assert saved.version == 3
    assert quick_check.answers[a] == SavedAnswer(NA, "no cloud")
    assert {key: value for key, value in values(quick_check).items() if value} == {a: NA, b: HALF}
    assert picks(quick_check) == {}


def test_undo_leaves_alone_what_was_refined_since(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 4)
    quick_check.save(1, a=HALF, b=Change(note="kept"))
    quick_check.undo(2)
    assert quick_check.answers[statement(quick_check.rubric, "a")] == SavedAnswer(HALF)
    assert quick_check.answers[statement(quick_check.rubric, "b")] == SavedAnswer(None, "", "kept")


def test_picks_are_undone_one_after_the_other(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 1)
    quick_check.pick(1, 3)
    quick_check.undo(2)
    assert values(quick_check) == expected(quick_check, 1)
    quick_check.undo(3)
    assert set(values(quick_check).values()) == {None}
    with pytest.raises(Conflict, match="no pick"):
        quick_check.undo(4)


def test_undo_with_nothing_left_of_the_pick_takes_it_off_all_the_same(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 2)
    everything = {key: Change(HALF) for key in expected(quick_check, 2)}
    sheet = quick_check.sheet
    with writing(quick_check.engine) as session:
        sheets.save(session, sheet, quick_check.rubric, Mutation(new_id(), 1, everything), NOW)
    saved = quick_check.undo(2)
    assert (saved.version, saved.changed) == (2, ())
    assert picks(quick_check) == {}


def test_an_undo_takes_back_the_pick_that_was_seen_and_no_other(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 1)
    quick_check.pick(1, 3)
    before, id = quick_check.answers, new_id()
    with pytest.raises(Conflict, match="picked anew"):
        quick_check.undo(2, pick_version=1)
    assert quick_check.answers == before

    quick_check.undo(2, id, pick_version=2)
    assert quick_check.undo(2, id, pick_version=2).repeated


def test_a_browser_undoes_its_own_pick_before_it_was_told_of_its_version(quick_check: QuickCheck) -> None:
    mine, theirs = "a" * 32, "b" * 32
    quick_check.pick(0, 1, client=mine)
    before = {key: answer.value for key, answer in quick_check.answers.items()}
    quick_check.pick(1, 3, client=mine)
    with pytest.raises(Conflict, match="picked anew"):
        quick_check.undo(2, pick_version=1, client=theirs)

    quick_check.undo(1, pick_version=1, client=mine)

    assert {key: answer.value for key, answer in quick_check.answers.items()} == before


def test_a_repeated_undo_undoes_once(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 1)
    quick_check.pick(1, 3)
    id = new_id()
    quick_check.undo(2, id)
    assert quick_check.undo(2, id).repeated
    assert values(quick_check) == expected(quick_check, 1)


def test_a_pick_that_changes_nothing_is_none_to_undo(quick_check: QuickCheck) -> None:
    quick_check.pick(0, 2)
    quick_check.pick(1, 2)
    quick_check.undo(1)
    assert set(values(quick_check).values()) == {None}


def test_points_rubrics_have_no_picks(quick_check: QuickCheck) -> None:
    points = begun(quick_check.engine, "ml-test-score")
    with pytest.raises(Invalid):
        points.pick(0, 1)


def test_another_sheet_is_not_touched(quick_check: QuickCheck) -> None:
    other = begun(quick_check.engine)
    quick_check.pick(0, 2)
    assert other.answers == {}
    assert other.sheet.version == 0
    assert dataclasses.replace(other.sheet, sheet_id=0) != quick_check.sheet


def test_a_pick_takes_ten_statements_at_most(quick_check: QuickCheck, count_statements: StatementCount) -> None:
    category = quick_check.rubric.categories[0].key

    def count(base: int, level: int | None) -> int:
        with count_statements(quick_check.engine) as statements, writing(quick_check.engine) as session:
            sheet = sheet_by_secret(session.connection(), quick_check.secret, NOW)
            if level is None:
                sheets.undo_pick(session, sheet, quick_check.rubric, new_id(), base, category, NOW)
            else:
                sheets.pick(session, sheet, quick_check.rubric, new_id(), base, category, level, NOW)
        return len(statements)

    assert count(0, 2) == 9
    assert count(1, 3) == 9
    # An undo reads the pick and what was before it, and marks the pick.
    assert count(2, None) == 12
