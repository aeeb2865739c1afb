"""Importing units, teams and people from a file: all or nothing, and nothing but what was agreed to."""

import datetime
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast as as_type
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.audit import Event
from app.actions.invitations import LASTS, SECRET_BYTES, Invited
from app.actions.organisations import locked
from app.actions.roles import words
from app.db.base import Text, table
from app.db.tables.org import PATH_LIMIT, Team, Unit
from app.db.tables.people import Invitation
from app.db.tables.people import Role as RoleRow
from app.domain.errors import Conflict, NotAllowed, Sentence
from app.domain.people import Actor, Role
from app.domain.people_file import PeopleFile
from app.domain.people_places import Places, PlannedTeam, UnitNames
from app.domain.people_plan import Plan, PlannedGift, PlannedInvitation, PlannedRole, known_role, plan
from app.domain.secret import digest
from app.queries.imports import portions, standing

_unit, _team, _role, _invitation = table(Unit), table(Team), table(RoleRow), table(Invitation)

# What returns something goes in one statement for many rows; without, the driver sends one for each.
INSERT_UNITS = insert(_unit).returning(_unit.c.id, _unit.c.parent_id, _unit.c.name)
INSERT_TEAMS = insert(_team).returning(_team.c.id, _team.c.unit_id, _team.c.name)
INSERT_ROLES = insert(_role).returning(_role.c.id)
INSERT_INVITATIONS = insert(_invitation).returning(_invitation.c.id, _invitation.c.email)


CHANGED = Sentence("Something changed since you looked. Nothing was done yet: look again at what would happen.")


