"""Saving answers: merged where it can be, refused whole where it cannot."""

import dataclasses
import threading

import pytest
from sqlalchemy import Engine, func, select

from app.actions import sheets
from app.db.engine import reading, writing
from app.db.tables.assessments import AnswerChange, Mutation
from app.db.tables.audit import AuditEvent
from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value
from app.domain.errors import Conflict, Invalid, Missing
from app.domain.sheets import AnswersDiffer, AnswerUnfit, Change, SavedAnswer
from app.domain.sheets import Mutation as Asked
from app.queries.sheets import sheet_by_secret
from tests.conftest import StatementCount
from tests.quick_check import NOW, QuickCheck, new_id, statement

YES, NO, HALF, NA = Value.YES, Value.NO, Value.HALF, Value.NOT_APPLICABLE


def of(quick_check: QuickCheck, name: str) -> SavedAnswer:
    return quick_check.answers[statement(quick_check.rubric, name)]


def test_it_works(quick_check: QuickCheck) -> None:
    saved = quick_check.save(0, a=Change(YES, note="we do"), b=HALF)

    assert (saved.version, saved.repeated) == (1, False)
    assert saved.answers == quick_check.answers
    assert saved.changed == (statement(quick_check.rubric, "a"), statement(quick_check.rubric, "b"))
    assert of(quick_check, "a") == SavedAnswer(YES, "", "we do")
    assert of(quick_check, "a").version == quick_check.sheet.version == 1
    assert quick_check.sheet.answered_at == NOW


def test_every_change_is_kept_and_every_mutation_is_one_event(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES, b=YES)
    quick_check.save(1, a=NO)

    first = statement(quick_check.rubric, "a")
    with reading(quick_check.engine) as session:
        changes = session.execute(
            select(AnswerChange.version, AnswerChange.value)
            .where(AnswerChange.statement == first)
            .order_by(AnswerChange.version)
        )
        assert [tuple(change) for change in changes] == [(1, YES), (2, NO)]
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "answers saved").order_by(AuditEvent.id)
        ).all()
        assert [event.details for event in events] == [
            {"statements": [first, statement(quick_check.rubric, "b")]},
            {"statements": [first]},
        ]


def test_a_repeated_mutation_is_answered_as_before(quick_check: QuickCheck) -> None:
    id = new_id()
    first = quick_check.save(0, id, a=YES)
    quick_check.save(1, a=NO)

    again = quick_check.save(0, id.upper(), a=YES)

    assert (again.version, again.changed, again.repeated) == (first.version, first.changed, True)
    assert of(quick_check, "a").value is NO
    assert quick_check.sheet.version == 2


def test_an_id_is_used_for_one_thing_only(quick_check: QuickCheck) -> None:
    id = new_id()
    quick_check.save(0, id, a=YES)
    with pytest.raises(Conflict, match="something else"):
        quick_check.save(0, id, a=NO)
    with pytest.raises(Conflict, match="something else"):
        quick_check.pick(1, 2, id)
    with pytest.raises(Conflict, match="something else"):
        quick_check.undo(1, id)


