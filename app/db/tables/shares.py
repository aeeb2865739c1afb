"""Links that show a report or a badge to whoever holds them. Of each secret only its SHA-256 is kept."""

import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, short
from app.db.tables.assessments import of_assessment
from app.db.tables.people import of_membership
from app.domain.shares import ShareKind


class Share(Base):
    """`kind` to `level` are `domain.shares.Shared`; unit 0 is the whole organisation."""

    __tablename__ = "share"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        of_membership("made_by"),
        of_assessment(),
        ForeignKeyConstraint(["organisation_id", "cycle_id"], ["cycle.organisation_id", "cycle.id"]),
        Index(None, "organisation_id", "made_by"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[ShareKind] = mapped_column(short(ShareKind))
    cycle_id: Mapped[int | None]
    unit_id: Mapped[int]
    assessment_id: Mapped[int | None]
    notes: Mapped[bool]
    comments: Mapped[bool]
    evidence: Mapped[bool]
    level: Mapped[int | None]
    made_by: Mapped[int]
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    opened_at: Mapped[datetime.datetime | None]
    revoked_at: Mapped[datetime.datetime | None]
