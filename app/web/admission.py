"""The door: it admits as many requests as the database has connections, queues a bounded number, refuses the rest.

Without it a crowd takes all threads, waits for connections that those threads hold, and nothing moves. Saves have
places of their own, so that people who only look never keep anybody from saving. See design.md, decision 4.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import answer
from app.web.security import SAFE_METHODS

BODY_LIMIT = 1024 * 1024  # bytes
# A larger body is read to its end up to here and thrown away: a browser shows no answer before it has sent all.
DRAINED = 16 * BODY_LIMIT
BESIDE = frozenset({"/health", "/ready", "/robots.txt", "/favicon.ico"})


class Full(Exception):
    """Nobody else may wait, or the wait was too long."""


class TooLarge(Exception):
    """The body is larger than BODY_LIMIT."""


class Left(Exception):
    """The client went away before its request was complete."""


class Places:
    """A number of places and a bounded queue for them, first come, first served."""

    def __init__(self, places: int, queue: int, patience: float) -> None:
        self._free = asyncio.Semaphore(places)
        self._queue = queue
        self._patience = patience
        self.waiting = 0

    async def take(self) -> "Place":
        """A place, which is to be left again. Raises Full when too many wait already, or after `patience` seconds."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        return Place(self._free)

    async def _wait(self) -> None:
        if self.waiting >= self._queue:
            raise Full
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Full from None
        finally:
            self.waiting -= 1


class Place:
    """One taken place; leaving it twice is leaving it once."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free: asyncio.Semaphore | None = free

    def leave(self) -> None:
        if self._free is not None:
            self._free.release()
            self._free = None


class Door:
    """Admits requests. `patience` is in seconds; `queue` counts those who wait for either kind of place."""

    def __init__(
        self, app: ASGIApp, *, saves: int = 3, pages: int = 4, queue: int = 250, patience: float = 10.0
    ) -> None:
        self.app = app
        self.saves = Places(saves, queue, patience)
        self.pages = Places(pages, queue, patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in BESIDE or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        try:
            # The body is read outside: who sends it slowly must not hold a place meanwhile.
            body = await whole_body(scope, receive)
            place = await (self.pages if scope["method"] in SAFE_METHODS else self.saves).take()
        except TooLarge:
            # What is left of the body is not read, so the connection cannot carry another request.
            await answer(Request(scope), 413, headers={"connection": "close"})(scope, receive, send)
        except Full:
            await answer(Request(scope), 503)(scope, receive, send)
        except Left:
            return
        else:
            try:
                await self.app(scope, replay(body, receive), leaving_at_the_end(place, send))
            finally:
                place.leave()


async def whole_body(scope: Scope, receive: Receive) -> bytes:
    """The body of the request. Raises TooLarge and Left."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdigit() and int(declared) > DRAINED:
        raise TooLarge
    if scope["method"] in SAFE_METHODS and declared in {"", "0"}:
        return b""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_LIMIT:
            parts.append(part)
        more = message.get("more_body", False) and size <= DRAINED
    if size > BODY_LIMIT:
        raise TooLarge
    return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read already, then what the server says next."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def leaving_at_the_end(place: Place, send: Send) -> Send:
    """Leaves the place before the last part is sent: the work is done, and a slow reader must not hold it."""

    async def send_and_leave(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            place.leave()
        await send(message)

    return send_and_leave
