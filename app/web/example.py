"""The example organisation: asking before it is removed, and removing it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.actions import signing_in
from app.actions.example_removal import may_remove, remove_example
from app.queries.organisations import organisation
from app.web.deps import Db, Me, Now, SignedInReader
from app.web.device import device_of
from app.web.entering import let_in
from app.web.render import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class RemovePage:
    """`home` is the organisation that the reader goes on in."""

    name: str
    home: str


@router.get("/organisation/remove", name="example-remove-ask")
def ask(request: Request, db: Db, me: Me) -> Response:
    home = may_remove(db, me)
    connection = db.connection()
    page = RemovePage(organisation(connection, me.organisation_id).name, organisation(connection, home).name)
    return render(request, "example/remove.html", page)


@router.post("/organisation/remove", name="example-remove")
def remove(request: Request, db: Db, reader: SignedInReader, now: Now) -> Response:
    """Whoever removed it goes on in another of their organisations, by a new secret."""
    home = remove_example(db, reader.actor, now)
    return let_in(request, signing_in.enter(db, reader.browser.person_id, home, device_of(request), now))
