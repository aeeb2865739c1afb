"""The rubric studio: drafts with their history and their trial answers, and which rubrics an organisation offers."""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text
from app.db.tables.people import of_membership

KEY_LIMIT = 60
TITLE_LIMIT = 200


def of_draft() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organisation_id", "draft_id"], ["draft.organisation_id", "draft.id"], ondelete="CASCADE"
    )


class Draft(Base):
    """A rubric that is being written. It may break the format; publishing makes a version of it and ends it.

    `edition` counts its changes. `based_on` is the version that it began with, None for a file or an empty one.
    """

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "based_on"], ["rubric_version.organisation_id", "rubric_version.id"]),
        of_membership("begun_by"),
        Index(None, "organisation_id", "key"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[str] = mapped_column(Text(KEY_LIMIT))
    document: Mapped[dict[str, Any]]
    edition: Mapped[int] = mapped_column(default=0)
    based_on: Mapped[int | None]
    begun_by: Mapped[int | None]
    begun_at: Mapped[datetime.datetime]
    changed_at: Mapped[datetime.datetime]


class DraftChange(Base):
    """One edit: its steps and those that lead back (`domain.drafts`). `undoes` is the edition that it took back."""

    __tablename__ = "draft_change"
    __table_args__ = (of_draft(), of_membership())

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None]
    at: Mapped[datetime.datetime]
    steps: Mapped[list[dict[str, Any]]]
    back: Mapped[list[dict[str, Any]]]
    undoes: Mapped[int | None]


class Trial(Base):
    """Answers to try a draft with, by statement. `expected` is what they shall come to: a level, or a band's place."""

    __tablename__ = "trial"
    __table_args__ = (of_draft(), Index(None, "organisation_id", "draft_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    draft_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text(TITLE_LIMIT))
    answers: Mapped[dict[str, Any]]
    expected: Mapped[int | None]


class Offer(Base):
    """Whether an organisation offers a rubric, by its key; one without a row is offered. At most one is the default."""

    __tablename__ = "offer"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text(KEY_LIMIT), primary_key=True)
    offered: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_default: Mapped[bool] = mapped_column(default=False)
