"""Claiming a quick check for a team: whoever is signed in and has its secret link may, for a team they answer for."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.claiming import claim
from app.domain.errors import Invalid, NotAllowed
from app.domain.people import Actor
from app.queries.assessments import teams_to_answer_for
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled
from app.web.quick_checks import Sheet
from app.web.render import render
from app.web.sheet import OpenSheet

router = APIRouter()


class ClaimForm(Form):
    team_id: Number


@dataclass(frozen=True, slots=True)
class ClaimPage:
    sheet: OpenSheet
    form: Checked[ClaimForm]
    choices: tuple[tuple[str, str], ...]
    answered: int


@router.get("/c/{secret}/claim", name="claim-ask")
def ask(request: Request, db: Db, sheet: Sheet, me: Me) -> Response:
    return _page(request, db, me, sheet, filled(ClaimForm))


@router.post("/c/{secret}/claim", name="claim")
def claimed(request: Request, db: Db, sheet: Sheet, me: Me, posted: Posted, now: Now) -> Response:
    checked = check(ClaimForm, posted)
    if checked.form is None:
        return _page(request, db, me, sheet, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        assessment_id = claim(db, me, sheet.line, checked.form.team_id, now)
    except Invalid as refused:
        again = checked.refused(refused, "team_id")
        return _page(request, db, me, sheet, again, HTTP_422_UNPROCESSABLE_CONTENT)
    return RedirectResponse(request.app.url_path_for("assessment", assessment_id=assessment_id), 303)


def _page(
    request: Request, db: Db, me: Actor, sheet: OpenSheet, form: Checked[ClaimForm], status: int = HTTP_200_OK
) -> Response:
    if sheet.read_only:
        raise NotAllowed("These answers were claimed for a team already.")
    offered = tuple((str(team.id), f"{team.name} ({team.unit})") for team in teams_to_answer_for(db.connection(), me))
    return render(request, "claiming/claim.html", ClaimPage(sheet, form, offered, len(sheet.values)), status)
