"""Coming in by an organisation's single sign-on: the way to its provider, and the way back.

What is asked of a provider is asked between two transactions, never inside one.
"""

import datetime
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_303_SEE_OTHER,
    HTTP_403_FORBIDDEN,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_502_BAD_GATEWAY,
)

from app.actions import sso
from app.actions.allowances import spend
from app.actions.signing_in import Refused
from app.actions.sso import LASTS, Attempt
from app.connectors.id_token import Untrue
from app.connectors.oidc import Providers, Trouble
from app.domain.errors import Conflict, Missing, Sentence
from app.domain.sign_on import Claims, Provider
from app.queries import sign_on
from app.web import cookie
from app.web.deps import Db, MaybeReader, Now, Posted, Reads, Transactions, Writes, found_reader
from app.web.device import device_of
from app.web.entering import end_former, let_in
from app.web.forms import Form, check
from app.web.local import HOME, local_path, with_next
from app.web.render import Site, render
from app.web.safely import Safely

router = APIRouter(dependencies=[Safely])

ATTEMPTS_AN_HOUR = 300
"""From one network address: an office at nine o'clock."""
BROWSER = "-sign-on"
"""The cookie that binds attempts to the browser that began them."""
BROWSER_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
ADDRESS_LIMIT = 4000
"""Characters of a code and the like: what providers send is far shorter."""

GONE = Sentence(
    "This way back is not good any more. It works once, within ten minutes, and in the browser that it was begun in. "
    "Nobody was signed in."
)
SAID_NO = Sentence("Your organisation's sign-on did not let you in, or you turned back there. Nobody was signed in.")
NOT_PROVEN = Sentence("What your organisation's sign-on sent does not prove who you are. Nobody was signed in.")
UNREACHED = Sentence("Your organisation's sign-on cannot be asked at the moment. Nobody was signed in.")


class BeginForm(Form):
    next: str = HOME


@dataclass(frozen=True, slots=True)
class BeginPage:
    organisation_id: int
    next: str


@dataclass(frozen=True, slots=True)
class GoingPage:
    """The way to the provider: a form may not be sent on to another site, a page may."""

    address: str


@dataclass(frozen=True, slots=True)
class FailedPage:
    """What happened, why as far as it is known, and where to begin again; None where not even that is known."""

    happened: str
    why: str = ""
    organisation_id: int | None = None
    next: str = HOME


class Failed(Exception):
    """The way back ended; `status` is that of the page."""

    def __init__(self, status: int, page: FailedPage) -> None:
        super().__init__(page.happened)
        self.status = status
        self.page = page


Short = Annotated[str, Query(max_length=ADDRESS_LIMIT)]


@router.get("/sso/callback", name="sso-callback")
def back(
    request: Request,
    writes: Writes,
    now: Now,
    state: Short = "",
    code: Short = "",
    error: Short = "",
    iss: Short = "",
) -> Response:
    """Somebody comes back from their provider, with a code that tells who they are."""
    try:
        with writes() as session:
            taken = sso.take(session, state, cookie.secret(request, BROWSER), now)
        attempt = _known(taken)
        claims = _claims(request, attempt, code, error, iss, now)
        if attempt.person_id is not None:
            return _linked(request, writes, attempt, claims, now)
        with writes() as session:
            outcome = sso.sign_in(session, attempt, claims, device_of(request), now)
            if not isinstance(outcome, Refused):
                end_former(request, session, now)
    except Failed as failed:
        return render(request, "sso/failed.html", failed.page, failed.status)
    if isinstance(outcome, Refused):
        page = FailedPage(outcome.text, "", attempt.organisation_id, attempt.next)
        return render(request, "sso/failed.html", page, HTTP_403_FORBIDDEN)
    return let_in(request, outcome, attempt.next)


@router.get("/sso/{organisation_id}", name="sso")
def ask(request: Request, db: Db, organisation_id: int, reader: MaybeReader, next: str = HOME) -> Response:  # its name
    """The page that an organisation gives to its people. It does not say whose it is."""
    _provider(db, organisation_id)
    if reader and reader.browser.organisation_id == organisation_id:
        return RedirectResponse(local_path(next), HTTP_303_SEE_OTHER)
    return render(request, "sso/begin.html", BeginPage(organisation_id, local_path(next)))


