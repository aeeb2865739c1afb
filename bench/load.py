"""The load: a process of its own that asks over a few connections and keeps them, as cheaply as Python can.

Reads an `Errand` as JSON from standard input and prints what came of it as JSON. Every connection has sheets of its
own and visits one after the other, so that the rows which come of it do not depend on chance.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import uvloop

HEADERS = (
    "Host: 127.0.0.1:{port}\r\nUser-Agent: bench\r\nAccept: {accept}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
)
# What a browser sends along with the script's request.
OF_A_SAVE = (
    "Origin: http://127.0.0.1:{port}\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
    "Shortstave-Fragment: 1\r\nContent-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n"
)


KEPT = "bench-kept"


@dataclass(frozen=True, slots=True)
class Errand:
    """What to ask of the server at `port`: every sheet `visits` times; `secrets` and `sheets` go together.

    `statement` is the one whose answer each save toggles; empty: the result is looked at. `version` is the sheets'.
    `kept` tells the floor to send the page that it keeps, as the product does.
    """

    port: int
    connections: int
    secrets: tuple[str, ...]
    sheets: tuple[int, ...]
    visits: int
    statement: str = ""
    version: int = 0
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds for all requests, and milliseconds for the median request and the slowest in a hundred."""

    requests: int
    seconds: float
    p50: float
    p99: float
    body: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is there; raises through `done` for any answer but 200."""

    def __init__(self, requests: Iterator[bytes], done: "asyncio.Future[None]") -> None:
        self.requests = requests
        self.done = done
        self.times: list[float] = []
        self.body = 0
        self.received = b""
        self.end = 0

    def itself(self) -> "Connection":
        return self

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            self.done.set_result(None)
            return
        self.asked_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.end:
            self.end = self.end_of_answer()
        if self.end and len(self.received) >= self.end:
            self.times.append(time.perf_counter() - self.asked_at)
            self.received, self.end = b"", 0
            self.ask()

    def end_of_answer(self) -> int:
        """How many bytes the whole answer has; 0 while its head is not complete."""
        head, found, _ = self.received.partition(b"\r\n\r\n")
        if not found:
            return 0
        if not head.startswith(b"HTTP/1.1 200 "):
            self.done.set_exception(RuntimeError(self.received.decode(errors="replace")[:2000]))
        _, _, length = head.lower().partition(b"content-length: ")
        self.body = int(length.partition(b"\r\n")[0])
        return len(head) + 4 + self.body

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or RuntimeError("The server closed the connection."))


def views(errand: Errand, numbers: range) -> Iterator[bytes]:
    """Requests for the results of these sheets."""
    head = HEADERS.format(port=errand.port, accept="text/html") + (f"{KEPT}: 1\r\n" if errand.kept else "")
    for _ in range(errand.visits):
        for number in numbers:
            yield f"GET /c/{errand.secrets[number]}/result HTTP/1.1\r\n{head}\r\n".encode()


def saves(errand: Errand, numbers: range) -> Iterator[bytes]:
    """Requests as the outbox makes them. The id of each follows from sheet and version: the same on either side."""
    head = (HEADERS + OF_A_SAVE).format(port=errand.port, accept="*/*")
    for version in range(errand.version, errand.version + errand.visits):
        for number in numbers:
            sheet = errand.sheets[number]
            fields = {
                errand.statement: "0" if version % 2 else "1",
                "mutation": f"{sheet:016x}{version:016x}",
                "client": f"{number:032x}",
                "base": version,
                "sheet": sheet,
            }
            body = urlencode(fields)
            path = f"/c/{errand.secrets[number]}/answers"
            yield f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


async def run(errand: Errand) -> Outcome:
    """Every connection at once, until all have their answers."""
    loop = asyncio.get_running_loop()
    requests = saves if errand.statement else views
    connections = []
    for first in range(errand.connections):
        numbers = range(first, len(errand.secrets), errand.connections)
        connections.append(Connection(requests(errand, numbers), loop.create_future()))
    begun = time.perf_counter()
    for connection in connections:
        await loop.create_connection(partial(Connection.itself, connection), "127.0.0.1", errand.port)
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - begun
    times = sorted(1000 * each for connection in connections for each in connection.times)
    return Outcome(len(times), seconds, times[len(times) // 2], times[len(times) * 99 // 100], connections[0].body)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Errand(**json.load(sys.stdin)))))))
