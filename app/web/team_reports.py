"""The report of what a team agreed on: complete for who sees the team, as PDF; and less of it where it is shared."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.charts.picture import KeyEntry
from app.charts.radar import radar
from app.charts.style import LEVEL_INKS, LIGHT
from app.charts.svg import Svg
from app.domain.errors import Conflict
from app.domain.exports import ExportKind, file_name
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.queries.agreements import AgreedLine
from app.queries.assessing import Assessing, assessing
from app.queries.reports import BesideResult, beside_result
from app.web.agreed_sheets import open_agreed, readings_of
from app.web.deps import Db, Me, Now
from app.web.downloads import download
from app.web.given import GivenPage, given_page
from app.web.language import language_of
from app.web.pictures import radar_of
from app.web.render import translated
from app.web.reports import data_address
from app.web.result import ResultPage, result_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the words of people a report holds. `notes` are reasons, dissents and objections too."""

    names: bool = True
    notes: bool = True
    comments: bool = True
    evidence: bool = True


EVERYTHING = Shown()


@dataclass(frozen=True, slots=True)
class TeamReportPage:
    found: Assessing
    agreed: AgreedLine
    result: ResultPage
    given: GivenPage
    beside: BesideResult
    shown: Shown
    radar: Svg
    key: Sequence[KeyEntry]
    logo: str
    made_at: datetime.datetime
    language: str

    @property
    def rubric(self) -> Rubric:
        return self.result.rubric

    @property
    def of(self) -> str:
        """Who is assessed: the team, or its ML system."""
        return f"{self.found.team} · {self.found.system}" if self.found.system else self.found.team

    @property
    def cycle(self) -> str:
        return self.found.cycle.name if self.found.cycle else ""

    @property
    def participants(self) -> Sequence[str]:
        """Who submitted a sheet of their own, which everybody who sees the team may know."""
        return [one.name for one in self.found.respondents if one.submitted_at] if self.shown.names else ()

    @property
    def paints(self) -> Sequence[tuple[str, str]]:
        return list(zip(LIGHT.levels, LEVEL_INKS, strict=True))


def team_report(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    assessment_id: int,
    shown: Shown = EVERYTHING,
    *,
    document: bool = False,
) -> TeamReportPage:
    """What the actor may see of it. Missing or NotAllowed like its page, Conflict before anything is agreed."""
    sheet = open_agreed(request, db, me, now, assessment_id)
    found = assessing(db.connection(), me, assessment_id)
    if found.result is None:
        raise Conflict("Nothing is agreed yet: a report is made of what the team agrees on.")
    words = translated(request)
    page = result_page(sheet, words, readings_of(sheet))
    figure = radar_of(sheet.rubric, page.result, words)
    beside = beside_result(db.connection(), me, found)
    return TeamReportPage(
        found,
        found.result,
        page,
        given_page(sheet, words),
        beside,
        shown,
        radar(figure, standalone=document),
        () if document else figure.key,
        data_address(beside.logo.picture, beside.logo.media_type) if beside.logo else "",
        now,
        words.tag,
    )


@router.get("/assessments/{assessment_id}/agreed/report.pdf", name="agreed-pdf")
def pdf(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    """The whole report. Raises NoPdf where the server cannot set it."""
    page = team_report(request, db, me, now, assessment_id, document=True)
    html = request.app.state.templates[language_of(request)].get_template("reports/team.html").render(page=page)
    name = file_name(ExportKind.TEAM_PDF, page.found.team, page.found.system, page.cycle)
    return download(request.app.state.printed(html), ExportKind.TEAM_PDF.media_type, name)
