"""Rubrics: versions are only ever added; and which of them an organisation offers is its choice."""

import datetime
import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.db.tables.org import Organisation
from app.db.tables.rubrics import RubricVersion, State
from app.db.tables.studio import Offer
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.organisations import VISITORS
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_file import Document, document, shipped
from app.queries.rubrics import RubricVersion as RubricLine
from app.queries.rubrics import default_rubric, known_rubrics, latest


def load_shipped(session: Session, now: datetime.datetime) -> tuple[str, ...]:
    """Publish the rubrics that come with the product, where their text is new; the keys of those that were.

    Doing it again changes nothing, and of two processes that do it at once the second finds it done.
    """
    return publish(session, VISITORS, shipped().values(), now)


def publish(
    session: Session,
    organisation_id: int,
    rubrics: Iterable[Rubric],
    now: datetime.datetime,
    by: Actor | None = None,
) -> tuple[str, ...]:
    """Publish each rubric as the next version of its key, unless the newest one is the same; the keys of those.

    `by` is the admin who does it; None for the product itself.
    """
    # Whoever publishes for an organisation holds its row, so that two at once do not take the same number.
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    newest = {
        key: (number, digest)
        for key, number, digest in session.execute(
            select(RubricVersion.key, RubricVersion.number, RubricVersion.digest)
            .where(RubricVersion.organisation_id == organisation_id)
            .order_by(RubricVersion.number)
        )
    }
    added = []
    for rubric in rubrics:
        values = document(rubric)
        number, digest = newest.get(rubric.key, (0, b""))
        if digest_of(values) != digest:
            added.append(_version(organisation_id, rubric, values, number + 1, now))
    session.add_all(added)
    session.flush()
    for version in added:
        subject = ("rubric version", version.id)
        audit.record(
            session.connection(),
            now,
            organisation_id,
            "rubric published",
            subject,
            by=by.person_id if by else None,
            key=version.key,
            number=version.number,
        )
    return tuple(version.key for version in added)


def adopt(session: Session, organisation_id: int, key: str, now: datetime.datetime) -> RubricLine:
    """The organisation's newest published version of a rubric.

    Where it has none, the shipped one becomes its first; where its newest is a shipped one that nobody edited, and a
    newer one is shipped by now, that becomes its next. What was edited is never overwritten. Raises Missing where there
    is no rubric of this key.
    """
    connection = session.connection()
    try:
        newest = latest(connection, organisation_id, key)
    except Missing:
        if key not in shipped():
            raise
        newest = None
    if newest is None or _is_old_shipped(session, organisation_id, newest):
        publish(session, organisation_id, [shipped()[key]], now)
        newest = latest(connection, organisation_id, key)
    return newest


def _is_old_shipped(session: Session, organisation_id: int, newest: RubricLine) -> bool:
    if newest.key not in shipped() or newest.rubric == shipped()[newest.key]:
        return False
    digest = select(RubricVersion.digest).where(
        RubricVersion.organisation_id == organisation_id, RubricVersion.id == newest.id
    )
    once_shipped = select(RubricVersion.id).where(
        RubricVersion.organisation_id == VISITORS,
        RubricVersion.key == newest.key,
        RubricVersion.digest == digest.scalar_subquery(),
    )
    return session.scalar(once_shipped.limit(1)) is not None


def retire(session: Session, actor: Actor, version_id: int, now: datetime.datetime, *, again: bool = False) -> None:
    """Begin nothing new with a version; `again` brings it back. What it was used for stays as it is.

    Raises Missing where there is no such version, Conflict where it is so already.
    """
    _check_may_edit(actor)
    version = version_of(session, actor.organisation_id, version_id)
    becomes = State.PUBLISHED if again else State.RETIRED
    if version.state is becomes:
        raise Conflict("Somebody did this already.")
    version.state = becomes
    action = "rubric version brought back" if again else "rubric version retired"
    subject = ("rubric version", version_id)
    audit.record_by(session, actor, now, action, subject, key=version.key, number=version.number)


def offer(session: Session, actor: Actor, key: str, now: datetime.datetime, *, offered: bool) -> None:
    """Offer a rubric for new cycles, or no more. Conflict for the default one, which is always offered."""
    row = _offer_of(session, actor, key)
    if row.is_default and not offered:
        raise Conflict("This is the default rubric. Make another one the default first.")
    if row.offered is not offered:
        row.offered = offered
        action = "rubric offered" if offered else "rubric not offered any more"
        audit.record_by(session, actor, now, action, ("organisation", actor.organisation_id), key=key)


def make_default(session: Session, actor: Actor, key: str, now: datetime.datetime) -> None:
    """Make a rubric the one that is meant where none is named; it is offered from then on."""
    row = _offer_of(session, actor, key)
    if row.is_default:
        return
    others = select(Offer).where(Offer.organisation_id == actor.organisation_id, Offer.is_default)
    for other in session.scalars(others):
        other.is_default = False
    row.is_default = row.offered = True
    audit.record_by(session, actor, now, "default rubric changed", ("organisation", actor.organisation_id), key=key)


def _offer_of(session: Session, actor: Actor, key: str) -> Offer:
    """What the organisation says of a rubric; it is held, so that there is never more than one default."""
    _check_may_edit(actor)
    locked(session, actor.organisation_id)
    if key not in known_rubrics(session.connection(), actor.organisation_id):
        raise Missing("There is no such rubric.")
    row = session.get(Offer, (actor.organisation_id, key))
    if row is None:
        default = default_rubric(session.connection(), actor.organisation_id)
        row = Offer(organisation_id=actor.organisation_id, key=key, offered=True, is_default=key == default)
        session.add(row)
    return row


def _check_may_edit(actor: Actor) -> None:
    if not actor.may_edit_rubrics():
        raise NotAllowed("Only admins decide on rubrics.")


def version_of(session: Session, organisation_id: int, version_id: int) -> RubricVersion:
    """A version to change or to begin with; Missing where it is not this organisation's."""
    version = session.scalar(
        select(RubricVersion).where(RubricVersion.organisation_id == organisation_id, RubricVersion.id == version_id)
    )
    if version is None:
        raise Missing("There is no such rubric.")
    return version


def digest_of(values: Document) -> bytes:
    """The same for the same document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).digest()


def _version(
    organisation_id: int, rubric: Rubric, values: Document, number: int, now: datetime.datetime
) -> RubricVersion:
    return RubricVersion(
        organisation_id=organisation_id,
        key=rubric.key,
        number=number,
        state=State.PUBLISHED,
        title=rubric.title,
        kind=rubric.kind,
        subject=rubric.subject,
        digest=digest_of(values),
        document=values,
        created_at=now,
        published_at=now,
    )
