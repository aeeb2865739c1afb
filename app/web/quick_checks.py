"""The quick check: a rubric answered without an account, behind a secret link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from app.actions import quick_checks
from app.domain.errors import NotAllowed
from app.domain.organisations import VISITORS
from app.domain.rubric import Rubric
from app.domain.sheets import SavedAnswer
from app.queries import sheets
from app.queries.sheets import SheetLine
from app.web.deps import Db, Now, Posted, transaction
from app.web.device import network_address
from app.web.downloads import downloads
from app.web.finished_pages import FinishedPages
from app.web.given import given_page
from app.web.language import language_of
from app.web.render import Site, render, translated
from app.web.result import result_page
from app.web.rubric_reading import read_latest, read_version
from app.web.sheet import OpenSheet, sheet_page
from app.web.sheet_saving import answer_sheet

router = APIRouter()

TEMPLATE = "quick_checks/sheet.html"


@dataclass(frozen=True, slots=True)
class IntroPage:
    rubric: Rubric
    days: int
    on: bool


@dataclass(frozen=True, slots=True)
class DeletePage:
    title: str
    count: int
    home: str


def open_sheet(request: Request, db: Db, secret: str, now: Now) -> OpenSheet:
    """The sheet behind a secret link. Raises Missing, in the same words whatever is wrong with the link."""
    line = sheets.sheet_by_secret(db.connection(), secret, now)
    return opened(request, db, secret, line, sheets.answers(db.connection(), line.organisation_id, line.sheet_id))


def opened(request: Request, db: Db, secret: str, line: SheetLine, answers: Mapping[str, SavedAnswer]) -> OpenSheet:
    site = Site(request)
    return OpenSheet(
        line,
        read_version(db, line.organisation_id, line.rubric_version_id),
        answers,
        site.path("quick-check", secret=secret),
        site.address("quick-check", secret=secret),
        read_only=line.closed_at is not None,
    )


Sheet = Annotated[OpenSheet, Depends(open_sheet)]

downloads_router = downloads("/c/{secret}", "quick-check", open_sheet)


@router.get("/check/{rubric}", name="quick-check-intro")
def intro(request: Request, db: Db, rubric: str) -> Response:
    version = read_latest(db, VISITORS, rubric)
    return render(request, "quick_checks/intro.html", IntroPage(version.rubric, sheets.ENDS_AFTER.days, is_on(request)))


@router.post("/check/{rubric}", name="quick-check-begin")
def begin(request: Request, db: Db, rubric: str, now: Now) -> Response:
    if not is_on(request):
        raise NotAllowed("The quick check is switched off on this server.")
    version = read_latest(db, VISITORS, rubric)
    secret = quick_checks.begin(db, version, network_address(request), now)
    return RedirectResponse(request.app.url_path_for("quick-check", secret=secret), 303)


def is_on(request: Request) -> bool:
    return bool(request.app.state.settings.quick_check == "on")


@router.get("/c/{secret}", name="quick-check")
def sheet(request: Request, db: Db, sheet: Sheet) -> Response:
    return shown(request, db, sheet, None)


@router.get("/c/{secret}/category/{category}", name="quick-check-category")
def category(request: Request, db: Db, sheet: Sheet, category: str) -> Response:
    return shown(request, db, sheet, category)


def shown(request: Request, db: Db, sheet: OpenSheet, category: str | None) -> Response:
    if sheet.read_only:
        return render(request, "quick_checks/given.html", given_page(sheet, translated(request)))
    picks = sheets.last_picks(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id)
    return render(request, TEMPLATE, sheet_page(sheet, picks, translated(request), category))


@router.post("/c/{secret}/answers", name="quick-check-answer")
def answer(request: Request, secret: str, posted: Posted, now: Now) -> Response:
    with transaction(request, now) as db:
        line = sheets.sheet_by_secret(db.connection(), secret, now)
        return answer_sheet(request, db, opened(request, db, secret, line, {}), posted, now, TEMPLATE)


@router.get("/c/{secret}/result", name="quick-check-result")
def result(request: Request, secret: str, now: Now) -> Response:
    finished: FinishedPages = request.app.state.finished_results
    with transaction(request, now) as db:
        line = sheets.sheet_by_secret(db.connection(), secret, now)

        def finish() -> Response:
            answers = sheets.answers(db.connection(), line.organisation_id, line.sheet_id)
            page = result_page(opened(request, db, secret, line, answers), translated(request))
            return render(request, "quick_checks/result.html", page)

        link = Site(request).address("quick-check", secret=secret)
        rubric = read_version(db, line.organisation_id, line.rubric_version_id)
        return finished.of(line, link, (language_of(request), rubric.language), finish)


@router.get("/c/{secret}/delete", name="quick-check-delete")
def ask_delete(request: Request, sheet: Sheet) -> Response:
    return render(request, "quick_checks/delete.html", DeletePage(sheet.rubric.title, len(sheet.values), sheet.home))


@router.post("/c/{secret}/delete", name="quick-check-deleted")
def delete(request: Request, db: Db, sheet: Sheet, now: Now) -> Response:
    quick_checks.delete_quick_check(db, sheet.line, now)
    return render(request, "quick_checks/deleted.html", None)
