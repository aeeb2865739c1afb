"""Choosing a new password by a link that works once."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import accounts, passwords
from app.actions.one_time_links import LASTS
from app.actions.reset_links import make_reset_link
from app.domain.errors import Invalid, Missing
from app.domain.secret import LinkKind
from app.queries.people import PersonLine, person_line
from app.queries.signing_in import NO_LINK, Account, link_is_good
from app.web.deps import Db, Me, Now, Posted, Reads
from app.web.forms import Checked, Form, Secret, check, filled
from app.web.render import Site, render
from app.web.safely import Safely

router = APIRouter()


class ChooseForm(Form):
    password: Secret


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
def ask(request: Request) -> Response:
    return render(request, "reset/ask.html", None)


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
    return RedirectResponse(f"{request.app.url_path_for('sign-in')}?done=password", HTTP_303_SEE_OTHER)


@router.post("/people/{person_id}/reset-link", name="person-reset-link", dependencies=[Safely])
def make_link(request: Request, db: Db, me: Me, person_id: int, now: Now) -> Response:
    """Shown in the answer itself and nowhere again: of the secret only a digest is kept."""
    secret = make_reset_link(db, me, person_id, now)
    person = person_line(db.connection(), me.organisation_id, person_id)
    link = Site(request).address("reset-choose", secret=secret)
    return render(request, "reset/link.html", LinkPage(person, link, LASTS[LinkKind.RESET].seconds // 3600))


def _somebody(account: Account | None) -> Account:
    if account is None:
        raise Missing(NO_LINK)
    return account


def _again(request: Request, secret: str, account: Account, checked: Checked[ChooseForm]) -> Response:
    page = ChoosePage(secret, account, checked)
    return render(request, "reset/choose.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
