"""A respondent's own sheet, before anybody else sees it; and, after the reveal, those of others to be read."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.actions.assessing import check_answered_now
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.evidence import Held
from app.domain.people import Actor
from app.domain.sheets import SavedAnswer
from app.queries import sheets
from app.queries.asked_once import taken_over_by
from app.queries.assessing import Assessing, assessing, own_sheet
from app.queries.carrying import cycle_names
from app.queries.evidence import attached, beside_team
from app.queries.sheets import SheetLine
from app.web.assessments import answerable
from app.web.bearing import borne
from app.web.deps import Db, Me, Now, Posted
from app.web.downloads import downloads
from app.web.evidence_seen import given_above
from app.web.given import GivenPage, given_page
from app.web.render import Site, render, translated
from app.web.result import result_page
from app.web.rubric_reading import read_version
from app.web.sheet import OfTeam, OpenSheet, sheet_page
from app.web.sheet_saving import FRAGMENT, answer_sheet

router = APIRouter()

TEMPLATE = "assessments/own.html"


@dataclass(frozen=True, slots=True)
class OthersPage:
    name: str
    given: GivenPage


def open_own(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> OpenSheet:
    """The reader's own sheet. Raises Missing where they have not begun one."""
    found = assessing(db.connection(), me, assessment_id)
    line = _own_line(db, me, found)
    answers = sheets.answers(db.connection(), line.organisation_id, line.sheet_id)
    changes = me.person_id is not None and found.alone.may_change_own_sheet(me.person_id)
    read_only = not (changes and answerable(found, now))
    return _opened(request, db, me, found, line, answers, held(db, me, found, now), read_only=read_only)


downloads_router = downloads("/assessments/{assessment_id}/own", "own", open_own)


@router.get("/assessments/{assessment_id}/own", name="own-sheet")
def shown(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    return _shown(request, db, open_own(request, db, me, now, assessment_id), None)


@router.get("/assessments/{assessment_id}/own/category/{category}", name="own-category")
def category(request: Request, db: Db, me: Me, now: Now, assessment_id: int, category: str) -> Response:
    return _shown(request, db, open_own(request, db, me, now, assessment_id), category)


@router.post("/assessments/{assessment_id}/own/answers", name="own-answer")
def answer(request: Request, db: Db, me: Me, posted: Posted, now: Now, assessment_id: int) -> Response:
    found = assessing(db.connection(), me, assessment_id)
    line = _own_line(db, me, found)
    check_answered_now(found, now.date())
    if me.person_id is None or not found.alone.may_change_own_sheet(me.person_id):
        raise NotAllowed("Your sheet is submitted, or the answers were revealed. It can still be read.")
    # The script asks for parts of the page that show no evidence.
    evidence = None if FRAGMENT in request.headers else held(db, me, found, now)
    return answer_sheet(request, db, _opened(request, db, me, found, line, {}, evidence), posted, now, TEMPLATE)


@router.get("/assessments/{assessment_id}/own/result", name="own-result")
def result(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    sheet = open_own(request, db, me, now, assessment_id)
    return render(request, "assessments/own_result.html", result_page(sheet, translated(request)))


@router.get("/assessments/{assessment_id}/sheets/{person_id}", name="others-sheet")
def other(request: Request, db: Db, me: Me, now: Now, assessment_id: int, person_id: int) -> Response:
    """Somebody's submitted sheet; as if it were not there for whoever may not see it."""
    found = assessing(db.connection(), me, assessment_id)
    respondent = found.own(person_id)
    if respondent is None or not found.alone.may_see_own_sheet(person_id, found.viewer(me)):
        raise Missing("There is no such sheet, or it is not to be seen yet.")
    line = own_sheet(db.connection(), me.organisation_id, assessment_id, person_id)
    answers = sheets.answers(db.connection(), line.organisation_id, line.sheet_id)
    sheet = _opened(request, db, me, found, line, answers, held(db, me, found, now), read_only=True)
    return render(
        request, "assessments/others.html", OthersPage(respondent.name, given_page(sheet, translated(request)))
    )


def _shown(request: Request, db: Db, sheet: OpenSheet, category: str | None) -> Response:
    if sheet.read_only:
        return render(request, "assessments/own_given.html", given_page(sheet, translated(request)))
    sheet = with_borne(db, sheet)
    picks = sheets.last_picks(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id)
    return render(request, TEMPLATE, sheet_page(sheet, picks, translated(request), category))


def _own_line(db: Db, me: Actor, found: Assessing) -> SheetLine:
    if me.person_id is None:
        raise Conflict("A service has no sheet of its own.")
    return own_sheet(db.connection(), me.organisation_id, found.id, me.person_id)


def _opened(
    request: Request,
    db: Db,
    me: Actor,
    found: Assessing,
    line: SheetLine,
    answers: Mapping[str, SavedAnswer],
    evidence: Held | None,
    *,
    read_only: bool = False,
) -> OpenSheet:
    site = Site(request)
    version = read_version(db, line.organisation_id, line.rubric_version_id)
    taken = taken_over_by(db.connection(), found, version.rubric)
    return OpenSheet(
        line,
        version,
        answers,
        site.path("own-sheet", assessment_id=found.id),
        site.address("own-sheet", assessment_id=found.id),
        read_only=read_only,
        of_team=of_team(found),
        person=me.person_id,
        evidence=evidence,
        cycles=cycles_of(db, found),
        taken=taken,
        given_evidence=given_above(request, db, found, taken, evidence),
    )


def cycles_of(db: Db, found: Assessing) -> Mapping[int, str]:
    """The names of the cycles that answers may be carried from; asked for only where any are."""
    if found.cycle is None or found.cycle.carried_from is None:
        return {}
    return cycle_names(db.connection(), found.sheet.organisation_id)


def with_borne(db: Db, sheet: OpenSheet) -> OpenSheet:
    """The sheet with what the team's ML systems were found to be, beside the statements that this bears on."""
    if sheet.of_team is None:
        return sheet
    return replace(sheet, borne=borne(db, sheet.line.organisation_id, sheet.of_team.id, sheet.rubric))


def held(db: Db, me: Actor, found: Assessing, now: datetime.datetime) -> Held:
    """The evidence that the reader may see, as of today; once the result is agreed, as of the day it was."""
    moment = found.result.agreed_at if found.result else now
    return Held(attached(db.connection(), beside_team(found, me)), moment.date())


def of_team(found: Assessing) -> OfTeam:
    cycle = found.cycle.name if found.cycle else ""
    return OfTeam(found.place.team_id, found.team, found.id, found.system, cycle)
