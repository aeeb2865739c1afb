"""An organisation's single sign-on, as its admins set it up. The secret is taken and never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import sign_on as changing
from app.connectors.oidc import Found, Trouble
from app.domain.errors import Conflict, Invalid, Missing
from app.domain.people import Actor, Role
from app.domain.sign_on import CLAIM_LIMIT, CLIENT_LIMIT, GROUP_LIMIT, ISSUER_LIMIT, checked_issuer
from app.queries import organisations, sign_on
from app.queries.roles import NamedRole, named_roles
from app.queries.sign_on import ProviderLine
from app.web.deps import Db, Me, Now, Posted, ReaderApart
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.render import Site, render
from app.web.roles import Places, RoleForm, place_of, places, role_of
from app.web.safely import Safely
from app.web.sso import callback

router = APIRouter(dependencies=[Safely])

USUAL_CLAIM = "groups"


class ProviderForm(Form):
    issuer: Annotated[str, line(ISSUER_LIMIT)]
    client_id: Annotated[str, line(CLIENT_LIMIT)]
    client_secret: Secret = ""
    groups_claim: Annotated[str, line(CLAIM_LIMIT)] = ""


class GroupForm(RoleForm):
    group: Annotated[str, line(GROUP_LIMIT)]


@dataclass(frozen=True, slots=True)
class MappedGroup:
    """A line of the mapping. `place` is its role's place in a form; `named` is None where team or unit are gone."""

    group: str
    role: Role
    place: str
    named: NamedRole | None


@dataclass(frozen=True, slots=True)
class SignOnPage:
    """`tried` is what came of a trial. `address` is where people come in; `callback` is to be registered."""

    provider: ProviderLine | None
    form: Checked[ProviderForm]
    group: Checked[GroupForm]
    mapping: tuple[MappedGroup, ...]
    places: Places
    callback: str
    address: str
    only: bool
    tried: Found | None
    refused: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows besides what is kept."""

    form: Checked[ProviderForm] | None = None
    group: Checked[GroupForm] | None = None
    tried: Found | None = None
    refused: str = ""

    @property
    def status(self) -> int:
        wrong = (self.form and self.form.problems) or self.group or self.refused
        return HTTP_422_UNPROCESSABLE_CONTENT if wrong else HTTP_200_OK


@router.get("/organisation/sign-on", name="sign-on")
def shown(request: Request, db: Db, me: Me) -> Response:
    return _page(request, db, me, Shown())


@router.post("/organisation/sign-on", name="sign-on-keep")
def keep(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    changing.may_manage_sign_on(me)
    checked = check(ProviderForm, posted)
    form = checked.form
    if form is None:
        return _page(request, db, me, Shown(form=checked))
    try:
        request.app.state.providers.check(form.issuer)
        changing.keep_provider(
            db,
            me,
            issuer=form.issuer,
            client_id=form.client_id,
            client_secret=form.client_secret,
            groups_claim=form.groups_claim,
            now=now,
        )
    except Invalid as unfit:
        place = "client_secret" if "secret" in str(unfit) else "issuer"
        return _page(request, db, me, Shown(form=checked.refused(unfit, place)))
    except (Conflict, Trouble) as refused:
        return _page(request, db, me, Shown(form=checked.refused(refused, "issuer")))
    return _back(request)


@router.post("/organisation/sign-on/try", name="sign-on-try")
def attempt(request: Request, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    """Look whether there is a provider at the issuer that was typed. Nothing is kept."""
    me = reader.actor
    changing.may_manage_sign_on(me)
    checked = check(ProviderForm, posted)
    try:
        issuer = checked_issuer(checked.value("issuer"))
    except Invalid as unfit:
        return _page(request, db, me, Shown(form=checked.refused(unfit, "issuer")))
    found = request.app.state.providers.trial(issuer)
    changing.note_trial(db, me, issuer, len(found.problems), now)
    return _page(request, db, me, Shown(form=replace(checked, form=None, problems={}), tried=found))


@router.post("/organisation/sign-on/remove", name="sign-on-remove")
def remove(request: Request, db: Db, me: Me, now: Now) -> Response:
    try:
        changing.remove_provider(db, me, now)
    except Conflict as refused:
        return _page(request, db, me, Shown(refused=str(refused)))
    return _back(request)


@router.post("/organisation/sign-on/groups", name="sign-on-map")
def map_group(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    changing.may_manage_sign_on(me)
    checked = check(GroupForm, posted)
    form = checked.form
    if form is None:
        return _page(request, db, me, Shown(group=checked))
    try:
        changing.map_group(db, me, form.group, role_of(form.kind, form.place), now)
    except (Invalid, Conflict) as refused:
        return _page(request, db, me, Shown(group=checked.refused(refused, "place")))
    return _back(request, "groups")


@router.post("/organisation/sign-on/groups/remove", name="sign-on-unmap")
def unmap_group(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    changing.may_manage_sign_on(me)
    form = check(GroupForm, posted).form
    if form is None:
        raise Missing("There is no such line in the mapping.")
    changing.unmap_group(db, me, form.group, role_of(form.kind, form.place), now)
    return _back(request, "groups")


def _back(request: Request, part: str = "") -> Response:
    path = request.app.url_path_for("sign-on")
    return RedirectResponse(f"{path}#{part}" if part else path, HTTP_303_SEE_OTHER)


def _page(request: Request, db: Db, me: Actor, shown: Shown) -> Response:
    changing.may_manage_sign_on(me)
    provider = sign_on.provider_line(db.connection(), me.organisation_id)
    mapping = provider.mapping if provider else ()
    named = named_roles(db.connection(), me.organisation_id, (each.role for each in mapping))
    page = SignOnPage(
        provider,
        shown.form or _filled(provider),
        shown.group or filled(GroupForm),
        tuple(_mapped(each.group, each.role, named) for each in mapping),
        places(db, me),
        callback(request),
        Site(request).address("sso", organisation_id=me.organisation_id),
        organisations.organisation(db.connection(), me.organisation_id).single_sign_on_only,
        shown.tried,
        shown.refused,
    )
    return render(request, "sign_on/sign_on.html", page, shown.status)


def _filled(provider: ProviderLine | None) -> Checked[ProviderForm]:
    if provider is None:
        return filled(ProviderForm, groups_claim=USUAL_CLAIM)
    return filled(
        ProviderForm, issuer=provider.issuer, client_id=provider.client_id, groups_claim=provider.groups_claim
    )


def _mapped(group: str, role: Role, named: Mapping[Role, NamedRole]) -> MappedGroup:
    return MappedGroup(group, role, place_of(role), named.get(role))
