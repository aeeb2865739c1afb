"""Roles that follow the groups of a provider. Those that somebody gave by hand are never touched."""

import datetime
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.roles import give_roles, placed_role, take_roles, words
from app.db.tables.people import Role as RoleRow
from app.db.tables.signing_in import SsoProvider
from app.domain.errors import Conflict, Missing
from app.domain.people import PlacedRole, Role, RoleKind
from app.domain.sign_on import roles_for
from app.queries.roles import last_admin
from app.queries.sign_on import read_mapping


def follow_groups(
    session: Session, organisation_id: int, person_id: int, groups: frozenset[str] | None, now: datetime.datetime
) -> None:
    """Give and take what the groups of somebody who comes in give now; None changes nothing.

    The caller holds the organisation. Its last admin stays one, whatever the groups say.
    """
    provider = session.get(SsoProvider, organisation_id)
    if groups is None or provider is None:
        return
    wanted = roles_for(read_mapping(provider.mapping), groups)
    before = _from_sign_on(session, organisation_id, person_id)
    given = give_roles(
        session, organisation_id, person_id, _placed(session, organisation_id, wanted), from_sign_on=True
    )
    gone = [role for role in before if role not in wanted]
    kept = [role for role in gone if role.kind is RoleKind.ADMIN and _is_last(session, organisation_id, person_id)]
    taken = take_roles(session, organisation_id, person_id, (PlacedRole(role) for role in gone if role not in kept))
    if given or taken:
        audit.record(
            session.connection(),
            now,
            organisation_id,
            "roles changed",
            ("person", person_id),
            by_sign_on=True,
            given=words(given),
            taken=words(taken),
        )


def _from_sign_on(session: Session, organisation_id: int, person_id: int) -> list[Role]:
    rows = session.execute(
        select(RoleRow.kind, RoleRow.unit_id, RoleRow.team_id).where(
            RoleRow.organisation_id == organisation_id, RoleRow.person_id == person_id, RoleRow.from_sign_on
        )
    )
    return [Role(row.kind, row.unit_id, row.team_id) for row in rows]


def _placed(session: Session, organisation_id: int, roles: Iterable[Role]) -> Iterable[PlacedRole]:
    """Those whose team or unit is there, and takes somebody in: nobody is kept out because a team was archived."""
    for role in roles:
        try:
            yield placed_role(session, organisation_id, role)
        except (Missing, Conflict):
            continue


def _is_last(session: Session, organisation_id: int, person_id: int) -> bool:
    # An admin of their own besides, given by hand, would be the same row: there is one of each role.
    return last_admin(session.connection(), organisation_id) == person_id
