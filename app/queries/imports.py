"""Reading what is there before a file of units, teams and people is imported."""

import datetime
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, and_, select

from app.db.base import table
from app.db.tables.org import Team, Unit
from app.db.tables.people import Invitation, Membership, Person
from app.db.tables.people import Role as RoleRow
from app.domain.people import Role, RoleKind
from app.domain.people_places import InvitationThere, MemberThere, Standing, TeamThere, UnitThere

AT_ONCE = 1000
"""Addresses in one statement."""

_unit, _team, _role = table(Unit).c, table(Team).c, table(RoleRow).c
_person, _membership, _invitation = table(Person).c, table(Membership).c, table(Invitation).c


def standing(connection: Connection, organisation_id: int, emails: Iterable[str], now: datetime.datetime) -> Standing:
    """All units and teams, and those of these addresses who are members or invited: two statements for a thousand."""
    units = connection.execute(
        select(_unit.id, _unit.parent_id, _unit.name, _unit.archived_at.is_not(None)).where(
            _unit.organisation_id == organisation_id
        )
    )
    teams = connection.execute(
        select(_team.id, _team.unit_id, _team.name, _team.archived_at.is_not(None)).where(
            _team.organisation_id == organisation_id
        )
    )
    wanted = tuple(dict.fromkeys(emails))
    return Standing(
        tuple(UnitThere(row[0], row[1], row[2], bool(row[3])) for row in units),
        tuple(TeamThere(row[0], row[1], row[2], bool(row[3])) for row in teams),
        dict(_members(connection, organisation_id, wanted)),
        dict(_invitations(connection, organisation_id, wanted, now)),
    )


def portions(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in portions that one statement takes."""
    for begin in range(0, len(values), AT_ONCE):
        yield list(values[begin : begin + AT_ONCE])


def _members(connection: Connection, organisation_id: int, emails: Sequence[str]) -> Iterator[tuple[str, MemberThere]]:
    statement = (
        select(
            _person.id,
            _person.email,
            _person.name,
            _membership.deactivated_at,
            _role.kind,
            _role.unit_id,
            _role.team_id,
        )
        .select_from(
            table(Membership)
            .join(table(Person), _person.id == _membership.person_id)
            .outerjoin(
                table(RoleRow),
                and_(_role.organisation_id == _membership.organisation_id, _role.person_id == _membership.person_id),
            )
        )
        .where(_membership.organisation_id == organisation_id)
    )
    for some in portions(emails):
        found: dict[str, MemberThere] = {}
        for row in connection.execute(statement.where(_person.email.in_(some))):
            known = found.get(row.email)
            roles = known.roles if known else frozenset()
            if row.kind is not None:
                roles |= {Role(row.kind, row.unit_id, row.team_id)}
            found[row.email] = MemberThere(row.id, row.name, row.deactivated_at is not None, roles)
        yield from found.items()


def _invitations(
    connection: Connection, organisation_id: int, emails: Sequence[str], now: datetime.datetime
) -> Iterator[tuple[str, InvitationThere]]:
    statement = select(_invitation.email, _invitation.name, _invitation.roles).where(
        _invitation.organisation_id == organisation_id,
        _invitation.accepted_at.is_(None),
        _invitation.withdrawn_at.is_(None),
        _invitation.expires_at > now,
    )
    for some in portions(emails):
        for row in connection.execute(statement.where(_invitation.email.in_(some)).order_by(_invitation.id)):
            roles = tuple(Role(RoleKind(role["kind"]), role["unit_id"], role["team_id"]) for role in row.roles)
            yield row.email, InvitationThere(row.name, roles)
