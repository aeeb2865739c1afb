"""Quick checks: an assessment without an account, known only to whoever has its secret link."""

import datetime
import secrets

from sqlalchemy import CursorResult, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.allowances import spend
from app.db.base import table
from app.db.tables.assessments import Assessment, QuickCheck, Sheet, SheetKind
from app.domain.organisations import VISITORS
from app.queries.rubrics import RubricVersion
from app.queries.sheets import ENDS_AFTER, SheetLine, digest

BEGUN_AN_HOUR = 30
"""Quick checks that one address may begin within an hour."""

PURGED_AT_ONCE = 500

SECRET_BYTES = 32


def begin(session: Session, version: RubricVersion, address: str, now: datetime.datetime) -> str:
    """Begin a quick check; the secret of its link, which nothing here can tell again. Raises UsedUp, a TooMany."""
    spend(session, "quick check", address, BEGUN_AN_HOUR, now)
    connection, secret = session.connection(), secrets.token_urlsafe(SECRET_BYTES)
    ours = {"organisation_id": VISITORS}
    assessment_id = connection.execute(
        insert(table(Assessment)).returning(table(Assessment).c.id),
        ours | {"rubric_version_id": version.id, "created_at": now},
    ).scalar_one()
    ours["assessment_id"] = assessment_id
    connection.execute(
        insert(table(Sheet)), ours | {"kind": SheetKind.OWN, "version": 0, "answered_at": None, "created_at": now}
    )
    connection.execute(insert(table(QuickCheck)), ours | {"secret_digest": digest(secret), "begun_at": now})
    audit.record(connection, now, VISITORS, "quick check begun", ("assessment", assessment_id), rubric=version.key)
    return secret


def delete_quick_check(session: Session, sheet: SheetLine, now: datetime.datetime) -> None:
    """Delete the assessment with every answer and all history; only that it was deleted is kept."""
    session.execute(
        delete(Assessment).where(
            Assessment.organisation_id == sheet.organisation_id, Assessment.id == sheet.assessment_id
        )
    )
    subject = ("assessment", sheet.assessment_id)
    audit.record(session.connection(), now, sheet.organisation_id, "quick check deleted", subject)


def purge_ended(session: Session, now: datetime.datetime) -> int:
    """Delete quick checks that have ended, up to 500 of them; how many it were."""
    last_answered = (
        select(func.max(Sheet.answered_at))
        .where(Sheet.organisation_id == QuickCheck.organisation_id, Sheet.assessment_id == QuickCheck.assessment_id)
        .scalar_subquery()
    )
    ended = (
        select(QuickCheck.organisation_id, QuickCheck.assessment_id)
        .where(func.coalesce(last_answered, QuickCheck.begun_at) <= now - ENDS_AFTER)
        .limit(PURGED_AT_ONCE)
    )
    result = session.execute(
        delete(Assessment)
        .where(tuple_(Assessment.organisation_id, Assessment.id).in_(ended))
        .execution_options(synchronize_session=False)
    )
    purged = result.rowcount if isinstance(result, CursorResult) else 0
    if purged:
        audit.record(
            session.connection(), now, VISITORS, "ended quick checks purged", ("organisation", VISITORS), count=purged
        )
    return purged
