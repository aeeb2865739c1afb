"""Background work, written in the same transaction as what caused it."""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Text

OPEN = text("finished_at IS NULL AND failed_at IS NULL")


class Job(Base):
    """Open until `finished_at` or `failed_at`; whoever runs it holds it until `lease_until`."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "due_at", postgresql_where=OPEN, sqlite_where=OPEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(Text(60))
    payload: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str] = mapped_column(Text(200), unique=True)
    due_at: Mapped[datetime.datetime]
    lease_until: Mapped[datetime.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime.datetime | None]
    failed_at: Mapped[datetime.datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text(2000))
