"""Reading who somebody is in an organisation, and lists of its people."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from app.db.base import table
from app.db.tables.org import Organisation, Team, Unit
from app.db.tables.people import Membership, Person, Role
from app.domain import people
from app.domain.errors import Missing
from app.domain.people import Actor, RoleKind
from app.queries.pages import PAGE, Key, Page, beyond, holds, page, words
from app.queries.rights import people_seen

_person, _membership, _role = table(Person).c, table(Membership).c, table(Role).c
_organisation, _team, _unit = table(Organisation).c, table(Team).c, table(Unit).c

_role_of_member = and_(_role.organisation_id == _membership.organisation_id, _role.person_id == _membership.person_id)
_unit_of_role = and_(_unit.organisation_id == _role.organisation_id, _unit.id == _role.unit_id)
_team_of_role = and_(_team.organisation_id == _role.organisation_id, _team.id == _role.team_id)

ACTOR = (
    select(_person.name, _organisation.members_see_organisation, _role.kind, _role.team_id, _unit.path)
    .select_from(
        table(Membership)
        .join(table(Person), _person.id == _membership.person_id)
        .join(table(Organisation), _organisation.id == _membership.organisation_id)
        .outerjoin(table(Role), _role_of_member)
        .outerjoin(table(Unit), _unit_of_role)
    )
    .where(
        _membership.organisation_id == bindparam("organisation_id"),
        _membership.person_id == bindparam("person_id"),
        _membership.deactivated_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role with the name of its unit or team; neither where it is of the whole organisation.

    `from_sign_on`: a group of the organisation's provider gave it.
    """

    role: people.Role
    unit: str | None
    team: str | None
    from_sign_on: bool = False


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: int
    name: str
    email: str
    joined_at: datetime.datetime
    deactivated_at: datetime.datetime | None
    roles: tuple[RoleLine, ...] = ()


def actor(connection: Connection, person_id: int, organisation_id: int) -> Actor:
    """The person with all their rights, by one statement; Missing where they are no active member."""
    rows = connection.execute(ACTOR, {"organisation_id": organisation_id, "person_id": person_id}).all()
    if not rows:
        raise Missing("There is no such person.")

    def teams(kind: RoleKind) -> frozenset[int]:
        return frozenset(row.team_id for row in rows if row.kind is kind)

    return Actor(
        organisation_id,
        person_id,
        rows[0].name,
        admin=any(row.kind is RoleKind.ADMIN for row in rows),
        manages_all=any(row.kind is RoleKind.MANAGER and row.path is None for row in rows),
        manages=tuple(sorted(row.path for row in rows if row.kind is RoleKind.MANAGER and row.path is not None)),
        leads=teams(RoleKind.LEAD),
        member_of=teams(RoleKind.MEMBER),
        views=teams(RoleKind.VIEWER),
        open_organisation=bool(rows[0].members_see_organisation),
    )


_people = select(_person.id, _person.name, _person.email, _membership.joined_at, _membership.deactivated_at).join_from(
    table(Membership), table(Person), _person.id == _membership.person_id
)


def person_line(connection: Connection, organisation_id: int, person_id: int) -> PersonLine:
    """One person with their roles, deactivated or not; Missing where they are not of this organisation."""
    row = connection.execute(
        _people.where(_membership.organisation_id == organisation_id, _membership.person_id == person_id)
    ).first()
    if row is None:
        raise Missing("There is no such person.")
    return PersonLine(*row, roles_of(connection, organisation_id, [person_id]).get(person_id, ()))


def person_lines(
    connection: Connection,
    actor: Actor,
    *,
    search: str = "",
    deactivated: bool = False,
    after: Key | None = None,
    limit: int = PAGE,
) -> Page[PersonLine]:
    """People that the actor sees, by name, with their roles: those whose name or address holds `search`.

    `deactivated`: those who were, and no others. Two statements. Invalid where the search is no text.
    """
    statement = _people.where(
        _membership.organisation_id == actor.organisation_id,
        people_seen(actor),
        _membership.deactivated_at.is_not(None) if deactivated else _membership.deactivated_at.is_(None),
    )
    if found := words(search):
        statement = statement.where(or_(holds(_person.name, found), holds(_person.email, found)))
    if after is not None:
        statement = statement.where(beyond(_person.name, _person.id, after))
    rows = connection.execute(statement.order_by(_person.name, _person.id).limit(limit + 1)).all()
    roles = roles_of(connection, actor.organisation_id, [row.id for row in rows])
    return page([PersonLine(*row, roles.get(row.id, ())) for row in rows], limit, lambda line: (line.name, line.id))


def roles_of(
    connection: Connection, organisation_id: int, person_ids: Iterable[int]
) -> dict[int, tuple[RoleLine, ...]]:
    """The roles of these people, by the number of the person."""
    rows = connection.execute(
        select(
            _role.person_id,
            _role.kind,
            _role.unit_id,
            _role.team_id,
            _unit.name.label("unit"),
            _team.name.label("team"),
            _role.from_sign_on,
        )
        .select_from(table(Role).outerjoin(table(Unit), _unit_of_role).outerjoin(table(Team), _team_of_role))
        .where(_role.organisation_id == organisation_id, _role.person_id.in_(list(person_ids)))
        .order_by(_role.person_id, _role.id)
    )
    found: dict[int, tuple[RoleLine, ...]] = {}
    for row in rows:
        found[row.person_id] = (*found.get(row.person_id, ()), _role_line(row))
    return found


def _role_line(row: Row[*tuple[object, ...]]) -> RoleLine:
    return RoleLine(people.Role(row.kind, row.unit_id, row.team_id), row.unit, row.team, row.from_sign_on)
