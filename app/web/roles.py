"""Roles in forms: what somebody is to be, and of what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from app.domain.errors import Invalid
from app.domain.people import TEAM_KINDS, Actor, PlacedRole, Role, RoleKind
from app.queries import teams, units
from app.web.deps import Db
from app.web.forms import Form, line

PLACE_LIMIT = 30
TEAMS_OFFERED = 2000
EVERYTHING = "organisation"


class RoleForm(Form):
    """`place` is `organisation`, or a unit or team with its number, as in `team.5`."""

    kind: RoleKind
    place: Annotated[str, line(PLACE_LIMIT)]


@dataclass(frozen=True, slots=True)
class Places:
    """What the reader may give roles for: the words of `place` in forms, with names."""

    kinds: tuple[RoleKind, ...]
    everything: bool
    units: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]


def role_of(kind: RoleKind, place: str) -> Role:
    """The role that a form names; Invalid, in a sentence about the place, where the two do not fit."""
    word, _, number = place.partition(".")
    known = place == EVERYTHING or (
        word in {"unit", "team"} and number.isascii() and number.isdecimal() and len(number) <= 18
    )
    if not known:
        raise Invalid("This is none of the choices.")
    if kind in TEAM_KINDS and word != "team":
        raise Invalid("Leads, members and viewers belong to a team: choose one.")
    if kind is RoleKind.ADMIN and place != EVERYTHING:
        raise Invalid("An admin looks after the whole organisation: choose it.")
    if kind is RoleKind.MANAGER and word == "team":
        raise Invalid("A manager looks after a unit or the whole organisation: choose one.")
    return Role(kind, int(number) if word == "unit" else None, int(number) if word == "team" else None)


def place_of(role: Role) -> str:
    """The place of a role as forms name it."""
    if role.team_id is not None:
        return f"team.{role.team_id}"
    return EVERYTHING if role.unit_id is None else f"unit.{role.unit_id}"


def places(db: Db, me: Actor) -> Places:
    """What the actor may give roles for. Two statements."""
    all_units = units.unit_lines(db.connection(), me)
    all_teams = teams.team_lines(db.connection(), me, limit=TEAMS_OFFERED).lines
    everything = me.may_change_roles(PlacedRole(Role(RoleKind.MANAGER)))
    of_units = tuple(
        (place_of(role), "\u2003" * unit.depth + unit.name)
        for unit in all_units
        if me.may_change_roles(PlacedRole(role := Role(RoleKind.MANAGER, unit_id=unit.id), unit.path))
    )
    of_teams = tuple(
        (place_of(role), f"{team.name} ({team.unit})")
        for team in all_teams
        if me.may_change_roles(PlacedRole(role := Role(RoleKind.MEMBER, team_id=team.id), team.unit_path))
    )
    leads = any(
        me.may_change_roles(PlacedRole(Role(RoleKind.LEAD, team_id=team.id), team.unit_path)) for team in all_teams
    )
    kinds = _kinds(everything, bool(of_units), leads)
    return Places(tuple(kinds), everything, of_units, of_teams)


def _kinds(everything: bool, managers: bool, leads: bool) -> Iterable[RoleKind]:
    yield RoleKind.MEMBER
    if leads:
        yield RoleKind.LEAD
    yield RoleKind.VIEWER
    if everything or managers:
        yield RoleKind.MANAGER
    if everything:
        yield RoleKind.ADMIN
