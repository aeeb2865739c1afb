"""Cycles: rounds of assessments, who is asked in them, and who is at work on a sheet right now."""

import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.assessments import STATEMENT_LIMIT, of_assessment, of_sheet
from app.db.tables.org import NAME_LIMIT
from app.db.tables.people import of_membership
from app.domain.cycles import Mode


class Cycle(Base):
    """A round with one rubric version; its rules are those of `domain.cycles`.

    `unit_id` is the unit whose managers look after it, None for the whole organisation. `reminders` holds the days
    `before` and `after` the due day. `carried_from` is the cycle whose agreed answers its sheets began with.
    `reminded_on` is the last day on which somebody had letters sent by hand.
    """

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"], ["rubric_version.organisation_id", "rubric_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "carried_from"], ["cycle.organisation_id", "cycle.id"]),
        ForeignKeyConstraint(["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"]),
        of_membership("created_by"),
        Index(None, "organisation_id", "due_on"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    unit_id: Mapped[int | None]
    rubric_version_id: Mapped[int]
    mode: Mapped[Mode] = mapped_column(short(Mode))
    opens_on: Mapped[datetime.date]
    due_on: Mapped[datetime.date]
    reminders: Mapped[dict[str, Any]]
    carried_from: Mapped[int | None]
    created_by: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    closed_at: Mapped[datetime.datetime | None]
    reopened_on: Mapped[datetime.date | None]
    reminded_on: Mapped[datetime.date | None]


class Respondent(Base):
    """Somebody whom a lead asked, for these categories or for all. Without any, the whole team is asked."""

    __tablename__ = "respondent"
    __table_args__ = (of_assessment(), of_membership(), Index(None, "organisation_id", "person_id"))

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    categories: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    asked_at: Mapped[datetime.datetime]


class Presence(Base):
    """Who has a sheet open, and at which statement; a line is as old as the page's last word."""

    __tablename__ = "presence"
    __table_args__ = (of_sheet(), of_membership())

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str | None] = mapped_column(Text(STATEMENT_LIMIT))
    seen_at: Mapped[datetime.datetime]
