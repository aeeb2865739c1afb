"""Answers: their bodies, their versions (ETag), and the pages of lists."""

import base64
import binascii
import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.status import (
    HTTP_304_NOT_MODIFIED,
    HTTP_412_PRECONDITION_FAILED,
    HTTP_428_PRECONDITION_REQUIRED,
)

from app.domain.errors import Invalid
from app.domain.organisations import NAME_LIMIT
from app.domain.text import plain
from app.queries.pages import PAGE, SEARCH_LIMIT, Key

MOST = 200
"""Lines of the longest page."""
LARGEST = 2**63 - 1
CURSOR_LIMIT = 2000

Id = Annotated[int, Field(ge=1, le=LARGEST, strict=True)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]


class Shown(BaseModel):
    """The base of what is answered."""

    model_config = ConfigDict(frozen=True)


class Sent(BaseModel):
    """The base of what is sent: what it has no field for is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(Sent):
    """The base of what a list can be asked for."""

    search: str = Field("", max_length=SEARCH_LIMIT, description="Part of the name, in whatever case.")
    limit: int = Field(PAGE, ge=1, le=MOST, description="Lines of a page.")
    cursor: str | None = Field(
        None, max_length=CURSOR_LIMIT, description="Where the page begins: from `next` of the page before."
    )

    @property
    def after(self) -> Key | None:
        return None if self.cursor is None else read_cursor(self.cursor)


def cursor(key: Key) -> str:
    """A place in a list, for its `next`; nobody is meant to read it."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def read_cursor(text: str) -> Key:
    """Raises Invalid for what `cursor` never wrote."""
    try:
        name, number = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if not (isinstance(name, str) and type(number) is int and 0 < number <= LARGEST):
            raise ValueError
        return plain(name, NAME_LIMIT), number
    except (ValueError, TypeError, binascii.Error, Invalid):
        raise Invalid("This cursor is none of ours. Begin without one, and follow `next`.") from None


def following(request: Request, after: Key | None) -> str | None:
    """The path and query of the next page; None on the last one."""
    if after is None:
        return None
    url = request.url.include_query_params(cursor=cursor(after))
    return f"{url.path}?{url.query}"


def listed(page: Shown, following: str | None) -> Response:
    """A page of a list; its `next` stands in a Link header too."""
    return _response(_body(page), headers={"link": f'<{following}>; rel="next"'} if following else {})


def read(request: Request, shown: Shown) -> Response:
    """One thing with its version; 304 without it where the asker has that version."""
    version = etag(shown)
    if matches(request.headers.get("if-none-match", ""), version):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers={"etag": version})
    return changed(shown)


def changed(shown: Shown) -> Response:
    return _response(_body(shown), headers={"etag": etag(shown)})


def etag(shown: Shown) -> str:
    """The version of what is shown: it changes whenever anything of it does."""
    return f'"{hashlib.sha256(_body(shown)).hexdigest()[:32]}"'


def check_version(request: Request, shown: Shown) -> None:
    """Raises an HTTPException: 428 where the request does not say which version it changes, 412 where it is no more.

    The caller holds what is shown, so that it is still that version when it is changed.
    """
    named = request.headers.get("if-match")
    if named is None:
        sentence = "Say which version you change: send If-Match with the ETag that you read."
        raise HTTPException(HTTP_428_PRECONDITION_REQUIRED, sentence)
    if not matches(named, etag(shown)):
        sentence = "It was changed since you read it. Read it again, and decide."
        raise HTTPException(HTTP_412_PRECONDITION_FAILED, sentence)


def matches(header: str, version: str) -> bool:
    """Whether a list of versions, or `*`, holds this one."""
    named = {each.strip() for each in header.split(",")}
    # A proxy that compresses may have made the version a weak one.
    return bool(named & {"*", version, f"W/{version}"})


def plain_body(shown: Shown) -> dict[str, Any]:
    return shown.model_dump(mode="json")


def _body(shown: Shown) -> bytes:
    return orjson.dumps(plain_body(shown))


def _response(body: bytes, headers: dict[str, str]) -> Response:
    return Response(body, media_type="application/json", headers=headers)
