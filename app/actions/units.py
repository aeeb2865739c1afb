"""Units: a tree of any depth. Whoever changes it holds the organisation, so that no two moves make a circle."""

import datetime

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.counting import count_moved_unit
from app.actions.organisations import locked
from app.db.tables.org import NAME_LIMIT, PATH_LIMIT, Team, Unit
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.text import one_line


def unit(session: Session, organisation_id: int, unit_id: int) -> Unit:
    """The unit to be changed; Missing where it is not this organisation's."""
    found = session.scalar(
        select(Unit)
        .where(Unit.organisation_id == organisation_id, Unit.id == unit_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing("There is no such unit.")
    return found


def open_unit(session: Session, organisation_id: int, unit_id: int) -> Unit:
    """The unit to put something into; Conflict where it is archived."""
    found = unit(session, organisation_id, unit_id)
    if found.archived_at is not None:
        raise Conflict("The unit %(name)s is archived. Restore it first.", name=found.name)
    return found


def create_unit(session: Session, actor: Actor, name: str, parent_id: int | None, now: datetime.datetime) -> Unit:
    _held(session, actor)
    parent = None if parent_id is None else open_unit(session, actor.organisation_id, parent_id)
    created = Unit(organisation_id=actor.organisation_id, parent_id=parent_id, name=one_line(name, NAME_LIMIT), path="")
    _check_name(session, created, created.name, parent_id)
    session.add(created)
    session.flush()
    created.path = _path(parent, created.id)
    audit.record_by(session, actor, now, "unit created", ("unit", created.id), name=created.name, parent=parent_id)
    return created


def rename_unit(session: Session, actor: Actor, unit_id: int, name: str, now: datetime.datetime) -> Unit:
    _held(session, actor)
    renamed, name = unit(session, actor.organisation_id, unit_id), one_line(name, NAME_LIMIT)
    if name != renamed.name:
        _check_name(session, renamed, name, renamed.parent_id)
        audit.record_by(session, actor, now, "unit renamed", ("unit", unit_id), before=renamed.name, after=name)
        renamed.name = name
    return renamed


def move_unit(session: Session, actor: Actor, unit_id: int, parent_id: int | None, now: datetime.datetime) -> Unit:
    """Put the unit with all below it under another one, or at the top for None; Invalid where that is below itself."""
    _held(session, actor)
    moved = unit(session, actor.organisation_id, unit_id)
    parent = None if parent_id is None else open_unit(session, actor.organisation_id, parent_id)
    if parent is not None and parent.path.startswith(moved.path):
        raise Invalid("A unit cannot be below itself.")
    if parent_id == moved.parent_id:
        return moved
    _check_name(session, moved, moved.name, parent_id)
    before, was = moved.parent_id, moved.path
    _move(session, moved, parent)
    count_moved_unit(session, actor.organisation_id, unit_id, was, moved.path)
    audit.record_by(session, actor, now, "unit moved", ("unit", unit_id), before=before, after=parent_id)
    return moved


def archive_unit(session: Session, actor: Actor, unit_id: int, now: datetime.datetime) -> None:
    """Put the unit away; Conflict where teams or units in it are still in use. Nothing in it is deleted."""
    _held(session, actor)
    archived = unit(session, actor.organisation_id, unit_id)
    if archived.archived_at is not None:
        return
    used = (
        select(Team.id)
        .where(Team.organisation_id == actor.organisation_id, Team.unit_id == unit_id, Team.archived_at.is_(None))
        .union_all(
            select(Unit.id).where(
                Unit.organisation_id == actor.organisation_id, Unit.parent_id == unit_id, Unit.archived_at.is_(None)
            )
        )
    )
    if session.execute(used.limit(1)).first() is not None:
        raise Conflict("There are teams or units in %(name)s. Move or archive them first.", name=archived.name)
    archived.archived_at = now
    audit.record_by(session, actor, now, "unit archived", ("unit", unit_id))


def restore_unit(session: Session, actor: Actor, unit_id: int, now: datetime.datetime) -> None:
    """Take the unit into use again; Conflict where the one above it is archived, or its name is taken by now."""
    _held(session, actor)
    restored = unit(session, actor.organisation_id, unit_id)
    if restored.archived_at is None:
        return
    if restored.parent_id is not None:
        open_unit(session, actor.organisation_id, restored.parent_id)
    _check_name(session, restored, restored.name, restored.parent_id)
    restored.archived_at = None
    audit.record_by(session, actor, now, "unit restored", ("unit", unit_id))


def _held(session: Session, actor: Actor) -> None:
    if not actor.may_manage_units():
        raise NotAllowed("Only admins and managers of the whole organisation change its units.")
    locked(session, actor.organisation_id)


def _check_name(session: Session, of: Unit, name: str, parent_id: int | None) -> None:
    beside = select(Unit.id).where(
        Unit.organisation_id == of.organisation_id,
        Unit.parent_id == parent_id if parent_id is not None else Unit.parent_id.is_(None),
        Unit.archived_at.is_(None),
        Unit.name == name,
    )
    if of.id is not None:
        beside = beside.where(Unit.id != of.id)
    if session.scalar(beside.limit(1)) is not None:
        raise Conflict("There is a unit %(name)s already.", name=name)


def _path(parent: Unit | None, id: int) -> str:
    path = f"{parent.path if parent else '/'}{id}/"
    _check_depth(len(path))
    return path


def _check_depth(length: int) -> None:
    if length > PATH_LIMIT:
        raise Invalid("This is too deep: about a hundred units below each other are possible.")


def _move(session: Session, moved: Unit, parent: Unit | None) -> None:
    path = _path(parent, moved.id)
    old, ours = moved.path, (Unit.organisation_id == moved.organisation_id) & Unit.path.startswith(moved.path)
    _check_depth((session.scalar(select(func.max(func.length(Unit.path))).where(ours)) or 0) + len(path) - len(old))
    parent_id = None if parent is None else parent.id
    session.execute(
        update(Unit)
        .where(ours)
        .values(
            path=literal(path) + func.substr(Unit.path, len(old) + 1),
            parent_id=case((Unit.id == moved.id, parent_id), else_=Unit.parent_id),
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(moved)
