"""The page behind an invitation's link. Looking at it uses nothing up: accepting is a POST."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_403_FORBIDDEN, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import passwords, signing_in
from app.actions import invitations as changing
from app.domain.errors import Conflict, Invalid
from app.queries import invitations, people
from app.queries.invitations import InvitationLine
from app.web import cookie
from app.web.deps import Db, MaybeMe, Now, Posted
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
def shown(request: Request, db: Db, secret: str, me: MaybeMe, now: Now) -> Response:
    return _page(request, db, secret, me, now)


@router.post("/invitation/{secret}", name="invitation-accept")
def accept(request: Request, db: Db, secret: str, me: MaybeMe, posted: Posted, now: Now) -> Response:
    """Whoever is signed in confirms; whoever has no account yet makes one, and is signed in."""
    if me is not None and me.person_id is not None:
        person_id = me.person_id
        organisation_id = changing.accept_as(db, secret, person_id, now)
    else:
        invitation = invitations.invitation(db.connection(), secret, now)
        organisation_id = invitation.organisation_id
        checked = check(AccountForm, posted)
        if checked.form is None:
            return _page(request, db, secret, me, now, checked)
        form = checked.form
        try:
            about = (form.name, invitation.email, invitation.organisation)
            kept = passwords.hashed(passwords.checked(form.password, *about))
        except Invalid as refused:
            return _page(request, db, secret, me, now, checked.refused(refused, "password"))
        try:
            person_id = changing.accept_anew(db, secret, form.name, kept, now)
        except Invalid as refused:
            return _page(request, db, secret, me, now, checked.refused(refused, "name"))
        except Conflict as refused:
            return _page(request, db, secret, me, now, checked.refused(refused))
    entered = signing_in.enter(db, person_id, organisation_id, device_of(request), now)
    answer = RedirectResponse(request.app.url_path_for("home"), 303)
    give_entry(request, answer, entered, now)
    return answer
