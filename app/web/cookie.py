"""The cookie of who is signed in, and over which connections it travels (design.md, decision 9).

`__Host-` makes browsers take it from this very host alone, over https or from the own machine. Over plain http to
anything else it would be read on the way: there is no signing in, unless the operator allows it.
"""

from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from app.web.hosts import LOOPBACK, host_name

NAME = "__Host-shortstave"
PLAIN_NAME = "shortstave"


class Way(StrEnum):
    """How a request came: what it brings can be secret, or can be read by others but is allowed, or is neither."""

    SAFE = "safe"
    ALLOWED = "allowed"
    UNSAFE = "unsafe"


def way(request: Request) -> Way:
    settings = request.app.state.settings
    encrypted = request.url.scheme == "https" or settings.public_url.startswith("https://")
    if encrypted or host_name(request.headers.get("host", "")) in LOOPBACK:
        return Way.SAFE
    return Way.ALLOWED if settings.insecure_http == "1" else Way.UNSAFE


def secret(request: Request, suffix: str = "") -> str:
    """What the browser brings; empty if nothing. `suffix` tells a cookie for another purpose."""
    return "" if way(request) is Way.UNSAFE else request.cookies.get(_name(request) + suffix, "")


def give(request: Request, response: Response, secret: str, seconds: int, suffix: str = "") -> None:
    response.set_cookie(
        _name(request) + suffix,
        secret,
        max_age=seconds,
        path="/",
        secure=way(request) is Way.SAFE,
        httponly=True,
        samesite="lax",
    )


def take_away(request: Request, response: Response, suffix: str = "") -> None:
    give(request, response, "", 0, suffix)


def _name(request: Request) -> str:
    return NAME if way(request) is Way.SAFE else PLAIN_NAME
