"""Every request gets an id, one line in the log, and an answer even when the code breaks."""

import secrets
import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import broken

log = structlog.get_logger("shortstave.requests")


class Requests:
    """Numbers requests, logs them, and turns what nobody caught into an error page.

    The log names the route's template and never the path or the query: a path may be a secret link.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        method = scope["method"]
        if method == "HEAD":
            # Answered as GET; the server leaves the body out. The server's own scope has to keep HEAD for that.
            scope = {**scope, "method": "GET"}
        status = 0
        begun = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:  # whatever it is: a page for the reader, the reason for the log
                response = broken(Request(scope), error)
                if status == 0:
                    await response(scope, receive, send_with_id)
            finally:
                _log_line(method, scope, status, time.perf_counter() - begun)


def _log_line(method: str, scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "(no route)")
    milliseconds = round(seconds * 1000, 1)
    # A browser fetches dozens of files and a prober asks every few seconds: they would bury what matters.
    quiet = route.startswith("/static/") or route in {"/health", "/ready"}
    write = log.debug if quiet and status < 400 else log.info
    write("request", method=method, route=route, status=status, ms=milliseconds)
