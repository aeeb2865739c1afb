"""Rubric versions: one validated document each, with the columns beside it that queries need."""

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, ForeignKey, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app.db.base import Base, Text, short
from app.domain.errors import Conflict
from app.domain.rubric import Kind, Subject


class State(StrEnum):
    """A draft is edited; a published version never changes again; a retired one is no longer begun with."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class RubricVersion(Base):
    __tablename__ = "rubric_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key", "number"),
        UniqueConstraint("organisation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[str] = mapped_column(Text(100))
    number: Mapped[int]
    state: Mapped[State] = mapped_column(short(State))
    title: Mapped[str] = mapped_column(Text(300))
    kind: Mapped[Kind] = mapped_column(short(Kind))
    subject: Mapped[Subject] = mapped_column(short(Subject))
    digest: Mapped[bytes]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime.datetime]
    published_at: Mapped[datetime.datetime | None]


@event.listens_for(RubricVersion, "before_update")
def _keep_published(_mapper: Mapper[Any], _connection: Connection, version: RubricVersion) -> None:
    """Whoever answered a published version answered exactly its text: it may only be retired."""
    columns = inspect(version).attrs
    before = columns.state.history
    was = before.deleted[0] if before.deleted else version.state
    changed = {column.key for column in columns if column.history.has_changes()}
    if was is not State.DRAFT and (changed - {"state"} or version.state is State.DRAFT):
        raise Conflict("A published version never changes; make a new one.")
