"""Signing in and out.

A password is compared before the transaction (`kept_password`, then `passwords.proof`), and judged in it. What is
refused is returned and not raised: the failure that it counts has to be committed.
"""

import datetime
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.actions import audit, lock_outs
from app.actions.addresses import normalised
from app.actions.one_time_links import make_link
from app.actions.passwords import Proof
from app.db.tables.org import Organisation
from app.db.tables.people import EMAIL_LIMIT, Membership, Person
from app.db.tables.signing_in import LinkKind, SignedIn
from app.domain.errors import Invalid, Missing, Sentence
from app.domain.people import Actor
from app.domain.secret import digest
from app.domain.text import UNFIT
from app.queries import signing_in as queries
from app.queries.signing_in import KeptPassword

LASTS = datetime.timedelta(days=30)
SIGN_ON_LASTS = datetime.timedelta(hours=12)
"""For who comes in by single sign-on: whoever is shut out there is out here before the next morning."""
SEEN_EVERY = datetime.timedelta(hours=1)
"""How exactly it is kept when a browser was last seen: a page that is only read writes hardly ever."""
SECRET_BYTES = 32
DEVICE_LIMIT = 200

WRONG = Sentence("The address or the password is not right.")
SINGLE_SIGN_ON = Sentence("Your organisation has single sign-on as its only way in.")


@dataclass(frozen=True, slots=True)
class Entered:
    """The secret of a browser's cookie, which nothing here can tell again."""

    secret: str
    person_id: int
    organisation_id: int


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password was right; `secret` goes with the code of the second factor, to `second_factor.sign_in`."""

    secret: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody came in; the text says no more than a stranger may know."""

    text: str


def kept_password(session: Session, email: str) -> KeptPassword:
    """What is known of an address as it was typed. Only reads; give its connection back before comparing."""
    return queries.kept_password(session.connection(), spelling(email))


def spelling(email: str) -> str:
    """The address in its one spelling; what is no address has one too, so that it is refused like an unknown one."""
    try:
        return normalised(email)
    except Invalid:
        return UNFIT.sub("?", email)[:EMAIL_LIMIT].strip().lower()


def sign_in(
    session: Session, proof: Proof, device: str, now: datetime.datetime, organisation_id: int | None = None
) -> Entered | CodeWanted | Refused:
    """Let somebody in by their password; into the organisation where they were last, unless another one is named.

    UsedUp after ten failures, for a known address as for an unknown one.
    """
    lock_outs.check(session, proof.kept.email, now)
    person = proven(session, proof)
    if person is None:
        lock_outs.fail(session, proof.kept.email, now)
        return Refused(WRONG)
    home = home_of(session, person.id, organisation_id)
    if isinstance(home, Refused):
        return home
    if person.totp_secret is not None:
        return CodeWanted(make_link(session, LinkKind.SECOND_FACTOR, person.id, now))
    lock_outs.clear(session, person.email)
    return enter(session, person.id, home, device, now)


def proven(session: Session, proof: Proof) -> Person | None:
    """Whose password it was, if it still is: it may have been changed since it was compared."""
    if not proof.right or proof.kept.person_id is None:
        return None
    person = session.get(Person, proof.kept.person_id, populate_existing=True)
    return person if person is not None and person.password_hash == proof.kept.hash else None


def home_of(session: Session, person_id: int, organisation_id: int | None) -> int | Refused:
    """The organisation that a password leads to: the named one, or that of the last time."""
    last = (
        select(func.max(SignedIn.id))
        .where(SignedIn.organisation_id == Membership.organisation_id, SignedIn.person_id == person_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Organisation.id, Organisation.single_sign_on_only)
        .join_from(Membership, Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, Membership.deactivated_at.is_(None))
        .order_by(func.coalesce(last, 0).desc(), Organisation.id)
    ).all()
    wanted = [row for row in rows if organisation_id in (None, row.id)]
    if not wanted:
        return Refused(WRONG)
    found = next((row.id for row in wanted if not row.single_sign_on_only), None)
    return Refused(SINGLE_SIGN_ON) if found is None else int(found)


def enter(
    session: Session,
    person_id: int,
    organisation_id: int,
    device: str,
    now: datetime.datetime,
    *,
    only_here: bool = False,
) -> Entered:
    """Let a browser in. Asks nobody: the caller knows who it is. Missing where they are no active member.

    `only_here`: it is the single sign-on of an organisation that knows, and vouches for nobody anywhere else.
    """
    # Locked, so that nobody comes in while being deactivated.
    membership = session.scalar(
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.person_id == person_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if membership is None or membership.deactivated_at is not None:
        raise Missing("There is no such person.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    entered = SignedIn(
        secret_digest=digest(secret),
        person_id=person_id,
        organisation_id=organisation_id,
        device=UNFIT.sub("?", device)[:DEVICE_LIMIT],
        created_at=now,
        last_seen_at=now,
        expires_at=now + (SIGN_ON_LASTS if only_here else LASTS),
        only_here=only_here,
    )
    session.add(entered)
    session.flush()
    audit.record(session.connection(), now, organisation_id, "signed in", ("signed in", entered.id), by=person_id)
    return Entered(secret, person_id, organisation_id)


def note_seen(session: Session, line: queries.SignedInLine, now: datetime.datetime) -> None:
    """Remember that the browser was seen, to the hour."""
    if now - line.last_seen_at >= SEEN_EVERY:
        session.execute(
            update(SignedIn)
            .where(SignedIn.organisation_id == line.organisation_id, SignedIn.id == line.id)
            .values(last_seen_at=now)
            .execution_options(synchronize_session=False)
        )


def sign_out(session: Session, line: queries.SignedInLine, now: datetime.datetime) -> None:
    """End this browser's being signed in."""
    if _end(session, line.person_id, now, SignedIn.id == line.id):
        subject = ("signed in", line.id)
        audit.record(session.connection(), now, line.organisation_id, "signed out", subject, by=line.person_id)


def end_signed_in(session: Session, actor: Actor, signed_in_id: int, now: datetime.datetime) -> None:
    """End one of the actor's own, in whatever organisation; Missing where it is somebody else's, or over."""
    if actor.person_id is None or not _end(session, actor.person_id, now, SignedIn.id == signed_in_id):
        raise Missing("There is no such browser.")
    audit.record_by(session, actor, now, "browser signed out", ("signed in", signed_in_id))


def end_all(session: Session, actor: Actor, now: datetime.datetime, but: int | None = None) -> int:
    """End all of the actor's own, `but` this one; how many it were."""
    if actor.person_id is None:
        return 0
    ended = _end(session, actor.person_id, now, SignedIn.id.is_distinct_from(but))
    if ended:
        subject = ("person", actor.person_id)
        audit.record_by(session, actor, now, "all browsers signed out", subject, count=ended)
    return ended


def end_everywhere(session: Session, person_id: int, now: datetime.datetime, but: int | None = None) -> None:
    """The same as a part of something else that is told of itself, such as a new password."""
    _end(session, person_id, now, SignedIn.id.is_distinct_from(but))


def _end(session: Session, person_id: int, now: datetime.datetime, which: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(SignedIn)
        .where(SignedIn.person_id == person_id, SignedIn.ended_at.is_(None), which)
        .values(ended_at=now)
        .returning(SignedIn.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
