"""The agreed sheet of an assessment: answered by the team, its result, and what was agreed before."""

import datetime
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.actions.assessing import check_answered_now
from app.domain.errors import Missing, NotAllowed, Sentence
from app.domain.evidence import Held, TwoReadings, two_readings, with_given_above
from app.domain.people import Actor
from app.queries import sheets
from app.queries.agreed import result_before, result_if_agreed
from app.queries.agreements import AgreedLine, agreed_answers
from app.queries.asked_once import Counting, counting, taken_over_by
from app.queries.assessing import Assessing, assessing
from app.queries.comments import open_threads
from app.queries.objections import objections_of_team
from app.queries.rubrics import RubricVersion
from app.web.assessments import answerable, may_edit_agreed
from app.web.changed import Changed, changed
from app.web.deps import Db, Me, Now, Posted
from app.web.downloads import downloads
from app.web.evidence_seen import given_above
from app.web.given import GivenPage, given_page
from app.web.own_sheets import cycles_of, held, of_team, with_borne
from app.web.render import Site, render, translated
from app.web.result import ResultPage, result_page
from app.web.rubric_reading import read_version, wishes_of
from app.web.sheet import OpenSheet, sheet_page
from app.web.sheet_saving import FRAGMENT, answer_sheet

router = APIRouter()

TEMPLATE = "assessments/agreed.html"


@dataclass(frozen=True, slots=True)
class AgreedResultPage:
    """`agreed` is None as long as nothing is. `changed` is what changed since the result before, None without one."""

    result: ResultPage
    agreed: AgreedLine | None
    changed: Changed | None
    may_agree: bool
    may_share: bool


@dataclass(frozen=True, slots=True)
class RevisionPage:
    agreement: AgreedLine
    given: GivenPage


