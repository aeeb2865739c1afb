"""The audit trail for admins: a page to search, and the same as a file."""

import csv
import datetime
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from app.domain.errors import Invalid, NotAllowed
from app.domain.people import Actor
from app.exports.cells import as_text
from app.queries import audit
from app.queries.audit import EventLine, EventPage, Wanted
from app.web.deps import Db, Me, Reads, Transactions
from app.web.forms import Checked, Form, Number, check, line
from app.web.render import render

router = APIRouter()

AT_ONCE = 500
"""Events of an export in memory at a time, each lot read in a short transaction of its own."""

Day = Annotated[datetime.date, Field(ge=datetime.date(2000, 1, 1), le=datetime.date(2999, 12, 31))]


class WantedForm(Form):
    """What the address of the page asks for; `before` is where an older page begins."""

    q: Annotated[str, line(200)] = ""
    action: Annotated[str, line(60)] = ""
    person: Number | None = None
    first: Day | None = None
    last: Day | None = None
    before: Number | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.q, self.action, self.person, self.first, self.last)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`asked` is the query of an address, without its page, for the exports; `older` that of the next page."""

    form: Checked[WantedForm]
    events: EventPage
    actions: tuple[str, ...]
    sealed_up_to: int
    asked: str
    older: str

    @property
    def narrowed(self) -> bool:
        return any(any(values) for values in self.form.typed.values())


def reader(actor: Actor) -> Actor:
    if not actor.may_read_audit():
        raise NotAllowed("Only an admin reads the audit trail.")
    return actor


@router.get("/audit", name="audit")
def page(request: Request, db: Db, me: Me) -> Response:
    organisation_id, connection = reader(me).organisation_id, db.connection()
    checked = _asked(request)
    form = checked.form
    events = EventPage((), None)
    if form:
        events = audit.newest_events(connection, organisation_id, form.wanted(), form.before)
    typed = [(name, value) for name, values in checked.typed.items() for value in values if value and name != "before"]
    shown = AuditPage(
        checked,
        events,
        audit.actions(connection, organisation_id),
        audit.sealed_up_to(connection, organisation_id),
        urlencode(typed),
        urlencode([*typed, ("before", events.before or "")]),
    )
    return render(request, "audit/audit.html", shown, 200 if form else 422)


@router.get("/audit.csv", name="audit-csv")
def csv_file(request: Request, me: Me, reads: Reads) -> Response:
    """One line for each event. What somebody else wrote may begin like a formula: it is quoted."""
    return _file(_csv_lines(_export(request, reader(me), reads)), "text/csv; charset=utf-8", "audit.csv")


@router.get("/audit.jsonl", name="audit-jsonl")
def json_lines(request: Request, me: Me, reads: Reads) -> Response:
    """One JSON object in each line."""
    lines = (json.dumps(_object(event)) + "\n" for event in _export(request, reader(me), reads))
    return _file(lines, "application/jsonl", "audit.jsonl")


def _file(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_lots(lines), media_type=media_type, headers=headers)


def _lots(lines: Iterator[str]) -> Iterator[str]:
    # Each piece that is sent costs a change of threads.
    lot: list[str] = []
    for each in lines:
        lot.append(each)
        if len(lot) == AT_ONCE:
            yield "".join(lot)
            lot.clear()
    yield "".join(lot)


def _asked(request: Request) -> Checked[WantedForm]:
    return check(WantedForm, FormData([*request.query_params.multi_items()]))


def _export(request: Request, actor: Actor, reads: Transactions) -> Iterator[EventLine]:
    form = _asked(request).form
    if form is None:
        raise Invalid("This address asks for something that the audit trail cannot be searched for.")
    with reads() as session:
        up_to = audit.last_event(session.connection(), actor.organisation_id)
    return _events(reads, actor.organisation_id, form.wanted(), up_to)


def _events(reads: Transactions, organisation_id: int, wanted: Wanted, up_to: int) -> Iterator[EventLine]:
    """Events are only ever added, so that what is read in many transactions is what one would have read."""
    after = 0
    while after < up_to:
        with reads() as session:
            lot = audit.events_after(session.connection(), organisation_id, wanted, after, up_to, AT_ONCE)
        yield from lot
        after = lot[-1].id if len(lot) == AT_ONCE else up_to


def _object(event: EventLine) -> dict[str, object]:
    return asdict(event) | {"at": event.at.isoformat()}


def _csv_lines(events: Iterator[EventLine]) -> Iterator[str]:
    yield _csv_line(list(EventLine.__dataclass_fields__))
    for event in events:
        cells = _object(event) | {"details": json.dumps(event.details, sort_keys=True)}
        yield _csv_line([as_text(cell) if isinstance(cell, str) else cell for cell in cells.values()])


def _csv_line(cells: list[object] | list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