class PlanChanged(Conflict):
    """What would be done now is not what was agreed to; `plan` is what it would be."""

    def __init__(self, now: Plan) -> None:
        super().__init__(CHANGED)
        self.plan = now


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done: the plan, and the invitations in the order of the file."""

    plan: Plan
    invitations: tuple[Invited, ...]


def planned_import(session: Session, actor: Actor, file: PeopleFile, now: datetime.datetime) -> Plan:
    """What importing the file would change. Changes nothing; raises NotAllowed."""
    if not actor.may_import():
        raise NotAllowed("Only admins import from a file.")
    emails = (row.email for row in file.rows if row.email)
    return plan(file, standing(session.connection(), actor.organisation_id, emails, now))


def import_people(session: Session, actor: Actor, file: PeopleFile, agreed: str, now: datetime.datetime) -> Imported:
    """Do what was agreed to, by the digest of its plan. Raises NotAllowed, and PlanChanged where it is no longer that.

    The number of statements grows with the thousands of lines and with the levels of new units.
    """
    if not actor.may_import():
        raise NotAllowed("Only admins import from a file.")
    locked(session, actor.organisation_id)
    wanted = planned_import(session, actor, file, now)
    if wanted.problems or wanted.digest != agreed:
        raise PlanChanged(wanted)
    importing = _Importing(session, actor, now)
    importing.read_places()
    importing.create_units(wanted.units)
    importing.create_teams(wanted.teams)
    importing.give(wanted.gifts)
    invited = importing.invite(wanted.invitations)
    if wanted.changes:
        counts = {
            "units": len(wanted.units),
            "teams": len(wanted.teams),
            "people": len(wanted.gifts),
            "invitations": len(invited),
        }
        subject = ("organisation", actor.organisation_id)
        audit.record_all(session, actor, now, [*importing.events, ("people imported", subject, counts)])
    return Imported(wanted, invited)


class _Importing:
    """An import while it is done: the numbers of units and teams by their names, and what is to be told."""

    def __init__(self, session: Session, actor: Actor, now: datetime.datetime) -> None:
        session.flush()
        self.connection = session.connection()
        self.actor, self.now = actor, now
        self.units: dict[UnitNames, int] = {}
        self.teams: dict[PlannedTeam, int] = {}
        self.events: list[Event] = []

    def read_places(self) -> None:
        """The numbers of all units and teams in use."""
        places = Places(standing(self.connection, self.actor.organisation_id, (), self.now))
        self.units = {names: id for names, id in places.units.items() if id is not None}
        self.teams = {names: id for names, id in places.teams.items() if id is not None}

    def create_units(self, units: Iterable[UnitNames]) -> None:
        levels: dict[int, list[UnitNames]] = {}
        for names in units:
            levels.setdefault(len(names), []).append(names)
        for _, level in sorted(levels.items()):
            self._create_level(level)

    def _create_level(self, level: Sequence[UnitNames]) -> None:
        """Units that are all as deep as each other."""
        organisation_id = self.actor.organisation_id
        above = {names: self.units[names[:-1]] if names[:-1] else None for names in level}
        rows = [
            {"organisation_id": organisation_id, "parent_id": above[names], "name": names[-1], "path": ""}
            for names in level
        ]
        created = {(row.parent_id, row.name): row.id for row in self.connection.execute(INSERT_UNITS, rows)}
        self.connection.execute(_set_paths(organisation_id))
        for names in level:
            self.units[names] = id = created[above[names], names[-1]]
            self.events.append(("unit created", ("unit", id), {"name": names[-1], "parent": above[names]}))

    def create_teams(self, teams: Sequence[PlannedTeam]) -> None:
        if not teams:
            return
        rows = [
            {"organisation_id": self.actor.organisation_id, "unit_id": self.units[unit], "name": name}
            for unit, name in teams
        ]
        created = {(row.unit_id, row.name): row.id for row in self.connection.execute(INSERT_TEAMS, rows)}
        for unit, name in teams:
            self.teams[unit, name] = id = created[self.units[unit], name]
            self.events.append(("team created", ("team", id), {"name": name, "unit": self.units[unit]}))

    def give(self, gifts: Iterable[PlannedGift]) -> None:
        rows: list[dict[str, Any]] = []
        for gift in gifts:
            roles = words(map(self._role, gift.roles))
            person = {"organisation_id": self.actor.organisation_id, "person_id": gift.person_id}
            rows.extend(person | role for role in roles)
            self.events.append(("roles changed", ("person", gift.person_id), {"given": roles, "taken": []}))
        if rows:
            self.connection.execute(INSERT_ROLES, rows).close()

    def invite(self, invitations: Sequence[PlannedInvitation]) -> tuple[Invited, ...]:
        """New invitations; open ones of the same addresses are replaced."""
        if not invitations:
            return ()
        for emails in portions([invitation.email for invitation in invitations]):
            self.connection.execute(_withdrawn(self.actor.organisation_id, emails, self.now))
        found = [secrets.token_urlsafe(SECRET_BYTES) for _ in invitations]
        rows = [self._invitation(one, secret) for one, secret in zip(invitations, found, strict=True)]
        numbers = {row.email: row.id for row in self.connection.execute(INSERT_INVITATIONS, rows)}
        for row in rows:
            self.events.append(("person invited", ("invitation", numbers[row["email"]]), {"roles": row["roles"]}))
        return tuple(
            Invited(numbers[one.email], one.email, one.name, secret, self.now + LASTS)
            for one, secret in zip(invitations, found, strict=True)
        )

    def _invitation(self, invitation: PlannedInvitation, secret: str) -> dict[str, Any]:
        roles = dict.fromkeys([*invitation.kept, *map(self._role, invitation.roles)])
        return {
            "organisation_id": self.actor.organisation_id,
            "secret_digest": digest(secret),
            "email": invitation.email,
            "name": invitation.name,
            "roles": words(roles),
            "invited_by": self.actor.person_id,
            "created_at": self.now,
            "expires_at": self.now + LASTS,
        }

    def _role(self, role: PlannedRole) -> Role:
        known = known_role(role, self.units, self.teams)
        assert known is not None, "all units and teams of the plan were made"
        return known


def _set_paths(organisation_id: int) -> Any:
    """The paths of units that were just made: they have none yet, and those above them have theirs."""
    above = _unit.alias()
    path = (
        select(above.c.path)
        .where(above.c.organisation_id == organisation_id, above.c.id == _unit.c.parent_id)
        .scalar_subquery()
    )
    number = as_type(_unit.c.id, Text(PATH_LIMIT))
    return (
        update(_unit)
        .where(_unit.c.organisation_id == organisation_id, _unit.c.path == "")
        .values(path=func.coalesce(path, "/") + number + literal("/"))
    )


def _withdrawn(organisation_id: int, emails: list[str], now: datetime.datetime) -> Any:
    open_ones = (
        _invitation.c.organisation_id == organisation_id,
        _invitation.c.email.in_(emails),
        _invitation.c.accepted_at.is_(None),
        _invitation.c.withdrawn_at.is_(None),
    )
    return update(_invitation).where(*open_ones).values(withdrawn_at=now)
