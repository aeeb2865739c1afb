"""Organisations that were there before compare with groups of five teams and more."""

from sqlalchemy import text

from app.db.engine import make_engine, reading, writing
from app.db.migrate import migrate


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0007")
    engine = make_engine(empty_url)
    with writing(engine) as session:
        session.execute(text("INSERT INTO organisation (name, created_at) VALUES ('Tram', CURRENT_TIMESTAMP)"))
    engine.dispose()

    migrate(empty_url)

    with reading(engine) as session:
        assert set(session.execute(text("SELECT least_compared FROM organisation")).scalars()) == {5}
    engine.dispose()
