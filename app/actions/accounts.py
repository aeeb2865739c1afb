"""Accounts: the first one, and their passwords. New hashes are made before the transaction, by `passwords.hashed`."""

import datetime
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit, lock_outs
from app.actions.example import add_example
from app.actions.one_time_links import forget_links, make_link, use_link
from app.actions.organisations import create_organisation
from app.actions.passwords import Proof
from app.actions.people import add_person, person_of
from app.actions.signing_in import Entered, Refused, end_everywhere, enter, home_of, proven, spelling
from app.db.tables.org import Server
from app.db.tables.people import Person
from app.db.tables.signing_in import LinkKind
from app.domain.errors import Conflict, Missing, Sentence
from app.domain.people import Actor, Role, RoleKind
from app.queries.signing_in import NO_LINK, any_account

SET_UP_ALREADY = Sentence("This server is set up already.")


@dataclass(frozen=True, slots=True)
class Reset:
    """A link to choose a new password, and to whom it is to be sent."""

    secret: str
    person_id: int
    organisation_id: int
    name: str
    email: str
    language: str | None


def make_set_up_link(session: Session, now: datetime.datetime) -> str | None:
    """The secret of a link to found the first organisation with; None where somebody has an account already."""
    if any_account(session.connection()):
        return None
    return make_link(session, LinkKind.SET_UP, None, now)


def set_up(
    session: Session,
    secret: str,
    organisation: str,
    name: str,
    email: str,
    password_hash: str,
    device: str,
    now: datetime.datetime,
    *,
    with_example: bool = False,
) -> Entered:
    """Found the first organisation with its admin, who is signed in at once.

    `with_example`: they are the admin of an example organisation, too, which stands beside their own.
    Missing where the link is not good (any more); Conflict where somebody has an account already.
    """
    # Of two links that are used at once, the second waits here, and is worthless when its turn comes.
    session.execute(select(Server.id).with_for_update())
    use_link(session, LinkKind.SET_UP, secret, now)
    if any_account(session.connection()):
        raise Conflict(SET_UP_ALREADY)
    forget_links(session, LinkKind.SET_UP, None)
    founded = create_organisation(session, organisation, now)
    person_id = add_person(session, founded.id, email, name, [Role(RoleKind.ADMIN)], now, password_hash)
    if with_example:
        add_example(session, person_id, now)
    return enter(session, person_id, founded.id, device, now)


def make_reset(session: Session, email: str, now: datetime.datetime) -> Reset | None:
    """A link to choose a new password; None where nobody with this address may come in by one.

    Done by a job that is put down for any address (reset_letters), so that nobody learns from the time it takes.
    """
    person = person_of(session, spelling(email))
    home = None if person is None else home_of(session, person.id, None)
    if person is None or home is None or isinstance(home, Refused):
        return None
    secret = make_link(session, LinkKind.RESET, person.id, now)
    audit.record_everywhere(session, person.id, now, "password reset asked for")
    return Reset(secret, person.id, home, person.name, person.email, person.language)


def reset_password(session: Session, secret: str, password_hash: str, now: datetime.datetime) -> int:
    """Take the new password, and end every browser's being signed in; the number of the person.

    Missing where the link is not good (any more). A second factor is asked for all the same.
    """
    person_id = use_link(session, LinkKind.RESET, secret, now)
    person = None if person_id is None else session.get(Person, person_id)
    if person is None:
        raise Missing(NO_LINK)
    _take_password(session, person, password_hash)
    end_everywhere(session, person.id, now)
    audit.record_everywhere(session, person.id, now, "password reset")
    return person.id


def change_password(
    session: Session, actor: Actor, proof: Proof, password_hash: str, now: datetime.datetime, but: int | None
) -> Refused | None:
    """Take a new password from whoever says the old one, and end all other browsers' being signed in, `but` this one.

    Refused where the old one is not right, which counts as a failure to sign in; UsedUp after ten of them.
    """
    lock_outs.check(session, proof.kept.email, now)
    person = proven(session, proof)
    if person is None or person.id != actor.person_id:
        lock_outs.fail(session, proof.kept.email, now)
        return Refused("The present password is not right.")
    _take_password(session, person, password_hash)
    end_everywhere(session, person.id, now, but)
    audit.record_everywhere(session, person.id, now, "password changed")
    return None


def _take_password(session: Session, person: Person, password_hash: str) -> None:
    person.password_hash = password_hash
    session.flush()
    lock_outs.clear(session, person.email)
