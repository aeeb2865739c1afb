"""Reading the assessments of teams, and the answers on their sheets."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Answer, Assessment, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import MlSystem, Team, Unit
from app.domain.answers import Value
from app.domain.cycles import Mode
from app.domain.people import Actor, RoleKind
from app.domain.reveal import Alone
from app.queries.sheets import LINE, SheetLine

_assessment, _sheet, _answer = table(Assessment).c, table(Sheet).c, table(Answer).c
_team, _unit = table(Team).c, table(Unit).c
_cycle, _agreed, _system = table(Cycle).c, table(AgreedResult).c, table(MlSystem).c


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """An assessment of a team with its agreed sheet. `shown`: its answers may be seen by whoever sees the team.

    `frozen` are the answers that were agreed, as `domain.frozen_answers` writes them; None where nothing is.
    """

    sheet: SheetLine
    created_at: datetime.datetime
    cycle: str
    system: str
    shown: bool
    cycle_id: int | None = None
    frozen: Mapping[str, Any] | None = None

    @property
    def agreed(self) -> bool:
        return self.frozen is not None


def assessments_of_team(connection: Connection, organisation_id: int, team_id: int) -> Sequence[AssessmentLine]:
    """The assessments of a team, the newest first."""
    rows = connection.execute(
        select(
            *LINE,
            _assessment.created_at,
            func.coalesce(_cycle.name, ""),
            func.coalesce(_system.name, ""),
            _cycle.mode,
            _assessment.revealed_at,
            _assessment.cycle_id,
            _agreed.answers,
        )
        .select_from(
            table(Assessment)
            .join(
                table(Sheet),
                and_(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id),
            )
            .outerjoin(
                table(Cycle),
                and_(_cycle.organisation_id == _assessment.organisation_id, _cycle.id == _assessment.cycle_id),
            )
            .outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
            )
            .outerjoin(
                table(AgreedResult),
                and_(
                    _agreed.organisation_id == _assessment.organisation_id,
                    _agreed.assessment_id == _assessment.id,
                    _agreed.reopened_at.is_(None),
                ),
            )
        )
        .where(
            _sheet.kind == SheetKind.AGREED,
            _assessment.organisation_id == organisation_id,
            _assessment.team_id == team_id,
        )
        .order_by(_assessment.created_at.desc(), _assessment.id.desc())
    )
    return [_line(row) for row in rows]


def values_of_sheets(
    connection: Connection, organisation_id: int, sheet_ids: Iterable[int]
) -> Mapping[int, Mapping[str, Value]]:
    """What scoring takes, for each of these sheets; one without any is left out. One statement."""
    rows = connection.execute(
        select(_answer.sheet_id, _answer.statement, _answer.value).where(
            _answer.organisation_id == organisation_id,
            _answer.sheet_id.in_(list(sheet_ids)),
            _answer.value.is_not(None),
            _answer.carried_from.is_(None),
        )
    )
    found: dict[int, dict[str, Value]] = {}
    for sheet_id, statement, value in rows:
        found.setdefault(sheet_id, {})[statement] = value
    return found


def _line(row: Sequence[Any]) -> AssessmentLine:
    *sheet, created_at, cycle, system, mode, revealed_at, cycle_id, frozen = row
    agreed = frozen is not None
    alone = Alone(mode or Mode.TOGETHER, frozenset(), revealed=revealed_at is not None, agreed=agreed)
    shown = alone.may_see_agreed_sheet()
    return AssessmentLine(SheetLine(*sheet), created_at, cycle, system, shown, cycle_id, frozen)


@dataclass(frozen=True, slots=True)
class OwnTeam:
    """A team that somebody belongs to, and how many assessments it has."""

    id: int
    name: str
    unit: str
    kinds: tuple[RoleKind, ...]
    assessments: int


def own_teams(connection: Connection, actor: Actor) -> Sequence[OwnTeam]:
    """The teams that the actor has a role in, by name; archived ones are left out. One statement."""
    held = actor.leads | actor.member_of | actor.views
    counted = (
        select(func.count())
        .select_from(table(Assessment))
        .where(_assessment.organisation_id == actor.organisation_id, _assessment.team_id == _team.id)
        .correlate(table(Team))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(_team.id, _team.name, _unit.name.label("unit"), counted.label("assessments"))
        .join_from(
            table(Team), table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
        )
        .where(_team.organisation_id == actor.organisation_id, _team.id.in_(sorted(held)), _team.archived_at.is_(None))
        .order_by(_team.name, _team.id)
    )
    return [OwnTeam(row.id, row.name, row.unit, _kinds(actor, row.id), row.assessments) for row in rows]


def _kinds(actor: Actor, team_id: int) -> tuple[RoleKind, ...]:
    by_kind = ((RoleKind.LEAD, actor.leads), (RoleKind.MEMBER, actor.member_of), (RoleKind.VIEWER, actor.views))
    return tuple(kind for kind, teams in by_kind if team_id in teams)


def teams_to_answer_for(connection: Connection, actor: Actor) -> Sequence[OwnTeam]:
    """Those of them that `may_answer` is said of."""
    return [team for team in own_teams(connection, actor) if set(team.kinds) & {RoleKind.LEAD, RoleKind.MEMBER}]
