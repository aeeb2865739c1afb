"""Sheets that begin with what the team agreed in an earlier cycle, none of it confirmed yet.

What a sheet begins with is its version 0: it is in the answers and in their history, and nobody has begun to answer.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.actions.jobs import enqueue
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.domain.asked_once import asked_of_organisation
from app.domain.carrying import as_carried, as_saved, carried_forward, what_changed
from app.domain.cycles import Mode
from app.domain.frozen_answers import from_document
from app.domain.rubric import Rubric
from app.domain.sheets import SavedAnswer
from app.queries import rubrics
from app.queries.agreed import is_result
from app.queries.carrying import KIND, job_key

AT_ONCE = 500
"""Assessments whose answers are copied in one transaction; further ones by jobs, one after the other."""
Before = tuple[int, int, int, Mapping[str, SavedAnswer]]
"""What a sheet is to begin with: its number, the rubric versions then and now, and the answers of then."""

_answer, _change = table(Answer).c, table(AnswerChange).c
_assessment, _sheet, _agreed = table(Assessment).c, table(Sheet).c, table(AgreedResult).c

# Somebody may have answered before the copy comes: their answer stays, and the copy stands in its history.
_KEEP = {
    "sqlite": tuple(sqlite.insert(table(each)).on_conflict_do_nothing() for each in (Answer, AnswerChange)),
    "postgresql": tuple(postgresql.insert(table(each)).on_conflict_do_nothing() for each in (Answer, AnswerChange)),
}


def carry_forward(session: Session, cycle: Cycle, now: datetime.datetime, after: int = 0) -> None:
    """Begin the agreed sheets of a cycle that is answered together, those of the assessments after this number.

    The first of them at once, the others by a job. Alone first each own sheet begins so when it is made.
    """
    if cycle.carried_from is None or cycle.mode is not Mode.TOGETHER:
        return
    reached = _batch(session, cycle, now, after)
    if reached is not None:
        _go_on(session, cycle.organisation_id, cycle.id, reached, now)


def carry_on(session: Session, job: Mapping[str, Any], now: datetime.datetime) -> None:
    """Do one batch more, and have the next one done. A cycle that was removed meanwhile has nothing to do."""
    asked = select(Cycle).where(Cycle.organisation_id == job["organisation"], Cycle.id == job["cycle"])
    cycle = session.scalar(asked)
    if cycle is None:
        return
    reached = _batch(session, cycle, now, job["after"])
    if reached is not None:
        _go_on(session, cycle.organisation_id, cycle.id, reached, now)


def begin_with_the_last(
    connection: Connection,
    organisation_id: int,
    sheet_id: int,
    assessment_id: int,
    carried_from: int,
    now: datetime.datetime,
) -> None:
    """Begin one sheet that was just made with what the team agreed in that cycle, if it agreed on anything."""
    row = connection.execute(_found(organisation_id, carried_from).where(_assessment.id == assessment_id)).first()
    if row is not None:
        _copy(connection, organisation_id, carried_from, [_agreed_before(sheet_id, row)], now)


def carry_above(session: Session, cycle: Cycle, now: datetime.datetime) -> None:
    """Begin what is answered for the organisation and its units with what stood there in the earlier cycle.

    All at once: there are as many of them as units that were answered for, and not as many as teams.
    """
    carried_from = cycle.carried_from
    if carried_from is None:
        return
    connection, earlier, sheet = session.connection(), table(Assessment).alias(), table(Sheet).alias()
    rows = connection.execute(
        select(
            _sheet.id,
            earlier.c.rubric_version_id,
            _answer.statement,
            *(_answer[name] for name in ("value", "reason", "note", "version", "carried_from", "look_again")),
        )
        .select_from(table(Assessment))
        .join(
            table(Sheet),
            and_(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id),
        )
        .join(
            earlier,
            and_(
                earlier.c.organisation_id == _assessment.organisation_id,
                earlier.c.cycle_id == carried_from,
                earlier.c.team_id.is_(None),
                earlier.c.unit_id.is_not_distinct_from(_assessment.unit_id),
            ),
        )
        .join(sheet, and_(sheet.c.organisation_id == earlier.c.organisation_id, sheet.c.assessment_id == earlier.c.id))
        .join(table(Answer), and_(_answer.organisation_id == sheet.c.organisation_id, _answer.sheet_id == sheet.c.id))
        .where(
            _assessment.organisation_id == cycle.organisation_id,
            _assessment.cycle_id == cycle.id,
            _assessment.team_id.is_(None),
        )
    )
    before: dict[tuple[int, int], dict[str, SavedAnswer]] = {}
    for sheet_id, version, statement, *answer in rows:
        before.setdefault((sheet_id, version), {})[statement] = SavedAnswer(*answer)
    new = cycle.rubric_version_id
    asked = asked_of_organisation(rubrics.published(connection, cycle.organisation_id, new).rubric)
    found = [
        (sheet_id, version, new, {key: answers[key] for key in asked if key in answers})
        for (sheet_id, version), answers in before.items()
    ]
    _copy(connection, cycle.organisation_id, carried_from, found, now)


def _go_on(session: Session, organisation_id: int, cycle_id: int, after: int, now: datetime.datetime) -> None:
    job = {"organisation": organisation_id, "cycle": cycle_id, "after": after}
    enqueue(session, KIND, job, now, job_key(cycle_id, after), organisation_id)


def _batch(session: Session, cycle: Cycle, now: datetime.datetime, after: int) -> int | None:
    """Copy to the next assessments; the number of the last one where there are more."""
    carried_from = cycle.carried_from
    if carried_from is None:
        return None
    connection = session.connection()
    begun = (
        _found(cycle.organisation_id, carried_from)
        .add_columns(_sheet.id)
        .join(
            table(Sheet),
            and_(
                _sheet.organisation_id == _assessment.organisation_id,
                _sheet.assessment_id == _assessment.id,
                _sheet.kind == SheetKind.AGREED,
            ),
        )
        .where(_assessment.cycle_id == cycle.id, _assessment.id > after)
        .order_by(_assessment.id)
        .limit(AT_ONCE + 1)
    )
    rows = connection.execute(begun).all()
    here = rows[:AT_ONCE]
    _copy(connection, cycle.organisation_id, carried_from, (_agreed_before(row[-1], row) for row in here), now)
    return here[-1].id if len(rows) > AT_ONCE else None


def _found(organisation_id: int, carried_from: int) -> Any:
    """Assessments with what the same team, or the same ML system, agreed in that cycle."""
    earlier = table(Assessment).alias("earlier")
    return (
        select(_assessment.id, _assessment.rubric_version_id, _agreed.rubric_version_id.label("of"), _agreed.answers)
        .select_from(table(Assessment))
        .join(
            earlier,
            and_(
                earlier.c.organisation_id == _assessment.organisation_id,
                earlier.c.team_id == _assessment.team_id,
                earlier.c.ml_system_id.is_not_distinct_from(_assessment.ml_system_id),
                earlier.c.cycle_id == carried_from,
            ),
        )
        .join(
            table(AgreedResult),
            and_(_agreed.organisation_id == earlier.c.organisation_id, _agreed.assessment_id == earlier.c.id),
        )
        .where(_assessment.organisation_id == organisation_id, is_result())
    )


def _agreed_before(sheet_id: int, row: Any) -> Before:
    """What was taken over from above is taken over anew: only the team's own answers are the team's to begin with."""
    return sheet_id, row.of, row.rubric_version_id, from_document(row.answers).own


def _copy(
    connection: Connection,
    organisation_id: int,
    carried_from: int,
    found: Iterable[Before],
    now: datetime.datetime,
) -> None:
    """Two executions however many sheets there are."""
    changes: dict[tuple[int, int], tuple[Rubric, Mapping[str, tuple[str, ...]]]] = {}
    rows: list[dict[str, Any]] = []
    for sheet_id, then, now_asked, answers in found:
        versions = (then, now_asked)
        if versions not in changes:
            old, new = (rubrics.published(connection, organisation_id, each).rubric for each in versions)
            changes[versions] = (new, what_changed(old, new))
        new, changed = changes[versions]
        before = {key: as_carried(answer) for key, answer in answers.items()}
        forward = carried_forward(new, changed, before, carried_from)
        rows += [_row(organisation_id, sheet_id, key, as_saved(each)) for key, each in forward.items()]
    if not rows:
        return
    answer, change = _KEEP[connection.dialect.name]
    connection.execute(answer, [row | {"answered_at": now} for row in rows])
    connection.execute(change, [row | {"client": None} for row in rows])


def _row(organisation_id: int, sheet_id: int, statement: str, answer: SavedAnswer) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "sheet_id": sheet_id,
        "statement": statement,
        "value": answer.value,
        "reason": answer.reason,
        "note": answer.note,
        "version": 0,
        "carried_from": answer.carried_from,
        "look_again": answer.look_again,
    }
