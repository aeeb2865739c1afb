"""Assessments, their sheets, and every answer with its history.

An organisation stands first in every key and in every reference, so that no row can belong to two of them.
Deleting an assessment deletes all that was said in it.
"""

import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value

STATEMENT_LIMIT = 200
"""Characters of a statement's key."""


class SheetKind(StrEnum):
    """A respondent's own sheet, or the agreed one of the team."""

    OWN = "own"
    AGREED = "agreed"


class MutationKind(StrEnum):
    """`nothing`: it changed nothing, and is kept only so that its repetition is recognised."""

    ANSWERS = "answers"
    PICK = "pick"
    UNDO = "undo"
    NOTHING = "nothing"


class Assessment(Base):
    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"], ["rubric_version.organisation_id", "rubric_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "team_id"], ["team.organisation_id", "team.id"]),
        Index(None, "organisation_id", "team_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    rubric_version_id: Mapped[int]
    team_id: Mapped[int | None]
    created_at: Mapped[datetime.datetime]


class QuickCheck(Base):
    """The secret link to an assessment that nobody signed in for; only the SHA-256 of the secret is kept."""

    __tablename__ = "quick_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "assessment_id"], ["assessment.organisation_id", "assessment.id"], ondelete="CASCADE"
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    begun_at: Mapped[datetime.datetime]


class Sheet(Base):
    """`version` counts the mutations that changed something. What is closed is read, and never changed again."""

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        Index(None, "organisation_id", "assessment_id"),
        ForeignKeyConstraint(
            ["organisation_id", "assessment_id"], ["assessment.organisation_id", "assessment.id"], ondelete="CASCADE"
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    assessment_id: Mapped[int]
    kind: Mapped[SheetKind] = mapped_column(short(SheetKind))
    version: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime]
    closed_at: Mapped[datetime.datetime | None]


def of_sheet() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organisation_id", "sheet_id"], ["sheet.organisation_id", "sheet.id"], ondelete="CASCADE"
    )


class Answer(Base):
    """What stands on the sheet now. `version` is the sheet's when this answer last changed."""

    __tablename__ = "answer"
    __table_args__ = (of_sheet(),)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT), primary_key=True)
    value: Mapped[Value | None] = mapped_column(short(Value))
    reason: Mapped[str] = mapped_column(Text(REASON_LIMIT))
    note: Mapped[str] = mapped_column(Text(NOTE_LIMIT))
    version: Mapped[int]
    answered_at: Mapped[datetime.datetime]


class Mutation(Base):
    """One thing that a client asked for, recognised when it asks again. `version` is the sheet's after it."""

    __tablename__ = "mutation"
    __table_args__ = (of_sheet(),)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(primary_key=True)
    mutation_id: Mapped[str] = mapped_column(Text(36), primary_key=True)
    version: Mapped[int]
    digest: Mapped[bytes]
    kind: Mapped[MutationKind] = mapped_column(short(MutationKind))
    category: Mapped[str | None] = mapped_column(Text(STATEMENT_LIMIT))
    level: Mapped[int | None]
    undone_by: Mapped[int | None]
    at: Mapped[datetime.datetime]


class AnswerChange(Base):
    """The whole answer after a change; from what it was changed is the row before.

    `client` is the browser that changed it, a random number that tells two of them apart and nothing else.
    """

    __tablename__ = "answer_change"
    __table_args__ = (of_sheet(),)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT), primary_key=True)
    value: Mapped[Value | None] = mapped_column(short(Value))
    reason: Mapped[str] = mapped_column(Text(REASON_LIMIT))
    note: Mapped[str] = mapped_column(Text(NOTE_LIMIT))
    client: Mapped[str | None] = mapped_column(Text(32))
