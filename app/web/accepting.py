"""The page behind an invitation's link. Looking at it uses nothing up: accepting is a POST."""

import datetime
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import invitations as changing
from app.actions import passwords
from app.actions.signing_in import enter
from app.domain.errors import Conflict, Invalid
from app.domain.people import Actor
from app.queries import invitations, people
from app.queries.invitations import InvitationLine
from app.web.deps import Db, MaybeMe, Now, Posted, Reads
from app.web.device import device_of
from app.web.entering import let_in
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.local import with_next
from app.web.render import render
from app.web.units import NAME_LIMIT

router = APIRouter()


class AccountForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]
    password: Secret


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """`email`: whose the signed-in reader is; empty for who is not signed in."""

    invitation: InvitationLine
    form: Checked[AccountForm]
    email: str
    inviter: str
    here: str
    sign_in: str

    @property
    def for_me(self) -> bool:
        return self.email == self.invitation.email


@router.get("/invitation/{secret}", name="invitation")
def shown(request: Request, reads: Reads, secret: str, me: MaybeMe, now: Now) -> Response:
    return _page(request, reads, secret, me, now)


@router.post("/invitation/{secret}", name="invitation-accept")
def accept(request: Request, reads: Reads, db: Db, secret: str, me: MaybeMe, posted: Posted, now: Now) -> Response:
    """Whoever is signed in confirms; whoever has no account yet makes one, and is signed in."""
    if me is not None and me.person_id is not None:
        organisation_id = changing.accept_as(db, secret, me.person_id, now)
        return let_in(request, enter(db, me.person_id, organisation_id, device_of(request), now))
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
    )
    return render(request, "invitations/invitation.html", page, HTTP_422_UNPROCESSABLE_CONTENT if form else HTTP_200_OK)
