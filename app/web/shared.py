"""What a link shows to whoever holds it: a report as a page, or a badge. Nothing here knows who reads."""

import datetime
import hashlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.actions.shares import is_stale, note_opened
from app.charts.badge import badge
from app.charts.style import tint_of
from app.domain.exports import Asked, ExportKind, Filters
from app.domain.results import LadderResult
from app.domain.rollup import highest, level_names
from app.domain.rubric import Rubric
from app.domain.shares import ShareKind
from app.queries.agreed import result_of
from app.queries.reports import organisation_report
from app.queries.shares import OpenedShare, opened_share
from app.web.deps import Db, Now, Reads, Writes
from app.web.language import language_of, spoken
from app.web.render import render, translated
from app.web.reports import report_page
from app.web.team_reports import Shown, team_report

router = APIRouter()

KEPT = "public, max-age=300"
"""How long a browser or a wiki keeps a badge before it asks again."""
UNSEEN = {"x-robots-tag": "noindex, nofollow", "referrer-policy": "no-referrer"}
"""The address is the secret: it goes to no search engine, and to no site that a reader goes on to."""


@router.get("/share/{secret}", name="shared")
def shared(request: Request, reads: Reads, writes: Writes, secret: str, now: Now) -> Response:
    with reads() as db:
        opened = opened_share(db.connection(), ShareKind.REPORT, secret, now)
        answer = _report(request, db, opened, now)
    _noted(writes, opened, now)
    answer.headers.update(UNSEEN)
    return answer


@router.get("/badge/{secret}.svg", name="badge")
def drawn(request: Request, reads: Reads, writes: Writes, secret: str, now: Now) -> Response:
    with reads() as db:
        opened = opened_share(db.connection(), ShareKind.BADGE, secret, now)
        svg = _badge(request, db, opened, now)
    _noted(writes, opened, now)
    tag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
    # A badge is there to be shown on pages of others; it holds nothing that they could run.
    headers = {**UNSEEN, "etag": tag, "cache-control": KEPT, "cross-origin-resource-policy": "cross-origin"}
    headers |= spoken(language_of(request))
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _report(request: Request, db: Db, opened: OpenedShare, now: datetime.datetime) -> Response:
    of = opened.shared
    if of.assessment_id is not None:
        shown = Shown(names=False, notes=of.notes, comments=of.comments, evidence=of.evidence)
        page = team_report(request, db, opened.maker, now, of.assessment_id, shown)
        return render(request, "shares/team.html", page)
    asked = Asked(ExportKind.PDF, of.cycle_id, of.unit_id, filters=Filters(language=language_of(request)))
    report = organisation_report(db.connection(), opened.maker, asked, now)
    return render(request, "shares/organisation.html", report_page(report, translated(request)))


def _badge(request: Request, db: Db, opened: OpenedShare, now: datetime.datetime) -> str:
    of = opened.shared
    if of.assessment_id is not None:
        return _team_badge(request, db, opened, of.assessment_id)
    report = organisation_report(db.connection(), opened.maker, Asked(ExportKind.PDF, of.cycle_id, of.unit_id), now)
    rubric, level = report.part.rubric, of.level or 0
    share = int(100 * report.part.overview.overall.share_at_or_above(level))
    said = translated(request).gettext("%(share)s %% at level %(level)s or above") % {"share": share, "level": level}
    return badge(rubric.title, said, _tint(rubric, level))


def _team_badge(request: Request, db: Db, opened: OpenedShare, assessment_id: int) -> str:
    standing, _ = result_of(db.connection(), opened.maker, assessment_id).standing, translated(request).gettext
    rubric, result = standing.rubric, standing.result
    if isinstance(result, LadderResult):
        return badge(rubric.title, _("level %(level)s") % {"level": result.overall}, _tint(rubric, result.overall))
    place = next((place for place, name in level_names(rubric).items() if name == result.band), 0)
    return badge(rubric.title, result.band or _("no score"), _tint(rubric, place))


def _tint(rubric: Rubric, level: int) -> int:
    return tint_of(highest(rubric), level)


def _noted(writes: Writes, opened: OpenedShare, now: datetime.datetime) -> None:
    if is_stale(opened, now):
        with writes() as session:
            note_opened(session, opened, now)
