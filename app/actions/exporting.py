"""Exports: asking for one, stopping and removing it, and what its job writes down of it.

Each export is a job, written in the transaction that asks for it. Whoever writes it says now and then how far it is,
which keeps the job theirs, and learns whether it was cancelled meanwhile.
"""

import datetime
from typing import Any

from sqlalchemy import CursorResult, Update, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.jobs import TakenJob, enqueue, hold
from app.db.base import table
from app.db.tables.exports import ERROR_LIMIT, UNDER_WAY, Export
from app.domain.errors import Conflict, NotAllowed, TooMany
from app.domain.exports import (
    KEPT,
    MOST_KEPT,
    MOST_UNDER_WAY,
    Asked,
    ExportState,
    checked,
    file_name,
    written,
)
from app.domain.exports import UNDER_WAY as STATES_UNDER_WAY
from app.domain.people import Actor
from app.queries import exports
from app.queries.organisations import organisation

KIND = "write export"
"""The job that writes one."""

_export = table(Export)
_WHICH: dict[str, Any] = {
    "index_elements": ["organisation_id", "person_id", "digest"],
    "index_where": UNDER_WAY,
}
ADD = {
    "sqlite": sqlite.insert(_export).on_conflict_do_nothing(**_WHICH).returning(_export.c.id),
    "postgresql": postgresql.insert(_export).on_conflict_do_nothing(**_WHICH).returning(_export.c.id),
}


def ask_export(session: Session, actor: Actor, asked: Asked, now: datetime.datetime) -> int:
    """Have an export written; its number. Who asks for the same while it is under way gets that one.

    Raises Missing or NotAllowed where the actor may not see what it would hold, Invalid for what is no such export, and
    TooMany where they have as many as anybody may.
    """
    if actor.person_id is None:
        raise NotAllowed("Exports are made for people.")
    checked(asked)
    connection = session.connection()
    names = exports.seen_names(connection, actor, asked)
    name = file_name(asked.kind, organisation(connection, actor.organisation_id).name, *names)
    _check_number(session, actor, asked, now)
    row = {
        "organisation_id": actor.organisation_id,
        "person_id": actor.person_id,
        "kind": asked.kind,
        "cycle_id": asked.cycle_id,
        "unit_id": asked.unit_id,
        "assessment_id": asked.assessment_id,
        "filters": written(asked.filters),
        "digest": asked.digest,
        "state": ExportState.WAITING,
        "done": 0,
        "total": 0,
        "file_name": name,
        "created_at": now,
        "expires_at": now + KEPT,
    }
    added: int | None = connection.execute(ADD[connection.dialect.name], row).scalar()
    if added is None:
        return _same(session, actor, asked)
    enqueue(session, KIND, {"export": added}, now, f"{KIND} {added}", actor.organisation_id)
    details = {"cycle": asked.cycle_id, "unit": asked.unit_id, "assessment": asked.assessment_id}
    named = {name: value for name, value in details.items() if value}
    audit.record_by(session, actor, now, "export asked for", ("export", added), kind=asked.kind, **named)
    return added


def cancel_export(session: Session, actor: Actor, export_id: int, now: datetime.datetime) -> None:
    """Stop one of the actor's exports that waits or is being written; Conflict where it is over already."""
    line = exports.own_export(session.connection(), actor, export_id, now)
    cancelled = _under_way(line.id).values(state=ExportState.CANCELLED, finished_at=now)
    if not _one(session.connection().execute(cancelled)):
        raise Conflict("This export is not under way any more.")
    audit.record_by(session, actor, now, "export cancelled", ("export", line.id))


def remove_export(session: Session, actor: Actor, export_id: int, now: datetime.datetime) -> str | None:
    """Forget one of the actor's exports, whatever its state; the key of its file, which the caller discards."""
    line = exports.own_export(session.connection(), actor, export_id, now)
    session.connection().execute(delete(_export).where(*_own(actor, export_id)))
    audit.record_by(session, actor, now, "export removed", ("export", line.id))
    return line.file_key


