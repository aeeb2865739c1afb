"""What the handlers of the API ask for besides the request, and what each request has to keep to.

Whoever asks is known by a bearer token alone. A cookie is never looked at, so that no page of another site can make a
browser ask in somebody's name.
"""

from collections.abc import Iterator
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.status import (
    HTTP_401_UNAUTHORIZED,
    HTTP_406_NOT_ACCEPTABLE,
    HTTP_415_UNSUPPORTED_MEDIA_TYPE,
)

from app.actions.tokens import is_stale, note_used
from app.domain.people import Actor
from app.domain.tokens import PATTERN
from app.queries.tokens import KnownToken, actor_of, known_token
from app.web.deps import Now as Now
from app.web.deps import transaction
from app.web.render import Site

PREFIX = "/api/v1"
ANSWERED = frozenset({"application/json", "application/problem+json", "application/*", "*/*"})
TAKEN = frozenset({"application/json", "application/merge-patch+json"})
WITH_BODY = frozenset({"POST", "PATCH", "PUT"})
NO_TOKEN = {"www-authenticate": 'Bearer realm="Shortstave"'}
BAD_TOKEN = {"www-authenticate": 'Bearer realm="Shortstave", error="invalid_token"'}

NOT_GOOD = "This token is not good: mistyped, revoked, expired, or of somebody who was deactivated."

log = structlog.get_logger("shortstave.api")

bearer = HTTPBearer(
    scheme_name="token",
    bearerFormat=PATTERN,
    description="A token, made on the page My tokens or by `shortstave token create`.",
    auto_error=False,
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def one_transaction(request: Request, now: Now) -> Iterator[Session]:
    """The request's one transaction, in which a write also notes that the token was used.

    At its end, so that the organisation is held first, as by whoever revokes the tokens of a leaver.
    """
    with transaction(request, now) as session:
        yield session
        token: KnownToken | None = getattr(request.state, "token", None)
        writes = request.method in WITH_BODY
        if token and writes:
            note_used(session, token, now)
    if token and not writes and is_stale(token, now):
        # What was read is shown, even where this cannot be written.
        try:
            with request.app.state.writing() as session:
                note_used(session, token, now)
        except SQLAlchemyError as error:
            log.warning("not noted that a token was used", exc_info=error)


# scope="function": commit before the answer leaves.
Db = Annotated[Session, Depends(one_transaction, scope="function")]


def held_token(credentials: Credentials, db: Db, now: Now) -> KnownToken:
    """The token that this request came with."""
    if credentials is None:
        raise HTTPException(HTTP_401_UNAUTHORIZED, "Send a token: Authorization: Bearer sst_...", NO_TOKEN)
    token = known_token(db.connection(), credentials.credentials, now)
    if token is None:
        raise HTTPException(HTTP_401_UNAUTHORIZED, NOT_GOOD, BAD_TOKEN)
    return token


Held = Annotated[KnownToken, Depends(held_token)]


def caller(request: Request, token: Held, db: Db) -> Actor:
    """Who asks, with the rights that they have now and that the token leaves them."""
    actor = actor_of(db.connection(), token)
    if actor is None:
        raise HTTPException(HTTP_401_UNAUTHORIZED, NOT_GOOD, BAD_TOKEN)
    request.state.token = token
    return actor


Caller = Annotated[Actor, Depends(caller)]


def conventions(request: Request) -> None:
    """JSON comes and JSON goes."""
    accepted = request.headers.get("accept", "*/*")
    if not ANSWERED & {kind.split(";")[0].strip().lower() for kind in accepted.split(",")}:
        raise HTTPException(HTTP_406_NOT_ACCEPTABLE, "Answers are application/json, and nothing else.")
    if request.method in WITH_BODY and request.headers.get("content-type", "").split(";")[0].strip() not in TAKEN:
        raise HTTPException(HTTP_415_UNSUPPORTED_MEDIA_TYPE, "Send application/json.")


def address(request: Request, name: str, **values: object) -> str:
    """The whole address of a page, for a link that people are given."""
    return Site(request).address(name, **values)
