"""Switching the second factor on and off, and its recovery codes. Each asks for the password again."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_303_SEE_OTHER,
    HTTP_409_CONFLICT,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
)

from app.actions import passwords
from app.actions import second_factor as changing
from app.actions.allowances import UsedUp
from app.actions.passwords import Proof
from app.actions.signing_in import Refused
from app.charts.qr import qr
from app.charts.svg import Svg
from app.domain.errors import Invalid
from app.queries import signing_in as queries
from app.queries.accounts import AccountLine, account_line
from app.web.deps import Db, Now, Posted, ReaderApart, Reads, SignedInReader, Transactions
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.reader import Reader
from app.web.render import render
from app.web.safely import Safely

router = APIRouter(dependencies=[Safely])


class EnableForm(Form):
    secret: Annotated[str, line(64)]
    password: Secret
    code: Annotated[str, line(20)]


class PasswordForm(Form):
    password: Secret


@dataclass(frozen=True, slots=True)
class EnablePage:
    """The secret as picture and in letters, in groups that are easily typed."""

    account: AccountLine
    secret: str
    groups: str
    qr: Svg
    form: Checked[EnableForm]


@dataclass(frozen=True, slots=True)
class AskPage:
    account: AccountLine
    form: Checked[PasswordForm]


@dataclass(frozen=True, slots=True)
class CodesPage:
    """The one time that the recovery codes are shown."""

    codes: tuple[str, ...]


@router.get("/account/second-factor", name="second-factor")
def begin(request: Request, db: Db, reader: SignedInReader) -> Response:
    account = account_line(db.connection(), reader.browser.person_id)
    if account.second_factor:
        return RedirectResponse(request.app.url_path_for("account"), HTTP_303_SEE_OTHER)
    return _enabling(request, account, changing.new_secret(), filled(EnableForm), 200)


@router.post("/account/second-factor", name="second-factor-on")
def enable(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    """The recovery codes stand in the answer itself and nowhere again: only their digests are kept."""
    account, checked = _account(reads, reader), check(EnableForm, posted)
    secret = checked.value("secret")
    if not changing.SECRET.fullmatch(secret):
        raise Invalid("This is no secret of a second factor. Begin again.")
    if checked.form is None:
        return _enabling(request, account, secret, checked)
    proof = _proof(reads, reader, checked.form.password)
    try:
        outcome = changing.enable(db, reader.actor, proof, secret, checked.form.code, now)
    except UsedUp as locked:
        return _enabling(request, account, secret, checked.refused(locked), HTTP_429_TOO_MANY_REQUESTS)
    if isinstance(outcome, Refused):
        place = "code" if outcome.text == changing.WRONG_CODE else "password"
        return _enabling(request, account, secret, checked.refused(outcome.text, place))
    return render(request, "second_factor/codes.html", CodesPage(outcome))


@router.get("/account/second-factor/off", name="second-factor-off")
def ask_off(request: Request, db: Db, reader: SignedInReader) -> Response:
    return _asking(request, account_line(db.connection(), reader.browser.person_id), "off")


@router.post("/account/second-factor/off", name="second-factor-off-send")
def disable(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    account, checked = _account(reads, reader), check(PasswordForm, posted)
    if checked.form is None:
        return _asking(request, account, "off", checked)
    proof = _proof(reads, reader, checked.form.password)
    try:
        refused = changing.disable(db, reader.actor, proof, now)
    except UsedUp as locked:
        return _asking(request, account, "off", checked.refused(locked), HTTP_429_TOO_MANY_REQUESTS)
    if refused:
        return _asking(request, account, "off", checked.refused(refused.text, "password"))
    return RedirectResponse(f"{request.app.url_path_for('account')}?done=second-factor-off", HTTP_303_SEE_OTHER)


@router.get("/account/recovery-codes", name="second-factor-codes")
def ask_codes(request: Request, db: Db, reader: SignedInReader) -> Response:
    return _asking(request, account_line(db.connection(), reader.browser.person_id), "renew")


@router.post("/account/recovery-codes", name="second-factor-codes-send")
def renew(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    account, checked = _account(reads, reader), check(PasswordForm, posted)
    if checked.form is None:
        return _asking(request, account, "renew", checked)
    proof = _proof(reads, reader, checked.form.password)
    try:
        outcome = changing.renew_recovery_codes(db, reader.actor, proof, now)
    except UsedUp as locked:
        return _asking(request, account, "renew", checked.refused(locked), HTTP_429_TOO_MANY_REQUESTS)
    except Invalid as none:
        return _asking(request, account, "renew", checked.refused(none), HTTP_409_CONFLICT)
    if isinstance(outcome, Refused):
        return _asking(request, account, "renew", checked.refused(outcome.text, "password"))
    return render(request, "second_factor/codes.html", CodesPage(outcome))


def _account(reads: Transactions, reader: Reader) -> AccountLine:
    with reads() as session:
        return account_line(session.connection(), reader.browser.person_id)


def _proof(reads: Transactions, reader: Reader, password: str) -> Proof:
    with reads() as session:
        kept = queries.password_of(session.connection(), reader.browser.person_id)
    return passwords.proof(kept, password)


def _enabling(
    request: Request,
    account: AccountLine,
    secret: str,
    form: Checked[EnableForm],
    status: int = HTTP_422_UNPROCESSABLE_CONTENT,
) -> Response:
    picture = qr(changing.address(secret, account.email))
    groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    page = EnablePage(account, secret, groups, picture, form)
    return render(request, "second_factor/enable.html", page, status)


def _asking(
    request: Request,
    account: AccountLine,
    what: str,
    form: Checked[PasswordForm] | None = None,
    status: int = HTTP_422_UNPROCESSABLE_CONTENT,
) -> Response:
    page = AskPage(account, form or filled(PasswordForm))
    return render(request, f"second_factor/{what}.html", page, 200 if form is None else status)
