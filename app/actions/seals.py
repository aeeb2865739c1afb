"""Sealing the audit trail, by a job, so that the chain is never a lock that a save waits for (design, decision 13)."""

import datetime
import time
from collections.abc import Iterator

from sqlalchemy import Connection, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.db.base import table
from app.db.tables.audit import AuditEvent, AuditName, AuditSeal
from app.db.tables.jobs import Job
from app.db.tables.org import Server
from app.db.tables.people import Membership, Person
from app.domain.seals import SealedEvent, name_digest, seal
from app.queries.seals import NAMED, events_between, last_seal, sealed_name, unsealed

KIND = "seal audit trail"
PATIENCE = 2.0
"""Seconds that sealing waits for transactions that are writing events."""
LOOKS_AGAIN = 0.05
JOBS_FORGOTTEN_AFTER = datetime.timedelta(hours=1)

WRITING = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND relation = 'audit_event'::regclass AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def seal_events(session: Session, now: datetime.datetime) -> None:
    """Seal every organisation's events since its last seal. It writes down new names of people as events, too.

    One sealer works at a time. Where others write events for longer than PATIENCE, it is left to the next round.
    """
    connection = session.connection()
    connection.execute(select(Server.id).with_for_update())
    up_to = settled(connection)
    for organisation_id in unsealed(connection) if up_to else ():
        _seal(connection, organisation_id, up_to, now)
    _forget_jobs(connection, now)


def settled(connection: Connection) -> int:
    """The number up to which no event can come any more; 0 where that could not be found out in time.

    PostgreSQL gives numbers in another order than it commits. Whoever draws one holds a lock on the table until their
    transaction ends: so all that hold one after the newest event was read are waited for, and nobody waits for us.
    """
    newest: int = connection.execute(select(func.coalesce(func.max(AuditEvent.id), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        return newest
    deadline = time.monotonic() + PATIENCE
    writing = set(connection.execute(WRITING).scalars())
    while writing:
        if time.monotonic() > deadline:
            return 0
        time.sleep(LOOKS_AGAIN)
        writing &= set(connection.execute(WRITING).scalars())
    return newest


def _seal(connection: Connection, organisation_id: int, up_to: int, now: datetime.datetime) -> None:
    last = last_seal(connection, organisation_id)
    people: set[int] = set()
    newest = last.up_to

    def passing(events: Iterator[SealedEvent]) -> Iterator[SealedEvent]:
        nonlocal newest
        for event in events:
            newest = event.id
            people.update({event.person_id} - {None})  # type: ignore[arg-type]
            people.update([event.subject_id] if event.subject == "person" else [])
            yield event

    digest = seal(last.digest, passing(events_between(connection, organisation_id, last.up_to, up_to)))
    if newest > last.up_to:
        row = {"organisation_id": organisation_id, "up_to": newest, "digest": digest, "at": now}
        connection.execute(insert(table(AuditSeal)), row)
    _write_names(connection, organisation_id, people, now)


def _write_names(connection: Connection, organisation_id: int, people: set[int], now: datetime.datetime) -> None:
    """Keep who these people are; a name that is new or has changed is an event, which the next round seals."""
    person, membership, name = table(Person).c, table(Membership).c, table(AuditName).c
    ours = (name.organisation_id == organisation_id) & (name.person_id == person.id)
    # An erased person has no salt any more, and is not written down again.
    changed = or_(
        name.person_id.is_(None), (name.salt != b"") & or_(name.name != person.name, name.email != person.email)
    )
    found = (
        select(person.id, person.name, person.email)
        .join(table(Membership), membership.person_id == person.id)
        .outerjoin(table(AuditName), ours)
        .where(membership.organisation_id == organisation_id, changed)
        .order_by(person.id)
    )
    for row in [row for row in connection.execute(found).all() if row.id in people]:
        audit.keep_name(connection, organisation_id, row.id, row.name, row.email)
    written = select(name.person_id, name.name, name.email, name.salt).where(name.organisation_id == organisation_id)
    for known in connection.execute(written.order_by(name.person_id)).all():
        if known.person_id not in people or not known.salt:
            continue
        digest = name_digest(known.salt, known.name, known.email)
        if digest != sealed_name(connection, organisation_id, known.person_id):
            audit.record(connection, now, organisation_id, NAMED, ("person", known.person_id), digest=digest)


def forget_name(session: Session, organisation_id: int, person_id: int) -> None:
    """Erase who a number in the events of an organisation was. The seals go on holding; the caller writes the event."""
    name = table(AuditName).c
    erased = update(table(AuditName)).where(name.organisation_id == organisation_id, name.person_id == person_id)
    session.connection().execute(erased.values(name="", email="", salt=b""))


def _forget_jobs(connection: Connection, now: datetime.datetime) -> None:
    # There is one every few seconds: they would be most of the job table.
    job = table(Job).c
    over = delete(table(Job)).where(job.kind == KIND, job.finished_at <= now - JOBS_FORGOTTEN_AFTER)
    connection.execute(over)
