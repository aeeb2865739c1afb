"""What a team found together: agreed results with their revisions, dissents, objections, evidence and comments."""

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.assessments import STATEMENT_LIMIT, of_assessment
from app.db.tables.people import of_membership
from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value

LINK_LIMIT = 2000
TITLE_LIMIT = 300


class AgreedResult(Base):
    """One agreement, never changed but for its reopening. The newest that was not reopened is the team's result.

    `answers` is the sheet as it was agreed, by statement; `result` what scoring made of it (the shape of `score
    --json`); `overall` the overall level of a ladder, None for points. `sheet_version` is the agreed sheet's.
    """

    __tablename__ = "agreed_result"
    __table_args__ = (
        UniqueConstraint("organisation_id", "assessment_id", "revision"),
        of_assessment(),
        ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"], ["rubric_version.organisation_id", "rubric_version.id"]
        ),
        of_membership("agreed_by"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    assessment_id: Mapped[int]
    revision: Mapped[int]
    rubric_version_id: Mapped[int]
    sheet_version: Mapped[int]
    answers: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    overall: Mapped[int | None]
    agreed_at: Mapped[datetime.datetime]
    agreed_by: Mapped[int | None]
    reopened_at: Mapped[datetime.datetime | None]
    reopened_by: Mapped[int | None]
    reopen_reason: Mapped[str | None] = mapped_column(Text(NOTE_LIMIT))


class Dissent(Base):
    """Somebody who did not agree with what was agreed, and why."""

    __tablename__ = "dissent"
    __table_args__ = (of_assessment(), of_membership())

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[Value | None] = mapped_column(short(Value))
    note: Mapped[str] = mapped_column(Text(NOTE_LIMIT))
    at: Mapped[datetime.datetime]


class Objection(Base):
    """A team's word against an answer that was given for the organisation, or for a unit above it: which answer that
    was stands beside it, since it says nothing against another one."""

    __tablename__ = "objection"
    __table_args__ = (
        of_assessment(),
        of_membership(),
        ForeignKeyConstraint(["organisation_id", "against_unit_id"], ["unit.organisation_id", "unit.id"]),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT), primary_key=True)
    person_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text(NOTE_LIMIT))
    at: Mapped[datetime.datetime]
    against_unit_id: Mapped[int | None]
    against_value: Mapped[Value] = mapped_column(short(Value))
    against_reason: Mapped[str] = mapped_column(Text(REASON_LIMIT))
    settled_at: Mapped[datetime.datetime | None]
    settled_by: Mapped[int | None]


class EvidenceKind(StrEnum):
    LINK = "link"
    FILE = "file"


class Evidence(Base):
    """A link or a file for or against a statement of an assessment. A file's content lies in the data folder under
    `file_key`, a random name. What was taken away keeps its line."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        of_assessment(),
        of_membership(),
        Index(None, "organisation_id", "assessment_id", "statement"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    assessment_id: Mapped[int]
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT))
    kind: Mapped[EvidenceKind] = mapped_column(short(EvidenceKind))
    title: Mapped[str] = mapped_column(Text(TITLE_LIMIT))
    link: Mapped[str | None] = mapped_column(Text(LINK_LIMIT))
    file_name: Mapped[str | None] = mapped_column(Text(TITLE_LIMIT))
    file_key: Mapped[str | None] = mapped_column(Text(64))
    media_type: Mapped[str | None] = mapped_column(Text(100))
    size: Mapped[int | None]
    speaks_for: Mapped[bool] = mapped_column(default=True, server_default=true())
    dated: Mapped[datetime.date | None]
    expires: Mapped[datetime.date | None]
    person_id: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    removed_at: Mapped[datetime.datetime | None]
    removed_by: Mapped[int | None]


class Comment(Base):
    """A word on a statement of an assessment. `thread_id` is the comment that began the thread, None for that one; the
    thread is resolved where it began. `mentions` are numbers of people. One that was removed has an empty text."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        of_assessment(),
        of_membership(),
        ForeignKeyConstraint(
            ["organisation_id", "thread_id"], ["comment.organisation_id", "comment.id"], ondelete="CASCADE"
        ),
        Index(None, "organisation_id", "assessment_id", "statement"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    assessment_id: Mapped[int]
    statement: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT))
    thread_id: Mapped[int | None]
    person_id: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text(NOTE_LIMIT))
    mentions: Mapped[list[int] | None]
    created_at: Mapped[datetime.datetime]
    resolved_at: Mapped[datetime.datetime | None]
    resolved_by: Mapped[int | None]
