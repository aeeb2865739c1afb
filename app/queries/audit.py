"""Reading the audit trail of one organisation: newest first for a page, oldest first for an export."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, or_, select

from app.db.base import table
from app.db.tables.audit import AuditEvent, AuditName, AuditSeal
from app.db.tables.people import Membership, Person
from app.queries.pages import PAGE, holds, words

_event, _name, _person, _membership, _seal = (
    table(entity).c for entity in (AuditEvent, AuditName, Person, Membership, AuditSeal)
)
DAY = datetime.timedelta(days=1)

# What was kept under the number when it was sealed; a person whose first events wait for a seal has no such row yet.
_who = func.coalesce(_name.name, _person.name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; what is left empty narrows nothing. Both days are in UTC, and the last one belongs to it."""

    search: str = ""
    action: str = ""
    person_id: int | None = None
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class EventLine:
    """`person` is empty where nobody signed in did it, and where the name was erased."""

    id: int
    at: datetime.datetime
    action: str
    subject: str
    subject_id: int
    details: dict[str, Any]
    request_id: str | None
    person_id: int | None
    person: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """`before`: the number of the last line where older ones follow, else None."""

    lines: tuple[EventLine, ...]
    before: int | None


def newest_events(connection: Connection, organisation_id: int, wanted: Wanted, before: int | None = None) -> EventPage:
    """A page of events, newest first. Invalid for a search that no text could hold."""
    query = _events(organisation_id, wanted).order_by(_event.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(_event.id < before)
    lines = _lines(connection, query)
    return EventPage(lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else None)


def events_after(
    connection: Connection, organisation_id: int, wanted: Wanted, after: int, up_to: int, limit: int
) -> tuple[EventLine, ...]:
    """Events with numbers above `after`, up to and with `up_to`, oldest first, at most `limit`."""
    query = _events(organisation_id, wanted).where(_event.id > after, _event.id <= up_to)
    return _lines(connection, query.order_by(_event.id).limit(limit))


def last_event(connection: Connection, organisation_id: int) -> int:
    """The number of an organisation's newest event; 0 where there is none."""
    newest = select(func.coalesce(func.max(_event.id), 0)).where(_event.organisation_id == organisation_id)
    number: int = connection.execute(newest).scalar_one()
    return number


def sealed_up_to(connection: Connection, organisation_id: int) -> int:
    """The last event that a seal holds; 0 where there is none."""
    newest = select(func.coalesce(func.max(_seal.up_to), 0)).where(_seal.organisation_id == organisation_id)
    number: int = connection.execute(newest).scalar_one()
    return number


def actions(connection: Connection, organisation_id: int) -> tuple[str, ...]:
    """Every action that the trail knows, for a list to choose from."""
    found = select(_event.action).where(_event.organisation_id == organisation_id).distinct().order_by(_event.action)
    return tuple(connection.execute(found).scalars())


def _events(organisation_id: int, wanted: Wanted) -> Select[Any]:
    columns = [_event[name] for name in EventLine.__dataclass_fields__ if name != "person"]
    member = (_membership.organisation_id == _event.organisation_id) & (_membership.person_id == _event.person_id)
    named = (_name.organisation_id == _event.organisation_id) & (_name.person_id == _event.person_id)
    return (
        select(*columns, func.coalesce(_who, "").label("person"))
        .outerjoin_from(table(AuditEvent), table(AuditName), named)
        .outerjoin(table(Membership), member)
        .outerjoin(table(Person), _person.id == _membership.person_id)
        .where(_event.organisation_id == organisation_id, *_narrowed(wanted))
    )


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if search := words(wanted.search):
        texts = (_event.action, _event.subject, _event.request_id, _who, cast(_event.details, String))
        narrowed.append(or_(*(holds(text, search) for text in texts)))
    if wanted.action:
        narrowed.append(_event.action == wanted.action)
    if wanted.person_id is not None:
        narrowed.append(_event.person_id == wanted.person_id)
    if wanted.first_day:
        narrowed.append(_event.at >= _begin(wanted.first_day))
    if wanted.last_day:
        narrowed.append(_event.at < _begin(wanted.last_day) + DAY)
    return narrowed


def _begin(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def _lines(connection: Connection, query: Select[Any]) -> tuple[EventLine, ...]:
    return tuple(EventLine(*row) for row in connection.execute(query))
