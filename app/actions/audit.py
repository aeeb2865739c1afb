"""Writing the audit trail, in the transaction of what it tells of."""

import datetime
import secrets
from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app.actions.upserts import upsert
from app.db.base import table
from app.db.tables.audit import AuditEvent, AuditName
from app.db.tables.people import Membership
from app.domain.people import Actor

RECORD = insert(table(AuditEvent))
NAME = upsert(table(AuditName), ("organisation_id", "person_id"), ("name", "email", "salt"))
SALT_BYTES = 32

Event = tuple[str, tuple[str, int], dict[str, Any]]
"""What was done, to what, and what else is to be known."""


def record(
    connection: Connection,
    now: datetime.datetime,
    organisation_id: int,
    action: str,
    subject: tuple[str, int],
    by: int | None = None,
    **details: Any,
) -> None:
    """One event: `action` in words such as "level picked", its subject's kind and number, and what else is to be known.

    `by`: the number of the person who did it; None for a visitor, a service, the command line or the server itself.
    Never put a person's text or an answer's value into the details. The request is the one that the log knows.
    """
    connection.execute(RECORD, _row(now, organisation_id, by, (action, subject, details)))


def record_by(
    session: Session, actor: Actor, now: datetime.datetime, action: str, subject: tuple[str, int], **details: Any
) -> None:
    """One event of something that this actor did in their organisation. The session's changes are sent before it.

    What a token did names the token.
    """
    session.flush()
    if actor.token_id is not None:
        details["token"] = actor.token_id
    record(session.connection(), now, actor.organisation_id, action, subject, by=actor.person_id, **details)


def record_all(session: Session, actor: Actor, now: datetime.datetime, events: Iterable[Event]) -> None:
    """Many events of one request, in few statements and in this order."""
    session.flush()
    rows = [_row(now, actor.organisation_id, actor.person_id, event) for event in events]
    if rows:
        # What returns something goes in one statement for many rows.
        session.connection().execute(RECORD.returning(table(AuditEvent).c.id), rows).close()


def record_everywhere(session: Session, person_id: int, now: datetime.datetime, action: str, **details: Any) -> None:
    """One event in each organisation of a person, of what they did with their account."""
    session.flush()
    connection, membership = session.connection(), table(Membership).c
    active = select(membership.organisation_id).where(
        membership.person_id == person_id, membership.deactivated_at.is_(None)
    )
    for organisation_id in connection.execute(active.order_by(membership.organisation_id)).scalars().all():
        record(connection, now, organisation_id, action, ("person", person_id), by=person_id, **details)


def keep_name(connection: Connection, organisation_id: int, person_id: int, name: str, email: str) -> None:
    """Keep who the number of a person in an organisation's events is; the salt of what is sealed of it is a new one."""
    kept = {"organisation_id": organisation_id, "person_id": person_id, "salt": secrets.token_bytes(SALT_BYTES)}
    connection.execute(NAME[connection.dialect.name], kept | {"name": name, "email": email}).close()


def _row(now: datetime.datetime, organisation_id: int, by: int | None, event: Event) -> dict[str, Any]:
    action, (subject, subject_id), details = event
    return {
        "organisation_id": organisation_id,
        "at": now,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "details": details,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "person_id": by,
    }
