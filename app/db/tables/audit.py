"""The audit trail: one event for each request that changed something, written in its transaction."""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text
from app.db.tables.org import NAME_LIMIT
from app.db.tables.people import EMAIL_LIMIT


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


class AuditName(Base):
    """Who the number of a person in the events of an organisation is. Erasing a person empties this row alone.

    What is sealed is the salted digest of name and address, so that a seal still holds when both are gone.
    """

    __tablename__ = "audit_name"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    email: Mapped[str] = mapped_column(Text(EMAIL_LIMIT))
    salt: Mapped[bytes]


class AuditSeal(Base):
    """The hash of the seal before it and of the organisation's events since, up to and with event `up_to`."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("organisation_id", "up_to"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    up_to: Mapped[int]
    digest: Mapped[bytes]
    at: Mapped[datetime.datetime]
