"""Linking one's own account to the organisation's single sign-on: only whoever is signed in can do so."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER

from app.actions.sso import unlink as unlink_account
from app.domain.errors import Conflict
from app.queries import sign_on
from app.web.deps import Db, Me, Now, ReaderApart, Reads
from app.web.safely import Safely
from app.web.sso import go

router = APIRouter(dependencies=[Safely])


@router.post("/account/sign-on", name="account-sign-on-link")
def link(request: Request, reads: Reads, db: Db, reader: ReaderApart, now: Now) -> Response:
    """Go to the provider; whoever comes back from there is linked to the account that is signed in."""
    organisation_id = reader.browser.organisation_id
    with reads() as session:
        provider = sign_on.provider(session.connection(), organisation_id)
    if provider is None:
        raise Conflict("Your organisation has no single sign-on.")
    path = request.app.url_path_for("account")
    return go(request, db, organisation_id, provider, path, now, reader.browser.person_id)


@router.post("/account/sign-on/end", name="account-sign-on-unlink")
def unlink(request: Request, db: Db, me: Me, now: Now) -> Response:
    unlink_account(db, me, now)
    return RedirectResponse(f"{request.app.url_path_for('account')}?done=unlinked", HTTP_303_SEE_OTHER)
