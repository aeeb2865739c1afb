"""The door: it admits as many requests as the database has connections, queues a bounded number, refuses the rest.

Without it a crowd takes all threads, waits for connections that those threads hold, and nothing moves. Saves have
places of their own, so that people who only look never keep anybody from saving. See design.md, decision 4.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.errors import answer
from app.web.security import SAFE_METHODS

BODY_LIMIT = 1024 * 1024  # bytes
# A larger body is read to its end up to so many times its limit and thrown away: a browser shows no answer before it
# has sent all.
DRAINED = 16
PIECE = 64 * 1024  # bytes in which a body that lies on the disk is handed on
BESIDE = frozenset({"/health", "/ready", "/robots.txt", "/favicon.ico"})


class Full(Exception):
    """Nobody else may wait, or the wait was too long."""


class TooLarge(Exception):
    """The body is larger than its limit."""


class NoDisk(Exception):
    """The disk takes no more of an upload."""


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


@dataclass(frozen=True, slots=True)
class Uploads:
    """What alone may be larger than BODY_LIMIT: POST requests to these paths, up to `limit` bytes.

    Their bodies lie in files without a name in `folder` while they come in, so many at once; `refusal` says what fits.
    """

    paths: re.Pattern[str]
    limit: int
    folder: Path
    refusal: str
    at_once: int = 16

    def takes(self, scope: Scope) -> bool:
        return scope["method"] == "POST" and self.paths.fullmatch(scope["path"]) is not None


class Door:
    """Admits requests. `patience` is in seconds; `queue` counts those who wait for either kind of place."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        saves: int = 3,
        pages: int = 4,
        queue: int = 250,
        patience: float = 10.0,
        uploads: Uploads | None = None,
    ) -> None:
        self.app = app
        self.uploads = uploads
        self.coming_in = Places(uploads.at_once if uploads else 1, queue, patience)
        self.saves = Places(saves, queue, patience)
        self.pages = Places(pages, queue, patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in BESIDE or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        if self.uploads is not None and self.uploads.takes(scope):
            await self._take_in(self.uploads, scope, receive, send)
            return
        try:
            # The body is read outside: who sends it slowly must not hold a place meanwhile.
            body = await whole_body(scope, receive)
        except TooLarge:
            await refuse_body(scope, receive, send)
        except Left:
            return
        else:
            await self._admit(scope, replay(body, receive), send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            place = await (self.pages if scope["method"] in SAFE_METHODS else self.saves).take()
        except Full:
            await answer(Request(scope), 503)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, leaving_at_the_end(place, send))
        finally:
            place.leave()

    async def _take_in(self, uploads: Uploads, scope: Scope, receive: Receive, send: Send) -> None:
        """An upload is read outside as well, onto the disk."""
        try:
            place = await self.coming_in.take()
        except Full:
            await answer(Request(scope), 503)(scope, receive, send)
            return
        try:
            with closing(await spooled_body(uploads, scope, receive)) as body:
                await self._admit(scope, replay_pieces(body, receive), send)
        except TooLarge:
            await refuse_body(scope, receive, send, uploads.refusal)
        except NoDisk:
            await answer(Request(scope), 507)(scope, receive, send)
        except Left:
            return
        finally:
            place.leave()


async def refuse_body(scope: Scope, receive: Receive, send: Send, sentence: str = "") -> None:
    # What is left of the body is not read, so the connection cannot carry another request.
    await answer(Request(scope), 413, sentence, headers={"connection": "close"})(scope, receive, send)


async def whole_body(scope: Scope, receive: Receive) -> bytes:
    """The body of the request. Raises TooLarge and Left."""
    if scope["method"] in SAFE_METHODS and declared_length(scope) in {None, 0}:
        return b""
    parts: list[bytes] = []
    await read_body(scope, receive, BODY_LIMIT, parts.append)
    return b"".join(parts)


async def spooled_body(uploads: Uploads, scope: Scope, receive: Receive) -> IO[bytes]:
    """The body of an upload, from its beginning, in a file that is gone when it is closed.

    Raises TooLarge, Left and NoDisk.
    """
    try:
        uploads.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = tempfile.TemporaryFile(dir=uploads.folder)  # noqa: SIM115 # the caller closes it
    except OSError as error:
        raise NoDisk from error
    try:
        await read_body(scope, receive, uploads.limit, file.write)
        file.seek(0)
    except OSError as error:
        file.close()
        raise NoDisk from error
    except BaseException:
        file.close()
        raise
    return file


async def read_body(scope: Scope, receive: Receive, limit: int, keep: Callable[[bytes], object]) -> None:
    """Hands the body on in parts, as far as it is no longer than `limit` bytes. Raises TooLarge and Left."""
    if (declared_length(scope) or 0) > DRAINED * limit:
        raise TooLarge
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            keep(part)
        more = message.get("more_body", False) and size <= DRAINED * limit
    if size > limit:
        raise TooLarge


def declared_length(scope: Scope) -> int | None:
    """How many bytes the request says it has."""
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdigit() else None


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


def replay_pieces(body: IO[bytes], receive: Receive) -> Receive:
    """The same for a body that lies on the disk."""
    more = True

    async def receive_again() -> Message:
        nonlocal more
        if not more:
            return await receive()
        piece = body.read(PIECE)
        more = bool(piece)
        return {"type": "http.request", "body": piece, "more_body": more}

    return receive_again


def leaving_at_the_end(place: Place, send: Send) -> Send:
    """Leaves the place before the body is sent: the work is done, and a slow reader must not hold it."""

    async def send_and_leave(message: Message) -> None:
        if message["type"] == "http.response.body":
            place.leave()
        await send(message)

    return send_and_leave
