"""Mail that goes out, kept so that admins see what became of it."""

import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.people import EMAIL_LIMIT


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Delivery(Base):
    """`reason_key` names what caused it, so that the same cause sends one mail.

    `unsubscribe` is the address by which whoever gets it ends mail of its kind; None where there is none.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "organisation_id", "id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    to_address: Mapped[str] = mapped_column(Text(EMAIL_LIMIT))
    subject: Mapped[str] = mapped_column(Text(300))
    text: Mapped[str] = mapped_column(Text(20_000))
    html: Mapped[str] = mapped_column(Text(100_000))
    state: Mapped[DeliveryState] = mapped_column(short(DeliveryState))
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text(2000))
    created_at: Mapped[datetime.datetime]
    sent_at: Mapped[datetime.datetime | None]
    unsubscribe: Mapped[str | None] = mapped_column(Text(500))
    reason_key: Mapped[str | None] = mapped_column(Text(200), unique=True)
