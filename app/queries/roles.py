"""Reading roles: what they are of, and whose they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from app.db.base import table
from app.db.tables.org import Team, Unit
from app.db.tables.people import Membership
from app.db.tables.people import Role as RoleRow
from app.domain.errors import NotAllowed
from app.domain.people import Actor, PlacedRole, Role, RoleKind
from app.queries.people import PersonLine, RoleLine, person_line
from app.queries.rights import people_seen

_unit, _team, _role, _membership = table(Unit).c, table(Team).c, table(RoleRow).c, table(Membership).c


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role with the names that people read, and with the place that rights need."""

    line: RoleLine
    placed: PlacedRole


def named_roles(connection: Connection, organisation_id: int, roles: Iterable[Role]) -> Mapping[Role, NamedRole]:
    """Each of these roles; those of a unit or team that is not this organisation's are left out. Two statements."""
    wanted = tuple(dict.fromkeys(roles))
    units = connection.execute(
        select(_unit.id, _unit.name, _unit.path).where(
            _unit.organisation_id == organisation_id,
            _unit.id.in_([role.unit_id for role in wanted if role.unit_id is not None]),
        )
    )
    teams = connection.execute(
        select(_team.id, _team.name, _unit.path)
        .join_from(
            table(Team), table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
        )
        .where(
            _team.organisation_id == organisation_id,
            _team.id.in_([role.team_id for role in wanted if role.team_id is not None]),
        )
    )
    unit_by_id, team_by_id = ({row.id: row for row in rows} for rows in (units, teams))
    found = {}
    for role in wanted:
        unit = None if role.unit_id is None else unit_by_id.get(role.unit_id)
        team = None if role.team_id is None else team_by_id.get(role.team_id)
        if (role.unit_id is None or unit) and (role.team_id is None or team):
            line = RoleLine(role, unit.name if unit else None, team.name if team else None)
            path = team.path if team else unit.path if unit else ""
            found[role] = NamedRole(line, PlacedRole(role, path))
    return found


def sees_person(connection: Connection, actor: Actor, person_id: int) -> bool:
    """Whether the person is among those that `person_lines` lists for the actor, deactivated or not."""
    seen = select(_membership.person_id).where(
        _membership.organisation_id == actor.organisation_id, _membership.person_id == person_id, people_seen(actor)
    )
    return connection.execute(seen).first() is not None


def seen_person(connection: Connection, actor: Actor, person_id: int) -> PersonLine:
    """One person that the actor sees. Missing for one of another organisation, else NotAllowed."""
    found = person_line(connection, actor.organisation_id, person_id)
    if not sees_person(connection, actor, person_id):
        raise NotAllowed("This is for those who look after this person’s teams, and for admins.")
    return found


def last_admin(connection: Connection, organisation_id: int) -> int | None:
    """The number of the person who is the only active admin; None where there are several."""
    admins = connection.execute(
        select(_role.person_id)
        .join_from(
            table(RoleRow),
            table(Membership),
            and_(_membership.organisation_id == _role.organisation_id, _membership.person_id == _role.person_id),
        )
        .where(
            _role.organisation_id == organisation_id,
            _role.kind == RoleKind.ADMIN,
            _membership.deactivated_at.is_(None),
        )
        .distinct()
        .limit(2)
    ).all()
    return int(admins[0][0]) if len(admins) == 1 else None