def test_what_changes_nothing_makes_no_version_and_no_event_and_is_recognised(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    id = new_id()
    saved = quick_check.save(1, id, a=Change(YES, note=""))
    assert (saved.version, saved.changed, saved.repeated) == (1, (), False)
    quick_check.save(1, a=NO)

    again = quick_check.save(1, id, a=Change(YES, note=""))

    assert (again.version, again.changed, again.repeated) == (1, (), True)
    with reading(quick_check.engine) as session:
        assert session.scalar(select(func.count()).where(AuditEvent.action == "answers saved")) == 2


def test_different_statements_merge(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    saved = quick_check.save(0, b=NO)
    assert saved.version == 2
    assert {answer.value for answer in saved.answers.values()} == {YES, NO}


def test_a_note_and_a_value_of_one_statement_merge(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    quick_check.save(1, a=Change(note="theirs"))
    quick_check.save(1, a=NO)
    assert of(quick_check, "a") == SavedAnswer(NO, "", "theirs")


def test_the_same_change_twice_is_no_conflict(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    assert quick_check.save(0, a=YES).changed == ()


def test_what_was_changed_and_changed_back_merges(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    quick_check.save(1, a=NO)
    quick_check.save(2, a=YES)
    assert quick_check.save(1, a=HALF).version == 4


def test_a_conflict_shows_both_and_saves_nothing(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(YES, note="theirs"))
    with pytest.raises(AnswersDiffer) as raised:
        quick_check.save(0, a=NO, b=YES)

    (differing,) = raised.value.conflicts
    assert differing.statement == statement(quick_check.rubric, "a")
    assert differing.theirs == SavedAnswer(YES, "", "theirs")
    assert differing.theirs.version == 1
    assert differing.mine.value is NO
    assert statement(quick_check.rubric, "b") not in quick_check.answers
    assert quick_check.sheet.version == 1


def test_whoever_read_both_may_insist_under_a_new_id(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    with pytest.raises(AnswersDiffer):
        quick_check.save(0, a=NO)
    assert quick_check.save(1, a=NO).version == 2


def test_setting_back_what_others_changed_is_a_conflict_and_never_silent(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    quick_check.save(1, a=NO)
    with pytest.raises(AnswersDiffer):
        quick_check.save(1, a=YES)


def test_a_note_that_met_somebody_s_answer_has_not_seen_it(quick_check: QuickCheck) -> None:
    """Both were given offline: the note is saved beside the answer of the other one, whom its author never saw."""
    mine, key = "b" * 32, statement(quick_check.rubric, "a")
    quick_check.save(0, a=NO)
    sheet = quick_check.sheet
    with writing(quick_check.engine) as session:
        sheets.save(session, sheet, quick_check.rubric, Asked(new_id(), 0, {key: Change(note="see wiki")}, mine), NOW)
    with writing(quick_check.engine) as session, pytest.raises(AnswersDiffer):
        sheets.save(session, sheet, quick_check.rubric, Asked(new_id(), 0, {key: Change(YES)}, mine), NOW)
    assert of(quick_check, "a") == SavedAnswer(NO, "", "see wiki")


@pytest.mark.parametrize("base", [-1, 1, 2**63, 10**40])
def test_a_base_that_the_sheet_never_had_is_invalid(quick_check: QuickCheck, base: int) -> None:
    with pytest.raises(Invalid, match="version"):
        quick_check.save(base, a=YES)


def test_not_applicable_needs_a_reason(quick_check: QuickCheck) -> None:
    for change in (Change(NA), Change(NA, reason=""), Change(NA, reason=" \n")):
        with pytest.raises(Invalid, match="does not apply"):
            quick_check.save(0, a=change)
    quick_check.save(0, a=Change(NA, reason="no cloud"))
    quick_check.save(1, a=Change(reason="no cloud at all"))
    assert of(quick_check, "a") == SavedAnswer(NA, "no cloud at all")
    with pytest.raises(Invalid, match="does not apply"):
        quick_check.save(2, a=Change(reason=""))


def test_another_value_clears_the_reason(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(NA, reason="no cloud", note="see wiki"))
    quick_check.save(1, a=Change(YES, reason="left in the form"))
    assert of(quick_check, "a") == SavedAnswer(YES, "", "see wiki")
    with pytest.raises(Invalid, match="only where"):
        quick_check.save(2, a=Change(reason="of what?"))


def test_the_note_stays_when_the_value_is_cleared(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(YES, note="see wiki"))
    quick_check.save(1, a=Change(None))
    assert of(quick_check, "a") == SavedAnswer(None, "", "see wiki")


@pytest.mark.parametrize(
    "change",
    [
        Change(note="nul \x00"),
        Change(note="surrogate \udcff"),
        Change(note="x" * (NOTE_LIMIT + 1)),
        Change(NA, reason="x" * (REASON_LIMIT + 1)),
        Change(NA, reason="nul \x00"),
    ],
)
def test_hostile_text_is_invalid_and_names_its_statement(quick_check: QuickCheck, change: Change) -> None:
    with pytest.raises(AnswerUnfit) as unfit:
        quick_check.save(0, a=change)
    assert unfit.value.statement == statement(quick_check.rubric, "a")
    assert quick_check.sheet.version == 0


def test_the_longest_texts_fit(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Change(NA, reason="ß" * REASON_LIMIT, note="🚋" * NOTE_LIMIT))
    assert of(quick_check, "a") == SavedAnswer(NA, "ß" * REASON_LIMIT, "🚋" * NOTE_LIMIT)


@pytest.mark.parametrize("name", ["none.such", "", "\x00", "\ud800", "x" * 10_000])
def test_an_unknown_statement_is_invalid(quick_check: QuickCheck, name: str) -> None:
    sheet = quick_check.sheet
    with writing(quick_check.engine) as session, pytest.raises(Invalid, match="no statement"):
        sheets.save(session, sheet, quick_check.rubric, Asked(new_id(), 0, {name: Change(YES)}), NOW)


@pytest.mark.parametrize("id", ["", "1", "\x00", "\ud800", "x" * 10_000, "' OR 1=1"])
def test_an_id_that_is_no_uuid_is_invalid(quick_check: QuickCheck, id: str) -> None:
    sheet = quick_check.sheet
    with writing(quick_check.engine) as session, pytest.raises(Invalid, match="UUID"):
        sheets.save(session, sheet, quick_check.rubric, Asked(id, 0, {}), NOW)


def test_a_sheet_of_another_organisation_is_not_even_seen(quick_check: QuickCheck) -> None:
    foreign = dataclasses.replace(quick_check.sheet, organisation_id=2)
    with writing(quick_check.engine) as session, pytest.raises(Missing):
        sheets.save(session, foreign, quick_check.rubric, Asked(new_id(), 0, {}), NOW)


def test_a_save_takes_ten_statements_at_most(quick_check: QuickCheck, count_statements: StatementCount) -> None:
    quick_check.save(0, a=YES, b=YES)
    engine, three = quick_check.engine, {statement(quick_check.rubric, name): Change(NO) for name in "cde"}

    def count(base: int, changes: dict[str, Change]) -> int:
        with count_statements(engine) as statements, writing(engine) as session:
            sheet = sheet_by_secret(session.connection(), quick_check.secret, NOW)
            sheets.save(session, sheet, quick_check.rubric, Asked(new_id(), base, changes), NOW)
        return len(statements)

    assert count(1, three) == 9
    assert count(1, {statement(quick_check.rubric, "a"): Change(NO)}) == 9
    # Where an answer moved meanwhile, its history is read as well.
    assert count(1, {statement(quick_check.rubric, "a"): Change(note="x")}) == 10


def test_a_retry_that_overtakes_its_own_first_try_is_saved_once(quick_check: QuickCheck, engine: Engine) -> None:
    start = threading.Barrier(4)
    outcomes: list[bool] = []
    id = new_id()

    def attempt() -> None:
        start.wait()
        outcomes.append(quick_check.save(0, id, a=YES, b=NO).repeated)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, True, True, True]
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Mutation)) == 1
        assert session.scalar(select(func.count()).select_from(AnswerChange)) == 2
