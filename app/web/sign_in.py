"""Signing in by address and password, with a second factor where there is one, and signing out."""

import datetime
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_303_SEE_OTHER,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
)

from app.actions import passwords, second_factor, signing_in
from app.actions.allowances import UsedUp, spend
from app.actions.one_time_links import LASTS
from app.actions.signing_in import CodeWanted, Refused
from app.domain.errors import Missing
from app.domain.people import EMAIL_LIMIT
from app.domain.secret import LinkKind
from app.queries import signing_in as queries
from app.queries.sign_on import Offered, offered
from app.web import cookie
from app.web.deps import Db, MaybeReader, Now, Posted, Reads, Transactions
from app.web.device import device_of, network_address
from app.web.entering import end_former, let_in
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.local import HOME, local_path, with_next
from app.web.render import render
from app.web.safely import Safely

router = APIRouter()

ATTEMPTS_AN_HOUR = 300
"""From one network address: an office at nine o'clock, but no machine that tries passwords on many people."""

CODE = "-code"
"""The cookie between the password and the code of the second factor."""
CODE_LASTS = LASTS[LinkKind.SECOND_FACTOR] // datetime.timedelta(seconds=1)


class SignInForm(Form):
    email: Annotated[str, line(EMAIL_LIMIT)]
    password: Secret
    next: str = HOME


class CodeForm(Form):
    code: Annotated[str, line(100)]
    next: str = HOME


@dataclass(frozen=True, slots=True)
class SignInPage:
    """`until`: when an address that was locked is open again. `done`: a word for what was just done.

    `ended`: the browser came with a cookie that is not good any more; `deactivated_in` names the organisation where
    its holder was deactivated, if that is why.
    """

    form: Checked[SignInForm]
    next: str
    sign_on: Offered
    until: datetime.datetime | None = None
    done: str = ""
    ended: bool = False
    deactivated_in: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    next: str
    form: Checked[CodeForm] = field(default_factory=lambda: filled(CodeForm))
    until: datetime.datetime | None = None


@router.get("/sign-in", name="sign-in", dependencies=[Safely])
def ask(request: Request, db: Db, reader: MaybeReader, next: str = HOME, done: str = "") -> Response:  # its name
    """Whoever was signed out without doing so is told once: the cookie is taken away."""
    if reader:
        return RedirectResponse(local_path(next), HTTP_303_SEE_OTHER)
    old, connection = cookie.secret(request), db.connection()
    left = queries.deactivated_in(connection, old) if old else ""
    page = SignInPage(
        filled(SignInForm), local_path(next), offered(connection), done=done, ended=bool(old), deactivated_in=left
    )
    answer = render(request, "sign_in/sign_in.html", page)
    if old:
        cookie.take_away(request, answer)
    return answer


@router.post("/sign-in", name="sign-in-send", dependencies=[Safely])
def sign_in(request: Request, reads: Reads, db: Db, posted: Posted, now: Now) -> Response:
    checked = check(SignInForm, posted)
    if checked.form is None:
        return _again(request, reads, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    form = checked.form
    with reads() as session:
        kept = signing_in.kept_password(session, form.email)
    proof = passwords.proof(kept, form.password)
    try:
        spend(db, "sign in", network_address(request), ATTEMPTS_AN_HOUR, now)
        outcome = signing_in.sign_in(db, proof, device_of(request), now)
    except UsedUp as locked:
        return _again(request, reads, checked.refused(locked), HTTP_429_TOO_MANY_REQUESTS, locked.until)
    if isinstance(outcome, Refused):
        return _again(request, reads, checked.refused(outcome.text), HTTP_422_UNPROCESSABLE_CONTENT)
    if isinstance(outcome, CodeWanted):
        to_code = with_next(request.app.url_path_for("sign-in-code"), form.next)
        answer = RedirectResponse(to_code, HTTP_303_SEE_OTHER)
        cookie.give(request, answer, outcome.secret, CODE_LASTS, CODE)
        return answer
    end_former(request, db, now)
    return let_in(request, outcome, form.next)


@router.get("/sign-in/code", name="sign-in-code", dependencies=[Safely])
def ask_code(request: Request, db: Db, now: Now, next: str = HOME) -> Response:  # its name
    try:
        queries.link_is_good(db.connection(), LinkKind.SECOND_FACTOR, cookie.secret(request, CODE), now)
    except Missing:
        return _from_the_start(request, next)
    return render(request, "sign_in/code.html", CodePage(local_path(next)))


@router.post("/sign-in/code", name="sign-in-code-send", dependencies=[Safely])
def sign_in_by_code(request: Request, db: Db, posted: Posted, now: Now) -> Response:
    checked = check(CodeForm, posted)
    following = local_path(checked.value("next"))
    if checked.form is None:
        page = CodePage(following, checked)
        return render(request, "sign_in/code.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    secret = cookie.secret(request, CODE)
    try:
        outcome = second_factor.sign_in(db, secret, checked.form.code, device_of(request), now)
    except Missing:
        return _from_the_start(request, following)
    except UsedUp as locked:
        page = CodePage(following, checked.refused(locked), locked.until)
        return render(request, "sign_in/code.html", page, HTTP_429_TOO_MANY_REQUESTS)
    if isinstance(outcome, Refused):
        page = CodePage(following, checked.refused(outcome.text, "code"))
        return render(request, "sign_in/code.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    end_former(request, db, now)
    answer = let_in(request, outcome, following)
    cookie.take_away(request, answer, CODE)
    return answer


@router.post("/sign-out", name="sign-out")
def sign_out(request: Request, db: Db, now: Now) -> Response:
    """Whoever is not signed in any more is signed out as well."""
    end_former(request, db, now)
    answer = RedirectResponse(f"{request.app.url_path_for('sign-in')}?done=signed-out", HTTP_303_SEE_OTHER)
    cookie.take_away(request, answer)
    # Nothing of what was read stays in the browser for who uses it next.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def _again(
    request: Request,
    reads: Transactions,
    checked: Checked[SignInForm],
    status: int,
    until: datetime.datetime | None = None,
) -> Response:
    with reads() as session:
        sign_on = offered(session.connection())
    page = SignInPage(checked, local_path(checked.value("next")), sign_on, until)
    return render(request, "sign_in/sign_in.html", page, status)


def _from_the_start(request: Request, following: str) -> Response:
    return RedirectResponse(with_next(request.app.url_path_for("sign-in"), following), HTTP_303_SEE_OTHER)
