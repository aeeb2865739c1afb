"""People: their list, and a person's page with their roles."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import people as changing
from app.actions.roles import change_roles
from app.domain.errors import Conflict, DomainError, Invalid, NotAllowed
from app.domain.people import Actor
from app.queries import people
from app.queries.pages import Page
from app.queries.people import PersonLine
from app.queries.roles import NamedRole, last_admin, named_roles, seen_person
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, check, filled
from app.web.lists import Asked, Listing
from app.web.render import render
from app.web.roles import Places, RoleForm, place_of, places, role_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: Page[PersonLine]
    listing: Listing
    first: str
    further: str
    may_invite: bool
    may_import: bool


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that the person has; `place` is its place in a form. `from_sign_on`: a group of theirs gave it."""

    named: NamedRole
    place: str
    may_take: bool
    from_sign_on: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`refused` is why nothing was changed. `last_admin`: there is no other active one."""

    person: PersonLine
    roles: tuple[HeldRole, ...]
    places: Places
    form: Checked[RoleForm]
    refused: str
    me: bool
    last_admin: bool
    may_change_roles: bool
    may_manage: bool


@router.get("/people", name="people")
def shown(request: Request, db: Db, me: Me, asked: Asked) -> Response:
    if not me.may_see_people():
        raise NotAllowed("The list of people is for leads, managers and admins.")
    found = people.person_lines(db.connection(), me, search=asked.search, deactivated=asked.archived, after=asked.after)
    path = request.app.url_path_for("people")
    page = PeoplePage(
        found, asked, asked.first(path), asked.further(path, found.after), me.may_invite(), me.may_import()
    )
    return render(request, "people/people.html", page)


@router.get("/people/{person_id}", name="person")
def person(request: Request, db: Db, me: Me, person_id: int) -> Response:
    return _page(request, db, me, person_id)


@router.post("/people/{person_id}/roles", name="role-give")
def give(request: Request, db: Db, me: Me, person_id: int, posted: Posted, now: Now) -> Response:
    seen(db, me, person_id)
    checked = check(RoleForm, posted)
    if checked.form is None:
        return _page(request, db, me, person_id, checked, status=HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        change_roles(db, me, person_id, [role_of(checked.form.kind, checked.form.place)], [], now)
    except (Invalid, Conflict) as refused:
        again = checked.refused(refused, "place")
        return _page(request, db, me, person_id, again, status=HTTP_422_UNPROCESSABLE_CONTENT)
    return to_person(request, person_id)


@router.post("/people/{person_id}/roles/take", name="role-take")
def take(request: Request, db: Db, me: Me, person_id: int, posted: Posted, now: Now) -> Response:
    seen(db, me, person_id)
    form = check(RoleForm, posted).form
    if form is None:
        raise Invalid("There is no such role to be taken.")
    role = role_of(form.kind, form.place)
    try:
        with db.begin_nested():
            change_roles(db, me, person_id, [], [role], now)
    except Conflict as refused:
        return _page(request, db, me, person_id, refused=refused, status=HTTP_409_CONFLICT)
    return to_person(request, person_id)


@router.get("/people/{person_id}/deactivate", name="person-deactivate-ask")
def ask_deactivate(request: Request, db: Db, me: Me, person_id: int) -> Response:
    found = seen(db, me, person_id)
    if not me.may_manage_people():
        raise NotAllowed("Only admins deactivate and reactivate people.")
    return render(request, "people/deactivate.html", found)


@router.post("/people/{person_id}/deactivate", name="person-deactivate")
def deactivate(request: Request, db: Db, me: Me, person_id: int, now: Now) -> Response:
    try:
        with db.begin_nested():
            changing.deactivate(db, me, person_id, now)
    except Conflict as refused:
        return _page(request, db, me, person_id, refused=refused, status=HTTP_409_CONFLICT)
    return to_person(request, person_id)


@router.post("/people/{person_id}/reactivate", name="person-reactivate")
def reactivate(request: Request, db: Db, me: Me, person_id: int, now: Now) -> Response:
    changing.reactivate(db, me, person_id, now)
    return to_person(request, person_id)


def seen(db: Db, me: Actor, person_id: int) -> PersonLine:
    """The person where the actor may see them. Raises Missing for one of another organisation, else NotAllowed."""
    return seen_person(db.connection(), me, person_id)


def to_person(request: Request, person_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("person", person_id=person_id), 303)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    person_id: int,
    form: Checked[RoleForm] | None = None,
    refused: DomainError | str = "",
    status: int = HTTP_200_OK,
) -> Response:
    found = seen(db, me, person_id)
    named = named_roles(db.connection(), me.organisation_id, (line.role for line in found.roles))
    followed = {line.role for line in found.roles if line.from_sign_on}
    roles = tuple(
        HeldRole(one, place_of(role), me.may_change_roles(one.placed), role in followed) for role, one in named.items()
    )
    page = PersonPage(
        found,
        roles,
        places(db, me),
        form or filled(RoleForm),
        str(refused),
        found.id == me.person_id,
        last_admin(db.connection(), me.organisation_id) == found.id,
        me.may_change_roles() and found.deactivated_at is None,
        me.may_manage_people(),
    )
    return render(request, "people/person.html", page, status)
