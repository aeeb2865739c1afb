"""Switching the second factor on and off, and its recovery codes. Each asks for password and code."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_200_OK,
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
from app.domain.errors import Conflict, Invalid
from app.queries import signing_in as queries
from app.queries.accounts import AccountLine, account_line
from app.web.deps import Db, Now, Posted, ReaderApart, Reads, SignedInReader, Transactions
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.letters import SecondFactorLetter, send_letter
from app.web.reader import Reader
from app.web.render import render
from app.web.safely import Safely

router = APIRouter(dependencies=[Safely])


class PasswordForm(Form):
    """What each of these asks for; `code` is one that the app shows, or a recovery code."""

    password: Secret
    code: Annotated[str, line(100)]


class EnableForm(PasswordForm):
    secret: Annotated[str, line(64)]


P = TypeVar("P", bound=PasswordForm)
T = TypeVar("T")


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
class Tried(Generic[P]):
    """A form, with what was refused, and the status of the page that shows it again."""

    form: Checked[P]
    status: int = HTTP_422_UNPROCESSABLE_CONTENT


@dataclass(frozen=True, slots=True)
class CodesPage:
    """The one time that the recovery codes are shown."""

    codes: tuple[str, ...]


@router.get("/account/second-factor", name="second-factor")
def begin(request: Request, db: Db, reader: SignedInReader) -> Response:
    account = account_line(db.connection(), reader.browser.person_id)
    if account.second_factor:
        return RedirectResponse(request.app.url_path_for("account"), HTTP_303_SEE_OTHER)
    return _enabling(request, account, changing.new_secret(), filled(EnableForm), HTTP_200_OK)


@router.post("/account/second-factor", name="second-factor-on")
def enable(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    """The recovery codes stand in the answer itself and nowhere again: only their digests are kept."""
    secret = str(posted.get("secret", ""))
    if not changing.SECRET.fullmatch(secret):
        raise Invalid("This is no secret of a second factor. Begin again.")
    account = _account(reads, reader)
    codes, tried = _tried(
        reads,
        reader,
        check(EnableForm, posted),
        lambda proof, form: changing.enable(db, reader.actor, proof, form.secret, form.code, now),
    )
    if codes is None:
        return _enabling(request, account, secret, tried.form, tried.status)
    _tell(request, db, reader, account, now, on=True)
    return render(request, "second_factor/codes.html", CodesPage(codes))


@router.get("/account/second-factor/off", name="second-factor-off")
def ask_off(request: Request, db: Db, reader: SignedInReader) -> Response:
    return _asking(request, account_line(db.connection(), reader.browser.person_id), "off")


@router.post("/account/second-factor/off", name="second-factor-off-send")
def disable(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    account = _account(reads, reader)
    _, tried = _tried(
        reads,
        reader,
        check(PasswordForm, posted),
        lambda proof, form: changing.disable(db, reader.actor, proof, form.code, now),
    )
    if tried.form.form is None:
        return _asking(request, account, "off", tried)
    _tell(request, db, reader, account, now, on=False)
    return RedirectResponse(f"{request.app.url_path_for('account')}?done=second-factor-off", HTTP_303_SEE_OTHER)


@router.get("/account/recovery-codes", name="second-factor-codes")
def ask_codes(request: Request, db: Db, reader: SignedInReader) -> Response:
    return _asking(request, account_line(db.connection(), reader.browser.person_id), "renew")


@router.post("/account/recovery-codes", name="second-factor-codes-send")
def renew(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    account = _account(reads, reader)
    codes, tried = _tried(
        reads,
        reader,
        check(PasswordForm, posted),
        lambda proof, form: changing.renew_recovery_codes(db, reader.actor, proof, form.code, now),
    )
    if codes is None:
        return _asking(request, account, "renew", tried)
    return render(request, "second_factor/codes.html", CodesPage(codes))


def _tried(
    reads: Transactions, reader: Reader, checked: Checked[P], act: Callable[[Proof, P], T | Refused]
) -> tuple[T | None, Tried[P]]:
    """What came of acting with the form, and the form with what was refused. The password is compared before."""
    if checked.form is None:
        return None, Tried(checked)
    with reads() as session:
        kept = queries.password_of(session.connection(), reader.browser.person_id)
    try:
        outcome = act(passwords.proof(kept, checked.form.password), checked.form)
    except UsedUp as locked:
        return None, Tried(checked.refused(locked), HTTP_429_TOO_MANY_REQUESTS)
    except Conflict as refused:
        return None, Tried(checked.refused(refused), HTTP_409_CONFLICT)
    if isinstance(outcome, Refused):
        place = "code" if outcome.text == changing.WRONG_CODE else "password"
        return None, Tried(checked.refused(outcome.text, place))
    return outcome, Tried(checked)


def _tell(request: Request, db: Db, reader: Reader, account: AccountLine, now: datetime.datetime, *, on: bool) -> None:
    """Tell the holder of the account by mail: it may not have been them."""
    letter = SecondFactorLetter(request.app.url_path_for("account"), now, on)
    reason = f"{'on' if on else 'off'} {reader.browser.person_id} {now.isoformat()}"
    send_letter(request, db, account.email, letter, now, reason, reader.browser.organisation_id)


def _account(reads: Transactions, reader: Reader) -> AccountLine:
    with reads() as session:
        return account_line(session.connection(), reader.browser.person_id)


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


def _asking(request: Request, account: AccountLine, what: str, tried: Tried[PasswordForm] | None = None) -> Response:
    """Ask for password and code; there is nothing to ask where the second factor is off."""
    if tried is None and not account.second_factor:
        return RedirectResponse(request.app.url_path_for("account"), HTTP_303_SEE_OTHER)
    page = AskPage(account, tried.form if tried else filled(PasswordForm))
    return render(request, f"second_factor/{what}.html", page, tried.status if tried else HTTP_200_OK)
