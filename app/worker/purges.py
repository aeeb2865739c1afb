"""The jobs that delete files that no row names: what came to nothing, and what is over."""

import datetime
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.actions.exporting import purge_exports
from app.actions.jobs import TakenJob
from app.connectors.kept_files import KeptFiles
from app.queries import evidence, exports
from app.worker.work import Errand

EVIDENCE = "purge evidence files"
EXPORTS = "purge exports"
ALL = (EVIDENCE, EXPORTS)
EVERY = datetime.timedelta(hours=6)

Clock = Callable[[], datetime.datetime]


def evidence_purge(files: KeptFiles, clock: Clock) -> Errand:
    return _purge(files, clock, lambda session: evidence.named_files(session.connection()), lambda _session, _now: None)


def export_purge(files: KeptFiles, clock: Clock) -> Errand:
    """Exports whose time is over, with their files; the files first, since nothing finds them without their rows."""
    return _purge(files, clock, lambda session: exports.named_files(session.connection(), clock()), purge_exports)


def _purge(
    files: KeptFiles,
    clock: Clock,
    named_files: Callable[[Session], frozenset[str]],
    forget: Callable[[Session, datetime.datetime], None],
) -> Errand:
    """No transaction is open while the folder is walked."""

    def look(session: Session, _job: TakenJob) -> frozenset[str]:
        return named_files(session)

    def run(named: frozenset[str]) -> int:
        return files.purge(named, clock())

    def note(session: Session, _job: TakenJob, _gone: int, now: datetime.datetime) -> str:
        forget(session, now)
        return ""

    def give_up(_session: Session, _job: TakenJob, _trouble: str) -> None:
        """The next one does it."""

    return Errand(look, run, note, give_up)
