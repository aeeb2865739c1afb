"""What somebody takes away: asking for a file, how far it is, and fetching it when it is ready."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_304_NOT_MODIFIED, HTTP_429_TOO_MANY_REQUESTS

from app.actions.exporting import ask_again, ask_export, cancel_export, remove_export
from app.connectors.kept_files import KeptFiles
from app.domain.errors import Conflict, Invalid, TooMany
from app.domain.exports import KEPT, Asked, ExportKind, ExportState, Filters
from app.domain.people import Actor
from app.domain.text import plain
from app.queries import exports
from app.queries.exports import ExportLine
from app.queries.heat_map import Move
from app.web.dashboard import part_asked
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Form, Number, check, line
from app.web.language import language_of
from app.web.lists import number
from app.web.render import Site, render
from app.web.sheet_saving import FRAGMENT

router = APIRouter()


class AskForm(Form):
    """The dashboard's filters as its address has them, or the assessment of a team; and the kind of file."""

    kind: ExportKind
    assessment: Number | None = None
    cycle: Annotated[str, line(20)] = ""
    unit: Annotated[str, line(20)] = ""
    since: Annotated[str, line(20)] = ""
    q: Annotated[str, line(200)] = ""
    level: Annotated[str, line(20)] = ""
    limiting: Annotated[str, line(200)] = ""
    moved: Annotated[str, line(20)] = ""


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """`trouble` is why another one was not begun. `days`: how long a file is kept."""

    lines: Sequence[ExportLine]
    days: int
    trouble: str = ""

    @property
    def under_way(self) -> bool:
        return any(line.under_way for line in self.lines)

    @property
    def ready(self) -> int:
        return sum(line.state is ExportState.READY for line in self.lines)


@router.get("/exports", name="exports")
def page(request: Request, db: Db, me: Me, now: Now) -> Response:
    """The page, or where its script asks for it the list alone: 304 where nothing moved."""
    lines = exports.own_exports(db.connection(), me, now)
    if not request.headers.get(FRAGMENT):
        return _page(request, lines)
    tag = f'"{zlib.crc32(repr(lines).encode()):08x}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    answer = render(request, "exports/_list.html", ExportsPage(lines, KEPT.days))
    answer.headers["ETag"] = tag
    return answer


@router.post("/exports", name="export-ask")
def ask(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    form = check(AskForm, posted).form
    if form is None:
        raise Invalid("This is no file that can be made. Go back to the dashboard and choose again.")
    try:
        ask_export(db, me, _wanted(db, me, form, language_of(request)), now)
    except TooMany as many:
        return _page(request, exports.own_exports(db.connection(), me, now), str(many))
    return _back(request)


@router.post("/exports/{export_id}/again", name="export-again")
def again(request: Request, db: Db, me: Me, now: Now, export_id: int) -> Response:
    ask_again(db, me, export_id, now)
    return _back(request)


@router.post("/exports/{export_id}/cancel", name="export-cancel")
def cancel(request: Request, db: Db, me: Me, now: Now, export_id: int) -> Response:
    cancel_export(db, me, export_id, now)
    return _back(request)


@router.post("/exports/{export_id}/remove", name="export-remove")
def remove(request: Request, db: Db, me: Me, now: Now, export_id: int) -> Response:
    key = remove_export(db, me, export_id, now)
    # After the answer, and so after the commit: a row never names a file that is gone.
    return _back(request, BackgroundTask(_files(request).discard, key) if key else None)


@router.get("/exports/{export_id}/file", name="export-file")
def file(request: Request, db: Db, me: Me, now: Now, export_id: int) -> Response:
    """The finished file, to whom may still see what is in it."""
    found = exports.own_export(db.connection(), me, export_id, now)
    exports.seen_names(db.connection(), me, found.asked)
    if found.file_key is None:
        raise Conflict("This file is not ready yet. Your exports say how far it is.")
    path = _files(request).path(found.file_key)
    return FileResponse(path, media_type=found.asked.kind.media_type, filename=found.file_name)


def _wanted(db: Db, me: Actor, form: AskForm, language: str) -> Asked:
    if form.kind.of_team:
        return Asked(form.kind, assessment_id=form.assessment)
    part = part_asked(db, me, form.cycle, form.unit, form.since)
    if part is None:
        raise Invalid("There is nothing to take away before the first cycle.")
    if form.limiting and form.limiting not in part.rubric.category_by_key:
        raise Invalid("This rubric has no such category.")
    if form.moved not in {"", *Move}:
        raise Invalid("This is none of the choices.")
    filters = Filters(
        since=part.before.id if part.before else None,
        search=plain(form.q.strip(), 200),
        level=number(form.level),
        limiting=form.limiting,
        moved=form.moved if part.before else "",
        language=language,
    )
    return Asked(form.kind, part.cycle.id, part.unit_id, filters=filters)


def _page(request: Request, lines: Sequence[ExportLine], trouble: str = "") -> Response:
    status = HTTP_429_TOO_MANY_REQUESTS if trouble else HTTP_200_OK
    return render(request, "exports/exports.html", ExportsPage(lines, KEPT.days, trouble), status)


def _back(request: Request, then: BackgroundTask | None = None) -> Response:
    return RedirectResponse(Site(request).path("exports"), 303, background=then)


def _files(request: Request) -> KeptFiles:
    files: KeptFiles = request.app.state.export_files
    return files
