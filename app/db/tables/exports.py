"""Exports: what somebody asked to take away, how far it is written, and the file that came of it."""

import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.people import of_membership
from app.domain.exports import NAME_LIMIT, ExportKind, ExportState

ERROR_LIMIT = 500
UNDER_WAY = text("state IN ('waiting', 'writing')")


class Export(Base):
    """`kind` to `filters` are `domain.exports.Asked`, and `digest` its digest; unit 0 is the whole organisation.

    `done` of `total` steps are written. `file_key` is the name of the file in its folder. `expires_at` is when both
    file and row are purged.
    """

    __tablename__ = "export"
    __table_args__ = (
        of_membership(),
        Index(None, "organisation_id", "person_id", "id"),
        # The same person who asks for the same while it is under way gets that one.
        Index(
            "ix_export_under_way",
            "organisation_id",
            "person_id",
            "digest",
            unique=True,
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    kind: Mapped[ExportKind] = mapped_column(short(ExportKind))
    cycle_id: Mapped[int | None]
    unit_id: Mapped[int]
    assessment_id: Mapped[int | None]
    filters: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Text(64))
    state: Mapped[ExportState] = mapped_column(short(ExportState))
    done: Mapped[int]
    total: Mapped[int]
    file_key: Mapped[str | None] = mapped_column(Text(64))
    file_name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    size: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    finished_at: Mapped[datetime.datetime | None]
    failed_at: Mapped[datetime.datetime | None]
    error: Mapped[str | None] = mapped_column(Text(ERROR_LIMIT))
    expires_at: Mapped[datetime.datetime]
