"""Writing the audit trail, in the transaction of what it tells of."""

import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, insert

from app.db.base import table
from app.db.tables.audit import AuditEvent

RECORD = insert(table(AuditEvent))


def record(
    connection: Connection,
    now: datetime.datetime,
    organisation_id: int,
    action: str,
    subject: tuple[str, int],
    *,
    person_id: int | None = None,
    **details: Any,
) -> None:
    """One event: `action` in words such as "level picked", its subject's kind and number, and what else is to be known.

    `person_id` is who did it; None for visitors, service tokens and the worker. Never put a person's text or an
    answer's value into the details. The request is the one that the log knows.
    """
    event = {
        "organisation_id": organisation_id,
        "at": now,
        "action": action,
        "subject": subject[0],
        "subject_id": subject[1],
        "details": details,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "person_id": person_id,
    }
    connection.execute(RECORD, event)
