"""The answer that lets somebody in: the cookie with a new secret, and the page that they go on to."""

import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.actions import signing_in
from app.actions.signing_in import LASTS, Entered
from app.queries import signing_in as queries
from app.web import cookie
from app.web.deps import Db
from app.web.local import HOME, local_path


def let_in(request: Request, entered: Entered, wanted: str = HOME) -> Response:
    """To the wanted page, if it is one of this site's; the secret is a new one whatever the browser had before."""
    answer = RedirectResponse(local_path(wanted), 303)
    give_entry(request, answer, entered)
    return answer


def give_entry(request: Request, answer: Response, entered: Entered) -> None:
    cookie.give(request, answer, entered.secret, LASTS // datetime.timedelta(seconds=1))


def end_former(request: Request, db: Db, now: datetime.datetime) -> None:
    """Whoever was signed in in this browser is not any longer."""
    secret = cookie.secret(request)
    former = queries.signed_in(db.connection(), secret, now) if secret else None
    if former:
        signing_in.sign_out(db, former, now)
