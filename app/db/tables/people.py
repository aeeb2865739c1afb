"""People, the organisations they are members of, and what they may do there.

A person belongs to no organisation: they are a member of some. Only signing in looks people up without one.
"""

import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.org import NAME_LIMIT
from app.domain.people import EMAIL_LIMIT as EMAIL_LIMIT
from app.domain.people import RoleKind


def of_membership(person: str = "person_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organisation_id", person], ["membership.organisation_id", "membership.person_id"])


class Person(Base):
    """`email` is normalised and in lower case. `totp_step` is the last step of the second factor that was used."""

    __tablename__ = "person"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text(EMAIL_LIMIT), unique=True)
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    password_hash: Mapped[str | None] = mapped_column(Text(300))
    language: Mapped[str | None] = mapped_column(Text(20))
    time_zone: Mapped[str | None] = mapped_column(Text(60))
    theme: Mapped[str | None] = mapped_column(Text(20))
    totp_secret: Mapped[str | None] = mapped_column(Text(64))
    totp_step: Mapped[int | None]
    created_at: Mapped[datetime.datetime]


class Membership(Base):
    """A leaver's membership stays, deactivated, and with it all that they answered."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "person_id"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    joined_at: Mapped[datetime.datetime]
    deactivated_at: Mapped[datetime.datetime | None]
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())


class Role(Base):
    """One line for each right given; a manager without a unit manages the whole organisation.

    `from_sign_on`: a group of the organisation's provider gave it, and takes it again.
    """

    __tablename__ = "role"
    __table_args__ = (
        of_membership(),
        ForeignKeyConstraint(["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"]),
        ForeignKeyConstraint(["organisation_id", "team_id"], ["team.organisation_id", "team.id"]),
        Index(None, "organisation_id", "person_id"),
        Index(None, "organisation_id", "team_id"),
        Index(None, "organisation_id", "unit_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    kind: Mapped[RoleKind] = mapped_column(short(RoleKind))
    unit_id: Mapped[int | None]
    team_id: Mapped[int | None]
    from_sign_on: Mapped[bool] = mapped_column(default=False, server_default=false())


class Invitation(Base):
    """Open until it is accepted, withdrawn or expired. `roles` holds objects of kind, unit_id and team_id."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        of_membership("invited_by"),
        Index(None, "organisation_id", "email"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(Text(EMAIL_LIMIT))
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    roles: Mapped[list[dict[str, Any]]]
    invited_by: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    accepted_at: Mapped[datetime.datetime | None]
    withdrawn_at: Mapped[datetime.datetime | None]
