"""Invitations: a secret link for one address, good once, that makes somebody a member.

Reading the link changes nothing; accepting does. Whoever has no account makes one with it. Whoever has one accepts
while signed in: holding a link proves nothing about an account that is there already.
"""

import datetime
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.addresses import normalised
from app.actions.allowances import spend_own
from app.actions.organisations import locked
from app.actions.people import create_person, join, person_of
from app.actions.roles import placed_role, words
from app.db.tables.org import NAME_LIMIT, Organisation
from app.db.tables.people import Invitation, Membership, Person
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed, Sentence
from app.domain.people import Actor, Role, RoleKind
from app.domain.secret import digest
from app.domain.text import one_line
from app.queries import people

LASTS = datetime.timedelta(days=14)
SECRET_BYTES = 32
AN_HOUR = 100
"""Invitations by one person, one by one: each is a letter in somebody's mailbox. An import is not counted."""
SINGLE_SIGN_ON = Sentence("People come in here by single sign-on alone. Sign in by it, then open this link again.")
NO_LINK = Sentence("There is no invitation behind this link. It may have been used, withdrawn, or have expired.")


@dataclass(frozen=True, slots=True)
class Invited:
    """The secret of the link, which nothing here can tell again, and the address in the spelling that is kept."""

    id: int
    email: str
    name: str
    secret: str
    expires_at: datetime.datetime


def invite(
    session: Session, actor: Actor, email: str, name: str, roles: Iterable[Role], now: datetime.datetime
) -> Invited:
    """Invite an address with these roles; an open invitation of the same address is replaced.

    Invalid without any role, or where the address is none; Conflict where it is a member's already; UsedUp where a
    person has sent AN_HOUR within an hour.
    """
    locked(session, actor.organisation_id)
    wanted = tuple(dict.fromkeys(roles))
    placed = [placed_role(session, actor.organisation_id, role) for role in wanted]
    if not actor.may_invite(*placed):
        raise NotAllowed("You can invite only for roles in your own part of the organisation.")
    if not wanted:
        raise Invalid("Say what the person is to be: an invitation gives at least one role.")
    email, name = normalised(email), one_line(name, NAME_LIMIT)
    _check_no_member(session, actor.organisation_id, email)
    if actor.person_id is not None:
        spend_own(session, "invite", actor.person_id, AN_HOUR, now)
    _withdraw_open(session, actor.organisation_id, email, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    invitation = Invitation(
        organisation_id=actor.organisation_id,
        secret_digest=digest(secret),
        email=email,
        name=name,
        roles=words(wanted),
        invited_by=actor.person_id,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(invitation)
    session.flush()
    audit.record_by(session, actor, now, "person invited", ("invitation", invitation.id), roles=words(wanted))
    return Invited(invitation.id, invitation.email, invitation.name, secret, invitation.expires_at)


def withdraw(session: Session, actor: Actor, invitation_id: int, now: datetime.datetime) -> None:
    """Make the link worthless; Conflict where it was accepted already."""
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.organisation_id == actor.organisation_id, Invitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise Missing("There is no such invitation.")
    own = actor.person_id is not None and invitation.invited_by == actor.person_id
    if not (actor.may_invite() and (own or actor.sees_every_person())):
        raise NotAllowed("Only whoever sent an invitation, managers of the whole organisation and admins withdraw it.")
    if invitation.accepted_at is not None:
        raise Conflict("This invitation was accepted already.")
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        audit.record_by(session, actor, now, "invitation withdrawn", ("invitation", invitation.id))


def accept_anew(session: Session, secret: str, name: str, password_hash: str, now: datetime.datetime) -> int:
    """Make an account with the address of the invitation, and become a member; the number of the person.

    Missing where the link is not good (any more); Conflict where the address has an account, whose holder signs in, or
    where single sign-on is the only way in.
    """
    invitation = _open(session, secret, now)
    if session.get_one(Organisation, invitation.organisation_id).single_sign_on_only:
        raise Conflict(SINGLE_SIGN_ON)
    person_id = create_person(session, invitation.email, name, password_hash, now)
    if person_id is None:
        raise Conflict("This address has an account already. Sign in with it, then open the link again.")
    _accept(session, invitation, person_id, now)
    return person_id


def accept_as(session: Session, secret: str, person_id: int, now: datetime.datetime) -> int:
    """Become a member as the person who is signed in; the number of the organisation.

    Missing where the link is not good (any more); NotAllowed where it is for another address.
    """
    invitation = _open(session, secret, now)
    if session.get_one(Person, person_id).email != invitation.email:
        raise NotAllowed("This invitation is for another address than the one that you are signed in with.")
    _accept(session, invitation, person_id, now)
    return invitation.organisation_id


def _open(session: Session, secret: str, now: datetime.datetime) -> Invitation:
    organisation_id = session.scalar(
        select(Invitation.organisation_id).where(Invitation.secret_digest == digest(secret))
    )
    if organisation_id is None:
        raise Missing(NO_LINK)
    # Of two who accept at once the second finds it accepted. The organisation is always held first: see `deactivate`.
    locked(session, organisation_id)
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.organisation_id == organisation_id, Invitation.secret_digest == digest(secret))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if (
        invitation is None
        or invitation.accepted_at is not None
        or invitation.withdrawn_at is not None
        or invitation.expires_at <= now
    ):
        raise Missing(NO_LINK)
    return invitation


def _accept(session: Session, invitation: Invitation, person_id: int, now: datetime.datetime) -> None:
    roles = [Role(RoleKind(role["kind"]), role["unit_id"], role["team_id"]) for role in invitation.roles]
    _check_still_given(session, invitation, roles)
    join(session, invitation.organisation_id, person_id, roles, now)
    invitation.accepted_at = now
    session.flush()
    subject = ("invitation", invitation.id)
    audit.record(session.connection(), now, invitation.organisation_id, "invitation accepted", subject, by=person_id)


def _check_still_given(session: Session, invitation: Invitation, roles: list[Role]) -> None:
    # Whoever lost a right since cannot go on giving it by a link that they once made.
    if invitation.invited_by is None:
        return
    organisation_id = invitation.organisation_id
    placed = [placed_role(session, organisation_id, role) for role in roles]
    try:
        inviter = people.actor(session.connection(), invitation.invited_by, organisation_id)
    except Missing:
        raise Missing(NO_LINK) from None
    if not inviter.may_invite(*placed):
        raise Missing(NO_LINK)


def _check_no_member(session: Session, organisation_id: int, email: str) -> None:
    person = person_of(session, email)
    membership = None if person is None else session.get(Membership, (organisation_id, person.id))
    if membership is None:
        return
    if membership.deactivated_at is not None:
        raise Conflict("This person was deactivated here. An admin can reactivate them.")
    raise Conflict("This person is a member already. Change their roles instead.")


def _withdraw_open(session: Session, organisation_id: int, email: str, now: datetime.datetime) -> None:
    for invitation in session.scalars(
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation_id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .with_for_update()
    ):
        invitation.withdrawn_at = now
