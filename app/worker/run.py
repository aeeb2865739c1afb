"""The worker: a loop that does the jobs that are due. It runs as a thread of the server or as a process of its own."""

import datetime
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.actions.jobs import ATTEMPTS, NoLongerOurs, TakenJob, enqueue, finish, put_back, take, waits
from app.db.engine import reading, writing
from app.worker.work import ONLY_WHEN, PERIODIC, WORK, Errand, Work

PAUSE = 1.0
"""Seconds between two looks at the job table when there is nothing to do."""

GIVEN_UP = f"Given up: {ATTEMPTS} attempts ended with their process."

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

log = structlog.get_logger()


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass(slots=True)
class Worker:
    """`kinds`: the kinds of jobs that it does, and leaves the others to other workers; None for all."""

    engine: Engine
    work: Mapping[str, Work] = field(default_factory=lambda: WORK)
    periodic: Mapping[str, datetime.timedelta] = field(default_factory=lambda: PERIODIC)
    clock: Callable[[], datetime.datetime] = utc_now
    pause: float = PAUSE
    slots: dict[str, datetime.datetime] = field(default_factory=dict)
    errands: Mapping[str, Errand] = field(default_factory=dict)
    kinds: Collection[str] | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. A database that is away is waited for, and no job ends the loop."""
        while not stop.is_set():
            try:
                busy = self.turn()
            except (SQLAlchemyError, NoLongerOurs) as error:
                log.warning("worker looks again later", error=type(error).__name__)
                busy = False
            if not busy:
                stop.wait(self.pause)

    def turn(self) -> bool:
        """Do one job, if any is due; whether there was one."""
        self._enqueue_periodic()
        with reading(self.engine) as session:
            if not waits(session, self.clock(), self.kinds):
                return False
        with writing(self.engine) as session:
            job = take(session, self.clock(), self.kinds)
        if job is not None:
            self._do(job)
        return job is not None

    def _do(self, job: TakenJob) -> None:
        if job.lost:
            self._put_back(job, GIVEN_UP)
            return
        try:
            if errand := self.errands.get(job.kind):
                self._run(errand, job)
                return
            with writing(self.engine) as session:
                self.work[job.kind](session, job.payload, self.clock())
                finish(session, job, self.clock())
        except NoLongerOurs:
            raise
        except Exception as error:  # whatever a job raises, the next one is to be done
            log.exception("job failed", job=job.id, kind=job.kind, attempt=job.attempt)
            self._put_back(job, f"{type(error).__name__}: {str(error)!a}")

    def _put_back(self, job: TakenJob, trouble: str) -> None:
        with writing(self.engine) as session:
            if job.last and (errand := self.errands.get(job.kind)):
                errand.give_up(session, job, trouble)
            put_back(session, job, self.clock(), trouble)

    def _run(self, errand: Errand, job: TakenJob) -> None:
        with reading(self.engine) as session:
            wanted = errand.look(session, job)
        outcome = errand.run(wanted) if wanted is not None else None
        with writing(self.engine) as session:
            again = errand.note(session, job, outcome, self.clock()) if wanted is not None else ""
            if again:
                put_back(session, job, self.clock(), again)
            else:
                finish(session, job, self.clock())

    def _enqueue_periodic(self) -> None:
        now = self.clock()
        begun = {kind: now - (now - EPOCH) % every for kind, every in self.periodic.items()}
        for kind, slot in begun.items():
            if self.slots.get(kind) == slot:
                continue
            if self._wanted(kind):
                with writing(self.engine) as session:
                    enqueue(session, kind, {}, slot, f"{kind} {slot.isoformat()}")
            self.slots[kind] = slot

    def _wanted(self, kind: str) -> bool:
        if kind not in ONLY_WHEN:
            return True
        with reading(self.engine) as session:
            return bool(ONLY_WHEN[kind](session))


def start(
    engine: Engine,
    errands: Mapping[str, Errand] | None = None,
    work: Mapping[str, Work] = WORK,
    periodic: Mapping[str, datetime.timedelta] = PERIODIC,
) -> Callable[[], None]:
    """Start to work in threads of this process; call what it returns to stop, which waits for the running jobs.

    Errands have a thread of their own: a mail server that takes its time holds up nothing else. So have long ones.
    """
    stop, errands = threading.Event(), errands or {}
    workers = [Worker(engine, work, periodic, kinds=work)]
    for long in (False, True):
        some = {kind: errand for kind, errand in errands.items() if errand.long is long}
        if some:
            workers.append(Worker(engine, {}, {}, errands=some, kinds=some))
    threads = [threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True) for worker in workers]
    for thread in threads:
        thread.start()

    def stopped() -> None:
        stop.set()
        for thread in threads:
            thread.join()

    return stopped
