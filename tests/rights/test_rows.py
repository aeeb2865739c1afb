"""What tells that nothing was changed tells the truth."""

from sqlalchemy import Engine

from app.actions.organisations import create_organisation
from app.db.engine import reading, writing
from tests.quick_check import NOW
from tests.rights.rows import rows, watching


def test_it_works(engine: Engine) -> None:
    with watching(engine) as watch:
        other = watch.anew()
        assert not watch.moved()
        with reading(engine) as session:
            session.connection()
        rows(engine)
        assert not watch.moved()

        with writing(engine) as session:
            create_organisation(session, "Tram", NOW)

        assert watch.moved()
        assert not watch.moved()
        assert other.moved()