@router.post("/sso/{organisation_id}", name="sso-begin")
def begin(request: Request, reads: Reads, db: Db, organisation_id: int, posted: Posted, now: Now) -> Response:
    form = check(BeginForm, posted).form or BeginForm()
    with reads() as session:
        provider = _provider(session, organisation_id)
    return go(request, db, organisation_id, provider, local_path(form.next), now)


def go(
    request: Request,
    db: Db,
    organisation_id: int,
    provider: Provider,
    following: str,
    now: datetime.datetime,
    person_id: int | None = None,
) -> Response:
    """Send the browser to the provider. `db` is not used before the provider answered."""
    new = sso.new_secrets()
    try:
        address = _providers(request).way_to(provider, callback(request), new.state, new.nonce, new.verifier)
    except Trouble as trouble:
        page = FailedPage(UNREACHED, str(trouble), organisation_id, following)
        return render(request, "sso/failed.html", page, HTTP_502_BAD_GATEWAY)
    spend(db, "single sign-on", request.client.host if request.client else "", ATTEMPTS_AN_HOUR, now)
    browser = cookie.secret(request, BROWSER)
    if not BROWSER_SECRET.fullmatch(browser):
        browser = sso.new_secrets().state
    sso.begin(db, organisation_id, new, browser, following, now, person_id)
    answer = render(request, "sso/going.html", GoingPage(address), HTTP_200_OK)
    cookie.give(request, answer, browser, LASTS // datetime.timedelta(seconds=1), BROWSER)
    return answer


def callback(request: Request) -> str:
    """The address that the provider sends people back to, the same for every organisation of this server."""
    return Site(request).address("sso-callback")


def _provider(session: Db, organisation_id: int) -> Provider:
    found = sign_on.provider(session.connection(), organisation_id)
    if found is None:
        raise Missing("There is no single sign-on here. Your organisation's admins know its address.")
    return found


def _providers(request: Request) -> Providers:
    providers: Providers = request.app.state.providers
    return providers


def _known(attempt: Attempt | None) -> Attempt:
    if attempt is None:
        raise Failed(HTTP_422_UNPROCESSABLE_CONTENT, FailedPage(GONE))
    return attempt


def _claims(request: Request, attempt: Attempt, code: str, error: str, iss: str, now: datetime.datetime) -> Claims:
    """Who came back. Raises Failed."""
    again = (attempt.organisation_id, attempt.next)
    if error or not code:
        known = re.fullmatch("[a-z_]{1,40}", error)
        failed = Sentence(
            "Your organisation's sign-on answered with an error (%(code)s). Nobody was signed in.",
            code=error if known else "?",
        )
        happened = SAID_NO if error == "access_denied" else failed
        raise Failed(HTTP_403_FORBIDDEN, FailedPage(happened, "", *again))
    providers = _providers(request)
    try:
        return providers.claims(attempt.provider, callback(request), code, attempt.verifier, attempt.nonce, iss, now)
    except Untrue as untrue:
        raise Failed(HTTP_403_FORBIDDEN, FailedPage(NOT_PROVEN, str(untrue), *again)) from None
    except Trouble as trouble:
        raise Failed(HTTP_502_BAD_GATEWAY, FailedPage(UNREACHED, str(trouble), *again)) from None


def _linked(
    request: Request,
    writes: Transactions,
    attempt: Attempt,
    claims: Claims,
    now: datetime.datetime,
) -> Response:
    account = request.app.url_path_for("account")
    try:
        with writes() as session:
            reader = found_reader(request, session, now)
            if reader is None:
                return RedirectResponse(with_next(request.app.url_path_for("sign-in"), account), HTTP_303_SEE_OTHER)
            sso.link(session, reader.actor, attempt, claims, now)
    except Conflict as refused:
        return render(request, "sso/failed.html", FailedPage(str(refused)), HTTP_403_FORBIDDEN)
    return RedirectResponse(f"{account}?done=linked", HTTP_303_SEE_OTHER)
