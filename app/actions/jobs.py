"""The job table: work is written down in the transaction that causes it, and one process at a time does it.

Whoever takes a job holds it until its lease runs out, so that the job of a killed process is taken up again. Finishing
names the attempt: a process that was slower than its lease finds the job no longer its own, and rolls its work back.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.db.base import table
from app.db.tables.jobs import Job
from app.domain.errors import Conflict

LEASE = datetime.timedelta(minutes=5)
ATTEMPTS = 8
FIRST_PAUSE = datetime.timedelta(seconds=10)
LONGEST_PAUSE = datetime.timedelta(hours=1)
FORGOTTEN_AFTER = datetime.timedelta(days=14)
ERROR_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that is this process's until its lease ends; `attempt` counts from 1."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int

    @property
    def last(self) -> bool:
        """Whether there is no other attempt after this one."""
        return self.attempt >= ATTEMPTS

    @property
    def lost(self) -> bool:
        """Whether all attempts ended without a word: their processes died, and may well have died of this job."""
        return self.attempt > ATTEMPTS


class NoLongerOurs(Conflict):
    """The lease ran out, and somebody else took the job."""


_ENQUEUE = {
    "sqlite": sqlite.insert(table(Job)).on_conflict_do_nothing(index_elements=["idempotency_key"]),
    "postgresql": postgresql.insert(table(Job)).on_conflict_do_nothing(index_elements=["idempotency_key"]),
}
# What returns something goes in one statement for many rows.
_ENQUEUE_ALL = {name: statement.returning(table(Job).c.id) for name, statement in _ENQUEUE.items()}


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    due: datetime.datetime,
    key: str,
    organisation_id: int | None = None,
) -> None:
    """Have this done once from `due` on. A job with the same key that exists already, done or not, is left as it is."""
    connection = session.connection()
    connection.execute(_ENQUEUE[connection.dialect.name], _row(kind, payload, due, key, organisation_id))


def enqueue_all(
    session: Session,
    kind: str,
    payloads: Mapping[str, dict[str, Any]],
    due: datetime.datetime,
    organisation_id: int | None = None,
) -> None:
    """The same for many jobs of a kind, by their keys, in one statement for each thousand."""
    connection = session.connection()
    rows = [_row(kind, payload, due, key, organisation_id) for key, payload in payloads.items()]
    if rows:
        connection.execute(_ENQUEUE_ALL[connection.dialect.name], rows).close()


def _row(
    kind: str, payload: dict[str, Any], due: datetime.datetime, key: str, organisation_id: int | None
) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "kind": kind,
        "payload": payload,
        "idempotency_key": key,
        "due_at": due,
        "attempts": 0,
    }


def waits(session: Session, now: datetime.datetime, kinds: Collection[str] | None = None) -> bool:
    """Whether there is a job to take. Only reads, so that an idle worker never holds up who writes."""
    return session.execute(_due(now, kinds)).first() is not None


def take(session: Session, now: datetime.datetime, kinds: Collection[str] | None = None) -> TakenJob | None:
    """The job that has been due longest and that nobody holds, now held by the caller; None where there is none.

    `kinds`: those that the caller does; None for all. One that is `lost` is to be put back, and not to be done.
    """
    job = session.scalars(_due(now, kinds).with_for_update(skip_locked=True)).first()
    if job is None:
        return None
    job.attempts += 1
    job.lease_until = now + LEASE
    return TakenJob(job.id, job.kind, job.payload, job.attempts)


def finish(session: Session, job: TakenJob, now: datetime.datetime) -> None:
    """Mark the job as done, in the transaction of its work; NoLongerOurs where somebody else took it meanwhile.

    What it was done with is forgotten: it may name somebody.
    """
    _settle(session, job, finished_at=now, lease_until=None, payload={})


def hold(session: Session, job: TakenJob, now: datetime.datetime) -> None:
    """Keep a job that takes its time for another lease; NoLongerOurs where somebody else took it meanwhile."""
    _settle(session, job, lease_until=now + LEASE)


def put_back(session: Session, job: TakenJob, now: datetime.datetime, error: str) -> None:
    """Note what went wrong, and have it tried again after a pause that doubles each time, or never after the last."""
    pause = min(FIRST_PAUSE * 2 ** (job.attempt - 1), LONGEST_PAUSE)
    failed = now if job.last else None
    _settle(session, job, due_at=now + pause, lease_until=None, failed_at=failed, last_error=error[:ERROR_LIMIT])


def try_again(session: Session, job_id: int, now: datetime.datetime) -> None:
    """Have a job done that failed, with all its attempts before it."""
    failed = update(Job).where(Job.id == job_id, Job.failed_at.is_not(None))
    values = failed.values(failed_at=None, attempts=0, due_at=now, lease_until=None, last_error=None)
    session.execute(values.execution_options(synchronize_session=False))


def purge_done(session: Session, now: datetime.datetime) -> None:
    """Forget jobs that were done long enough ago; those that failed stay, for somebody to see."""
    session.execute(delete(Job).where(Job.finished_at <= now - FORGOTTEN_AFTER))


def _due(now: datetime.datetime, kinds: Collection[str] | None) -> Select[Job]:
    due = (
        select(Job)
        .where(
            Job.finished_at.is_(None),
            Job.failed_at.is_(None),
            Job.due_at <= now,
            or_(Job.lease_until.is_(None), Job.lease_until <= now),
        )
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    return due if kinds is None else due.where(Job.kind.in_(kinds))


def _settle(session: Session, job: TakenJob, **columns: Any) -> None:
    ours = (Job.id == job.id) & (Job.attempts == job.attempt) & Job.finished_at.is_(None)
    result = session.execute(update(Job).where(ours).values(columns).execution_options(synchronize_session=False))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise NoLongerOurs("Job %(id)s was taken by somebody else after its lease had run out.", id=job.id)
