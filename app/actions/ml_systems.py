"""ML systems: the models of a team, for rubrics whose subject is a model."""

import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.counting import count_teams
from app.actions.organisations import locked
from app.actions.teams import place, team
from app.db.tables.org import NAME_LIMIT, MlSystem
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.text import one_line


def create_ml_system(session: Session, actor: Actor, team_id: int, name: str, now: datetime.datetime) -> MlSystem:
    _check(session, actor, team_id)
    name = one_line(name, NAME_LIMIT)
    _check_name(session, actor.organisation_id, team_id, name)
    created = MlSystem(organisation_id=actor.organisation_id, team_id=team_id, name=name)
    session.add(created)
    session.flush()
    audit.record_by(session, actor, now, "ML system created", ("ml system", created.id), name=name, team=team_id)
    return created


def rename_ml_system(session: Session, actor: Actor, id: int, name: str, now: datetime.datetime) -> MlSystem:
    renamed, name = _changeable(session, actor, id), one_line(name, NAME_LIMIT)
    if name != renamed.name:
        _check_name(session, actor.organisation_id, renamed.team_id, name, but=id)
        audit.record_by(session, actor, now, "ML system renamed", ("ml system", id), before=renamed.name, after=name)
        renamed.name = name
        count_teams(session, actor.organisation_id, [renamed.team_id])
    return renamed


def archive_ml_system(session: Session, actor: Actor, id: int, now: datetime.datetime) -> None:
    """Put it away. Its results stay; in cycles that still run they are not counted any more."""
    archived = _changeable(session, actor, id)
    if archived.archived_at is None:
        archived.archived_at = now
        audit.record_by(session, actor, now, "ML system archived", ("ml system", id))
        count_teams(session, actor.organisation_id, [archived.team_id])


def restore_ml_system(session: Session, actor: Actor, id: int, now: datetime.datetime) -> None:
    """Take it into use again; Conflict where its name is taken by now."""
    restored = _changeable(session, actor, id)
    if restored.archived_at is not None:
        _check_name(session, actor.organisation_id, restored.team_id, restored.name)
        restored.archived_at = None
        audit.record_by(session, actor, now, "ML system restored", ("ml system", id))
        count_teams(session, actor.organisation_id, [restored.team_id])


def _changeable(session: Session, actor: Actor, id: int) -> MlSystem:
    found = session.scalar(select(MlSystem).where(MlSystem.organisation_id == actor.organisation_id, MlSystem.id == id))
    if found is None:
        raise Missing("There is no such ML system.")
    _check(session, actor, found.team_id)
    session.refresh(found)
    return found


def _check(session: Session, actor: Actor, team_id: int) -> None:
    locked(session, actor.organisation_id)
    if not actor.may_manage_models(place(session, team(session, actor.organisation_id, team_id))):
        raise NotAllowed("Only the team's lead, managers of its unit and admins look after its ML systems.")


def _check_name(session: Session, organisation_id: int, team_id: int, name: str, but: int | None = None) -> None:
    beside = select(MlSystem.id).where(
        MlSystem.organisation_id == organisation_id,
        MlSystem.team_id == team_id,
        MlSystem.archived_at.is_(None),
        MlSystem.name == name,
        MlSystem.id.is_distinct_from(but),
    )
    if session.scalar(beside.limit(1)) is not None:
        raise Conflict("This team has an ML system %(name)s already.", name=name)
