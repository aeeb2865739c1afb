"""What became of the organisation's mail, for admins: a list, sending again, and a test message."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.actions.mail import resend, send_test
from app.domain.errors import Invalid, NotAllowed
from app.domain.people import Actor
from app.queries.accounts import account_line
from app.queries.deliveries import DeliveryPage, newest_deliveries
from app.web.deps import Db, Me, Now
from app.web.forms import Checked, Form, Number, check, line
from app.web.language import language_of
from app.web.letters import TryoutLetter, letters_of
from app.web.render import Site, render

router = APIRouter()


class WantedForm(Form):
    """What the address of the page asks for; `before` is where an older page begins."""

    q: Annotated[str, line(200)] = ""
    state: Literal["waiting", "sent", "failed", ""] = ""
    before: Number | None = None


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """`able`: mail is set up. `trouble` is why a test message could not be sent."""

    form: Checked[WantedForm]
    deliveries: DeliveryPage
    able: bool
    older: str
    trouble: str = ""

    @property
    def narrowed(self) -> bool:
        return any(any(values) for values in self.form.typed.values())


def looking_after(actor: Actor) -> Actor:
    if not actor.may_see_deliveries():
        raise NotAllowed("Only an admin looks after mail.")
    return actor


@router.get("/deliveries", name="deliveries")
def page(request: Request, db: Db, me: Me) -> Response:
    return _page(request, db, looking_after(me))


def _page(request: Request, db: Db, actor: Actor, trouble: str = "") -> Response:
    checked = check(WantedForm, FormData([*request.query_params.multi_items()]))
    form, found = checked.form, DeliveryPage((), None)
    if form:
        found = newest_deliveries(db.connection(), actor.organisation_id, form.q, form.state, form.before)
    typed = [(name, value) for name, values in checked.typed.items() for value in values if value and name != "before"]
    older = urlencode([*typed, ("before", found.before or "")])
    shown = DeliveriesPage(checked, found, letters_of(request).able, older, trouble)
    return render(request, "deliveries/deliveries.html", shown, 200 if form and not trouble else 422)


@router.post("/deliveries/test", name="delivery-test")
def try_out(request: Request, db: Db, me: Me, now: Now) -> Response:
    """To the admin's own address: nobody is to be bothered by an address that was typed."""
    looking_after(me)
    if me.person_id is None:
        raise NotAllowed("Only a person asks for a test message.")
    account = account_line(db.connection(), me.person_id)
    try:
        letter = letters_of(request).write(TryoutLetter(Site(request).path("deliveries")), language_of(request))
    except Invalid as unable:
        return _page(request, db, me, str(unable))
    send_test(db, me, account.email, letter, now)
    return RedirectResponse(Site(request).path("deliveries"), 303)


@router.post("/deliveries/{delivery_id}/again", name="delivery-again")
def again(request: Request, db: Db, me: Me, now: Now, delivery_id: int) -> Response:
    resend(db, me, delivery_id, now)
    return RedirectResponse(Site(request).path("deliveries"), 303)
