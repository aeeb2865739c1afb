"""The second migration, on a database that holds quick checks of the release before it."""

from sqlalchemy import text

from app.db.engine import make_engine, writing
from app.db.migrate import migrate
from tests.quick_check import NOW, begun, statement

ANSWER = text(
    "INSERT INTO answer (organisation_id, sheet_id, statement, value, reason, note, version, answered_at)"
    " SELECT organisation_id, id, :statement, '1', '', 'kept', 1, created_at FROM sheet"
)


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0001")
    engine = make_engine(empty_url)
    kept = begun(engine)
    # In SQL: what answers and deletes today reads columns that the release before did not have.
    with writing(engine) as session:
        session.execute(ANSWER, {"statement": statement(kept.rubric, "a")})
    begun(engine)
    with writing(engine) as session:
        gone = session.execute(text("SELECT max(id) FROM assessment")).scalar_one()
        session.execute(text("DELETE FROM assessment WHERE id = :gone"), {"gone": gone})
    engine.dispose()

    migrate(empty_url)

    assert [answer.note for answer in kept.answers.values()] == ["kept"]
    assert (kept.sheet.begun_at, kept.sheet.closed_at) == (NOW, None)
    with writing(engine) as session:
        assert session.execute(
            text("SELECT members_see_organisation, single_sign_on_only FROM organisation")
        ).one() in (
            (False, False),
            (0, 0),
        )
    assert begun(engine).sheet.assessment_id == gone + 1
    engine.dispose()
