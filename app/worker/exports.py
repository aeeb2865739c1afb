"""The job that writes an export: outside of any transaction but the one that it reads in, step by step."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.orm import Session

from app.actions.exporting import note_failed, note_progress, note_ready
from app.actions.jobs import NoLongerOurs, TakenJob
from app.connectors.kept_files import KeptFiles
from app.domain.errors import DomainError, Sentence
from app.domain.exports import ExportKind
from app.queries import people
from app.queries.exports import WaitingExport, seen_names, waiting_export
from app.worker import documents, formats
from app.worker.work import Errand
from app.worker.writing import Clock, Ending, Progress, Seen, Stopped, Writer

MOST_BEGUN = 3
"""Times that an export is begun whose process dies, before it is given up."""

NO_ROOM = Sentence("The server has no room for this file. Tell whoever runs this service, and try again later.")
DIED = Sentence(
    "This export was begun several times and never finished. Ask for less, such as one unit, and try again."
)
BROKEN = Sentence(
    "This went wrong on the server, and is in its log. Try again; tell whoever runs this service if it stays so."
)
ENDED = Sentence("The process ended while it was written.")
NOT_MADE = Sentence("This server does not make files of this kind. Choose another one.")

log = structlog.get_logger("shortstave.exports")

Transactions = Callable[[], AbstractContextManager[Session]]


WRITERS: Mapping[ExportKind, Writer] = MappingProxyType(
    {
        ExportKind.XLSX: formats.xlsx,
        ExportKind.TEAMS_CSV: formats.teams_csv,
        ExportKind.ANSWERS_CSV: formats.answers_csv,
        ExportKind.BLOCKERS_CSV: formats.blockers_csv,
        ExportKind.JSON: formats.json,
        ExportKind.PPTX: documents.pptx,
    }
)
"""What makes each kind of file. What is set from templates comes with the application."""


@dataclass(frozen=True, slots=True)
class Wanted:
    job: TakenJob
    export: WaitingExport


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: a file, why there is none, or why it is begun anew; nothing where nobody wants it any more."""

    export_id: int
    file_key: str = ""
    size: int = 0
    trouble: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """All that it takes to write exports.

    `reading` begins a transaction whose statements agree; `ending` says whether this process is to end.
    """

    reading: Transactions
    writing: Transactions
    files: KeptFiles
    clock: Clock
    ending: Callable[[], bool] = lambda: False
    writers: Mapping[ExportKind, Writer] = field(default_factory=lambda: WRITERS)

    def errand(self) -> Errand:
        return Errand(self.look, self.run, self.note, self.give_up, long=True)

    def look(self, session: Session, job: TakenJob) -> Wanted | None:
        export = waiting_export(session.connection(), job.payload["export"])
        return Wanted(job, export) if export else None

    def run(self, wanted: Wanted) -> Written:
        export = wanted.export
        try:
            return self._written(wanted)
        except Stopped:
            return Written(export.id)
        except Ending:
            return Written(export.id, again=ENDED)
        except (NoLongerOurs, SQLAlchemyError):
            # The one is somebody else's now; a database that is away is waited for.
            raise
        except DomainError as refused:
            return Written(export.id, trouble=str(refused))
        except OSError:
            log.exception("no room for an export", export=export.id)
            return Written(export.id, trouble=NO_ROOM)
        except Exception:  # whatever it is, whoever asked is told, and the next one is to be written
            log.exception("export failed", export=export.id, kind=export.asked.kind)
            return Written(export.id, trouble=BROKEN)

    def note(self, session: Session, _job: TakenJob, written: Written, now: datetime.datetime) -> str:
        if written.trouble:
            note_failed(session, written.export_id, written.trouble, now)
        elif written.file_key and not note_ready(session, written.export_id, written.file_key, written.size, now):
            self.files.discard(written.file_key)
        return written.again

    def give_up(self, session: Session, job: TakenJob, _trouble: str) -> None:
        note_failed(session, job.payload["export"], BROKEN, self.clock())

    def _written(self, wanted: Wanted) -> Written:
        export = wanted.export
        if wanted.job.attempt > MOST_BEGUN:
            return Written(export.id, trouble=DIED)
        writer = self.writers.get(export.asked.kind)
        if writer is None:
            return Written(export.id, trouble=NOT_MADE)
        progress = Progress(lambda done, total: self._report(wanted, done, total), self.clock, self.ending)
        progress.of(0)
        key = self.files.write(lambda path: writer(lambda: self._seen(export), export.asked, path, progress))
        return Written(export.id, key, self.files.path(key).stat().st_size)

    @contextmanager
    def _seen(self, export: WaitingExport) -> Iterator[Seen]:
        with self.reading() as session:
            connection = session.connection()
            actor = people.actor(connection, export.person_id, export.organisation_id)
            seen_names(connection, actor, export.asked)
            yield Seen(connection, actor)

    def _report(self, wanted: Wanted, done: int, total: int) -> bool:
        try:
            with self.writing() as session:
                return note_progress(session, wanted.job, wanted.export.id, done, total, self.clock())
        except (OperationalError, WaitedTooLong) as error:
            # Somebody else writes for long: it is said the next time.
            log.warning("progress not noted", export=wanted.export.id, error=type(error).__name__)
            return True
