"""Members of an organisation: joining and leaving."""

import datetime
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.addresses import normalised
from app.actions.organisations import locked
from app.actions.roles import check_admin_left, give_roles, membership, placed_role
from app.db.base import table
from app.db.tables.org import NAME_LIMIT
from app.db.tables.people import Invitation, Membership, Person
from app.db.tables.signing_in import SignedIn, Token
from app.domain.errors import Conflict, NotAllowed
from app.domain.people import Actor, Role
from app.domain.text import one_line

_person = table(Person)


def _insert_person(dialect: Any) -> Any:
    # Of two requests that make the same person at once, the second finds the person of the first.
    return dialect.insert(_person).on_conflict_do_nothing(index_elements=["email"]).returning(_person.c.id)


INSERT_PERSON = {"sqlite": _insert_person(sqlite), "postgresql": _insert_person(postgresql)}


def person_of(session: Session, email: str) -> Person | None:
    """The account with this address, in its one spelling. Only for signing in, and for joining."""
    return session.scalar(select(Person).where(Person.email == email))


def create_person(
    session: Session, email: str, name: str, password_hash: str | None, now: datetime.datetime
) -> int | None:
    """A new account, not yet a member of anything; its number, or None where the address has one already."""
    row = {
        "email": normalised(email),
        "name": one_line(name, NAME_LIMIT),
        "password_hash": password_hash,
        "created_at": now,
    }
    connection = session.connection()
    created: int | None = connection.execute(INSERT_PERSON[connection.dialect.name], row).scalar()
    return created


def join(session: Session, organisation_id: int, person_id: int, roles: Iterable[Role], now: datetime.datetime) -> None:
    """Make the person a member with these roles, beside those that they have. Asks nobody: the caller did.

    Conflict where they were deactivated: only an admin takes them in again.
    """
    locked(session, organisation_id)
    person = session.get_one(Person, person_id)
    standing = session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if standing is None:
        session.add(Membership(organisation_id=organisation_id, person_id=person_id, joined_at=now))
        session.flush()
        audit.keep_name(session.connection(), organisation_id, person.id, person.name, person.email)
    elif standing.deactivated_at is not None:
        raise Conflict("This person was deactivated here. An admin can reactivate them.")
    placed = [placed_role(session, organisation_id, role) for role in roles]
    give_roles(session, organisation_id, person_id, placed)


def add_person(
    session: Session,
    organisation_id: int,
    email: str,
    name: str,
    roles: Iterable[Role],
    now: datetime.datetime,
    password_hash: str | None = None,
) -> int:
    """A member with these roles; the number of the person. An account that there is already joins as it is.

    Asks nobody: for the command line, the first set-up and single sign-on. Whoever asks for others invites them, since
    nobody is to learn which addresses have accounts elsewhere.
    """
    person_id = create_person(session, email, name, password_hash, now)
    if person_id is None:
        person_id = session.execute(select(Person.id).where(Person.email == normalised(email))).scalar_one()
    join(session, organisation_id, person_id, roles, now)
    audit.record(session.connection(), now, organisation_id, "person added", ("person", person_id))
    return person_id


def deactivate(session: Session, actor: Actor, person_id: int, now: datetime.datetime) -> None:
    """Let the person in no more, from this moment on; what they answered stays.

    Invitations that they sent, or that wait for them, are withdrawn. Conflict where nobody would be an admin any more.
    """
    managed = _managed(session, actor, person_id)
    if managed.deactivated_at is not None:
        return
    managed.deactivated_at = now
    session.flush()
    check_admin_left(session, actor.organisation_id)
    organisation_id, email = actor.organisation_id, session.get_one(Person, person_id).email
    for ended in (
        update(SignedIn)
        .where(
            SignedIn.organisation_id == organisation_id,
            SignedIn.person_id == person_id,
            SignedIn.ended_at.is_(None),
        )
        .values(ended_at=now),
        update(Token)
        .where(Token.organisation_id == organisation_id, Token.person_id == person_id, Token.revoked_at.is_(None))
        .values(revoked_at=now),
        update(Invitation)
        .where(
            Invitation.organisation_id == organisation_id,
            or_(Invitation.invited_by == person_id, Invitation.email == email),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now),
    ):
        session.execute(ended.execution_options(synchronize_session=False))
    audit.record_by(session, actor, now, "person deactivated", ("person", person_id))


def reactivate(session: Session, actor: Actor, person_id: int, now: datetime.datetime) -> None:
    """Let the person in again, with the roles that they had. What was ended and revoked stays so."""
    managed = _managed(session, actor, person_id)
    if managed.deactivated_at is not None:
        managed.deactivated_at = None
        audit.record_by(session, actor, now, "person reactivated", ("person", person_id))


def rename_person(session: Session, actor: Actor, name: str, now: datetime.datetime) -> None:
    """The actor's own name, in all their organisations."""
    if actor.person_id is None:
        raise NotAllowed("A service has no name of its own.")
    person, name = session.get_one(Person, actor.person_id), one_line(name, NAME_LIMIT)
    if name != person.name:
        person.name = name
        session.flush()
        for organisation_id in session.scalars(
            select(Membership.organisation_id).where(Membership.person_id == person.id)
        ):
            audit.keep_name(session.connection(), organisation_id, person.id, person.name, person.email)
        audit.record_everywhere(session, person.id, now, "person renamed")


def _managed(session: Session, actor: Actor, person_id: int) -> Membership:
    locked(session, actor.organisation_id)
    managed = membership(session, actor.organisation_id, person_id)
    if not actor.may_manage_people():
        raise NotAllowed("Only admins deactivate and reactivate people.")
    return managed
