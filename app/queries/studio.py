"""Reading the rubric studio: versions with what uses them, drafts, their history and their trial answers."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from app.db.base import table
from app.db.tables.cycles import Cycle
from app.db.tables.people import Person
from app.db.tables.rubrics import RubricVersion, State
from app.db.tables.studio import Draft, DraftChange, Trial
from app.domain.answers import Value
from app.domain.drafts import Step, read_step
from app.domain.errors import Missing
from app.domain.rubric_file import Document
from app.queries.pages import PAGE

_version, _draft, _change = table(RubricVersion).c, table(Draft).c, table(DraftChange).c
_trial, _person, _cycle = table(Trial).c, table(Person).c, table(Cycle).c


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of a rubric; `cycles` are those that name it, `running` of them are not closed."""

    id: int
    key: str
    number: int
    state: State
    title: str
    published_at: datetime.datetime | None
    cycles: int
    running: int

    @property
    def retired(self) -> bool:
        return self.state is State.RETIRED


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft. `by` is who began it; None where they are gone. `base` is the number of the version that it began as."""

    id: int
    key: str
    title: str
    edition: int
    based_on: int | None
    base: int | None
    begun_by: str | None
    begun_at: datetime.datetime
    changed_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class OpenDraft:
    line: DraftLine
    document: Document


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of a draft. `undone` tells whether it was taken back; `undoes` is the edition that it took back."""

    edition: int
    by: str | None
    at: datetime.datetime
    steps: Sequence[Step]
    back: Sequence[Step]
    undoes: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class TrialLine:
    id: int
    name: str
    answers: Mapping[str, Value]
    expected: int | None


def versions(connection: Connection, organisation_id: int) -> Sequence[VersionLine]:
    """Every version of every rubric, by rubric, the newest first."""
    uses = (
        select(
            _cycle.rubric_version_id,
            func.count().label("cycles"),
            func.count().filter(_cycle.closed_at.is_(None)).label("running"),
        )
        .where(_cycle.organisation_id == organisation_id)
        .group_by(_cycle.rubric_version_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            _version.id,
            _version.key,
            _version.number,
            _version.state,
            _version.title,
            _version.published_at,
            func.coalesce(uses.c.cycles, 0),
            func.coalesce(uses.c.running, 0),
        )
        .outerjoin(uses, uses.c.rubric_version_id == _version.id)
        .where(_version.organisation_id == organisation_id)
        .order_by(_version.key, _version.number.desc())
    )
    return [VersionLine(*row) for row in rows]


def drafts(connection: Connection, organisation_id: int) -> Sequence[DraftLine]:
    """Every draft, the one that was changed last first."""
    asked = _drafts(organisation_id).order_by(_draft.changed_at.desc(), _draft.id.desc())
    return [_draft_line(row) for row in connection.execute(asked)]


def draft(connection: Connection, organisation_id: int, draft_id: int) -> OpenDraft:
    """One draft with its document; Missing where there is none."""
    row = connection.execute(_drafts(organisation_id).where(_draft.id == draft_id)).first()
    if row is None:
        raise Missing("There is no such draft. It may have been published or discarded.")
    return OpenDraft(_draft_line(row), row.document)


def changes(
    connection: Connection, organisation_id: int, draft_id: int, before: int | None = None, limit: int = PAGE
) -> Sequence[ChangeLine]:
    """The changes of a draft, the newest first; those of editions below `before` where that is given."""
    asked = _changes(organisation_id, draft_id).limit(limit)
    rows = connection.execute(asked if before is None else asked.where(_change.edition < before))
    return [_change_line(row) for row in rows]


def last_change(connection: Connection, organisation_id: int, draft_id: int) -> ChangeLine | None:
    """The newest change that undoing would take back: not one that was taken back, and not one that took back."""
    asked = _changes(organisation_id, draft_id).where(_change.undoes.is_(None), ~_undone())
    row = connection.execute(asked.limit(1)).first()
    return _change_line(row) if row else None


def trials(connection: Connection, organisation_id: int, draft_id: int) -> Sequence[TrialLine]:
    """The trial answers that are kept with a draft, by name."""
    rows = connection.execute(
        select(_trial.id, _trial.name, _trial.answers, _trial.expected)
        .where(_trial.organisation_id == organisation_id, _trial.draft_id == draft_id)
        .order_by(_trial.name, _trial.id)
    )
    return [
        TrialLine(id, name, {key: Value(value) for key, value in answers.items()}, expected)
        for id, name, answers, expected in rows
    ]


def _drafts(organisation_id: int) -> Any:
    return (
        select(
            _draft.id,
            _draft.key,
            _draft.document,
            _draft.edition,
            _draft.based_on,
            _version.number,
            _person.name,
            _draft.begun_at,
            _draft.changed_at,
        )
        .outerjoin(
            table(RubricVersion),
            and_(_version.organisation_id == _draft.organisation_id, _version.id == _draft.based_on),
        )
        .outerjoin(table(Person), _person.id == _draft.begun_by)
        .where(_draft.organisation_id == organisation_id)
    )


def _draft_line(row: Any) -> DraftLine:
    id, key, document, *others = row
    return DraftLine(id, key, document.get("title", ""), *others)


def _changes(organisation_id: int, draft_id: int) -> Select[Any]:
    """The columns of `ChangeLine`, the newest change first."""
    return (
        select(_change.edition, _person.name, _change.at, _change.steps, _change.back, _change.undoes, _undone())
        .outerjoin(table(Person), _person.id == _change.person_id)
        .where(_change.organisation_id == organisation_id, _change.draft_id == draft_id)
        .order_by(_change.edition.desc())
    )


def _undone() -> ColumnElement[bool]:
    again = table(DraftChange).alias("again").c
    taken_back = (again.organisation_id == _change.organisation_id, again.draft_id == _change.draft_id)
    return select(again.edition).where(*taken_back, again.undoes == _change.edition).exists()


def _change_line(row: Any) -> ChangeLine:
    edition, by, at, steps, back, undoes, undone = row
    return ChangeLine(edition, by, at, _steps(steps), _steps(back), undoes, undone)


def _steps(steps: Sequence[Mapping[str, Any]]) -> Sequence[Step]:
    return [read_step(each) for each in steps]
