"""The second migration, on a database that holds quick checks of the release before it."""

from sqlalchemy import text

from app.actions.quick_checks import delete_quick_check
from app.db.engine import make_engine, writing
from app.db.migrate import migrate
from tests.quick_check import NOW, begun


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0001")
    engine = make_engine(empty_url)
    kept = begun(engine)
    kept.pick(0, 2)
    before = kept.answers
    gone = begun(engine).sheet
    with writing(engine) as session:
        delete_quick_check(session, gone, NOW)
    engine.dispose()

    migrate(empty_url)

    assert kept.answers == before
    assert len(before) > 5
    with writing(engine) as session:
        assert session.execute(
            text("SELECT members_see_organisation, single_sign_on_only FROM organisation")
        ).one() in (
            (False, False),
            (0, 0),
        )
    following = begun(engine).sheet
    assert following.assessment_id == gone.assessment_id + 1
    engine.dispose()
