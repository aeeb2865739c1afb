"""Invitations, as whoever makes them sees them. The link itself is shown once; only its digest is kept."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import invitations as changing
from app.actions.invitations import LASTS, Invited
from app.domain.errors import Conflict, Invalid, NotAllowed, Sentence
from app.domain.people import Actor, Role
from app.queries import invitations
from app.queries.invitations import InvitationLine
from app.queries.roles import NamedRole, named_roles
from app.web.deps import Db, Me, Now, Posted, SignedInReader
from app.web.forms import Checked, check, filled, line
from app.web.letters import InvitationLetter, letters_of, send_letter
from app.web.lists import addressed
from app.web.reader import Reader
from app.web.render import Site, render
from app.web.roles import Places, RoleForm, places, role_of
from app.web.units import NAME_LIMIT

router = APIRouter()

EMAIL_LIMIT = 320
ONLY_RESPONSIBLE = Sentence("Only leads, managers and admins invite people.")


class InviteForm(RoleForm):
    email: Annotated[str, line(EMAIL_LIMIT)]
    name: Annotated[str, line(NAME_LIMIT)]


@dataclass(frozen=True, slots=True)
class InvitationsPage:
    """`expired` are the numbers of those whose link is dead."""

    lines: tuple[InvitationLine, ...]
    roles: Mapping[Role, NamedRole]
    expired: frozenset[int]
    further: str


@dataclass(frozen=True, slots=True)
class NewInvitationPage:
    """`by_mail`: the link is sent as well as shown."""

    form: Checked[InviteForm]
    places: Places
    days: int
    by_mail: bool


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """The link, which is shown this once. `sent`: a letter with it is on its way to the address."""

    email: str
    link: str
    days: int
    sent: bool


@router.get("/invitations", name="invitations")
def shown(request: Request, db: Db, me: Me, now: Now, after: int | None = None) -> Response:
    _check(me)
    found = invitations.invitation_lines(db.connection(), me, after)
    further = addressed(request.app.url_path_for("invitations"), {"after": str(found.after[1])}) if found.after else ""
    roles = named_roles(db.connection(), me.organisation_id, {role for one in found.lines for role in one.roles})
    expired = frozenset(one.id for one in found.lines if one.expires_at <= now)
    return render(request, "invitations/invitations.html", InvitationsPage(found.lines, roles, expired, further))


@router.get("/invitations/new", name="invitation-new")
def new(request: Request, db: Db, me: Me, team: int | None = None) -> Response:
    _check(me)
    return _new_page(request, db, me, filled(InviteForm, place=None if team is None else f"team.{team}"))


@router.post("/invitations/new", name="invite")
def invite(request: Request, db: Db, reader: SignedInReader, posted: Posted, now: Now) -> Response:
    me = reader.actor
    _check(me)
    checked = check(InviteForm, posted)
    if checked.form is None:
        return _new_page(request, db, me, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    form = checked.form
    try:
        role = role_of(form.kind, form.place)
    except Invalid as refused:
        return _new_page(request, db, me, checked.refused(refused, "place"), HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        invited = changing.invite(db, me, form.email, form.name, [role], now)
    except (Invalid, Conflict) as refused:
        return _new_page(request, db, me, checked.refused(refused, "email"), HTTP_422_UNPROCESSABLE_CONTENT)
    sent = send_invitation(request, db, reader, invited, now)
    link = Site(request).address("invitation", secret=invited.secret)
    return render(request, "invitations/invited.html", InvitedPage(invited.email, link, LASTS.days, sent))


@router.post("/invitations/{invitation_id}/withdraw", name="invitation-withdraw")
def withdraw(request: Request, db: Db, me: Me, invitation_id: int, now: Now) -> Response:
    changing.withdraw(db, me, invitation_id, now)
    return RedirectResponse(request.app.url_path_for("invitations"), 303)


def send_invitation(request: Request, db: Db, reader: Reader, invited: Invited, now: datetime.datetime) -> bool:
    """Send the link to the address that it is for, where mail is set up; whether it is."""
    path, organisation = Site(request).path("invitation", secret=invited.secret), reader.browser.organisation
    letter = InvitationLetter(path, organisation, reader.actor.name, invited.expires_at)
    return send_letter(request, db, invited.email, letter, now, str(invited.id), reader.actor.organisation_id)


def _check(me: Actor) -> None:
    if not me.may_invite():
        raise NotAllowed(ONLY_RESPONSIBLE)


def _new_page(request: Request, db: Db, me: Actor, form: Checked[InviteForm], status: int = HTTP_200_OK) -> Response:
    page = NewInvitationPage(form, places(db, me), LASTS.days, letters_of(request).able)
    return render(request, "invitations/new.html", page, status)
