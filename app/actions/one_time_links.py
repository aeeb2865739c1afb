"""Secrets that work once: to set the server up, to choose a new password, and between a password and its code."""

import datetime
import secrets

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.db.tables.signing_in import LinkKind, OneTimeLink
from app.domain.errors import Missing
from app.domain.secret import digest
from app.queries.signing_in import NO_LINK

SECRET_BYTES = 32
LASTS = {
    LinkKind.SET_UP: datetime.timedelta(days=1),
    LinkKind.RESET: datetime.timedelta(hours=2),
    LinkKind.SECOND_FACTOR: datetime.timedelta(minutes=10),
}


def make_link(session: Session, kind: LinkKind, person_id: int | None, now: datetime.datetime) -> str:
    """The secret of a new link, which nothing here can tell again.

    Older ones of the same kind and person, if they were not used, are no longer good. But all to set the server up are,
    until one of them is used: each of several replicas prints one.
    """
    if kind is not LinkKind.SET_UP:
        forget_links(session, kind, person_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(
        OneTimeLink(
            secret_digest=digest(secret),
            kind=kind,
            person_id=person_id,
            created_at=now,
            expires_at=now + LASTS[kind],
        )
    )
    session.flush()
    return secret


def forget_links(session: Session, kind: LinkKind, person_id: int | None) -> None:
    """Make the links of this kind and person worthless that were not used."""
    whose = OneTimeLink.person_id.is_not_distinct_from(person_id)
    session.execute(delete(OneTimeLink).where(OneTimeLink.kind == kind, whose, OneTimeLink.used_at.is_(None)))


def use_link(session: Session, kind: LinkKind, secret: str, now: datetime.datetime) -> int | None:
    """Use the link up; the number of its person. Missing where it is not good, so that of two at once one uses it."""
    used = session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.secret_digest == digest(secret),
            OneTimeLink.kind == kind,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.person_id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is None:
        raise Missing(NO_LINK)
    person_id: int | None = used.person_id
    return person_id


def purge_links(session: Session, now: datetime.datetime) -> None:
    """Forget links that are no longer good."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now))
