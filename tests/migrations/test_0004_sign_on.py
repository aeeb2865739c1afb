"""What was there before single sign-on stays as it was: roles by hand, browsers that are good everywhere."""

from sqlalchemy import text

from app.db.engine import make_engine, writing
from app.db.migrate import migrate

FILLED = (
    "INSERT INTO organisation (name, created_at) VALUES ('Tram', CURRENT_TIMESTAMP)",
    "INSERT INTO person (email, name, created_at) VALUES ('a@tram.example', 'A', CURRENT_TIMESTAMP)",
    "INSERT INTO membership (organisation_id, person_id, joined_at) VALUES (2, 1, CURRENT_TIMESTAMP)",
    "INSERT INTO role (organisation_id, person_id, kind) VALUES (2, 1, 'admin')",
    "INSERT INTO signed_in (secret_digest, person_id, organisation_id, device, created_at, last_seen_at, expires_at)"
    " VALUES ('x', 1, 2, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
)


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0003")
    engine = make_engine(empty_url)
    with writing(engine) as session:
        for statement in FILLED:
            session.execute(text(statement))
    engine.dispose()

    migrate(empty_url)

    with writing(engine) as session:
        # The release before goes on inserting without the new columns while this one is brought in.
        session.execute(text(FILLED[3]))
        assert [bool(found) for found in session.scalars(text("SELECT from_sign_on FROM role"))] == [False, False]
        assert [bool(found) for found in session.scalars(text("SELECT only_here FROM signed_in"))] == [False]
    engine.dispose()
