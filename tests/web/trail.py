"""What requests left in the audit trail; the making of the cast, which was no request, is not part of it."""

from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.audit import AuditEvent


def events(engine: Engine) -> list[str]:
    """The actions of all events of all organisations, in order."""
    by_request = select(AuditEvent.action).where(AuditEvent.request_id.is_not(None))
    with reading(engine) as session:
        return list(session.scalars(by_request.order_by(AuditEvent.id)))
