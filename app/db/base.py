"""What all tables have in common, decided once: names of constraints, times, numbers, texts and enumerations."""

import datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app.domain.errors import Invalid
from app.domain.text import plain

LARGEST = 2**63 - 1

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""SQLite would else give the number of a deleted row to the next one, and the audit trail would name the wrong one."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Unstorable(Invalid, DontWrapMixin):
    """A value that no column takes. Marked so that SQLAlchemy passes it on as it is."""


class UtcTime(TypeDecorator[datetime.datetime]):
    """A moment, always aware and always UTC; SQLite, which knows no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone is no moment.")
        moment = value.astimezone(datetime.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime.datetime | None, _dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Number(TypeDecorator[int]):
    """A whole number of 64 bits. SQLite numbers rows by itself only where the type is plainly INTEGER."""

    impl = BigInteger().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        if value is not None and not -LARGEST <= value <= LARGEST:
            raise Unstorable("This number is too large.")
        return value


class Text(TypeDecorator[str]):
    """The one type of every text column: at most `limit` characters, and nothing in it that no text holds."""

    impl = String
    cache_ok = True

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(limit)

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return plain(value, self.limit)
        except Invalid as unfit:
            raise Unstorable(*unfit.args) from None


def short(words: type[StrEnum]) -> Enum:
    """An enumeration kept as its short word, so that a new word needs no migration."""
    return Enum(
        words, native_enum=False, length=20, values_callable=lambda all_words: [word.value for word in all_words]
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime.datetime: UtcTime,
        int: Number,
        bytes: LargeBinary,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        list[int]: JSON(none_as_null=True),
    }


def table(entity: type[Base]) -> Table:
    """The Core table behind an entity: the hot paths read and write it without entities."""
    return cast(Table, entity.__table__)
