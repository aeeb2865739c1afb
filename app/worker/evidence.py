"""The job that deletes files of evidence that no row names: what was left by requests that came to nothing."""

import datetime
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.actions.jobs import TakenJob
from app.connectors.evidence_files import EvidenceFiles
from app.queries.evidence import named_files
from app.worker.work import Errand

KIND = "purge evidence files"
EVERY = datetime.timedelta(hours=6)


def purge_errand(files: EvidenceFiles, clock: Callable[[], datetime.datetime]) -> Errand:
    """No transaction is open while the folder is walked."""

    def look(session: Session, _job: TakenJob) -> frozenset[str]:
        return named_files(session.connection())

    def run(named: frozenset[str]) -> int:
        return files.purge(named, clock())

    def note(_session: Session, _job: TakenJob, _gone: int, _now: datetime.datetime) -> str:
        return ""

    def give_up(_session: Session, _job: TakenJob, _trouble: str) -> None:
        """The next one does it."""

    return Errand(look, run, note, give_up)
