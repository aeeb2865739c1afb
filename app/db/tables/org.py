"""Organisations, and what this database knows of itself."""

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Text


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(200))
    created_at: Mapped[datetime.datetime]


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
