"""Coming in by single sign-on: the attempt, what it proves, and who that is.

A person is known by issuer and subject and by nothing else. An e-mail address proves nothing about an account that is
there already: its holder links it while signed in.
"""

import datetime
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.actions.people import create_person, join
from app.actions.roles import membership
from app.actions.sign_on_roles import follow_groups
from app.actions.signing_in import Entered, Refused, enter
from app.db.tables.org import NAME_LIMIT
from app.db.tables.people import Person
from app.db.tables.signing_in import Identity, SsoAttempt
from app.domain.errors import Conflict, Invalid, NotAllowed, Sentence
from app.domain.people import Actor
from app.domain.secret import digest
from app.domain.sign_on import Claims, Provider
from app.domain.text import one_line
from app.queries import sign_on

LASTS = datetime.timedelta(minutes=10)
SECRET_BYTES = 32

CHANGED = Sentence("Single sign-on was changed while you were away. Begin again.")
DEACTIVATED = Sentence("Your account here is deactivated. An admin can reactivate it.")
NO_EMAIL = Sentence(
    "Your organisation's sign-on did not say your e-mail address, and without one there can be no account here."
)
UNVERIFIED = Sentence(
    "Your organisation's sign-on does not vouch for your e-mail address: it does not say that it is verified. So no "
    "account was made with it. Ask an admin for an invitation, and link your account afterwards."
)
KNOWN = Sentence(
    "There is an account with your e-mail address already, and it is not linked to this sign-on. Sign in as you did so "
    "far, and link it on the page of your account."
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Of one attempt: what comes back in the address, what the token names, and what proves that it was us."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who is back. `person_id`: who wants to link their account; None for who wants to come in."""

    organisation_id: int
    provider: Provider
    nonce: str
    verifier: str
    next: str
    person_id: int | None


def new_secrets() -> Secrets:
    return Secrets(*(secrets.token_urlsafe(SECRET_BYTES) for _ in range(3)))


def begin(
    session: Session,
    organisation_id: int,
    new: Secrets,
    browser: str,
    following: str,
    now: datetime.datetime,
    person_id: int | None = None,
) -> None:
    """Remember that the browser with this secret is sent to the provider."""
    session.add(
        SsoAttempt(
            state_digest=_bound(new.state, browser),
            organisation_id=organisation_id,
            nonce=new.nonce,
            verifier=new.verifier,
            next=following,
            expires_at=now + LASTS,
            person_id=person_id,
        )
    )
    session.flush()


def take(session: Session, state: str, browser: str, now: datetime.datetime) -> Attempt | None:
    """Use the attempt up. None where it was used, has expired, or is another browser's."""
    taken = session.execute(
        delete(SsoAttempt)
        .where(SsoAttempt.state_digest == _bound(state, browser))
        .returning(
            SsoAttempt.organisation_id,
            SsoAttempt.nonce,
            SsoAttempt.verifier,
            SsoAttempt.next,
            SsoAttempt.expires_at,
            SsoAttempt.person_id,
        )
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None or taken.expires_at <= now or not browser:
        return None
    provider = sign_on.provider(session.connection(), taken.organisation_id)
    if provider is None:
        return None
    return Attempt(taken.organisation_id, provider, taken.nonce, taken.verifier, taken.next, taken.person_id)


def sign_in(
    session: Session, attempt: Attempt, claims: Claims, device: str, now: datetime.datetime
) -> Entered | Refused:
    """Let somebody in whom the provider vouches for; a newcomer becomes a member, with the roles of their groups."""
    organisation_id = attempt.organisation_id
    if not _still(session, attempt):
        return Refused(CHANGED)
    person_id = _person_of(session, attempt, claims)
    if person_id is None:
        newcomer = _welcome(session, attempt, claims, now)
        if isinstance(newcomer, Refused):
            return newcomer
        person_id = newcomer
    elif membership(session, organisation_id, person_id).deactivated_at is not None:
        return Refused(DEACTIVATED)
    follow_groups(session, organisation_id, person_id, claims.groups, now)
    return enter(session, person_id, organisation_id, device, now, only_here=True)


def link(session: Session, actor: Actor, attempt: Attempt, claims: Claims, now: datetime.datetime) -> None:
    """Let whoever is signed in come in by the provider too, from now on.

    NotAllowed for another than who began; Conflict where what the provider says is somebody else's here.
    """
    if actor.person_id is None or (attempt.organisation_id, attempt.person_id) != (
        actor.organisation_id,
        actor.person_id,
    ):
        raise NotAllowed("Somebody else began this. Begin again on the page of your account.")
    if not _still(session, attempt):
        raise Conflict(CHANGED)
    standing = _person_of(session, attempt, claims)
    if standing not in (None, actor.person_id):
        raise Conflict("This sign-on belongs to another account here already.")
    if standing is None:
        _keep_identity(session, attempt, claims, actor.person_id, now)
        audit.record_by(session, actor, now, "single sign-on linked", ("person", actor.person_id))


def unlink(session: Session, actor: Actor, now: datetime.datetime) -> None:
    """Let the actor come in by this organisation's single sign-on no more.

    Conflict where they would have no way in left.
    """
    if actor.person_id is None:
        raise NotAllowed("A service has no account.")
    organisation = locked(session, actor.organisation_id)
    if organisation.single_sign_on_only or session.get_one(Person, actor.person_id).password_hash is None:
        raise Conflict("You would have no way in any more: single sign-on is the only one that you have.")
    gone = session.execute(
        delete(Identity)
        .where(Identity.organisation_id == actor.organisation_id, Identity.person_id == actor.person_id)
        .returning(Identity.subject)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        audit.record_by(session, actor, now, "single sign-on unlinked", ("person", actor.person_id))


def purge_attempts(session: Session, now: datetime.datetime) -> None:
    """Forget who did not come back in time."""
    session.execute(delete(SsoAttempt).where(SsoAttempt.expires_at <= now))


def _still(session: Session, attempt: Attempt) -> bool:
    """Hold the organisation; whether its provider is the one that was asked."""
    locked(session, attempt.organisation_id)
    present = sign_on.provider(session.connection(), attempt.organisation_id)
    asked = attempt.provider
    return present is not None and (present.issuer, present.client_id) == (asked.issuer, asked.client_id)


def _person_of(session: Session, attempt: Attempt, claims: Claims) -> int | None:
    return session.scalar(
        select(Identity.person_id).where(
            Identity.organisation_id == attempt.organisation_id,
            Identity.issuer == attempt.provider.issuer,
            Identity.subject == claims.subject,
        )
    )


def _welcome(session: Session, attempt: Attempt, claims: Claims, now: datetime.datetime) -> int | Refused:
    """A new account for somebody whom nobody knows yet."""
    if not claims.email:
        return Refused(NO_EMAIL)
    if not claims.verified:
        return Refused(UNVERIFIED)
    try:
        person_id = create_person(session, claims.email, _name(claims), None, now)
    except Invalid:
        return Refused(NO_EMAIL)
    if person_id is None:
        return Refused(KNOWN)
    join(session, attempt.organisation_id, person_id, [], now)
    _keep_identity(session, attempt, claims, person_id, now)
    audit.record(
        session.connection(),
        now,
        attempt.organisation_id,
        "person added",
        ("person", person_id),
        by=person_id,
        by_sign_on=True,
    )
    return person_id


def _name(claims: Claims) -> str:
    try:
        return one_line(claims.name, NAME_LIMIT)
    except Invalid:
        return claims.email.partition("@")[0]


def _keep_identity(session: Session, attempt: Attempt, claims: Claims, person_id: int, now: datetime.datetime) -> None:
    session.add(
        Identity(
            organisation_id=attempt.organisation_id,
            issuer=attempt.provider.issuer,
            subject=claims.subject,
            person_id=person_id,
            linked_at=now,
        )
    )
    session.flush()


def _bound(state: str, browser: str) -> bytes:
    # Both are of letters, digits, - and _ where they are ours, so that nothing else joins to the same text.
    return digest(f"{state}.{browser}")
