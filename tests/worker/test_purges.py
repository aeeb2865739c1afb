"""The job that purges files of evidence: what a row names stays, also where it was taken away."""

import datetime
import io
from pathlib import Path

from sqlalchemy import Engine

from app.actions.evidence import About, add_file, remove_evidence
from app.connectors.kept_files import KeptFiles
from app.db.engine import writing
from app.domain.evidence import checked_file
from app.worker.purges import EVERY, EVIDENCE, evidence_purge
from app.worker.run import Worker
from tests.cast import NOW, Cast
from tests.teamwork import begun


def test_it_works(cast: Cast, engine: Engine, tmp_path: Path) -> None:
    teamwork, files = begun(cast), KeptFiles(tmp_path)
    teamwork.revealed()
    statement = next(iter(teamwork.rubric.statements))
    keys = [files.keep(io.BytesIO(name)) for name in (b"named", b"taken away", b"orphan")]
    for key in keys[:2]:
        file = checked_file("a.txt", 5, b"named")
        with writing(engine) as session:
            number = add_file(
                session, teamwork.actor("lead"), teamwork.assessment_id, statement, file, key, About(), NOW
            )
    with writing(engine) as session:
        remove_evidence(session, teamwork.actor("lead"), teamwork.assessment_id, statement, number, NOW)

    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)
    Worker(
        engine, {}, {EVIDENCE: EVERY}, lambda: later, errands={EVIDENCE: evidence_purge(files, lambda: later)}
    ).turn()

    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == set(keys[:2])
