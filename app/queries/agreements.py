"""Reading what was agreed on an assessment, time after time, and who dissents."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from app.db.base import table
from app.db.tables.findings import AgreedResult, Dissent
from app.db.tables.people import Person
from app.domain.answers import Value
from app.domain.errors import Missing
from app.domain.frozen_answers import Frozen, from_document

_person, _agreed, _dissent = table(Person).c, table(AgreedResult).c, table(Dissent).c


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """One agreement. The result of the assessment is the newest one that was not reopened."""

    id: int
    revision: int
    rubric_version_id: int
    overall: int | None
    agreed_at: datetime.datetime
    agreed_by: str
    reopened_at: datetime.datetime | None
    reopened_by: str
    reopen_reason: str | None


@dataclass(frozen=True, slots=True)
class DissentLine:
    statement: str
    person: str
    value: Value | None
    note: str
    at: datetime.datetime


def dissents(connection: Connection, organisation_id: int, assessment_id: int) -> Sequence[DissentLine]:
    """Who sees which statement differently from what is agreed, the first first."""
    rows = connection.execute(
        select(_dissent.statement, _person.name, _dissent.value, _dissent.note, _dissent.at)
        .join_from(table(Dissent), table(Person), _person.id == _dissent.person_id)
        .where(_dissent.organisation_id == organisation_id, _dissent.assessment_id == assessment_id)
        .order_by(_dissent.at, _dissent.person_id)
    )
    return [DissentLine(*row) for row in rows]


def agreements(connection: Connection, organisation_id: int, assessment_id: int) -> Sequence[AgreedLine]:
    """Every agreement on an assessment, the first one first."""
    agreeing, reopening = table(Person).alias("agreeing"), table(Person).alias("reopening")
    rows = connection.execute(
        select(
            _agreed.id,
            _agreed.revision,
            _agreed.rubric_version_id,
            _agreed.overall,
            _agreed.agreed_at,
            func.coalesce(agreeing.c.name, ""),
            _agreed.reopened_at,
            func.coalesce(reopening.c.name, ""),
            _agreed.reopen_reason,
        )
        .select_from(
            table(AgreedResult)
            .outerjoin(agreeing, agreeing.c.id == _agreed.agreed_by)
            .outerjoin(reopening, reopening.c.id == _agreed.reopened_by)
        )
        .where(_agreed.organisation_id == organisation_id, _agreed.assessment_id == assessment_id)
        .order_by(_agreed.revision)
    )
    return [AgreedLine(*row) for row in rows]


def agreed_answers(
    connection: Connection, organisation_id: int, assessment_id: int, revision: int
) -> tuple[AgreedLine, Frozen]:
    """One agreement with the answers that it froze; Missing where there is none of that number."""
    line = next(
        (each for each in agreements(connection, organisation_id, assessment_id) if each.revision == revision), None
    )
    if line is None:
        raise Missing("There is no such result.")
    answers: Mapping[str, Any] = connection.execute(
        select(_agreed.answers).where(_agreed.organisation_id == organisation_id, _agreed.id == line.id)
    ).scalar_one()
    return line, from_document(answers)
