"""Mutations as they are kept: each locks its sheet first, is recognised when it comes again, and leaves its history.

One that changes nothing makes no version and no event; it is kept as well, as kind "nothing", so that its repetition is
recognised even after others changed the same answers.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from app.actions import audit
from app.actions.upserts import upsert
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Mutation, MutationKind, Sheet
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.sheets import NEVER_ANSWERED, UNSET, Change, SavedAnswer
from app.queries.sheets import SheetLine, answers


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a mutation: the sheet's version after it, all answers as they stand, and which it changed.

    `repeated`: it had been saved before, and nothing was done now; the answers may hold later changes of others.
    """

    version: int
    answers: dict[str, SavedAnswer]
    repeated: bool
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A mutation of any kind, as far as it is kept and recognised. Not slotted: its digest is made once.

    `by` is the number of the person who asks; None for a visitor.
    """

    id: str
    base: int
    kind: MutationKind
    category: str | None = None
    level: int | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)
    client: str | None = None
    whole_form: bool = False
    by: int | None = None

    @cached_property
    def digest(self) -> bytes:
        """Of all that was asked for. The base is left out: a client may have looked again before it asks again."""
        changes = {
            statement: {
                part: text
                for part, text in (("value", change.value), ("reason", change.reason), ("note", change.note))
                if text is not UNSET
            }
            for statement, change in self.changes.items()
        }
        content = json.dumps([self.kind, self.category, self.level, changes], sort_keys=True)
        return hashlib.sha256(content.encode()).digest()


_sheet, _mutation, _change = table(Sheet).c, table(Mutation).c, table(AnswerChange).c

LOCK = (
    select(_sheet.version, _sheet.closed_at)
    .where(_sheet.organisation_id == bindparam("organisation_id"), _sheet.id == bindparam("sheet_id"))
    .with_for_update(key_share=True)
)
# Not joined to the lock: a row that is joined to a locked one is read as it was before the wait for the lock.
ASKED_BEFORE = select(_mutation.version, _mutation.digest, _mutation.kind).where(
    _mutation.organisation_id == bindparam("organisation_id"),
    _mutation.sheet_id == bindparam("sheet_id"),
    _mutation.mutation_id == bindparam("mutation_id"),
)
CHANGED_AT = select(_change.statement).where(
    _change.organisation_id == bindparam("organisation_id"),
    _change.sheet_id == bindparam("sheet_id"),
    _change.version == bindparam("version"),
)
KEEP_MUTATION = insert(table(Mutation))
# With RETURNING many rows go in one statement; without, the driver sends one statement for each.
KEEP_CHANGES = insert(table(AnswerChange)).returning(_change.statement)
KEEP_ANSWERS = upsert(
    table(Answer),
    ("organisation_id", "sheet_id", "statement"),
    ("value", "reason", "note", "version", "answered_at", "carried_from", "look_again"),
)
STEP = (
    update(table(Sheet))
    .where(_sheet.organisation_id == bindparam("of_organisation"), _sheet.id == bindparam("of_sheet"))
    .values(version=bindparam("to_version"), answered_at=bindparam("now"))
)


def uuid_of(id: str) -> str:
    """The id in its one spelling; Invalid where it is no UUID."""
    try:
        return str(uuid.UUID(id))
    except ValueError:
        raise Invalid("The id of a mutation is a UUID.") from None


def of(sheet: SheetLine) -> dict[str, Any]:
    """The parameters that name a sheet in every statement here."""
    return {"organisation_id": sheet.organisation_id, "sheet_id": sheet.sheet_id}


def locked(connection: Connection, sheet: SheetLine) -> int:
    """The sheet's version, which nobody else changes until this transaction ends.

    Raises Missing where the sheet is gone, and NotAllowed where it is closed.
    """
    row = connection.execute(LOCK, of(sheet)).first()
    if row is None:
        raise Missing("This sheet was deleted.")
    if row.closed_at is not None:
        raise NotAllowed("These answers are closed: they can be read, and no longer changed.")
    return int(row.version)


def repeated(connection: Connection, sheet: SheetLine, asked: Asked) -> Saved | None:
    """What became of this mutation when it was asked for before; Conflict where its id asked for something else."""
    before = connection.execute(ASKED_BEFORE, of(sheet) | {"mutation_id": asked.id}).first()
    if before is None:
        return None
    if before.digest != asked.digest:
        raise Conflict("The id of this mutation was used for something else.")
    changed: tuple[str, ...] = ()
    if before.kind is not MutationKind.NOTHING:
        changed = tuple(connection.execute(CHANGED_AT, of(sheet) | {"version": before.version}).scalars())
    standing = answers(connection, sheet.organisation_id, sheet.sheet_id)
    return Saved(before.version, standing, repeated=True, changed=changed)


def check_base(asked: Asked, version: int) -> None:
    """Invalid where the mutation looked at a version that this sheet never had: it is of another one."""
    if not 0 <= asked.base <= version:
        raise Invalid("This change is based on a version that the sheet never had. Load the page again.")


def written(
    connection: Connection,
    sheet: SheetLine,
    asked: Asked,
    version: int,
    standing: dict[str, SavedAnswer],
    after: Mapping[str, SavedAnswer],
    now: datetime.datetime,
) -> Saved:
    """Keep the mutation with all that it changes: answers, history, version and audit event."""
    changed = {
        statement: replace(answer, version=version + 1)
        for statement, answer in after.items()
        if answer != standing.get(statement, NEVER_ANSWERED)
    }
    if not changed:
        _keep_mutation(connection, sheet, asked, MutationKind.NOTHING, version, now)
        return Saved(version, standing, repeated=False, changed=())
    _keep_mutation(connection, sheet, asked, asked.kind, version + 1, now)
    _keep_answers(connection, sheet, asked, changed, now)
    step = {"of_organisation": sheet.organisation_id, "of_sheet": sheet.sheet_id, "to_version": version + 1, "now": now}
    connection.execute(STEP, step)
    _record(connection, sheet, asked, tuple(changed), now)
    return Saved(version + 1, standing | changed, repeated=False, changed=tuple(changed))


def _keep_mutation(
    connection: Connection, sheet: SheetLine, asked: Asked, kind: MutationKind, version: int, now: datetime.datetime
) -> None:
    row = of(sheet) | {
        "mutation_id": asked.id,
        "version": version,
        "digest": asked.digest,
        "kind": kind,
        "category": asked.category,
        "level": asked.level,
        "undone_by": None,
        "at": now,
        "person_id": asked.by,
    }
    connection.execute(KEEP_MUTATION, row)


def _keep_answers(
    connection: Connection,
    sheet: SheetLine,
    asked: Asked,
    changed: Mapping[str, SavedAnswer],
    now: datetime.datetime,
) -> None:
    rows = [
        of(sheet)
        | {
            "statement": statement,
            "value": answer.value,
            "reason": answer.reason,
            "note": answer.note,
            "version": answer.version,
            "carried_from": answer.carried_from,
            "look_again": answer.look_again,
        }
        for statement, answer in changed.items()
    ]
    connection.execute(KEEP_CHANGES, [row | {"client": asked.client} for row in rows]).close()
    connection.execute(KEEP_ANSWERS[connection.dialect.name], [row | {"answered_at": now} for row in rows]).close()


ACTIONS = {
    MutationKind.ANSWERS: "answers saved",
    MutationKind.PICK: "level picked",
    MutationKind.UNDO: "pick undone",
    MutationKind.CONFIRM: "answers confirmed",
}


def _record(
    connection: Connection, sheet: SheetLine, asked: Asked, statements: tuple[str, ...], now: datetime.datetime
) -> None:
    # Statements, and never values: those live in the answers' own history, under the rules of who may see them.
    subject = ("sheet", sheet.sheet_id)
    audit.record(
        connection, now, sheet.organisation_id, ACTIONS[asked.kind], subject, by=asked.by, statements=statements
    )
