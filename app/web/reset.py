"""Choosing a new password by a link that works once, and asking for such a link by mail."""

import datetime
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_303_SEE_OTHER,
    HTTP_409_CONFLICT,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
)

from app.actions import accounts, passwords
from app.actions.allowances import UsedUp
from app.actions.one_time_links import LASTS
from app.actions.reset_letters import ask_for_reset_letter
from app.actions.reset_links import make_reset_link
from app.domain.errors import Invalid, Missing
from app.domain.mail import Letter
from app.domain.people import EMAIL_LIMIT
from app.domain.secret import LinkKind
from app.queries.people import PersonLine, person_line
from app.queries.signing_in import NO_LINK, Account, link_is_good
from app.web.deps import Db, Me, Now, Posted, Reads
from app.web.device import network_address
from app.web.forms import Checked, Form, Secret, check, filled, line
from app.web.language import language_of
from app.web.letters import Letters, PasswordLetter, ResetLetter, letters_of, send_letter
from app.web.render import Site, render
from app.web.safely import Safely

router = APIRouter()

HOURS = LASTS[LinkKind.RESET] // datetime.timedelta(hours=1)


class AskForm(Form):
    email: Annotated[str, line(EMAIL_LIMIT)]


class ChooseForm(Form):
    password: Secret


@dataclass(frozen=True, slots=True)
class AskPage:
    """`able`: links go by mail. `asked`: a letter was asked for. `until`: when another one can be asked for."""

    form: Checked[AskForm]
    able: bool
    asked: bool
    hours: int
    until: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class ChoosePage:
    secret: str
    account: Account
    form: Checked[ChooseForm]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The one time that the link is shown."""

    person: PersonLine
    link: str
    hours: int


@router.get("/reset", name="reset", dependencies=[Safely])
def ask(request: Request, done: str = "") -> Response:
    return _asking(request, asked=done == "asked")


@router.post("/reset", name="reset-ask", dependencies=[Safely])
def ask_for_letter(request: Request, db: Db, posted: Posted, now: Now) -> Response:
    """The same for every address: whether it is somebody's is looked up later, by a job."""
    if not letters_of(request).able:
        return _asking(request, status=HTTP_409_CONFLICT)
    checked = check(AskForm, posted)
    if checked.form is None:
        return _asking(request, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        ask_for_reset_letter(db, checked.form.email, network_address(request), language_of(request), now)
    except Invalid as unfit:
        return _asking(request, checked.refused(unfit, "email"), HTTP_422_UNPROCESSABLE_CONTENT)
    except UsedUp as used:
        return _asking(request, checked, HTTP_429_TOO_MANY_REQUESTS, until=used.until)
    return RedirectResponse(f"{request.app.url_path_for('reset')}?done=asked", HTTP_303_SEE_OTHER)


def reset_letter(letters: Letters, secret: str, expires_at: datetime.datetime, language: str) -> Letter:
    """The letter with the link, for the job that sends it and knows no request."""
    return letters.write(ResetLetter(str(router.url_path_for("reset-choose", secret=secret)), expires_at), language)


@router.get("/reset/{secret}", name="reset-choose", dependencies=[Safely])
def choose(request: Request, db: Db, secret: str, now: Now) -> Response:
    account = link_is_good(db.connection(), LinkKind.RESET, secret, now)
    return render(request, "reset/choose.html", ChoosePage(secret, _somebody(account), filled(ChooseForm)))


@router.post("/reset/{secret}", name="reset-send", dependencies=[Safely])
def reset(request: Request, reads: Reads, db: Db, secret: str, posted: Posted, now: Now) -> Response:
    """Whoever chose a password signs in with it: a second factor is asked for there."""
    with reads() as session:
        account = _somebody(link_is_good(session.connection(), LinkKind.RESET, secret, now))
    checked = check(ChooseForm, posted)
    if checked.form is None:
        return _again(request, secret, account, checked)
    try:
        good = passwords.checked(checked.form.password, account.name, account.email)
    except Invalid as weak:
        return _again(request, secret, account, checked.refused(weak, "password"))
    accounts.reset_password(db, secret, passwords.hashed(good), now)
    tell_of_password(request, db, account.person_id, account.email, now)
    return RedirectResponse(f"{request.app.url_path_for('sign-in')}?done=password", HTTP_303_SEE_OTHER)


@router.post("/people/{person_id}/reset-link", name="person-reset-link", dependencies=[Safely])
def make_link(request: Request, db: Db, me: Me, person_id: int, now: Now) -> Response:
    """Shown in the answer itself and nowhere again: of the secret only a digest is kept."""
    secret = make_reset_link(db, me, person_id, now)
    person = person_line(db.connection(), me.organisation_id, person_id)
    link = Site(request).address("reset-choose", secret=secret)
    return render(request, "reset/link.html", LinkPage(person, link, HOURS))


def tell_of_password(
    request: Request, db: Db, person_id: int, email: str, now: datetime.datetime, organisation_id: int | None = None
) -> None:
    """Tell the holder of an account by mail that its password is another one: it may not have been them."""
    letter = PasswordLetter(request.app.url_path_for("reset"), now)
    send_letter(request, db, email, letter, now, f"{person_id} {now.isoformat()}", organisation_id)


def _asking(
    request: Request,
    form: Checked[AskForm] | None = None,
    status: int = HTTP_200_OK,
    *,
    asked: bool = False,
    until: datetime.datetime | None = None,
) -> Response:
    page = AskPage(form or filled(AskForm), letters_of(request).able, asked, HOURS, until)
    return render(request, "reset/ask.html", page, status)


def _somebody(account: Account | None) -> Account:
    if account is None:
        raise Missing(NO_LINK)
    return account


def _again(request: Request, secret: str, account: Account, checked: Checked[ChooseForm]) -> Response:
    page = ChoosePage(secret, account, checked)
    return render(request, "reset/choose.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
