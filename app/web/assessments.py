"""The assessments of teams, to be read: what was claimed, with its result."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.domain.errors import Missing
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.domain.scoring import score
from app.queries import rubrics, sheets
from app.queries.assessments import assessment_line, assessments_of_team, values_of_sheets
from app.web.deps import Db, Me
from app.web.downloads import downloads
from app.web.given import given_page
from app.web.render import Site, render, translated
from app.web.result import result_page
from app.web.sheet import OfTeam, OpenSheet

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AssessmentSummary:
    """A line of a team's list: what was assessed when, and where it stands."""

    id: int
    rubric: Rubric
    result: Result
    claimed_at: datetime.datetime
    answered_at: datetime.datetime | None


def summaries_of_team(db: Db, organisation_id: int, team_id: int) -> Sequence[AssessmentSummary]:
    """The team's assessments with their results, the newest first. Two statements, and a rubric not yet known."""
    connection = db.connection()
    lines = assessments_of_team(connection, organisation_id, team_id)
    values = values_of_sheets(connection, organisation_id, [line.sheet.sheet_id for line in lines]) if lines else {}
    summaries = []
    for line in lines:
        rubric = rubrics.published(connection, organisation_id, line.sheet.rubric_version_id).rubric
        result = score(rubric, values.get(line.sheet.sheet_id, {}))
        summaries.append(
            AssessmentSummary(line.sheet.assessment_id, rubric, result, line.created_at, line.sheet.answered_at)
        )
    return summaries


def open_assessment(request: Request, db: Db, me: Me, assessment_id: int) -> OpenSheet:
    """The sheet of an assessment that the reader may see. Raises Missing for every other."""
    connection = db.connection()
    found = assessment_line(connection, me, assessment_id)
    line = found.sheet
    site = Site(request)
    return OpenSheet(
        line,
        rubrics.published(connection, line.organisation_id, line.rubric_version_id),
        sheets.answers(connection, line.organisation_id, line.sheet_id),
        site.path("assessment", assessment_id=assessment_id),
        site.address("assessment", assessment_id=assessment_id),
        read_only=True,
        of_team=OfTeam(found.place.team_id, found.team),
    )


Sheet = Annotated[OpenSheet, Depends(open_assessment)]

downloads_router = downloads("/assessments/{assessment_id}", "assessment", open_assessment)


@router.get("/assessments/{assessment_id}", name="assessment")
def shown(request: Request, sheet: Sheet) -> Response:
    return render(request, "assessments/given.html", given_page(sheet, translated(request)))


@router.get("/assessments/{assessment_id}/category/{category}", name="assessment-category")
def category(request: Request, sheet: Sheet, category: str) -> Response:
    """Where a result's links to single statements lead: all answers are on one page."""
    if category not in sheet.rubric.category_by_key:
        raise Missing("This rubric has no such category.")
    return shown(request, sheet)


@router.get("/assessments/{assessment_id}/result", name="assessment-result")
def result(request: Request, sheet: Sheet) -> Response:
    return render(request, "assessments/result.html", result_page(sheet, translated(request)))
