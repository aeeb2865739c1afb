"""A POST with an idempotency key is done once; sending it again gets the answer of the first time."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import Depends, Header, Request
from starlette.responses import Response
from starlette.status import HTTP_201_CREATED

from app.actions.kept_answers import Answer, Claim, claim, keep, let_go
from app.api.answers import Shown, etag, plain_body
from app.api.deps import Credentials, Db, Now
from app.queries.tokens import known_token

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="A value of your own, new for each thing to be done, such as a UUID. Kept for 24 hours.",
    ),
]


class AnsweredBefore(Exception):
    """This very request was answered already."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


async def request_digest(request: Request) -> bytes:
    """What tells one request from another, whatever its headers say."""
    body = await request.body()
    return hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()


@dataclass(frozen=True, slots=True)
class Claimed:
    """`claim` is None where no key was sent."""

    claim: Claim | None

    def answer(
        self, db: Db, shown: Shown, status: int = HTTP_201_CREATED, location: str = "", secret: Mapping[str, None] = {}
    ) -> Response:
        """The answer to what was done, kept with it under the key; of a secret in it, the fields `secret` are not."""
        headers = {"etag": etag(shown), "location": location} if location else {}
        body = plain_body(shown)
        if self.claim is not None:
            keep(db, self.claim, Answer(status, headers, {**body, **secret}))
        return _response(Answer(status, headers, body))


def once(
    request: Request,
    credentials: Credentials,
    now: Now,
    digest: Annotated[bytes, Depends(request_digest)],
    key: Key = None,
) -> Iterator[Claimed]:
    """Has to be asked for before `Db`: the key is claimed, and let go, in transactions of their own."""
    claimed = _claimed(request, credentials, key, digest, now) if key and credentials else None
    try:
        yield Claimed(claimed)
    except Exception:
        if claimed is not None:
            with request.app.state.writing() as session:
                let_go(session, claimed)
        raise


Once = Annotated[Claimed, Depends(once, scope="function")]


def _claimed(request: Request, credentials: Credentials, key: str, digest: bytes, now: Now) -> Claim | None:
    with request.app.state.writing() as session:
        token = known_token(session.connection(), credentials.credentials if credentials else "", now)
        found = claim(session, token, key, digest, now) if token else None
    if isinstance(found, Answer):
        raise AnsweredBefore(found)
    return found


async def answer_again(_request: Request, error: Exception) -> Response:
    """The handler of AnsweredBefore."""
    if not isinstance(error, AnsweredBefore):
        raise error
    response = _response(error.answer)
    response.headers["idempotency-replayed"] = "true"
    return response


def _response(answer: Answer) -> Response:
    body = orjson.dumps(dict(answer.body))
    return Response(body, answer.status, dict(answer.headers), media_type="application/json")
