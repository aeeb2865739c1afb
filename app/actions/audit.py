"""Writing the audit trail, in the transaction of what it tells of."""

import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app.db.base import table
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Membership
from app.domain.people import Actor

RECORD = insert(table(AuditEvent))


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
    event = {
        "organisation_id": organisation_id,
        "at": now,
        "action": action,
        "subject": subject[0],
        "subject_id": subject[1],
        "details": details,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "person_id": by,
    }
    connection.execute(RECORD, event)


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


def record_everywhere(session: Session, person_id: int, now: datetime.datetime, action: str, **details: Any) -> None:
    """One event in each organisation of a person, of what they did with their account."""
    session.flush()
    connection, membership = session.connection(), table(Membership).c
    active = select(membership.organisation_id).where(
        membership.person_id == person_id, membership.deactivated_at.is_(None)
    )
    for organisation_id in connection.execute(active.order_by(membership.organisation_id)).scalars().all():
        record(connection, now, organisation_id, action, ("person", person_id), by=person_id, **details)
