"""Roles: who may what, in words that are given and taken one by one.

An organisation always keeps an active admin. Whoever takes one away holds the organisation, so that of two admins who
demote each other at once one stays.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.db.tables.org import Team, Unit
from app.db.tables.people import Membership
from app.db.tables.people import Role as RoleRow
from app.domain.errors import Conflict, Missing, NotAllowed, Sentence
from app.domain.people import Actor, PlacedRole, Role, RoleKind, checked_role


def membership(session: Session, organisation_id: int, person_id: int) -> Membership:
    """The person as a member, to be changed; Missing where they are none of this organisation's."""
    found = session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if found is None:
        raise Missing("There is no such person.")
    return found


def change_roles(
    session: Session, actor: Actor, person_id: int, give: Sequence[Role], take: Sequence[Role], now: datetime.datetime
) -> None:
    """Give and take roles. What is given already, or not there to be taken, changes nothing.

    Conflict where nobody would be an admin any more.
    """
    locked(session, actor.organisation_id)
    membership(session, actor.organisation_id, person_id)
    given = [placed_role(session, actor.organisation_id, role) for role in give]
    taken = [_held_role(session, actor.organisation_id, role) for role in take]
    if not actor.may_change_roles(*given, *taken):
        raise NotAllowed("You can give and take only roles in your own part of the organisation.")
    new = give_roles(session, actor.organisation_id, person_id, given)
    old = take_roles(session, actor.organisation_id, person_id, taken)
    if new or old:
        check_admin_left(session, actor.organisation_id)
        subject = ("person", person_id)
        audit.record_by(session, actor, now, "roles changed", subject, given=words(new), taken=words(old))


def placed_role(session: Session, organisation_id: int, role: Role) -> PlacedRole:
    """The role with the path that rights on it need; Missing where its unit or team is not this organisation's.

    Conflict where that is archived: it takes in nobody new.
    """
    checked_role(role)
    found = select(Unit.path, Unit.archived_at).where(Unit.organisation_id == organisation_id)
    if role.team_id is not None:
        found = (
            select(Unit.path, Team.archived_at)
            .join_from(Team, Unit, (Unit.organisation_id == Team.organisation_id) & (Unit.id == Team.unit_id))
            .where(Team.organisation_id == organisation_id, Team.id == role.team_id)
        )
    elif role.unit_id is not None:
        found = found.where(Unit.id == role.unit_id)
    else:
        return PlacedRole(role)
    row = session.execute(found).first()
    if row is None:
        no_team, no_unit = Sentence("There is no such team."), Sentence("There is no such unit.")
        raise Missing(no_unit if role.team_id is None else no_team)
    if row.archived_at is not None:
        raise Conflict("What is archived takes in nobody new. Restore it first.")
    return PlacedRole(role, row.path)


def check_admin_left(session: Session, organisation_id: int) -> None:
    """Conflict where no active member is an admin. The caller holds the organisation."""
    left = (
        select(RoleRow.id)
        .join_from(
            RoleRow,
            Membership,
            (Membership.organisation_id == RoleRow.organisation_id) & (Membership.person_id == RoleRow.person_id),
        )
        .where(
            RoleRow.organisation_id == organisation_id,
            RoleRow.kind == RoleKind.ADMIN,
            Membership.deactivated_at.is_(None),
        )
    )
    if session.scalar(left.limit(1)) is None:
        raise Conflict("This is the last admin. Make somebody else an admin first.")


def words(roles: Iterable[Role]) -> list[dict[str, Any]]:
    """Roles as they stand in events and invitations."""
    return [{"kind": role.kind, "unit_id": role.unit_id, "team_id": role.team_id} for role in roles]


def give_roles(
    session: Session,
    organisation_id: int,
    person_id: int,
    placed: Iterable[PlacedRole],
    *,
    from_sign_on: bool = False,
) -> list[Role]:
    """Give the person these roles; those that are new. Asks nobody.

    What single sign-on gave and somebody gives by hand as well is theirs by hand from then on.
    """
    given = []
    for role in dict.fromkeys(each.role for each in placed):
        standing = session.scalar(select(RoleRow).where(_same(organisation_id, person_id, role)).limit(1))
        if standing is None:
            session.add(
                RoleRow(
                    organisation_id=organisation_id,
                    person_id=person_id,
                    kind=role.kind,
                    unit_id=role.unit_id,
                    team_id=role.team_id,
                    from_sign_on=from_sign_on,
                )
            )
            given.append(role)
        elif standing.from_sign_on and not from_sign_on:
            standing.from_sign_on = False
            given.append(role)
    session.flush()
    return given


def take_roles(session: Session, organisation_id: int, person_id: int, placed: Iterable[PlacedRole]) -> list[Role]:
    """Take these roles; those that the person had. Asks nobody: the caller sees to it that an admin is left."""
    taken = []
    for role in dict.fromkeys(each.role for each in placed):
        gone = delete(RoleRow).where(_same(organisation_id, person_id, role)).returning(RoleRow.id)
        if session.execute(gone.execution_options(synchronize_session=False)).first() is not None:
            taken.append(role)
    return taken


def _held_role(session: Session, organisation_id: int, role: Role) -> PlacedRole:
    """Like `placed_role`, but what is archived may still be left."""
    path = ""
    if role.team_id is not None:
        team = session.scalar(select(Team).where(Team.organisation_id == organisation_id, Team.id == role.team_id))
        unit_id = None if team is None else team.unit_id
    else:
        unit_id = role.unit_id
    if unit_id is not None:
        path = (
            session.scalar(select(Unit.path).where(Unit.organisation_id == organisation_id, Unit.id == unit_id)) or ""
        )
    if not path and (role.team_id or role.unit_id):
        raise Missing("There is no such role.")
    return PlacedRole(role, path)


def _same(organisation_id: int, person_id: int, role: Role) -> Any:
    return (
        (RoleRow.organisation_id == organisation_id)
        & (RoleRow.person_id == person_id)
        & (RoleRow.kind == role.kind)
        & RoleRow.unit_id.is_not_distinct_from(role.unit_id)
        & RoleRow.team_id.is_not_distinct_from(role.team_id)
    )
