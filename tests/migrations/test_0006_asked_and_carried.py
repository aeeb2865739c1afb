"""Letters that were written before stay as they are, and the release before goes on writing some during an upgrade."""

from sqlalchemy import text

from app.db.engine import make_engine, writing
from app.db.migrate import migrate

LETTER = (
    "INSERT INTO delivery (to_address, subject, text, html, state, attempts, created_at)"
    " VALUES ('a@tram.example', 'Due soon', 'It is due.', '<p>It is due.</p>', 'waiting', 0, CURRENT_TIMESTAMP)"
)


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0005")
    engine = make_engine(empty_url)
    with writing(engine) as session:
        session.execute(text(LETTER))
    engine.dispose()

    migrate(empty_url)

    with writing(engine) as session:
        session.execute(text(LETTER))
        assert list(session.execute(text("SELECT subject, unsubscribe FROM delivery"))) == [("Due soon", None)] * 2
        assert list(session.execute(text("SELECT against_value, settled_by FROM objection"))) == []
    engine.dispose()
