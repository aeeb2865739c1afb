"""The first run: whoever holds the link that the server printed founds the organisation and is its admin."""

import datetime
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import accounts, passwords
from app.actions.accounts import SET_UP_ALREADY
from app.domain.errors import Conflict, Invalid
from app.domain.organisations import NAME_LIMIT
from app.domain.people import EMAIL_LIMIT
from app.domain.secret import LinkKind
from app.queries.signing_in import any_account, link_is_good
from app.web.deps import Db, Now, Posted, Reads, Transactions
from app.web.device import device_of
from app.web.entering import let_in
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.render import render
from app.web.safely import Safely

router = APIRouter()


class SetUpForm(Form):
    organisation: Annotated[str, line(NAME_LIMIT)]
    name: Annotated[str, line(NAME_LIMIT)]
    email: Annotated[str, line(EMAIL_LIMIT)]
    password: Secret
    example: bool = False


@dataclass(frozen=True, slots=True)
class SetUpPage:
    secret: str
    form: Checked[SetUpForm]


def is_needed(request: Request, reads: Transactions) -> bool:
    """Whether nobody has an account yet. Asked until somebody has, and never again by this process."""
    state = request.app.state
    if not state.has_account:
        with reads() as session:
            state.has_account = any_account(session.connection())
    return not state.has_account


@router.get("/set-up/{secret}", name="set-up", dependencies=[Safely])
def ask(request: Request, db: Db, secret: str, now: Now) -> Response:
    _still_wanted(db, secret, now)
    return render(request, "set_up/set_up.html", SetUpPage(secret, filled(SetUpForm)))


@router.post("/set-up/{secret}", name="set-up-send", dependencies=[Safely])
def set_up(request: Request, reads: Reads, db: Db, secret: str, posted: Posted, now: Now) -> Response:
    with reads() as session:
        _still_wanted(session, secret, now)
    checked = check(SetUpForm, posted)
    if checked.form is None:
        return _again(request, secret, checked)
    form = checked.form
    try:
        good = passwords.checked(form.password, form.name, form.email, form.organisation)
    except Invalid as weak:
        return _again(request, secret, checked.refused(weak, "password"))
    kept, device = passwords.hashed(good), device_of(request)
    try:
        # Back to before it where a name or the address is refused: the link is not used up.
        with db.begin_nested():
            entered = accounts.set_up(
                db,
                secret,
                form.organisation,
                form.name,
                form.email,
                kept,
                device,
                now,
                with_example=form.example,
            )
    except Invalid as unfit:
        return _again(request, secret, checked.refused(unfit, _field_of(unfit)))
    request.app.state.has_account = True
    return let_in(request, entered)


def _still_wanted(db: Db, secret: str, now: datetime.datetime) -> None:
    """Missing where the link is not good, Conflict where somebody has an account by now: no page is to be filled in."""
    link_is_good(db.connection(), LinkKind.SET_UP, secret, now)
    if any_account(db.connection()):
        raise Conflict(SET_UP_ALREADY)


def _field_of(unfit: Invalid) -> str:
    return "email" if "e-mail" in str(unfit) else ""


def _again(request: Request, secret: str, checked: Checked[SetUpForm]) -> Response:
    return render(request, "set_up/set_up.html", SetUpPage(secret, checked), HTTP_422_UNPROCESSABLE_CONTENT)
