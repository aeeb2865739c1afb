"""Reading how a team assesses itself: where an assessment stands, and who answers it."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select, union_all

from app.db.base import table
from app.db.tables.assessments import Answer, Assessment, Sheet, SheetKind
from app.db.tables.cycles import Respondent
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.people import Membership, Person, Role
from app.domain.cycles import Mode
from app.domain.errors import Missing
from app.domain.people import Actor, Place, RoleKind
from app.domain.reveal import Alone, Viewer
from app.domain.sheets import SavedAnswer
from app.queries.agreements import AgreedLine, agreements
from app.queries.cycles import CycleLine, cycle_line
from app.queries.placed import placed
from app.queries.rights import teams_seen
from app.queries.sheets import LINE, SheetLine

_assessment, _sheet, _answer = table(Assessment).c, table(Sheet).c, table(Answer).c
_team, _unit, _system = table(Team).c, table(Unit).c, table(MlSystem).c
_person, _membership, _role = table(Person).c, table(Membership).c, table(Role).c
_respondent = table(Respondent).c


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A respondent and how far they are; `sheet_id` is None until they began. `categories` empty means all."""

    person_id: int
    name: str
    asked: bool
    categories: tuple[str, ...]
    sheet_id: int | None = None
    version: int = 0
    submitted_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessing:
    """An assessment of a team with its agreed sheet. `cycle` is None outside any cycle: it is then answered together.

    `system` is the ML system that it is of, empty for the team itself.
    """

    sheet: SheetLine
    place: Place
    team: str
    system: str
    cycle: CycleLine | None
    created_at: datetime.datetime
    revealed_at: datetime.datetime | None
    respondents: tuple[OwnSheet, ...]
    agreements: tuple[AgreedLine, ...]

    @property
    def id(self) -> int:
        return self.sheet.assessment_id

    @property
    def mode(self) -> Mode:
        return self.cycle.mode if self.cycle else Mode.TOGETHER

    @property
    def result(self) -> AgreedLine | None:
        """What is agreed now; None before, and while it is reopened."""
        last = self.agreements[-1] if self.agreements else None
        return last if last and last.reopened_at is None else None

    @property
    def alone(self) -> Alone:
        """What the rule of blind and reveal needs to know."""
        return Alone(
            self.mode,
            frozenset(one.person_id for one in self.respondents if one.asked),
            frozenset(one.person_id for one in self.respondents if one.submitted_at),
            revealed=self.revealed_at is not None,
            agreed=self.result is not None,
        )

    def viewer(self, actor: Actor) -> Viewer:
        return Viewer.of(actor, self.place)

    def own(self, person_id: int | None) -> OwnSheet | None:
        return next((one for one in self.respondents if one.person_id == person_id), None)


