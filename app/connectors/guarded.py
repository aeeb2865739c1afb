"""Calls to other people's servers: encrypted, small, short, and never sent on elsewhere.

Whoever looks after an organisation says which server is called, and that server says the next address: neither is to
keep a place in the house for long, fill its memory, or reach what only this machine reaches.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from app.connectors.trust import trusted
from app.domain.errors import Sentence
from app.domain.sign_on import fit

LARGEST = 512 * 1024
"""Bytes of one answer; the key sets of large providers have some tens of thousands."""
SILENCE = 4.0
"""Seconds that a server may be silent."""

GRACE = 0.5
"""Seconds after which a connection is cut where the time that each of its bytes may take does not end it."""


class Unfit(httpx2.TransportError):
    """An address that is not called, or an answer that is not read."""


class Short(httpx2.SyncByteStream):
    """An answer's bytes, as long as they are few and come in time."""

    def __init__(self, stream: httpx2.SyncByteStream, until: float) -> None:
        self.stream = stream
        self.until = until

    def __iter__(self) -> Iterator[bytes]:
        left = LARGEST
        for chunk in self.stream:
            left -= len(chunk)
            if left < 0:
                raise Unfit(Sentence("The answer is larger than any that is expected."))
            _check_time(self.until)
            yield chunk

    def close(self) -> None:
        self.stream.close()


class Guarded(httpx2.HTTPTransport):
    """Passes on what is fit. `seconds` are for all calls together; `loopback`: this machine may be called too."""

    def __init__(self, seconds: float, *, loopback: bool) -> None:
        # The machine's own list, so that a company's certificate authority is trusted where the machine trusts it.
        super().__init__(verify=trusted(), trust_env=False)
        self.until = time.monotonic() + seconds
        self.loopback = loopback

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not fit(str(request.url), loopback=self.loopback):
            raise Unfit(Sentence("This address is not called: it is not encrypted, or is one of this machine."))
        left = min(_check_time(self.until), SILENCE)
        # Nothing is to be unpacked: a few bytes could become very many.
        request.headers["accept-encoding"] = "identity"
        request.extensions = {
            **request.extensions,
            "timeout": dict.fromkeys(("connect", "read", "write", "pool"), left),
        }
        answer = super().handle_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            answer.close()
            raise Unfit(Sentence("The answer is packed, which was not asked for."))
        if not isinstance(answer.stream, httpx2.SyncByteStream):
            raise Unfit(Sentence("The answer cannot be read."))
        return httpx2.Response(
            answer.status_code,
            headers=answer.headers,
            stream=Short(answer.stream, self.until),
            extensions=answer.extensions,
        )


@contextmanager
def guarded(seconds: float, *, loopback: bool) -> Iterator[Guarded]:
    """A transport for the calls of one errand. A server that sends byte after byte is left when the time is up."""
    with Guarded(seconds, loopback=loopback) as transport:
        timer = threading.Timer(seconds + GRACE, transport.close)
        timer.daemon = True
        timer.start()
        try:
            yield transport
        finally:
            timer.cancel()


def _check_time(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpx2.ReadTimeout("The time is up.")
    return left
