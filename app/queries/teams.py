"""Reading teams, who belongs to them, and their ML systems."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, select

from app.db.base import table
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.people import Membership, Person, Role
from app.domain.errors import Missing, NotAllowed
from app.domain.people import Actor, Place, RoleKind
from app.queries.pages import PAGE, Key, Page, beyond, holds, page, words
from app.queries.rights import teams_seen

_team, _unit, _ml_system = table(Team).c, table(Unit).c, table(MlSystem).c
_person, _membership, _role = table(Person).c, table(Membership).c, table(Role).c


@dataclass(frozen=True, slots=True)
class TeamLine:
    """`people` counts its leads and members, without those who were deactivated."""

    id: int
    name: str
    unit_id: int
    unit: str
    unit_path: str
    archived_at: datetime.datetime | None
    people: int

    @property
    def place(self) -> Place:
        return Place(self.id, self.unit_path)


@dataclass(frozen=True, slots=True)
class TeamPerson:
    person_id: int
    name: str
    email: str
    kind: RoleKind
    language: str | None


@dataclass(frozen=True, slots=True)
class MlSystemLine:
    id: int
    team_id: int
    name: str
    archived_at: datetime.datetime | None


def _teams(organisation_id: int) -> Select[int, str, int, str, str, datetime.datetime | None, int]:
    people = (
        select(func.count(_role.person_id.distinct()))
        .select_from(
            table(Role).join(
                table(Membership),
                and_(_membership.organisation_id == _role.organisation_id, _membership.person_id == _role.person_id),
            )
        )
        .where(
            _role.organisation_id == organisation_id,
            _role.team_id == _team.id,
            _role.kind.in_((RoleKind.LEAD, RoleKind.MEMBER)),
            _membership.deactivated_at.is_(None),
        )
        .correlate(table(Team))
        .scalar_subquery()
    )
    return (
        select(_team.id, _team.name, _team.unit_id, _unit.name, _unit.path, _team.archived_at, people)
        .join_from(
            table(Team),
            table(Unit),
            and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id),
        )
        .where(_team.organisation_id == organisation_id)
    )


def team_line(connection: Connection, organisation_id: int, team_id: int) -> TeamLine:
    """One team, whether the reader may see it or not; Missing where it is not this organisation's."""
    row = connection.execute(_teams(organisation_id).where(_team.id == team_id)).first()
    if row is None:
        raise Missing("There is no such team.")
    return TeamLine(*row)


def seen_team(connection: Connection, actor: Actor, team_id: int) -> TeamLine:
    """One team that the actor sees. Missing for one of another organisation, else NotAllowed."""
    team = team_line(connection, actor.organisation_id, team_id)
    if not actor.may_see_team(team.place):
        raise NotAllowed("This team is for those who belong to it, its viewers and its managers.")
    return team


def team_lines(
    connection: Connection,
    actor: Actor,
    *,
    search: str = "",
    unit_path: str = "",
    archived: bool = False,
    after: Key | None = None,
    limit: int = PAGE,
) -> Page[TeamLine]:
    """Teams that the actor sees, by name: those whose name holds `search`, in the unit of `unit_path` or below it.

    `archived`: the archived ones and no others. Invalid where the search is no text.
    """
    statement = _teams(actor.organisation_id).where(
        teams_seen(actor), _team.archived_at.is_not(None) if archived else _team.archived_at.is_(None)
    )
    if found := words(search):
        statement = statement.where(holds(_team.name, found))
    if unit_path:
        statement = statement.where(_unit.path.startswith(unit_path, autoescape=True))
    if after is not None:
        statement = statement.where(beyond(_team.name, _team.id, after))
    rows = connection.execute(statement.order_by(_team.name, _team.id).limit(limit + 1))
    return page([TeamLine(*row) for row in rows], limit, lambda line: (line.name, line.id))


def people_of_team(connection: Connection, organisation_id: int, team_id: int) -> Sequence[TeamPerson]:
    """Who has a role in the team, by name; those who were deactivated are left out."""
    rows = connection.execute(
        select(_person.id, _person.name, _person.email, _role.kind, _person.language)
        .select_from(
            table(Role)
            .join(
                table(Membership),
                and_(_membership.organisation_id == _role.organisation_id, _membership.person_id == _role.person_id),
            )
            .join(table(Person), _person.id == _role.person_id)
        )
        .where(_role.organisation_id == organisation_id, _role.team_id == team_id, _membership.deactivated_at.is_(None))
        .order_by(_person.name, _person.id, _role.kind)
    )
    return [TeamPerson(*row) for row in rows]


def ml_systems(connection: Connection, organisation_id: int, team_id: int) -> Sequence[MlSystemLine]:
    """The ML systems of a team by name, archived ones too."""
    rows = connection.execute(
        select(_ml_system.id, _ml_system.team_id, _ml_system.name, _ml_system.archived_at)
        .where(_ml_system.organisation_id == organisation_id, _ml_system.team_id == team_id)
        .order_by(_ml_system.name, _ml_system.id)
    )
    return [MlSystemLine(*row) for row in rows]