def ask_again(session: Session, actor: Actor, export_id: int, now: datetime.datetime) -> int:
    """The same once more in the place of one that failed or was cancelled; its number."""
    line = exports.own_export(session.connection(), actor, export_id, now)
    if line.state not in {ExportState.FAILED, ExportState.CANCELLED}:
        raise Conflict("This export is under way, or ready.")
    session.connection().execute(delete(_export).where(*_own(actor, export_id)))
    return ask_export(session, actor, line.asked, now)


def note_progress(
    session: Session, job: TakenJob, export_id: int, done: int, total: int, now: datetime.datetime
) -> bool:
    """Say how far it is, and keep the job; whether it is to go on. NoLongerOurs where somebody else has the job."""
    hold(session, job, now)
    values = {"state": ExportState.WRITING, "done": done, "total": total}
    return _one(session.connection().execute(_under_way(export_id).values(values)))


def note_ready(session: Session, export_id: int, file_key: str, size: int, now: datetime.datetime) -> bool:
    """Its file is there; False where it was cancelled or removed meanwhile, and nobody will fetch the file."""
    values = {
        "state": ExportState.READY,
        "finished_at": now,
        "file_key": file_key,
        "size": size,
        "done": _export.c.total,
    }
    ready = _under_way(export_id).values({**values, "expires_at": now + KEPT})
    return _one(session.connection().execute(ready))


def note_failed(session: Session, export_id: int, why: str, now: datetime.datetime) -> None:
    """It came to nothing, and why; nothing where it was cancelled or removed."""
    values = {"state": ExportState.FAILED, "failed_at": now, "finished_at": now, "error": why[:ERROR_LIMIT]}
    session.connection().execute(_under_way(export_id).values(values))


def purge_exports(session: Session, now: datetime.datetime) -> None:
    """Forget those whose time is over; their files are purged by what looks after files."""
    session.connection().execute(delete(_export).where(_export.c.expires_at <= now))


def _under_way(export_id: int) -> Update:
    return update(_export).where(_export.c.id == export_id, _export.c.state.in_(STATES_UNDER_WAY))


def _own(actor: Actor, export_id: int) -> tuple[Any, ...]:
    columns = _export.c
    return (
        columns.organisation_id == actor.organisation_id,
        columns.person_id == actor.person_id,
        columns.id == export_id,
    )


def _same(session: Session, actor: Actor, asked: Asked) -> int:
    columns = _export.c
    found = select(columns.id).where(
        columns.organisation_id == actor.organisation_id,
        columns.person_id == actor.person_id,
        columns.digest == asked.digest,
        columns.state.in_(STATES_UNDER_WAY),
    )
    same: int | None = session.connection().execute(found).scalar()
    if same is None:
        raise Conflict("The same export was just finished. Look at your exports.")
    return same


def _check_number(session: Session, actor: Actor, asked: Asked, now: datetime.datetime) -> None:
    columns = _export.c
    rows = session.connection().execute(
        select(columns.state, func.count().label("number"))
        .where(
            columns.organisation_id == actor.organisation_id,
            columns.person_id == actor.person_id,
            columns.expires_at > now,
            # The same, under way, is no other one.
            or_(columns.digest != asked.digest, columns.state.not_in(STATES_UNDER_WAY)),
        )
        .group_by(columns.state)
    )
    counts: dict[ExportState, int] = {row.state: row.number for row in rows}
    if sum(counts.get(state, 0) for state in STATES_UNDER_WAY) >= MOST_UNDER_WAY:
        raise TooMany(
            "%(most)s of your exports are under way. Wait for one of them, or cancel it.",
            most=MOST_UNDER_WAY,
        )
    if sum(counts.values()) >= MOST_KEPT:
        raise TooMany("You have %(most)s exports. Remove one that you do not need any more.", most=MOST_KEPT)


def _one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
