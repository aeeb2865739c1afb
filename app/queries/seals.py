"""Reading the audit trail in order, for sealing it and for proving its seals."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select

from app.db.base import table
from app.db.tables.audit import AuditEvent, AuditName, AuditSeal
from app.db.tables.org import Organisation
from app.domain.seals import FIRST, SealedEvent, name_digest, seal

AT_ONCE = 1000
"""Events in memory at a time."""
NAMED = "person named"
"""The event, with the salted digest of a name and an address, that binds both to a person's number."""

_event, _seal, _organisation = table(AuditEvent).c, table(AuditSeal).c, table(Organisation).c
_COLUMNS = [_event[name] for name in SealedEvent.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class SealLine:
    """A seal; `up_to` is the last event in it."""

    up_to: int
    digest: bytes


NONE = SealLine(0, FIRST)


def events_between(
    connection: Connection, organisation_id: int, after: int, up_to: int | None = None
) -> Iterator[SealedEvent]:
    """An organisation's events with numbers above `after`, in order, up to and with `up_to`."""
    wanted = select(*_COLUMNS).where(_event.organisation_id == organisation_id).order_by(_event.id).limit(AT_ONCE)
    if up_to is not None:
        wanted = wanted.where(_event.id <= up_to)
    while rows := connection.execute(wanted.where(_event.id > after)).all():
        yield from (SealedEvent(*row) for row in rows)
        after = rows[-1].id


def last_seal(connection: Connection, organisation_id: int) -> SealLine:
    """The newest seal of an organisation; NONE where there is none."""
    newest = (
        select(_seal.up_to, _seal.digest)
        .where(_seal.organisation_id == organisation_id)
        .order_by(_seal.up_to.desc())
        .limit(1)
    )
    row = connection.execute(newest).one_or_none()
    return SealLine(row.up_to, row.digest) if row else NONE


def unsealed(connection: Connection) -> list[int]:
    """The organisations with events that no seal holds yet."""
    sealed = select(func.max(_seal.up_to)).where(_seal.organisation_id == _organisation.id).scalar_subquery()
    newer = exists().where(_event.organisation_id == _organisation.id, _event.id > func.coalesce(sealed, 0))
    return list(connection.execute(select(_organisation.id).where(newer).order_by(_organisation.id)).scalars())


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out about one organisation's trail. `broken` holds a sentence for each fault."""

    organisation_id: int
    name: str
    seals: int
    last: SealLine
    broken: tuple[str, ...]


def proofs(connection: Connection) -> Iterator[Proof]:
    """Each organisation with its seals computed anew, in order."""
    for row in connection.execute(select(_organisation.id, _organisation.name).order_by(_organisation.id)).all():
        count, last, broken = 0, NONE, list[str]()
        for each in _seals(connection, row.id):
            count += 1
            if seal(last.digest, events_between(connection, row.id, last.up_to, each.up_to)) != each.digest:
                broken.append(f"the seal of the events {last.up_to + 1} to {each.up_to} does not hold")
            last = each
        yield Proof(row.id, row.name, count, last, (*broken, *_misnamed(connection, row.id)))


def _seals(connection: Connection, organisation_id: int) -> Iterator[SealLine]:
    after = 0
    wanted = (
        select(_seal.up_to, _seal.digest)
        .where(_seal.organisation_id == organisation_id)
        .order_by(_seal.up_to)
        .limit(AT_ONCE)
    )
    while rows := connection.execute(wanted.where(_seal.up_to > after)).all():
        yield from (SealLine(row.up_to, row.digest) for row in rows)
        after = rows[-1].up_to


def _misnamed(connection: Connection, organisation_id: int) -> Iterator[str]:
    name, newer = table(AuditName).c, table(AuditEvent).alias().c
    latest = (
        select(func.max(newer.id))
        .where(
            newer.organisation_id == organisation_id,
            newer.action == NAMED,
            newer.subject == "person",
            newer.subject_id == name.person_id,
        )
        .correlate(table(AuditName))
        .scalar_subquery()
    )
    kept = (
        select(name.person_id, name.name, name.email, name.salt, _event.details)
        .outerjoin_from(table(AuditName), table(AuditEvent), _event.id == latest)
        .where(name.organisation_id == organisation_id)
        .order_by(name.person_id)
    )
    tail = events_between(connection, organisation_id, last_seal(connection, organisation_id).up_to)
    renamed = {event.subject_id for event in tail if event.subject == "person"}
    for row in connection.execute(kept).all():
        # Of an erased person nothing is left to compare, and a new name waits for the next seal.
        due = not row.salt or row.details is None or row.person_id in renamed
        if not due and row.details.get("digest") != name_digest(row.salt, row.name, row.email):
            yield f"the name of person {row.person_id} is not the one that was sealed"


def sealed_name(connection: Connection, organisation_id: int, person_id: int) -> str:
    """The digest in the newest event that named this person; empty where there is none."""
    newest = (
        select(_event.details)
        .where(
            _event.organisation_id == organisation_id,
            _event.action == NAMED,
            _event.subject == "person",
            _event.subject_id == person_id,
        )
        .order_by(_event.id.desc())
        .limit(1)
    )
    details = connection.execute(newest).scalar_one_or_none() or {}
    return str(details.get("digest", ""))
