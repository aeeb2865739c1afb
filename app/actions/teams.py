"""Teams: each in one unit. What they answered moves with them, and stays when they are archived."""

import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.counting import count_teams
from app.actions.organisations import locked
from app.actions.units import open_unit, unit
from app.db.tables.org import NAME_LIMIT, Team
from app.domain.errors import Conflict, Missing, NotAllowed, Sentence
from app.domain.people import Actor, Place
from app.domain.text import one_line

ONLY_MANAGERS = Sentence("Only managers of the unit and admins create, move, archive and restore its teams.")


def team(session: Session, organisation_id: int, team_id: int) -> Team:
    """The team to be changed; Missing where it is not this organisation's."""
    found = session.scalar(
        select(Team)
        .where(Team.organisation_id == organisation_id, Team.id == team_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing("There is no such team.")
    return found


def place(session: Session, found: Team) -> Place:
    """Where the team is, as rights on it need."""
    return Place(found.id, unit(session, found.organisation_id, found.unit_id).path)


def create_team(session: Session, actor: Actor, unit_id: int, name: str, now: datetime.datetime) -> Team:
    # Whoever gives a name holds the organisation, so that no two teams of a unit get the same.
    locked(session, actor.organisation_id)
    _check_manages(actor, unit(session, actor.organisation_id, unit_id).path)
    name = one_line(name, NAME_LIMIT)
    open_unit(session, actor.organisation_id, unit_id)
    _check_name(session, actor.organisation_id, unit_id, name)
    created = Team(organisation_id=actor.organisation_id, unit_id=unit_id, name=name)
    session.add(created)
    session.flush()
    audit.record_by(session, actor, now, "team created", ("team", created.id), name=name, unit=unit_id)
    return created


def rename_team(session: Session, actor: Actor, team_id: int, name: str, now: datetime.datetime) -> Team:
    locked(session, actor.organisation_id)
    renamed = team(session, actor.organisation_id, team_id)
    if not actor.may_rename_team(place(session, renamed)):
        raise NotAllowed("Only the team's lead, managers of its unit and admins rename a team.")
    name = one_line(name, NAME_LIMIT)
    if name != renamed.name:
        _check_name(session, renamed.organisation_id, renamed.unit_id, name, but=renamed.id)
        audit.record_by(session, actor, now, "team renamed", ("team", team_id), before=renamed.name, after=name)
        renamed.name = name
        count_teams(session, renamed.organisation_id, [team_id])
    return renamed


def move_team(session: Session, actor: Actor, team_id: int, unit_id: int, now: datetime.datetime) -> Team:
    """Put the team into another unit; both have to be the actor's to manage."""
    locked(session, actor.organisation_id)
    moved, to = team(session, actor.organisation_id, team_id), unit(session, actor.organisation_id, unit_id)
    _check_manages(actor, place(session, moved).unit_path)
    _check_manages(actor, to.path)
    open_unit(session, actor.organisation_id, unit_id)
    if unit_id != moved.unit_id:
        _check_name(session, moved.organisation_id, unit_id, moved.name)
        audit.record_by(session, actor, now, "team moved", ("team", team_id), before=moved.unit_id, after=unit_id)
        moved.unit_id = unit_id
        count_teams(session, moved.organisation_id, [team_id])
    return moved


def archive_team(session: Session, actor: Actor, team_id: int, now: datetime.datetime) -> None:
    """Put the team away. Its results stay; in cycles that still run they are not counted any more."""
    locked(session, actor.organisation_id)
    archived = team(session, actor.organisation_id, team_id)
    _check_manages(actor, place(session, archived).unit_path)
    if archived.archived_at is None:
        archived.archived_at = now
        audit.record_by(session, actor, now, "team archived", ("team", team_id))
        count_teams(session, archived.organisation_id, [team_id])


def restore_team(session: Session, actor: Actor, team_id: int, now: datetime.datetime) -> None:
    """Take the team into use again; Conflict where its unit is archived, or its name is taken by now."""
    locked(session, actor.organisation_id)
    restored = team(session, actor.organisation_id, team_id)
    _check_manages(actor, place(session, restored).unit_path)
    if restored.archived_at is not None:
        open_unit(session, actor.organisation_id, restored.unit_id)
        _check_name(session, restored.organisation_id, restored.unit_id, restored.name)
        restored.archived_at = None
        audit.record_by(session, actor, now, "team restored", ("team", team_id))
        count_teams(session, restored.organisation_id, [team_id])


def _check_manages(actor: Actor, unit_path: str) -> None:
    if not actor.may_manage_teams(unit_path):
        raise NotAllowed(ONLY_MANAGERS)


def _check_name(session: Session, organisation_id: int, unit_id: int, name: str, but: int | None = None) -> None:
    beside = select(Team.id).where(
        Team.organisation_id == organisation_id,
        Team.unit_id == unit_id,
        Team.archived_at.is_(None),
        Team.name == name,
        Team.id.is_distinct_from(but),
    )
    if session.scalar(beside.limit(1)) is not None:
        raise Conflict("There is a team %(name)s in this unit already.", name=name)
