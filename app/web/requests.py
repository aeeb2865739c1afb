"""Every request gets an id, one line in the log, and an answer even when the code breaks."""

import secrets
import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import broken


class Requests:
    """Numbers requests, logs them, and turns what nobody caught into an error page.

    The log names the route's template and never the path or the query: a path may be a secret link.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # Bound once: a lazy logger is put together anew for each line, which takes longer than the line.
        self.log = structlog.get_logger("shortstave.requests").bind()

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

        outer = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:  # whatever it is: a page for the reader, the reason for the log
            response = broken(Request(scope), error)
            if status == 0:
                await response(scope, receive, send_with_id)
        finally:
            self._note(method, scope, status, time.perf_counter() - begun)
            structlog.contextvars.reset_contextvars(**outer)

    def _note(self, method: str, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(no route)")
        # A browser fetches dozens of files and a prober asks every few seconds: they would bury what matters.
        quiet = route.startswith("/static/") or route in {"/health", "/ready"}
        write = self.log.debug if quiet and status < 400 else self.log.info
        write("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
