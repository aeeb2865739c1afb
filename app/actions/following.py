"""A running cycle that goes on with a newer version of its rubric: one explicit step, which keeps all answers.

What was agreed already stays as it was agreed, by the version that it was agreed by. Answers go by the key of their
statement. Where a practice became a gap, or the other way round, an answer to the one is none to the other: its value
goes, with its history, and its note stays.
"""

import datetime
import hashlib
import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, insert, literal, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.running_cycles import check_open, managed
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet
from app.db.tables.findings import AgreedResult
from app.db.tables.rubrics import RubricVersion, State
from app.domain.errors import Conflict, Missing
from app.domain.impact import VersionChange, version_change
from app.domain.people import Actor
from app.queries import rubrics
from app.queries.agreed import is_result

_assessment, _sheet, _answer = table(Assessment).c, table(Sheet).c, table(Answer).c
_change, _agreed = table(AnswerChange), table(AgreedResult).c


def follow(session: Session, actor: Actor, cycle_id: int, version_id: int, now: datetime.datetime) -> VersionChange:
    """Let a cycle go on with a newer version of its rubric; what that changes for those who answer.

    Raises NotAllowed where it is not the actor's to manage, Conflict where it is closed or has this version or a newer
    one, Missing where there is no such version that is not retired.
    """
    cycle = managed(session, actor, cycle_id)
    check_open(cycle)
    connection = session.connection()
    old = rubrics.published(connection, actor.organisation_id, cycle.rubric_version_id)
    found = session.scalar(
        select(RubricVersion.id).where(
            RubricVersion.organisation_id == actor.organisation_id,
            RubricVersion.id == version_id,
            RubricVersion.key == old.key,
            RubricVersion.state == State.PUBLISHED,
        )
    )
    if found is None:
        raise Missing("There is no such version of this rubric.")
    new = rubrics.published(connection, actor.organisation_id, found)
    if new.number <= old.number:
        raise Conflict("This cycle goes on with version %(number)s already.", number=old.number)
    change = version_change(old.rubric, new.rubric)
    here = (_assessment.organisation_id == actor.organisation_id, _assessment.cycle_id == cycle_id)
    # Whoever agrees or submits holds the assessment: what they began with the old version is finished with it.
    session.execute(select(_assessment.id).where(*here).order_by(_assessment.id).with_for_update())
    cycle.rubric_version_id = new.id
    session.execute(update(table(Assessment)).where(*here).values(rubric_version_id=new.id))
    if change.asked_again:
        _ask_again(session, actor, cycle_id, change.asked_again, now)
    audit.record_by(
        session, actor, now, "cycle moved to a new version", ("cycle", cycle_id), before=old.number, after=new.number
    )
    return change


def _ask_again(
    session: Session, actor: Actor, cycle_id: int, statements: Collection[str], now: datetime.datetime
) -> None:
    """Take the values of these answers away on every sheet that is not agreed, as a change like any other."""
    sheets = (
        select(_sheet.id)
        .join_from(
            table(Sheet),
            table(Assessment),
            (_assessment.organisation_id == _sheet.organisation_id) & (_assessment.id == _sheet.assessment_id),
        )
        .where(
            _sheet.organisation_id == actor.organisation_id,
            _assessment.cycle_id == cycle_id,
            ~_agreed_on().exists(),
        )
    )
    lost = (
        _answer.organisation_id == actor.organisation_id,
        _answer.sheet_id.in_(sheets),
        _answer.statement.in_(statements),
        _answer.value.is_not(None),
    )
    touched = session.execute(select(_answer.sheet_id).distinct().where(*lost)).scalars().all()
    if not touched:
        return
    ours = (_sheet.organisation_id == actor.organisation_id, _sheet.id.in_(touched))
    session.execute(update(table(Sheet)).where(*ours).values(version=_sheet.version + 1, answered_at=now))
    _keep_who(session, actor, ours, now)
    version = (
        select(_sheet.version)
        .where(_sheet.organisation_id == _answer.organisation_id, _sheet.id == _answer.sheet_id)
        .scalar_subquery()
    )
    gone = {"value": None, "reason": "", "carried_from": None, "look_again": False}
    changed = {"organisation_id", "sheet_id", "statement", "note", "version"} | gone.keys()
    names = [column.name for column in _change.columns if column.name in changed]
    columns = [
        version if name == "version" else literal(gone[name], _answer[name].type) if name in gone else _answer[name]
        for name in names
    ]
    history = insert(_change).from_select(names, select(*columns).where(*lost))
    session.execute(history)
    session.execute(update(table(Answer)).where(*lost).values(version=version, answered_at=now, **gone))


def _agreed_on() -> Select[int]:
    return select(_agreed.id).where(
        _agreed.organisation_id == _assessment.organisation_id, _agreed.assessment_id == _assessment.id, is_result()
    )


def _keep_who(session: Session, actor: Actor, ours: tuple[ColumnElement[bool], ...], now: datetime.datetime) -> None:
    """The history of an answer names who changed it by the mutation of that version."""
    id = str(uuid.uuid4())
    row = {
        "mutation_id": id,
        "digest": hashlib.sha256(id.encode()).digest(),
        "kind": MutationKind.ANSWERS,
        "at": now,
        "person_id": actor.person_id,
    }
    columns = table(Mutation).c
    rows = select(
        _sheet.organisation_id,
        _sheet.id,
        _sheet.version,
        *(literal(value, columns[name].type) for name, value in row.items()),
    ).where(*ours)
    session.execute(insert(table(Mutation)).from_select(["organisation_id", "sheet_id", "version", *row], rows))
