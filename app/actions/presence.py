"""Noting who is at work on a sheet. It is no change that anybody would look up later, and so leaves no audit event."""

import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.upserts import upsert
from app.db.base import table
from app.db.tables.cycles import Presence
from app.queries.sheets import SheetLine

AGAIN_AFTER = datetime.timedelta(seconds=5)
"""Who stays at one statement is written down no more often than that."""

_presence = table(Presence).c

NOTE = upsert(table(Presence), ("organisation_id", "sheet_id", "person_id"), ("statement", "seen_at"))


def note_present(
    session: Session, sheet: SheetLine, person_id: int, statement: str | None, now: datetime.datetime
) -> None:
    """Somebody has the sheet open, at this statement or at none; two statements, or one where it was noted just now."""
    before = session.execute(
        select(_presence.statement, _presence.seen_at).where(
            _presence.organisation_id == sheet.organisation_id,
            _presence.sheet_id == sheet.sheet_id,
            _presence.person_id == person_id,
        )
    ).first()
    if before and before.statement == statement and before.seen_at > now - AGAIN_AFTER:
        return
    row = {
        "organisation_id": sheet.organisation_id,
        "sheet_id": sheet.sheet_id,
        "person_id": person_id,
        "statement": statement,
        "seen_at": now,
    }
    connection = session.connection()
    connection.execute(NOTE[connection.dialect.name], [row]).close()
