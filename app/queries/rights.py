"""The sentences of `domain.people` that lists need, as conditions of SQL; a test compares them with the sentences.

They join the actor's own roles: no list of all that somebody may read is ever made.
"""

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import aliased

from app.db.tables.org import Team, Unit
from app.db.tables.people import Membership, Role
from app.domain.people import Actor, RoleKind


def teams_seen(actor: Actor) -> ColumnElement[bool]:
    """`may_see_team`, for a statement that joins Team to its Unit."""
    if not actor.may_read():
        return false()
    limit = true() if actor.only_teams is None else Team.id.in_(actor.only_teams)
    if actor.sees_every_team():
        return limit
    return limit & or_(Team.id.in_(_own_teams(actor)), managed(actor))


def units_seen(actor: Actor) -> ColumnElement[bool]:
    """`may_see_unit`, for a statement that selects from Unit."""
    if actor.may_see_organisation():
        return true()
    return managed(actor) if actor.may_read() and actor.only_teams is None else false()


def managed(actor: Actor) -> ColumnElement[bool]:
    """Whether the unit is one that the actor manages, or below one."""
    return or_(false(), *(Unit.path.startswith(path) for path in actor.manages))


def people_seen(actor: Actor) -> ColumnElement[bool]:
    """`may_see_people`, for a statement that selects from Membership: those in the actor's part, and the actor."""
    if not actor.may_see_people():
        return false()
    if actor.sees_every_person():
        return true()
    theirs = aliased(Role)
    below = (
        select(theirs.id)
        .outerjoin(Team, (Team.organisation_id == theirs.organisation_id) & (Team.id == theirs.team_id))
        .outerjoin(
            Unit,
            (Unit.organisation_id == theirs.organisation_id) & (Unit.id == func.coalesce(theirs.unit_id, Team.unit_id)),
        )
        .where(
            theirs.organisation_id == actor.organisation_id,
            theirs.person_id == Membership.person_id,
            or_(theirs.team_id.in_(_own_teams(actor, RoleKind.LEAD)), managed(actor)),
        )
        .correlate(Membership)
        .exists()
    )
    return or_(below, Membership.person_id == actor.person_id)


def _own_teams(actor: Actor, kind: RoleKind | None = None) -> Select[int | None]:
    own = aliased(Role)
    teams = select(own.team_id).where(
        own.organisation_id == actor.organisation_id, own.person_id == actor.person_id, own.team_id.is_not(None)
    )
    return teams if kind is None else teams.where(own.kind == kind)