def assessing(connection: Connection, actor: Actor, assessment_id: int) -> Assessing:
    """An assessment of a team that the actor sees; Missing for every other. Four or five statements."""
    row = connection.execute(
        select(
            *LINE,
            _team.id,
            _unit.path,
            _team.name,
            func.coalesce(_system.name, ""),
            _assessment.cycle_id,
            _assessment.created_at,
            _assessment.revealed_at,
        )
        .select_from(
            placed()
            .join(
                table(Sheet),
                and_(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id),
            )
            .outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
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
    *sheet, team_id, path, team, system, cycle_id, created_at, revealed_at = row
    line = SheetLine(*sheet)
    cycle = cycle_line(connection, actor.organisation_id, cycle_id) if cycle_id is not None else None
    alone = cycle is not None and cycle.mode is Mode.ALONE_FIRST
    return Assessing(
        line,
        Place(team_id, path),
        team,
        system,
        cycle,
        created_at,
        revealed_at,
        _respondents(connection, actor.organisation_id, assessment_id, team_id) if alone else (),
        tuple(agreements(connection, actor.organisation_id, assessment_id)),
    )


def _respondents(
    connection: Connection, organisation_id: int, assessment_id: int, team_id: int
) -> tuple[OwnSheet, ...]:
    """Who was asked, and who has a sheet all the same: by name. Without anybody named, the whole team is asked."""
    of_team = (
        _role.organisation_id == organisation_id,
        _role.team_id == team_id,
        _role.kind.in_((RoleKind.LEAD, RoleKind.MEMBER)),
    )
    in_team = select(_role.id).where(*of_team, _role.person_id == _membership.person_id).exists()
    concerned = union_all(
        select(_role.person_id).where(*of_team),
        select(_respondent.person_id).where(
            _respondent.organisation_id == organisation_id, _respondent.assessment_id == assessment_id
        ),
        select(_sheet.person_id).where(
            _sheet.organisation_id == organisation_id,
            _sheet.assessment_id == assessment_id,
            _sheet.person_id.is_not(None),
        ),
    )
    rows = connection.execute(
        select(
            _membership.person_id,
            _person.name,
            _membership.deactivated_at,
            in_team.label("in_team"),
            _respondent.asked_at,
            _respondent.categories,
            _sheet.id,
            _sheet.version,
            _sheet.submitted_at,
        )
        .select_from(
            table(Membership)
            .join(table(Person), _person.id == _membership.person_id)
            .outerjoin(
                table(Respondent),
                and_(
                    _respondent.organisation_id == _membership.organisation_id,
                    _respondent.assessment_id == assessment_id,
                    _respondent.person_id == _membership.person_id,
                ),
            )
            .outerjoin(
                table(Sheet),
                and_(
                    _sheet.organisation_id == _membership.organisation_id,
                    _sheet.assessment_id == assessment_id,
                    _sheet.person_id == _membership.person_id,
                ),
            )
        )
        .where(
            _membership.organisation_id == organisation_id,
            _membership.person_id.in_(concerned),
        )
        .order_by(_person.name, _membership.person_id)
    ).all()
    named = any(row.asked_at is not None for row in rows)
    found = []
    for row in rows:
        asked = row.asked_at is not None if named else bool(row.in_team)
        # Somebody who left before they submitted is waited for no longer; what a leaver submitted stays.
        asked = asked and (row.deactivated_at is None or row.submitted_at is not None)
        if asked or row.submitted_at is not None:
            found.append(
                OwnSheet(
                    row.person_id,
                    row.name,
                    asked,
                    tuple(row.categories or ()),
                    row.id,
                    row.version or 0,
                    row.submitted_at,
                )
            )
    return tuple(found)


def own_sheet(connection: Connection, organisation_id: int, assessment_id: int, person_id: int) -> SheetLine:
    """The sheet of one respondent; Missing where they have not begun one. Ask `domain.reveal` before showing it."""
    row = connection.execute(
        select(
            *LINE,
        )
        .join_from(
            table(Sheet),
            table(Assessment),
            and_(_assessment.organisation_id == _sheet.organisation_id, _assessment.id == _sheet.assessment_id),
        )
        .where(
            _sheet.organisation_id == organisation_id,
            _sheet.assessment_id == assessment_id,
            _sheet.person_id == person_id,
        )
    ).first()
    if row is None:
        raise Missing("This sheet was not begun yet.")
    return SheetLine(*row)


def answers_of_sheets(
    connection: Connection, organisation_id: int, sheet_ids: Iterable[int]
) -> Mapping[int, Mapping[str, SavedAnswer]]:
    """What was answered or confirmed on these sheets, by statement. Ask `domain.reveal` whose may be asked for."""
    rows = connection.execute(
        select(_answer.sheet_id, _answer.statement, _answer.value, _answer.reason, _answer.note, _answer.version).where(
            _answer.organisation_id == organisation_id,
            _answer.sheet_id.in_(list(sheet_ids)),
            _answer.carried_from.is_(None),
        )
    )
    found: dict[int, dict[str, SavedAnswer]] = {}
    for sheet_id, statement, *answer in rows:
        found.setdefault(sheet_id, {})[statement] = SavedAnswer(*answer)
    return found
