"""The page behind an invitation's link. Looking at it uses nothing up: accepting is a POST."""

import datetime
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import invitations as changing
from app.actions import passwords
from app.actions.signing_in import Refused, enter, home_of
from app.domain.errors import Conflict, Invalid
from app.domain.people import Actor
from app.queries import invitations, organisations, people
from app.queries.invitations import InvitationLine
from app.web.deps import Db, MaybeMe, MaybeReader, Now, Posted, Reads
from app.web.device import device_of
from app.web.entering import let_in
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.local import HOME, with_next
from app.web.reader import Reader
from app.web.render import render
from app.web.units import NAME_LIMIT

router = APIRouter()


class AccountForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]
    password: Secret


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """`email`: whose the signed-in reader is; empty for who is not signed in.

    `sign_on`: the page of single sign-on, where that is the only way in; else empty.
    """

    invitation: InvitationLine
    form: Checked[AccountForm]
    email: str
    inviter: str
    here: str
    sign_in: str
    sign_on: str

    @property
    def for_me(self) -> bool:
        return self.email == self.invitation.email


@router.get("/invitation/{secret}", name="invitation")
def shown(request: Request, reads: Reads, secret: str, me: MaybeMe, now: Now) -> Response:
    return _page(request, reads, secret, me, now)


@router.post("/invitation/{secret}", name="invitation-accept")
def accept(
    request: Request, reads: Reads, db: Db, secret: str, reader: MaybeReader, posted: Posted, now: Now
) -> Response:
    """Whoever is signed in confirms; whoever has no account yet makes one, and is signed in."""
    me = reader.actor if reader else None
    if reader is not None:
        organisation_id = changing.accept_as(db, secret, reader.browser.person_id, now)
        return _entered(request, db, reader, organisation_id, now)
    with reads() as session:
        invitation = invitations.invitation(session.connection(), secret, now)
    checked = check(AccountForm, posted)
    if checked.form is None:
        return _page(request, reads, secret, me, now, checked)
    form = checked.form
    try:
        about = (form.name, invitation.email, invitation.organisation)
        kept = passwords.hashed(passwords.checked(form.password, *about))
    except Invalid as refused:
        return _page(request, reads, secret, me, now, checked.refused(refused, "password"))
    try:
        person_id = changing.accept_anew(db, secret, form.name, kept, now)
    except Invalid as refused:
        return _page(request, reads, secret, me, now, checked.refused(refused, "name"))
    except Conflict as refused:
        return _page(request, reads, secret, me, now, checked.refused(refused))
    return let_in(request, enter(db, person_id, invitation.organisation_id, device_of(request), now))


def _entered(request: Request, db: Db, reader: Reader, organisation_id: int, now: datetime.datetime) -> Response:
    """Go on in the organisation, if whoever is signed in may come in by how they did."""
    person_id, browser = reader.browser.person_id, reader.browser
    if organisation_id == browser.organisation_id and browser.only_here:
        return RedirectResponse(HOME, 303)
    if isinstance(home_of(db, person_id, organisation_id), Refused):
        return RedirectResponse(request.app.url_path_for("sso", organisation_id=organisation_id), 303)
    entered = enter(db, person_id, organisation_id, device_of(request), now, only_here=browser.only_here)
    return let_in(request, entered)


def _page(
    request: Request,
    reads: Reads,
    secret: str,
    me: Actor | None,
    now: datetime.datetime,
    form: Checked[AccountForm] | None = None,
) -> Response:
    with reads() as session:
        invitation = invitations.invitation(session.connection(), secret, now)
        email, inviter = "", ""
        if me is not None and me.person_id is not None:
            email = people.person_line(session.connection(), me.organisation_id, me.person_id).email
        only = organisations.organisation(session.connection(), invitation.organisation_id).single_sign_on_only
        if invitation.invited_by is not None:
            inviter = people.person_line(session.connection(), invitation.organisation_id, invitation.invited_by).name
    here = request.app.url_path_for("invitation", secret=secret)
    page = InvitationPage(
        invitation,
        form or filled(AccountForm, name=invitation.name),
        email,
        inviter,
        here,
        with_next(request.app.url_path_for("sign-in"), here),
        with_next(request.app.url_path_for("sso", organisation_id=invitation.organisation_id), here) if only else "",
    )
    return render(request, "invitations/invitation.html", page, HTTP_422_UNPROCESSABLE_CONTENT if form else HTTP_200_OK)
