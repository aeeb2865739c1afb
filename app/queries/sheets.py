"""Reading sheets: the hot path, so the statements are built once and run without entities."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from app.db.base import UtcTime, table
from app.db.tables.assessments import (
    Answer,
    AnswerChange,
    Assessment,
    Mutation,
    MutationKind,
    QuickCheck,
    Sheet,
    SheetKind,
)
from app.domain.errors import Missing
from app.domain.secret import digest as digest
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer, own_parts

ENDS_AFTER = datetime.timedelta(days=90)
"""A quick check ends so long after its last answer, or after it was begun where it has none."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    organisation_id: int
    assessment_id: int
    sheet_id: int
    rubric_version_id: int
    version: int
    begun_at: datetime.datetime
    answered_at: datetime.datetime | None
    closed_at: datetime.datetime | None = None

    @property
    def ends_at(self) -> datetime.datetime:
        """When the link of a quick check ends; one that was claimed, and so is closed, stays until it is deleted."""
        return (self.answered_at or self.begun_at) + ENDS_AFTER


@dataclass(frozen=True, slots=True)
class Pick:
    """A quick pick that was not undone, and the sheet's version that it made."""

    level: int
    version: int


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One line of an answer's history: the whole answer after the mutation that made `answer.version`."""

    statement: str
    answer: SavedAnswer


_assessment, _quick_check, _sheet = table(Assessment).c, table(QuickCheck).c, table(Sheet).c
_answer, _change, _mutation = table(Answer).c, table(AnswerChange).c, table(Mutation).c


LINE = (
    _sheet.organisation_id,
    _sheet.assessment_id,
    _sheet.id,
    _assessment.rubric_version_id,
    _sheet.version,
    _sheet.created_at,
    _sheet.answered_at,
    _sheet.closed_at,
)
"""The columns of a `SheetLine`, for statements that join a sheet to its assessment."""


def _sheet_by_secret() -> Select[Any]:
    joined = (
        table(QuickCheck)
        .join(
            table(Assessment),
            (_assessment.organisation_id == _quick_check.organisation_id)
            & (_assessment.id == _quick_check.assessment_id),
        )
        .join(
            table(Sheet),
            (_sheet.organisation_id == _quick_check.organisation_id)
            & (_sheet.assessment_id == _quick_check.assessment_id),
        )
    )
    return (
        select(
            _quick_check.organisation_id,
            _quick_check.assessment_id,
            _sheet.id,
            _assessment.rubric_version_id,
            _sheet.version,
            _quick_check.begun_at,
            _sheet.answered_at,
            _sheet.closed_at,
        )
        .select_from(joined)
        .where(
            _quick_check.secret_digest == bindparam("secret_digest"),
            _sheet.kind == SheetKind.OWN,
            _sheet.closed_at.is_not(None)
            | (func.coalesce(_sheet.answered_at, _quick_check.begun_at) > bindparam("ended", type_=UtcTime())),
        )
    )


SHEET_BY_SECRET = _sheet_by_secret()

ANSWERS = select(
    _answer.statement,
    _answer.value,
    _answer.reason,
    _answer.note,
    _answer.version,
    _answer.carried_from,
    _answer.look_again,
).where(_answer.organisation_id == bindparam("organisation_id"), _answer.sheet_id == bindparam("sheet_id"))

PICKS = (
    select(_mutation.category, _mutation.level, _mutation.version)
    .where(
        _mutation.organisation_id == bindparam("organisation_id"),
        _mutation.sheet_id == bindparam("sheet_id"),
        _mutation.kind == MutationKind.PICK,
        _mutation.undone_by.is_(None),
    )
    .order_by(_mutation.version)
)

SEEN = (
    select(_change.statement, _change.value, _change.reason, _change.note, _change.version, _change.client)
    .where(
        _change.organisation_id == bindparam("organisation_id"),
        _change.sheet_id == bindparam("sheet_id"),
        _change.statement.in_(bindparam("statements", expanding=True)),
    )
    .order_by(_change.version)
)

PAST = (
    select(
        _change.statement,
        _change.value,
        _change.reason,
        _change.note,
        _change.version,
        _change.carried_from,
        _change.look_again,
    )
    .where(
        _change.organisation_id == bindparam("organisation_id"),
        _change.sheet_id == bindparam("sheet_id"),
        _change.version <= bindparam("version"),
        _change.statement.in_(bindparam("statements", expanding=True)),
    )
    .order_by(_change.version)
)


def sheet_by_secret(connection: Connection, secret: str, now: datetime.datetime) -> SheetLine:
    """The sheet behind a secret link; Missing where it never existed, was deleted, or has ended."""
    parameters = {"secret_digest": digest(secret), "ended": now - ENDS_AFTER}
    row = connection.execute(SHEET_BY_SECRET, parameters).first()
    if row is None:
        raise Missing("There is no quick check behind this link. It may have been deleted, or have ended.")
    return SheetLine(*row)


def answers(connection: Connection, organisation_id: int, sheet_id: int) -> dict[str, SavedAnswer]:
    """Every answer of the sheet by statement, also those of which only a note, or nothing any more, is left."""
    rows = connection.execute(ANSWERS, {"organisation_id": organisation_id, "sheet_id": sheet_id}).all()
    return {statement: SavedAnswer(*answer) for statement, *answer in rows}


def last_picks(connection: Connection, organisation_id: int, sheet_id: int) -> dict[str, Pick]:
    """The last quick pick of each category that was not undone."""
    rows = connection.execute(PICKS, {"organisation_id": organisation_id, "sheet_id": sheet_id})
    return {category: Pick(level, version) for category, level, version in rows}


def past(connection: Connection, sheet: SheetLine, statements: Iterable[str], version: int) -> Sequence[PastAnswer]:
    """How the answers to these statements came about, up to and with a version of the sheet, oldest first."""
    return [
        PastAnswer(statement, SavedAnswer(*answer))
        for statement, *answer in connection.execute(PAST, _parameters(sheet, statements, version))
    ]


def answers_seen(
    connection: Connection, sheet: SheetLine, statements: Iterable[str], version: int, client: str | None
) -> dict[str, SavedAnswer]:
    """The answers to these statements as a client last saw them; those without any are left out.

    It saw the sheet at a version, and has seen what it changed itself since, whether the answer reached it or not.
    """
    seen: dict[str, SavedAnswer] = {}
    before: dict[str, SavedAnswer] = {}
    parameters = of_sheet(sheet) | {"statements": list(statements)}
    for statement, value, reason, note, at, by in connection.execute(SEEN, parameters).all():
        answer = SavedAnswer(value, reason, note, at)
        if at <= version:
            seen[statement] = answer
        elif client is not None and by == client:
            seen[statement] = own_parts(
                answer, before.get(statement, NEVER_ANSWERED), seen.get(statement, NEVER_ANSWERED)
            )
        before[statement] = answer
    return seen


def _parameters(sheet: SheetLine, statements: Iterable[str], version: int) -> dict[str, Any]:
    return of_sheet(sheet) | {"version": version, "statements": list(statements)}


def of_sheet(sheet: SheetLine) -> dict[str, Any]:
    """The parameters that name a sheet."""
    return {"organisation_id": sheet.organisation_id, "sheet_id": sheet.sheet_id}
