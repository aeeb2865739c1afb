"""Pages that ask for a password, or show a secret, are not there over connections that others can read."""

from fastapi import Depends, Request
from starlette.responses import Response
from starlette.status import HTTP_403_FORBIDDEN

from app.web import cookie
from app.web.render import render


class Unsafe(Exception):
    """A password would travel readable for others."""


def safe_way(request: Request) -> None:
    if cookie.way(request) is cookie.Way.UNSAFE:
        raise Unsafe


def needs_https(request: Request, _error: Exception) -> Response:
    return render(request, "sign_in/needs_https.html", None, HTTP_403_FORBIDDEN)


Safely = Depends(safe_way)
