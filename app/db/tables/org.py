"""Organisations with their units, teams and ML systems, and what this database knows of itself."""

import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text
from app.domain.benchmark import DEFAULT_LEAST
from app.domain.organisations import NAME_LIMIT as NAME_LIMIT

PATH_LIMIT = 1000
"""Characters of a unit's path: about a hundred levels."""


class Organisation(Base):
    """`single_sign_on_only`: nobody comes in by a password of this server.

    `least_compared`: of fewer teams no benchmark shows figures (`domain.benchmark`).
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    created_at: Mapped[datetime.datetime]
    logo: Mapped[bytes | None] = mapped_column(deferred=True, deferred_raiseload=True)
    logo_type: Mapped[str | None] = mapped_column(Text(20))
    members_see_organisation: Mapped[bool] = mapped_column(default=False, server_default=false())
    single_sign_on_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    least_compared: Mapped[int] = mapped_column(default=DEFAULT_LEAST, server_default=text(str(DEFAULT_LEAST)))


class Unit(Base):
    """`path` names the units from the top down to this one, as in "/3/17/", so that what lies below is one range."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "parent_id"], ["unit.organisation_id", "unit.id"]),
        # LIKE 'path%' uses an index of PostgreSQL only where it is ordered byte by byte.
        Index(None, "organisation_id", "path", postgresql_ops={"path": "varchar_pattern_ops"}),
        Index(None, "organisation_id", "parent_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    path: Mapped[str] = mapped_column(Text(PATH_LIMIT))
    archived_at: Mapped[datetime.datetime | None]


class Team(Base):
    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"]),
        Index(None, "organisation_id", "unit_id"),
        Index(None, "organisation_id", "name", "id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    archived_at: Mapped[datetime.datetime | None]


class MlSystem(Base):
    """A model of a team, for rubrics whose subject is a model."""

    __tablename__ = "ml_system"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "team_id"], ["team.organisation_id", "team.id"]),
        Index(None, "organisation_id", "team_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    team_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    archived_at: Mapped[datetime.datetime | None]


class Server(Base):
    """The one row that belongs to the database as a whole. The salt makes digests of addresses worthless elsewhere."""

    __tablename__ = "server"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes]


class Allowance(Base):
    """How often something was used within its hour, by whom the digest stands for; an address itself is never kept."""

    __tablename__ = "allowance"

    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    window_start: Mapped[datetime.datetime]
    used: Mapped[int]
