"""Assessments, their sheets, and every answer with its history.

An organisation stands first in every key and in every reference, so that no row can belong to two of them.
Deleting an assessment deletes all that was said in it.
"""

import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
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
    CONFIRM = "confirm"
    NOTHING = "nothing"


def once_in_a_cycle(subject: str, when: str, *columns: str) -> Index:
    only = text(when)
    names = ["organisation_id", "cycle_id", *columns]
    return Index(f"uq_assessment_{subject}_in_cycle", *names, unique=True, sqlite_where=only, postgresql_where=only)


class Assessment(Base):
    """Of a team, of one ML system of a team, or, in a cycle, of a unit or of the whole organisation.

    The last two have only the statements that are asked of the organisation. A quick check has none of these. What
    is outside any cycle is answered together. `revealed_at`: since then own sheets that were submitted are compared.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"], ["rubric_version.organisation_id", "rubric_version.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "team_id"], ["team.organisation_id", "team.id"]),
        ForeignKeyConstraint(["organisation_id", "cycle_id"], ["cycle.organisation_id", "cycle.id"]),
        ForeignKeyConstraint(["organisation_id", "ml_system_id"], ["ml_system.organisation_id", "ml_system.id"]),
        ForeignKeyConstraint(["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"]),
        Index(None, "organisation_id", "team_id"),
        once_in_a_cycle("team", "cycle_id IS NOT NULL AND team_id IS NOT NULL AND ml_system_id IS NULL", "team_id"),
        once_in_a_cycle("ml_system", "cycle_id IS NOT NULL AND ml_system_id IS NOT NULL", "ml_system_id"),
        once_in_a_cycle("unit", "cycle_id IS NOT NULL AND team_id IS NULL AND unit_id IS NOT NULL", "unit_id"),
        once_in_a_cycle("organisation", "cycle_id IS NOT NULL AND team_id IS NULL AND unit_id IS NULL"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    rubric_version_id: Mapped[int]
    team_id: Mapped[int | None]
    cycle_id: Mapped[int | None]
    ml_system_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    revealed_at: Mapped[datetime.datetime | None]


def of_assessment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organisation_id", "assessment_id"], ["assessment.organisation_id", "assessment.id"], ondelete="CASCADE"
    )


class QuickCheck(Base):
    """The secret link to an assessment that nobody signed in for; only the SHA-256 of the secret is kept."""

    __tablename__ = "quick_check"
    __table_args__ = (of_assessment(),)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    begun_at: Mapped[datetime.datetime]


class Sheet(Base):
    """An own sheet is a person's; that of a quick check is nobody's. The agreed sheet is the team's.

    `version` counts the mutations that changed something. What is closed is read, and never changed again. An own
    sheet is seen by nobody else until it is submitted.
    """

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["membership.organisation_id", "membership.person_id"]),
        Index(
            "uq_sheet_own",
            "organisation_id",
            "assessment_id",
            "person_id",
            unique=True,
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "uq_sheet_agreed",
            "organisation_id",
            "assessment_id",
            unique=True,
            sqlite_where=text("kind = 'agreed'"),
            postgresql_where=text("kind = 'agreed'"),
        ),
        Index(None, "organisation_id", "person_id"),
        Index(None, "organisation_id", "assessment_id"),
        of_assessment(),
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
    person_id: Mapped[int | None]
    submitted_at: Mapped[datetime.datetime | None]


def of_sheet() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organisation_id", "sheet_id"], ["sheet.organisation_id", "sheet.id"], ondelete="CASCADE"
    )


class Answer(Base):
    """What stands on the sheet now. `version` is the sheet's when this answer last changed.

    `carried_from` is the cycle that it was last given or confirmed in, until somebody confirms or changes it;
    `look_again`: its statement reads differently now.
    """

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
    carried_from: Mapped[int | None]
    look_again: Mapped[bool] = mapped_column(default=False, server_default=false())


class Mutation(Base):
    """One thing that a client asked for, recognised when it asks again. `version` is the sheet's after it.

    `person_id` is who asked; None for a quick check, and for a service.
    """

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
    person_id: Mapped[int | None]


class AnswerChange(Base):
    """The whole answer after a change; from what it was changed is the row before.

    What a sheet begins with is its version 0. `carried_from` and `look_again` are the answer's. `client` is
    the browser that changed it, a random number that tells two of them apart and nothing else.
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
    carried_from: Mapped[int | None]
    look_again: Mapped[bool] = mapped_column(default=False, server_default=false())
