"""Saving answers: once however often it is asked, and never over what somebody else saved meanwhile."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from app.actions.mutations import Asked, Saved, check_base, locked, of, repeated, uuid_of, written
from app.db.base import table
from app.db.tables.assessments import AnswerChange, MutationKind
from app.db.tables.assessments import Mutation as MutationRow
from app.domain import scoring
from app.domain.errors import Conflict, Invalid, Sentence
from app.domain.rubric import Category, Rubric
from app.domain.sheets import (
    NEVER_ANSWERED,
    UNSET,
    AnswersDiffer,
    AnswerUnfit,
    Change,
    Differing,
    Mutation,
    SavedAnswer,
    checked,
    confirmed,
    merge,
    touched,
)
from app.queries.sheets import SheetLine, answers, answers_seen, past

NO_NOTES: Mapping[str, str] = {}
ANSWERED_ABOVE = Sentence(
    "This is answered for your team by its organisation or unit. Reload the page to see it, or to object."
)

_mutation, _change = table(MutationRow).c, table(AnswerChange).c

LAST_PICK = (
    select(_mutation.mutation_id, _mutation.version)
    .where(
        _mutation.organisation_id == bindparam("organisation_id"),
        _mutation.sheet_id == bindparam("sheet_id"),
        _mutation.kind == MutationKind.PICK,
        _mutation.category == bindparam("category"),
        _mutation.undone_by.is_(None),
    )
    .order_by(_mutation.version.desc())
    .limit(1)
)
MADE = (
    select(_change.version)
    .where(
        _change.organisation_id == bindparam("organisation_id"),
        _change.sheet_id == bindparam("sheet_id"),
        _change.version == bindparam("version"),
        _change.client == bindparam("client"),
    )
    .limit(1)
)
MARK_UNDONE = (
    update(table(MutationRow))
    .where(
        _mutation.organisation_id == bindparam("of_organisation"),
        _mutation.sheet_id == bindparam("of_sheet"),
        _mutation.mutation_id == bindparam("pick"),
    )
    .values(undone_by=bindparam("undo_version"))
)


def save(
    session: Session,
    sheet: SheetLine,
    rubric: Rubric,
    mutation: Mutation,
    now: datetime.datetime,
    by: int | None = None,
    above: Collection[str] = (),
) -> Saved:
    """Save what one mutation says of any number of statements, all or nothing; `by` is the person, if one is known.

    `above` are the statements that are answered above the team, and so no longer by it. Raises Invalid where it
    changes one of them, or says what cannot be, AnswersDiffer where others changed the same meanwhile, Conflict where
    its id was used for something else, Missing where the sheet is gone.
    """
    changes = checked(rubric, mutation.changes)
    asked = Asked(
        uuid_of(mutation.id),
        mutation.base,
        MutationKind.ANSWERS,
        changes=changes,
        client=mutation.client,
        whole_form=mutation.whole_form,
        by=by,
    )
    return _save(session, sheet, asked, now, above)


def pick(
    session: Session,
    sheet: SheetLine,
    rubric: Rubric,
    id: str,
    base: int,
    category: str,
    level: int,
    now: datetime.datetime,
    client: str | None = None,
    notes: Mapping[str, str] = NO_NOTES,
    by: int | None = None,
    above: Collection[str] = (),
) -> Saved:
    """Answer a whole category by the level that fits best; notes stay, or become `notes`. Raises what `save` raises.

    It passes over what is answered `above`.
    """
    values = scoring.pick(_category(rubric, category), level)
    noted = {statement: Change(note=note) for statement, note in notes.items()}
    picked = {statement: Change(value, note=notes.get(statement, UNSET)) for statement, value in values.items()}
    changes = checked(rubric, noted | picked)
    asked = Asked(uuid_of(id), base, MutationKind.PICK, category, level, changes, client, by=by)
    return _save(session, sheet, asked, now, above)


def undo_pick(
    session: Session,
    sheet: SheetLine,
    rubric: Rubric,
    id: str,
    base: int,
    category: str,
    now: datetime.datetime,
    client: str | None = None,
    pick_version: int | None = None,
    by: int | None = None,
) -> Saved:
    """Take back the category's last pick: each answer that is still as the pick left it becomes what it was before.

    Raises Conflict where there is no pick to take back, or it is not the one that made `pick_version`, which is all
    that the reader has seen; else what `save` raises.
    """
    statements = tuple(statement.key for statement in _category(rubric, category).statements)
    asked = Asked(uuid_of(id), base, MutationKind.UNDO, category, client=client, by=by)
    connection = session.connection()
    version = locked(connection, sheet)
    if before := repeated(connection, sheet, asked):
        return before
    check_base(asked, version)
    last = connection.execute(LAST_PICK, of(sheet) | {"category": category}).first()
    if last is None:
        raise Conflict("There is no pick to undo in this category.")
    if pick_version not in (None, last.version) and not _made(connection, sheet, last.version, client):
        raise Conflict("This category was picked anew meanwhile. Look at it again before you undo that pick.")
    standing = answers(connection, sheet.organisation_id, sheet.sheet_id)
    after = _before_pick(connection, sheet, statements, last.version, standing)
    saved = written(connection, sheet, asked, version, standing, after, now)
    undone = {"of_organisation": sheet.organisation_id, "of_sheet": sheet.sheet_id, "pick": last.mutation_id}
    connection.execute(MARK_UNDONE, undone | {"undo_version": saved.version})
    return saved


def confirm(
    session: Session,
    sheet: SheetLine,
    rubric: Rubric,
    id: str,
    base: int,
    statements: Iterable[str],
    now: datetime.datetime,
    client: str | None = None,
    by: int | None = None,
) -> Saved:
    """Say of carried answers that they still hold. What somebody answered or confirmed meanwhile stays as it is."""
    changes = checked(rubric, dict.fromkeys(statements, Change()))
    asked = Asked(uuid_of(id), base, MutationKind.CONFIRM, changes=changes, client=client, by=by)
    connection = session.connection()
    version = locked(connection, sheet)
    if before := repeated(connection, sheet, asked):
        return before
    check_base(asked, version)
    standing = answers(connection, sheet.organisation_id, sheet.sheet_id)
    after = {key: confirmed(standing[key]) for key in asked.changes if key in standing and standing[key].waits}
    return written(connection, sheet, asked, version, standing, after, now)


def _made(connection: Connection, sheet: SheetLine, version: int, client: str | None) -> bool:
    """Whether this client made that version: it has seen what it did itself, though no answer told it the version."""
    parameters = of(sheet) | {"version": version, "client": client}
    return client is not None and connection.execute(MADE, parameters).first() is not None


def _save(session: Session, sheet: SheetLine, asked: Asked, now: datetime.datetime, above: Collection[str]) -> Saved:
    connection = session.connection()
    version = locked(connection, sheet)
    if before := repeated(connection, sheet, asked):
        return before
    check_base(asked, version)
    standing = answers(connection, sheet.organisation_id, sheet.sheet_id)
    after = _left_to_the_team(asked, standing, _merged(connection, sheet, asked, standing), above)
    return written(connection, sheet, asked, version, standing, after, now)


def _category(rubric: Rubric, key: str) -> Category:
    if key not in rubric.category_by_key:
        raise Invalid(
            "The rubric %(rubric)s has no category %(category)s.", rubric=rubric.key, category=ascii(key[:100])
        )
    return rubric.category_by_key[key]


def _merged(
    connection: Connection, sheet: SheetLine, asked: Asked, standing: Mapping[str, SavedAnswer]
) -> dict[str, SavedAnswer]:
    moved = [each for each in asked.changes if standing.get(each, NEVER_ANSWERED).version > asked.base]
    then = dict(standing)
    if moved:
        then |= dict.fromkeys(moved, NEVER_ANSWERED) | answers_seen(connection, sheet, moved, asked.base, asked.client)
    outcomes = {}
    for statement, change in asked.changes.items():
        seen = then.get(statement, NEVER_ANSWERED)
        mine = touched(change, seen) if asked.whole_form else change
        outcomes[statement] = merge(statement, mine, standing.get(statement, NEVER_ANSWERED), seen)
    if differing := tuple(each for each in outcomes.values() if isinstance(each, Differing)):
        raise AnswersDiffer(differing)
    return {statement: each for statement, each in outcomes.items() if isinstance(each, SavedAnswer)}


def _left_to_the_team(
    asked: Asked, standing: Mapping[str, SavedAnswer], after: Mapping[str, SavedAnswer], above: Collection[str]
) -> dict[str, SavedAnswer]:
    for statement in above:
        changed = after.get(statement) not in (None, standing.get(statement, NEVER_ANSWERED))
        if changed and asked.kind is not MutationKind.PICK:
            raise AnswerUnfit(statement, ANSWERED_ABOVE)
    return {statement: answer for statement, answer in after.items() if statement not in above}


def _before_pick(
    connection: Connection,
    sheet: SheetLine,
    statements: tuple[str, ...],
    pick_version: int,
    standing: Mapping[str, SavedAnswer],
) -> dict[str, SavedAnswer]:
    before: dict[str, SavedAnswer] = {}
    left: dict[str, SavedAnswer] = {}
    for line in past(connection, sheet, statements, pick_version):
        (left if line.answer.version == pick_version else before)[line.statement] = line.answer
    restored = {}
    for statement, by_pick in left.items():
        now = standing[statement]
        if now.verdict == by_pick.verdict:
            restored[statement] = replace(before.get(statement, NEVER_ANSWERED), note=now.note)
    return restored
