"""The third migration, on a database that holds a token of the release before it."""

from sqlalchemy import text

from app.db.engine import make_engine, reading, writing
from app.db.migrate import migrate
from tests.quick_check import NOW

FOUND = text("INSERT INTO organisation (name, created_at) VALUES ('Works', :now) RETURNING id")
MAKE = text(
    "INSERT INTO token (organisation_id, prefix, secret_digest, name, scopes, created_at)"
    " VALUES (:organisation_id, 'sst_', :digest, 'kept', '[\"read\"]', :now) RETURNING id"
)
KEEP = text(
    "INSERT INTO kept_answer (organisation_id, token_id, key_digest, request_digest, claimed_at)"
    " VALUES (:organisation_id, :token_id, :digest, :digest, :now)"
)


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0002")
    engine = make_engine(empty_url)
    with writing(engine) as session:
        row = {"organisation_id": session.scalar(FOUND, {"now": NOW}), "digest": b"digest", "now": NOW}
        row["token_id"] = session.scalar(MAKE, row)
    engine.dispose()

    migrate(empty_url)

    with writing(engine) as session:
        session.execute(KEEP, row)
    with reading(engine) as session:
        kept = text("SELECT token.name, status FROM kept_answer JOIN token ON token.id = kept_answer.token_id")
        assert session.execute(kept).one() == ("kept", None)
    engine.dispose()
