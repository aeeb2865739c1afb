"""The audit trail: one event for each request that changed something, written in its transaction."""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Text


class AuditEvent(Base):
    """Names people by number, and never holds the value of an answer. `subject` is a kind, `subject_id` its row."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "organisation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime.datetime]
    action: Mapped[str] = mapped_column(Text(60))
    subject: Mapped[str] = mapped_column(Text(40))
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(Text(64))
    person_id: Mapped[int | None]
