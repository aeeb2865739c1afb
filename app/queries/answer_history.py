"""How the answer to one statement of a sheet came about: who, when, from what to what."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from app.db.base import table
from app.db.tables.assessments import AnswerChange, Mutation, MutationKind
from app.db.tables.people import Person
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer
from app.queries.sheets import SheetLine

_change, _mutation, _person = table(AnswerChange).c, table(Mutation).c, table(Person).c


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change; `person` is empty for a visitor or a service."""

    at: datetime.datetime
    person: str
    kind: MutationKind
    before: SavedAnswer
    after: SavedAnswer


def answer_history(connection: Connection, sheet: SheetLine, statement: str) -> Sequence[HistoryLine]:
    """Every change of an answer, the last first. Ask `domain.reveal` who may see the sheet before showing it."""
    rows = connection.execute(
        select(
            _change.value,
            _change.reason,
            _change.note,
            _change.version,
            _mutation.at,
            func.coalesce(_person.name, ""),
            _mutation.kind,
        )
        .select_from(
            table(AnswerChange)
            .join(
                table(Mutation),
                and_(
                    _mutation.organisation_id == _change.organisation_id,
                    _mutation.sheet_id == _change.sheet_id,
                    _mutation.version == _change.version,
                    # What changed nothing is kept under the version that it found.
                    _mutation.kind != MutationKind.NOTHING,
                ),
            )
            .outerjoin(table(Person), _person.id == _mutation.person_id)
        )
        .where(
            _change.organisation_id == sheet.organisation_id,
            _change.sheet_id == sheet.sheet_id,
            _change.statement == statement,
        )
        .order_by(_change.version)
    )
    lines, before = [], NEVER_ANSWERED
    for value, reason, note, version, at, person, kind in rows:
        after = SavedAnswer(value, reason, note, version)
        lines.append(HistoryLine(at, person, kind, before, after))
        before = after
    return lines[::-1]
