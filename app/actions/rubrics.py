"""Publishing rubrics: versions are only ever added."""

import datetime
import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.db.tables.org import Organisation
from app.db.tables.rubrics import RubricVersion, State
from app.domain.errors import Missing
from app.domain.organisations import VISITORS
from app.domain.rubric import Rubric
from app.domain.rubric_file import Document, document, shipped
from app.queries.rubrics import RubricVersion as RubricLine
from app.queries.rubrics import latest


def load_shipped(session: Session, now: datetime.datetime) -> tuple[str, ...]:
    """Publish the rubrics that come with the product, where their text is new; the keys of those that were.

    Doing it again changes nothing, and of two processes that do it at once the second finds it done.
    """
    return publish(session, VISITORS, shipped().values(), now)


def publish(
    session: Session, organisation_id: int, rubrics: Iterable[Rubric], now: datetime.datetime
) -> tuple[str, ...]:
    """Publish each rubric as the next version of its key, unless the newest one is the same; the keys of those."""
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
            key=version.key,
            number=version.number,
        )
    return tuple(version.key for version in added)


def adopt(session: Session, organisation_id: int, key: str, now: datetime.datetime) -> RubricLine:
    """The organisation's newest published version of a rubric; where it has none, the shipped one becomes its first.

    Raises Missing where there is no rubric of this key.
    """
    connection = session.connection()
    try:
        return latest(connection, organisation_id, key)
    except Missing:
        if key not in shipped():
            raise
    publish(session, organisation_id, [shipped()[key]], now)
    return latest(connection, organisation_id, key)


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
