"""Reading who is signed in, and what signing in needs to know."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, select

from app.db.base import UtcTime, table
from app.db.tables.org import Organisation
from app.db.tables.people import Membership, Person
from app.db.tables.signing_in import LinkKind, OneTimeLink, SignedIn
from app.domain.errors import Missing, Sentence
from app.domain.secret import digest

IDLE = datetime.timedelta(days=14)
"""Whoever was not seen for so long signs in anew."""

NO_LINK = Sentence(
    "There is nothing behind this link. It may have been used, replaced by a newer one, or have expired."
)

_signed_in, _membership = table(SignedIn).c, table(Membership).c
_person, _organisation, _link = table(Person).c, table(Organisation).c, table(OneTimeLink).c

_membership_of_cookie = and_(
    _membership.organisation_id == _signed_in.organisation_id, _membership.person_id == _signed_in.person_id
)


@dataclass(frozen=True, slots=True)
class SignedInLine:
    """A browser in which somebody is signed in, in one of their organisations, and how they want pages to look.

    `elsewhere`: they are in another organisation, too, and may go there: not so in one that is `only_here`, by that
    organisation's single sign-on, which is good for no other one.
    """

    id: int
    person_id: int
    organisation_id: int
    organisation: str
    device: str
    created_at: datetime.datetime
    last_seen_at: datetime.datetime
    expires_at: datetime.datetime
    language: str | None = None
    time_zone: str | None = None
    theme: str | None = None
    elsewhere: bool = False
    only_here: bool = False


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """Without an account, or without a password, nothing but the address."""

    email: str
    person_id: int | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What the page of a link, and the rules for a password, need to know of a person."""

    person_id: int
    name: str
    email: str


_others = table(Membership).alias("others").c
_other = (
    select(_others.person_id)
    .where(
        _others.person_id == _signed_in.person_id,
        _others.organisation_id != _signed_in.organisation_id,
        _others.deactivated_at.is_(None),
    )
    .correlate(table(SignedIn))
)


def _living() -> Select[Any]:
    return (
        select(
            _signed_in.id,
            _signed_in.person_id,
            _signed_in.organisation_id,
            _organisation.name,
            _signed_in.device,
            _signed_in.created_at,
            _signed_in.last_seen_at,
            _signed_in.expires_at,
            _person.language,
            _person.time_zone,
            _person.theme,
            exists(_other) & _signed_in.only_here.is_(False),
            _signed_in.only_here,
        )
        .select_from(
            table(SignedIn)
            .join(table(Person), _person.id == _signed_in.person_id)
            .join(table(Membership), _membership_of_cookie)
            .join(table(Organisation), _organisation.id == _signed_in.organisation_id)
        )
        .where(
            _signed_in.ended_at.is_(None),
            _signed_in.expires_at > bindparam("now", type_=UtcTime()),
            _signed_in.last_seen_at > bindparam("idle", type_=UtcTime()),
            _membership.deactivated_at.is_(None),
        )
    )


BY_SECRET = _living().where(_signed_in.secret_digest == bindparam("secret_digest"))
OF_PERSON = _living().where(_signed_in.person_id == bindparam("person_id")).order_by(_signed_in.last_seen_at.desc())


def signed_in(connection: Connection, secret: str, now: datetime.datetime) -> SignedInLine | None:
    """Whose cookie this is; None where it is nobody's, or was ended, or is too old."""
    row = connection.execute(BY_SECRET, {"secret_digest": digest(secret), "now": now, "idle": now - IDLE}).first()
    return None if row is None else SignedInLine(*row)


def deactivated_in(connection: Connection, secret: str) -> str:
    """The name of the organisation that this cookie led to, where its holder was deactivated; else empty."""
    left = (
        select(_organisation.name)
        .join_from(table(SignedIn), table(Organisation), _organisation.id == _signed_in.organisation_id)
        .join(table(Membership), _membership_of_cookie)
        .where(_signed_in.secret_digest == digest(secret), _membership.deactivated_at.is_not(None))
    )
    return connection.execute(left).scalar() or ""


def devices(connection: Connection, person_id: int, now: datetime.datetime) -> Sequence[SignedInLine]:
    """Every browser in which the person is signed in, in any organisation, the last seen first."""
    rows = connection.execute(OF_PERSON, {"person_id": person_id, "now": now, "idle": now - IDLE})
    return [SignedInLine(*row) for row in rows]


def kept_password(connection: Connection, email: str) -> KeptPassword:
    """What is known of an address, in its one spelling, before a password is compared."""
    row = connection.execute(select(_person.id, _person.password_hash).where(_person.email == email)).first()
    return KeptPassword(email) if row is None else KeptPassword(email, row.id, row.password_hash)


def password_of(connection: Connection, person_id: int) -> KeptPassword:
    """The same of a person who is signed in and is to say their password again."""
    row = connection.execute(select(_person.email, _person.password_hash).where(_person.id == person_id)).one()
    return KeptPassword(row.email, person_id, row.password_hash)


def organisations(connection: Connection, person_id: int) -> Sequence[tuple[int, str]]:
    """Numbers and names of the organisations that the person is an active member of, by name."""
    rows = connection.execute(
        select(_organisation.id, _organisation.name)
        .join_from(table(Membership), table(Organisation), _organisation.id == _membership.organisation_id)
        .where(_membership.person_id == person_id, _membership.deactivated_at.is_(None))
        .order_by(_organisation.name, _organisation.id)
    )
    return [(row.id, row.name) for row in rows]


def any_account(connection: Connection) -> bool:
    """Whether anybody has an account here; until then the server offers its set-up."""
    return bool(connection.execute(select(exists(select(_person.id)))).scalar())


def link_is_good(connection: Connection, kind: LinkKind, secret: str, now: datetime.datetime) -> Account | None:
    """Whose link this is, None for a link of nobody; Missing where it is not good (any more)."""
    row = connection.execute(
        select(_person.id, _person.name, _person.email)
        .select_from(table(OneTimeLink).outerjoin(table(Person), _person.id == _link.person_id))
        .where(
            _link.secret_digest == digest(secret),
            _link.kind == kind,
            _link.used_at.is_(None),
            _link.expires_at > now,
        )
    ).first()
    if row is None:
        raise Missing(NO_LINK)
    return None if row.id is None else Account(row.id, row.name, row.email)
