"""Links that show a report or a badge to whoever holds them: making, listing and revoking them."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.shares import make_share, revoke_share
from app.domain.errors import Invalid, Missing
from app.domain.people import Actor
from app.domain.rollup import level_names
from app.domain.shares import Shared, ShareKind
from app.queries.parts import Part
from app.queries.shares import ShareLine, share_lines, shareable_result
from app.web.dashboard import part_asked
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled
from app.web.lists import addressed
from app.web.render import Site, render

router = APIRouter()

LIVES = ("7", "30", "90", "365")
USUAL_LIFE = "30"


class PartForm(Form):
    """`level` is asked for by the badge alone."""

    kind: ShareKind
    days: Literal["7", "30", "90", "365"]
    level: Number | None = None


class ResultForm(Form):
    kind: ShareKind
    days: Literal["7", "30", "90", "365"]
    notes: bool = False
    comments: bool = False
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class NewSharePage:
    """`of` names what is shared, `levels` are those to choose from for a badge; empty for the result of a team."""

    of: str
    action: str
    back: str
    form: Checked[PartForm] | Checked[ResultForm]
    levels: Mapping[int, str]
    lives: Sequence[str] = LIVES

    @property
    def of_team(self) -> bool:
        return not self.levels


@dataclass(frozen=True, slots=True)
class MadeSharePage:
    """The address, which is shown this once."""

    of: str
    address: str
    kind: ShareKind
    back: str


@dataclass(frozen=True, slots=True)
class SharesPage:
    lines: Sequence[ShareLine]
    all: bool


@router.get("/shares", name="shares")
def shown(request: Request, db: Db, me: Me, now: Now) -> Response:
    page = SharesPage(share_lines(db.connection(), me, now), me.may_see_shares())
    return render(request, "shares/shares.html", page)


@router.post("/shares/{share_id}/revoke", name="share-revoke")
def revoke(request: Request, db: Db, me: Me, share_id: int, now: Now) -> Response:
    revoke_share(db, me, share_id, now)
    return RedirectResponse(request.app.url_path_for("shares"), HTTP_303_SEE_OTHER)


@router.get("/shares/new", name="share-part-new")
def new_of_part(request: Request, db: Db, me: Me, cycle: str = "", unit: str = "") -> Response:
    """Of the same cycle and unit that the dashboard shows for the same address."""
    form = filled(PartForm, kind=ShareKind.REPORT, days=USUAL_LIFE, level=1)
    return render(request, "shares/new.html", _of_part(request, _part(db, me, cycle, unit), form))


@router.post("/shares/new", name="share-part")
def make_of_part(
    request: Request, db: Db, me: Me, posted: Posted, now: Now, cycle: str = "", unit: str = ""
) -> Response:
    part, checked = _part(db, me, cycle, unit), check(PartForm, posted)
    page = _of_part(request, part, checked)
    if (form := checked.form) is None:
        return render(request, "shares/new.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    level = form.level if form.kind is ShareKind.BADGE else None
    if level is not None and level not in page.levels:
        page = _of_part(request, part, checked.refused("This is none of the choices.", "level"))
        return render(request, "shares/new.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    return _made(
        request, db, me, Shared(form.kind, part.cycle.id, part.unit_id, level=level), form.days, now, page, checked
    )


@router.get("/assessments/{assessment_id}/share", name="share-result-new")
def new_of_result(request: Request, db: Db, me: Me, assessment_id: int) -> Response:
    form = filled(ResultForm, kind=ShareKind.REPORT, days=USUAL_LIFE)
    return render(request, "shares/new.html", _of_result(request, db, me, assessment_id, form))


@router.post("/assessments/{assessment_id}/share", name="share-result")
def make_of_result(request: Request, db: Db, me: Me, posted: Posted, now: Now, assessment_id: int) -> Response:
    checked = check(ResultForm, posted)
    page = _of_result(request, db, me, assessment_id, checked)
    if (form := checked.form) is None:
        return render(request, "shares/new.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    words = (form.notes, form.comments, form.evidence) if form.kind is ShareKind.REPORT else (False, False, False)
    notes, comments, evidence = words
    shared = Shared(form.kind, assessment_id=assessment_id, notes=notes, comments=comments, evidence=evidence)
    return _made(request, db, me, shared, form.days, now, page, checked)


def _made(
    request: Request,
    db: Db,
    me: Actor,
    shared: Shared,
    days: str,
    now: datetime.datetime,
    page: NewSharePage,
    checked: Checked[PartForm] | Checked[ResultForm],
) -> Response:
    try:
        secret = make_share(db, me, shared, int(days), now)
    except Invalid as refused:
        again = NewSharePage(page.of, page.action, page.back, checked.refused(refused), page.levels)
        return render(request, "shares/new.html", again, HTTP_422_UNPROCESSABLE_CONTENT)
    name = "badge" if shared.kind is ShareKind.BADGE else "shared"
    made = MadeSharePage(page.of, Site(request).address(name, secret=secret), shared.kind, page.back)
    return render(request, "shares/made.html", made)


def _part(db: Db, me: Actor, cycle: str, unit: str) -> Part:
    part = part_asked(db, me, cycle, unit)
    if part is None:
        raise Missing("There is no cycle yet whose report could be shared.")
    return part


def _of_part(request: Request, part: Part, form: Checked[PartForm]) -> NewSharePage:
    asked = {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
    return NewSharePage(
        f"{part.cycle.name} · {part.unit.name}" if part.unit else part.cycle.name,
        addressed(request.app.url_path_for("share-part"), asked),
        addressed(request.app.url_path_for("dashboard"), asked),
        form,
        level_names(part.rubric),
    )


def _of_result(request: Request, db: Db, me: Actor, assessment_id: int, form: Checked[ResultForm]) -> NewSharePage:
    found = shareable_result(db.connection(), me, assessment_id)
    return NewSharePage(
        f"{found.team} · {found.cycle.name}" if found.cycle else found.team,
        request.app.url_path_for("share-result", assessment_id=assessment_id),
        request.app.url_path_for("agreed-result", assessment_id=assessment_id),
        form,
        {},
    )
