"""What was agreed before it was counted: the migration leaves a job that counts it, and none where there is nothing."""

import datetime

from sqlalchemy import text

from app.db.engine import make_engine, reading, writing
from app.db.migrate import migrate
from app.worker.run import Worker
from app.worker.work import WORK

FILLED = (
    "INSERT INTO organisation (name, created_at) VALUES ('Tram', CURRENT_TIMESTAMP)",
    "INSERT INTO unit (organisation_id, name, path) VALUES (2, 'Data', '/1/')",
    "INSERT INTO team (organisation_id, unit_id, name) VALUES (2, 1, 'Risk')",
    "INSERT INTO rubric_version (organisation_id, key, number, state, title, kind, subject, digest, document,"
    " created_at) VALUES (2, 'r', 1, 'published', 'R', 'ladder', 'team', 'd', '{}', CURRENT_TIMESTAMP)",
    "INSERT INTO assessment (organisation_id, rubric_version_id, team_id, created_at)"
    " SELECT 2, id, 1, CURRENT_TIMESTAMP FROM rubric_version WHERE organisation_id = 2",
    "INSERT INTO agreed_result (organisation_id, assessment_id, revision, rubric_version_id, sheet_version, answers,"
    " result, overall, agreed_at) SELECT 2, id, 1, rubric_version_id, 1, '{}', '{}', 1, CURRENT_TIMESTAMP"
    " FROM assessment",
)
JOBS = text("SELECT idempotency_key, finished_at IS NOT NULL FROM job WHERE kind = 'count results' ORDER BY due_at")


def test_it_works(empty_url: str) -> None:
    migrate(empty_url, "0006")
    engine = make_engine(empty_url)
    with writing(engine) as session:
        for statement in FILLED:
            session.execute(text(statement))
    engine.dispose()

    migrate(empty_url)

    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1)
    worker = Worker(engine, WORK, {}, clock=lambda: now, kinds=["count results"])
    while worker.turn():
        pass
    with reading(engine) as session:
        done = [(key, bool(finished)) for key, finished in session.execute(JOBS)]
    # The second one comes an hour later, for what the release before agreed meanwhile.
    assert done == [("count results 0:0", True), ("count results 1:0", False)]
    engine.dispose()


def test_an_empty_database_has_nothing_to_count(empty_url: str) -> None:
    migrate(empty_url)
    engine = make_engine(empty_url)
    with reading(engine) as session:
        assert session.execute(JOBS).all() == []
    engine.dispose()
