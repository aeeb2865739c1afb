"""From a draft to a version: what differs, whose level would move, publishing, and cycles that follow."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import publish_draft
from app.actions.following import follow
from app.actions.running_cycles import ONLY_MANAGERS
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.impact import VersionChange, version_change
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_change import Difference, difference
from app.queries import cycles, rubrics
from app.queries.impact import Impact, impact
from app.queries.rubrics import RubricVersion
from app.web.deps import Db, Me, Now, Posted
from app.web.drafts import Bar, bar, studio_of
from app.web.forms import Form, Number, check
from app.web.render import render

router = APIRouter()


class PublishForm(Form):
    """`edition` is the one that was looked at."""

    edition: Number


class FollowForm(Form):
    version: Number


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """Between two published versions."""

    old: RubricVersion
    new: RubricVersion
    difference: Difference
    change: VersionChange


@dataclass(frozen=True, slots=True)
class PublishPage:
    """What publishing would do. `newest` is None for a rubric of which there is no version yet."""

    bar: Bar
    newest: RubricVersion | None
    difference: Difference | None
    change: VersionChange | None
    impact: Impact | None
    wrong: str = ""

    @property
    def rubric(self) -> Rubric | None:
        return self.bar.checked.rubric

    @property
    def light(self) -> bool:
        """Whether only words change: no result can move by it, and nobody is asked anything again."""
        change, found = self.change, self.difference
        return bool(change and found) and not (change.new or change.gone or change.asked_again or found.moved)  # type: ignore[union-attr] # both are there


@dataclass(frozen=True, slots=True)
class FollowPage:
    """A running cycle, and the version that it could go on with."""

    cycle: cycles.CycleLine
    old: RubricVersion
    new: RubricVersion
    difference: Difference
    change: VersionChange
    wrong: str = ""


@router.get("/rubrics/difference", name="rubric-difference")
def shown(request: Request, db: Db, me: Me, old: str = "", new: str = "") -> Response:
    organisation_id = studio_of(me).organisation_id
    one, other = (rubrics.published(db.connection(), organisation_id, _number(each)) for each in (old, new))
    if one.key != other.key:
        raise Invalid("These are two rubrics, and not two versions of one.")
    page = DifferencePage(one, other, difference(one.rubric, other.rubric), version_change(one.rubric, other.rubric))
    return render(request, "studio/difference.html", page)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Missing("There is no such rubric.")
    return int(text)


@router.get("/rubrics/drafts/{draft_id}/publish", name="draft-publish")
def ask_publish(request: Request, db: Db, me: Me, draft_id: int) -> Response:
    return _publish_page(request, db, me, bar(db, me, draft_id))


@router.post("/rubrics/drafts/{draft_id}/publish", name="draft-published")
def publish(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    studio_of(me)
    form = check(PublishForm, posted).form
    if form is None:
        raise Invalid("The form is not one of this page. Load the page again.")
    try:
        version_id = publish_draft(db, me, draft_id, form.edition, now)
    except (Invalid, Conflict) as refused:
        status = HTTP_409_CONFLICT if isinstance(refused, Conflict) else HTTP_422_UNPROCESSABLE_CONTENT
        return _publish_page(request, db, me, bar(db, me, draft_id), str(refused), status)
    return RedirectResponse(request.app.url_path_for("rubric-version", version_id=version_id), HTTP_303_SEE_OTHER)


def _publish_page(
    request: Request, db: Db, me: Actor, head: Bar, wrong: str = "", status: int = HTTP_200_OK
) -> Response:
    connection, new = db.connection(), head.checked.rubric
    try:
        newest = rubrics.latest(connection, me.organisation_id, head.draft.line.key)
    except Missing:
        newest = None
    page = PublishPage(
        head,
        newest,
        difference(newest.rubric, new) if newest and new else None,
        version_change(newest.rubric, new) if newest and new else None,
        impact(connection, me.organisation_id, new) if newest and new else None,
        wrong,
    )
    return render(request, "studio/publish.html", page, status)


@router.get("/cycles/{cycle_id}/follow", name="cycle-follow")
def ask_follow(request: Request, db: Db, me: Me, cycle_id: int) -> Response:
    return _follow_page(request, db, me, cycle_id)


@router.post("/cycles/{cycle_id}/follow", name="cycle-followed")
def followed(request: Request, db: Db, me: Me, cycle_id: int, posted: Posted, now: Now) -> Response:
    form = check(FollowForm, posted).form
    if form is None:
        raise Invalid("The form is not one of this page. Load the page again.")
    try:
        follow(db, me, cycle_id, form.version, now)
    except Conflict as refused:
        return _follow_page(request, db, me, cycle_id, str(refused), HTTP_409_CONFLICT)
    return RedirectResponse(request.app.url_path_for("cycle", cycle_id=cycle_id), HTTP_303_SEE_OTHER)


def _follow_page(
    request: Request, db: Db, me: Actor, cycle_id: int, wrong: str = "", status: int = HTTP_200_OK
) -> Response:
    connection = db.connection()
    cycle = cycles.cycle_line(connection, me.organisation_id, cycle_id)
    if not me.may_manage_cycles(cycle.unit_path):
        raise NotAllowed(ONLY_MANAGERS)
    old = rubrics.published(connection, me.organisation_id, cycle.rubric_version_id)
    new = rubrics.latest(connection, me.organisation_id, old.key)
    if new.number <= old.number and not wrong:
        raise Missing("There is no newer version of the rubric of this cycle.")
    page = FollowPage(
        cycle, old, new, difference(old.rubric, new.rubric), version_change(old.rubric, new.rubric), wrong
    )
    return render(request, "studio/follow.html", page, status)
