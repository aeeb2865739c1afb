"""Signing in as the cast, without the tenth of a second that comparing a password takes.

The comparison itself is tested in test_passwords and in the first test of test_signing_in.
"""

import datetime

from sqlalchemy import Engine, select

from app.actions.passwords import Proof
from app.actions.signing_in import CodeWanted, Entered, Refused, kept_password, sign_in
from app.db.engine import reading, writing
from app.db.tables.people import Person
from app.queries.signing_in import KeptPassword, SignedInLine, signed_in
from tests.cast import NOW, Cast, address

PASSWORD = "tram bells at noon 7"


def hash_of(password: str) -> str:
    return f"hash of {password!a}"


def compared(kept: KeptPassword, password: str) -> Proof:
    return Proof(kept, kept.hash == hash_of(password))


def known_cast(cast: Cast) -> Cast:
    """The cast, each with the same password."""
    with writing(cast.engine) as session:
        for person in session.scalars(select(Person)):
            person.password_hash = hash_of(PASSWORD)
    return cast


def attempt(
    engine: Engine, email: str, password: str = PASSWORD, now: datetime.datetime = NOW, into: int | None = None
) -> Entered | CodeWanted | Refused:
    with reading(engine) as session:
        kept = kept_password(session, email)
    with writing(engine) as session:
        return sign_in(session, compared(kept, password), "Firefox on Linux", now, into)


def entered(cast: Cast, name: str = "lead", now: datetime.datetime = NOW) -> str:
    came = attempt(cast.engine, address(name), now=now)
    assert isinstance(came, Entered)
    return came.secret


def line(cast: Cast, secret: str, now: datetime.datetime = NOW) -> SignedInLine | None:
    with reading(cast.engine) as session:
        return signed_in(session.connection(), secret, now)
