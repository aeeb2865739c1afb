"""Reading a sheet back: now, as of any version, and its picks."""

from app.db.engine import reading
from app.domain.answers import Value
from app.domain.sheets import Change, SavedAnswer, touched
from app.queries.sheets import Pick, answers_as_of, last_picks, sheet_by_secret
from tests.conftest import StatementCount
from tests.quick_check import NOW, QuickCheck, begun, statement

YES, NO = Value.YES, Value.NO


def test_it_works(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    quick_check.save(1, a=Change(note="see wiki"), b=NO)
    a, b, sheet = statement(quick_check.rubric, "a"), statement(quick_check.rubric, "b"), quick_check.sheet
    with reading(quick_check.engine) as session:
        as_of = [answers_as_of(session.connection(), sheet, (a, b), version) for version in range(3)]
    assert as_of == [
        {},
        {a: SavedAnswer(YES)},
        {a: SavedAnswer(YES, "", "see wiki"), b: SavedAnswer(NO)},
    ]
    assert quick_check.answers == as_of[-1]


def test_a_form_of_an_older_version_merges_by_what_it_touches(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=YES)
    quick_check.save(1, a=NO)
    a, sheet = statement(quick_check.rubric, "a"), quick_check.sheet
    with reading(quick_check.engine) as session:
        then = answers_as_of(session.connection(), sheet, (a,), 1)[a]

    quick_check.save(1, a=touched(Change(YES, "", "a note typed beside the old value"), then))

    assert quick_check.answers[a] == SavedAnswer(NO, "", "a note typed beside the old value")


def test_the_last_pick_of_each_category(quick_check: QuickCheck) -> None:
    other = begun(quick_check.engine)
    other.pick(0, 4)
    quick_check.pick(0, 1)
    quick_check.pick(1, 3)
    sheet = quick_check.sheet
    with reading(quick_check.engine) as session:
        picks = last_picks(session.connection(), sheet.organisation_id, sheet.sheet_id)
    assert picks == {quick_check.rubric.categories[0].key: Pick(3, 2)}


def test_a_sheet_is_found_by_one_statement(quick_check: QuickCheck, count_statements: StatementCount) -> None:
    with count_statements(quick_check.engine) as statements, reading(quick_check.engine) as session:
        sheet_by_secret(session.connection(), quick_check.secret, NOW)
    assert len(statements) == 1
