"""What a page on an agreed sheet asks every other second: what others changed, and who is at work on it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from app.db.base import table
from app.db.tables.assessments import AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle, Presence
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.domain.cycles import Mode
from app.domain.errors import Missing
from app.domain.people import Actor, Place
from app.domain.reveal import Alone
from app.queries.placed import placed
from app.queries.rights import teams_seen
from app.queries.sheets import LINE, SheetLine

COUNTS_FOR = datetime.timedelta(seconds=30)
"""Who was not heard of for longer is not there any more."""

_assessment, _sheet, _cycle = table(Assessment).c, table(Sheet).c, table(Cycle).c
_team, _unit, _agreed = table(Team).c, table(Unit).c, table(AgreedResult).c
_change, _mutation = table(AnswerChange).c, table(Mutation).c
_presence, _person = table(Presence).c, table(Person).c


@dataclass(frozen=True, slots=True)
class LiveSheet:
    """An agreed sheet, with what says whether it may be seen. `alone` does not know who was asked.

    `carried`: its cycle began with the answers of an earlier one.
    """

    line: SheetLine
    place: Place
    cycle_id: int | None
    alone: Alone
    carried: bool


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at work on the sheet, and at which statement."""

    person_id: int
    name: str
    statement: str | None


def live_sheet(connection: Connection, actor: Actor, assessment_id: int) -> LiveSheet:
    """The agreed sheet of an assessment whose team the actor sees; Missing for every other. One statement."""
    is_agreed = (
        select(_agreed.id)
        .where(
            _agreed.organisation_id == _assessment.organisation_id,
            _agreed.assessment_id == _assessment.id,
            _agreed.reopened_at.is_(None),
        )
        .exists()
    )
    row = connection.execute(
        select(
            *LINE,
            _team.id,
            _unit.path,
            _assessment.cycle_id,
            _cycle.mode,
            _cycle.carried_from,
            _assessment.revealed_at,
            is_agreed,
        )
        .select_from(
            placed()
            .join(
                table(Sheet),
                and_(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id),
            )
            .outerjoin(
                table(Cycle),
                and_(_cycle.organisation_id == _assessment.organisation_id, _cycle.id == _assessment.cycle_id),
            )
        )
        .where(
            _sheet.kind == SheetKind.AGREED,
            _assessment.organisation_id == actor.organisation_id,
            _assessment.id == assessment_id,
            teams_seen(actor),
        )
    ).first()
    if row is None:
        raise Missing("There is no such assessment.")
    *line, team_id, path, cycle_id, mode, carried_from, revealed_at, agreed = row
    alone = Alone(mode or Mode.TOGETHER, frozenset(), revealed=revealed_at is not None, agreed=agreed)
    return LiveSheet(SheetLine(*line), Place(team_id, path), cycle_id, alone, carried=carried_from is not None)


def present(connection: Connection, organisation_id: int, sheet_id: int, now: datetime.datetime) -> Sequence[Present]:
    """Who was at work on the sheet in the last half minute, by name."""
    rows = connection.execute(
        select(_presence.person_id, _person.name, _presence.statement)
        .join_from(table(Presence), table(Person), _person.id == _presence.person_id)
        .where(
            _presence.organisation_id == organisation_id,
            _presence.sheet_id == sheet_id,
            _presence.seen_at > now - COUNTS_FOR,
        )
        .order_by(_person.name, _presence.person_id)
    )
    return [Present(*row) for row in rows]


def changed_by(connection: Connection, sheet: SheetLine, since: int, but: int | None) -> Mapping[str, str]:
    """Who changed each statement last after a version of the sheet, by name; what `but` did is left out."""
    rows = connection.execute(
        select(_change.statement, _mutation.person_id, _person.name)
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
            _change.version > since,
        )
        .order_by(_change.version)
    )
    last = {statement: (person_id, name) for statement, person_id, name in rows}
    return {statement: name for statement, (person_id, name) in last.items() if name and person_id != but}