def open_agreed(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> OpenSheet:
    """The agreed sheet of an assessment that the reader may see. Raises NotAllowed before the reveal."""
    return _open(request, db, me, now, _seen(db, me, assessment_id))


def _open(request: Request, db: Db, me: Actor, now: datetime.datetime, found: Assessing) -> OpenSheet:
    counted = counting(db.connection(), found, _version(db, found).rubric)
    read_only = not (may_edit_agreed(found, me) and answerable(found, now))
    opened = _opened(request, db, me, found, counted, held(db, me, found, now), read_only=read_only)
    if not counted.taken:
        return opened
    objects = found.result is None and answerable(found, now) and me.may_answer(found.place)
    return replace(opened, objections=objections_of_team(db.connection(), found), objects=objects)


Sheet = Annotated[OpenSheet, Depends(open_agreed)]

downloads_router = downloads("/assessments/{assessment_id}/agreed", "agreed", open_agreed)


@router.get("/assessments/{assessment_id}/agreed", name="agreed-sheet")
def shown(request: Request, db: Db, sheet: Sheet) -> Response:
    return _shown(request, db, sheet, None)


@router.get("/assessments/{assessment_id}/agreed/category/{category}", name="agreed-category")
def category(request: Request, db: Db, sheet: Sheet, category: str) -> Response:
    """Also where a result's links to single statements lead."""
    if category not in sheet.rubric.category_by_key:
        raise Missing("This rubric has no such category.")
    return _shown(request, db, sheet, category)


@router.post("/assessments/{assessment_id}/agreed/answers", name="agreed-answer")
def answer(request: Request, db: Db, me: Me, posted: Posted, now: Now, assessment_id: int) -> Response:
    found = _seen(db, me, assessment_id)
    check_answered_now(found, now.date())
    if not may_edit_agreed(found, me):
        raise NotAllowed(_why_not(found))
    # The script asks for parts of the page that show no evidence.
    evidence = None if FRAGMENT in request.headers else held(db, me, found, now)
    counted = Counting({}, taken_over_by(db.connection(), found, _version(db, found).rubric))
    return answer_sheet(request, db, _opened(request, db, me, found, counted, evidence), posted, now, TEMPLATE)


@router.get("/assessments/{assessment_id}/agreed/result", name="agreed-result")
def result(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    found = _seen(db, me, assessment_id)
    sheet = _open(request, db, me, now, found)
    page = AgreedResultPage(
        result_page(sheet, translated(request), readings_of(sheet)),
        found.result,
        _changed(db, me, assessment_id),
        not sheet.read_only and me.may_agree(found.place),
        found.result is not None and me.may_share_result(found.place),
    )
    return render(request, "assessments/result.html", page)


@router.get("/assessments/{assessment_id}/revisions/{revision}", name="assessment-revision")
def revision(request: Request, db: Db, me: Me, assessment_id: int, revision: int) -> Response:
    """What was agreed, as it was agreed."""
    found = _seen(db, me, assessment_id)
    line, frozen = agreed_answers(db.connection(), me.organisation_id, assessment_id, revision)
    version = read_version(db, me.organisation_id, line.rubric_version_id)
    sheet = OpenSheet(
        found.sheet,
        version,
        frozen.own,
        Site(request).path("agreed-sheet", assessment_id=assessment_id),
        "",
        read_only=True,
        of_team=of_team(found),
        cycles=cycles_of(db, found),
        taken=frozen.taken,
    )
    page = RevisionPage(line, given_page(sheet, translated(request)))
    return render(request, "assessments/revision.html", page)


def _seen(db: Db, me: Actor, assessment_id: int) -> Assessing:
    found = assessing(db.connection(), me, assessment_id)
    if not found.alone.may_see_agreed_sheet():
        raise NotAllowed("Everybody answers alone first. What the team agrees on is seen after the reveal.")
    return found


def readings_of(sheet: OpenSheet) -> TwoReadings | None:
    """The result as claimed and with evidence; None where the reader is shown no evidence."""
    held = sheet.evidence
    if held is None:
        return None
    above = {key: [given.line.evidence for given in here] for key, here in sheet.given_evidence.items()}
    counted = with_given_above(held.attached, above, sheet.taken)
    return two_readings(sheet.rubric, sheet.values, counted, held.today)


def _changed(db: Db, me: Actor, assessment_id: int) -> Changed | None:
    """Since the last time; None before anything is agreed, and the first time."""
    connection = db.connection()
    now = result_if_agreed(connection, me, assessment_id, wishes_of(db))
    before = result_before(connection, me.organisation_id, now, wishes_of(db)) if now else None
    return changed(before, now) if before and now else None


def _why_not(found: Assessing) -> Sentence:
    if found.result is not None:
        return Sentence(
            "This result is agreed: its answers can be read, and no longer changed. The lead can reopen it."
        )
    return Sentence("The agreed sheet is for the team to answer, and after a reveal for its lead.")


def _shown(request: Request, db: Db, sheet: OpenSheet, category: str | None) -> Response:
    if sheet.read_only:
        return render(request, "assessments/given.html", given_page(sheet, translated(request)))
    sheet = with_borne(db, sheet)
    picks = sheets.last_picks(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id)
    sheet = replace(sheet, threads=open_threads(db.connection(), sheet.line.organisation_id, sheet.line.assessment_id))
    return render(request, TEMPLATE, sheet_page(sheet, picks, translated(request), category))


def _opened(
    request: Request,
    db: Db,
    me: Actor,
    found: Assessing,
    counted: Counting,
    evidence: Held | None,
    *,
    read_only: bool = False,
) -> OpenSheet:
    site = Site(request)
    return OpenSheet(
        found.sheet,
        _version(db, found),
        counted.own,
        site.path("agreed-sheet", assessment_id=found.id),
        site.address("agreed-sheet", assessment_id=found.id),
        read_only=read_only,
        of_team=of_team(found),
        person=me.person_id,
        evidence=evidence,
        live=True,
        cycles=cycles_of(db, found),
        taken=counted.taken,
        given_evidence=given_above(request, db, found, counted.taken, evidence),
    )


def _version(db: Db, found: Assessing) -> RubricVersion:
    return read_version(db, found.sheet.organisation_id, found.sheet.rubric_version_id)
