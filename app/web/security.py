"""What every answer tells the browser, and which requests are refused before any code of a page runs."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import answer
from app.web.hosts import LOOPBACK
from app.web.hosts import host_name as host_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 # recognised, not listened on
PROBES = frozenset({"/health", "/ready"})
API = "/api/"
"""Below it nobody is known by a cookie, so that a browser cannot be made to act in anybody's name."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # The secret link of a quick check is an address: it must never leave for another site.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000"
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class SecurityHeaders:
    """Adds the strict headers to every answer, and `no-store` to every answer that says nothing about keeping."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        behind_https = self.https or scope["scheme"] == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A page may say something stricter, or for a picture that others show, wider; nothing is said twice.
                said = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in RAW_HEADERS if each[0] not in said)]
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("cache-control", "no-store")
                if behind_https:
                    headers["strict-transport-security"] = STRICT_TRANSPORT
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Gate:
    """Refuses requests for foreign hosts and unsafe requests that another site's page made the browser send."""

    def __init__(self, app: ASGIApp, *, public_url: str = "", host: str = "") -> None:
        self.app = app
        self.public_origin = public_url
        self.hosts = LOOPBACK | {name for name in (urlsplit(public_url).hostname, host) if name} - EVERYWHERE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self.hosts:
            request = Request(scope)
            response = answer(
                request, 400, "This service does not go by that name. Its operator sets SHORTSTAVE_PUBLIC_URL."
            )
            await response(scope, receive, send)
        elif not scope["path"].startswith(API) and is_cross_origin(
            scope["method"], headers, trusted=(self.public_origin,)
        ):
            await answer(Request(scope), 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_cross_origin(method: str, headers: Headers, trusted: Iterable[str] = ()) -> bool:
    """Whether a browser sent this from another origin's page, and not from a trusted one.

    The algorithm of Go 1.25's http.CrossOriginProtection: safe methods pass; Sec-Fetch-Site decides where it is sent
    (all browsers since 2023, over https and on loopback); else Origin against Host; with neither it is no browser.
    """
    if method in SAFE_METHODS:
        return False
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site in {"same-origin", "none"}:
        return False
    if not site and (not origin or host_of(origin) == headers.get("host", "")):
        return False
    return not origin or origin not in trusted


def host_of(origin: str) -> str | None:
    """Host and port of an Origin header; None for `null` and for what cannot be read."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
