"""The organisation: its name, its logo and its settings."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import organisations as changing
from app.domain.benchmark import HIGHEST_LEAST, LOWEST_LEAST, checked_least
from app.domain.errors import Invalid, NotAllowed, Sentence
from app.domain.logo import LOGO_LIMIT
from app.domain.people import Actor
from app.queries import organisations
from app.queries.organisations import OrganisationLine
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled, line
from app.web.render import render
from app.web.units import NAME_LIMIT

router = APIRouter()

NOT_A_PICTURE = Sentence("Choose a PNG or JPEG picture first.")


class NameForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]


class SettingsForm(Form):
    members_see_organisation: bool = False
    single_sign_on_only: bool = False
    least_compared: Number | None = None


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """`logo_refused` is why a picture was not taken."""

    organisation: OrganisationLine
    name: Checked[NameForm]
    settings: Checked[SettingsForm]
    logo_refused: str
    logo_limit: int
    least_bounds: tuple[int, int]
    may_manage: bool
    may_see_people: bool
    may_see_units: bool


async def posted_picture(request: Request) -> bytes:
    """The one file of a form; empty where none was chosen. Raises an HTTPException with 400 for what cannot be read."""
    async with request.form(max_files=1, max_fields=1) as form:
        picture = form.get("logo")
        # One byte more than fits is enough to know that it does not.
        return await picture.read(LOGO_LIMIT + 1) if isinstance(picture, UploadFile) else b""


Picture = Annotated[bytes, Depends(posted_picture)]


@router.get("/organisation", name="organisation")
def shown(request: Request, db: Db, me: Me) -> Response:
    return _page(request, db, me)


@router.post("/organisation/name", name="organisation-rename")
def rename(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    manages(me)
    checked = check(NameForm, posted)
    if checked.form is None:
        return _page(request, db, me, name=checked)
    try:
        changing.rename_organisation(db, me, checked.form.name, now)
    except Invalid as refused:
        return _page(request, db, me, name=checked.refused(refused, "name"))
    return _back(request)


@router.get("/organisation/logo", name="logo")
def logo(db: Db, me: Me) -> Response:
    """The picture, for who is signed in. A browser takes it for nothing but what it was found to be."""
    found = organisations.logo(db.connection(), me.organisation_id)
    headers = {"content-security-policy": "default-src 'none'; sandbox", "content-disposition": "inline"}
    return Response(found.picture, media_type=found.media_type, headers=headers)


@router.post("/organisation/logo", name="logo-change")
def change_logo(request: Request, db: Db, me: Me, picture: Picture, now: Now) -> Response:
    manages(me)
    if not picture:
        return _page(request, db, me, logo_refused=NOT_A_PICTURE)
    try:
        changing.change_logo(db, me, picture, now)
    except Invalid as refused:
        return _page(request, db, me, logo_refused=str(refused))
    return _back(request)


@router.post("/organisation/logo/remove", name="logo-remove")
def remove_logo(request: Request, db: Db, me: Me, now: Now) -> Response:
    changing.change_logo(db, me, None, now)
    return _back(request)


@router.post("/organisation/settings", name="organisation-settings")
def change_settings(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    manages(me)
    checked = check(SettingsForm, posted)
    if checked.form is None:
        return _page(request, db, me, settings=checked)
    form = checked.form
    try:
        least = None if form.least_compared is None else checked_least(form.least_compared)
    except Invalid as refused:
        return _page(request, db, me, settings=checked.refused(refused, "least_compared"))
    try:
        changing.change_settings(
            db,
            me,
            members_see_organisation=form.members_see_organisation,
            single_sign_on_only=form.single_sign_on_only,
            least_compared=least,
            now=now,
        )
    except Invalid as refused:
        return _page(request, db, me, settings=checked.refused(refused, "single_sign_on_only"))
    return _back(request)


def manages(me: Actor) -> None:
    if not me.may_manage_organisation():
        raise NotAllowed("Only admins change what belongs to the whole organisation.")


def _back(request: Request) -> Response:
    return RedirectResponse(request.app.url_path_for("organisation"), 303)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    name: Checked[NameForm] | None = None,
    settings: Checked[SettingsForm] | None = None,
    logo_refused: str = "",
) -> Response:
    found = organisations.organisation(db.connection(), me.organisation_id)
    page = OrganisationPage(
        found,
        name or filled(NameForm, name=found.name),
        settings
        or filled(
            SettingsForm,
            members_see_organisation=found.members_see_organisation,
            single_sign_on_only=found.single_sign_on_only,
            least_compared=found.least_compared,
        ),
        logo_refused,
        LOGO_LIMIT // 1024,
        (LOWEST_LEAST, HIGHEST_LEAST),
        me.may_manage_organisation(),
        me.may_see_people(),
        me.may_see_organisation() or bool(me.manages),
    )
    wrong = name or settings or logo_refused
    return render(
        request, "organisation/organisation.html", page, HTTP_422_UNPROCESSABLE_CONTENT if wrong else HTTP_200_OK
    )
