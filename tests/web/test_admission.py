"""The door, under a crowd: nobody is lost, those beyond the queue are told when to come back, health answers."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.web.admission import BODY_LIMIT, Door, Full, Places, Uploads


class Room:
    """A page that counts how many are in it at once, and stays until it is told to go on."""

    def __init__(self) -> None:
        self.now = self.most = self.served = 0
        self.counting = threading.Lock()
        self.open = threading.Event()

    def stay(self) -> None:
        with self.counting:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.open.wait(20)
        with self.counting:
            self.now -= 1
            self.served += 1


@pytest.fixture
def room(app: FastAPI) -> Iterator[Room]:
    room = Room()

    @app.get("/room")
    def look() -> None:
        room.stay()

    @app.post("/room")
    def save() -> None:
        room.stay()

    yield room
    room.open.set()


def door(app: FastAPI, **sizes: float) -> None:
    """Give the application a door of other sizes, from the next request on."""
    kwargs: dict[str, object] = app.user_middleware[-1].kwargs
    kwargs |= sizes
    app.middleware_stack = None


def until(what: str, true: object) -> None:
    """Wait until `true()`; fail after twenty seconds."""
    assert callable(true)
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < 20, what
        time.sleep(0.005)


def test_a_crowd_is_served_whole(browser: TestClient, room: Room) -> None:
    room.open.set()
    with ThreadPoolExecutor(24) as crowd:
        answers = list(
            crowd.map(lambda n: browser.request("POST" if n % 2 else "GET", "/room").status_code, range(300))
        )

    assert Counter(answers) == {200: 300}
    assert room.served == 300
    assert room.most <= 7


def test_beyond_the_queue_it_says_when_to_come_back_and_health_answers(
    app: FastAPI, browser: TestClient, room: Room
) -> None:
    door(app, pages=2, queue=3)
    with ThreadPoolExecutor(12) as crowd:
        asked = [crowd.submit(browser.get, "/room") for _ in range(8)]
        until("three are sent away", lambda: sum(answer.done() for answer in asked) == 3)
        sent_away = [answer.result() for answer in asked if answer.done()]

        assert room.now == 2
        for answer in sent_away:
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "2"
            assert "Wait a few seconds" in answer.text
        assert browser.get("/health").status_code == 200
        assert browser.get("/static/x/css/tokens.css").status_code == 200

        saved = crowd.submit(browser.post, "/room")
        until("a save has its own place", lambda: room.now == 3)
        room.open.set()
        assert saved.result().status_code == 200
        assert Counter(answer.result().status_code for answer in asked) == {200: 5, 503: 3}


def test_who_waits_too_long_is_sent_away(app: FastAPI, browser: TestClient, room: Room) -> None:
    door(app, saves=1, patience=0.05)
    with ThreadPoolExecutor(2) as crowd:
        first = crowd.submit(browser.post, "/room")
        until("the place is taken", lambda: room.now == 1)
        answer = browser.post("/room", headers={"accept": "application/json"})

        assert answer.status_code == 503
        assert answer.json()["title"] == "There is a crowd at the door."
        room.open.set()
        assert first.result().status_code == 200


def test_a_failure_gives_the_place_back(app: FastAPI, browser: TestClient) -> None:
    door(app, pages=1, queue=1)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError

    assert [browser.get("/breaks").status_code for _ in range(4)] == [500] * 4
    assert browser.get("/about").status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 200), (BODY_LIMIT + 1, 413), (17 * BODY_LIMIT, 413)])
def test_a_body_over_the_limit_is_refused_with_a_page(
    app: FastAPI, browser: TestClient, size: int, status: int, chunked: bool
) -> None:
    @app.post("/take")
    async def take() -> str:
        return "taken"

    body = b"x" * size
    answer = browser.post("/take", content=iter([body[: size // 2], body[size // 2 :]]) if chunked else body)

    assert answer.status_code == status
    assert status == 200 or "one megabyte" in answer.text


def scope(method: str) -> Scope:
    return {"type": "http", "method": method, "path": "/room", "headers": [(b"content-length", b"2")]}


def test_a_client_that_leaves_or_reads_slowly_holds_no_place() -> None:
    reached: list[bytes] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        reached.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"saved"})

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def whole() -> Message:
        return {"type": "http.request", "body": b"ab", "more_body": False}

    async def story() -> None:
        only = Door(app, saves=1, pages=1, queue=1, patience=5)
        taken = anyio.Event()

        async def never_read(message: Message) -> None:
            if message["type"] == "http.response.body":
                taken.set()
                await anyio.sleep_forever()

        async def read(_message: Message) -> None: ...

        await only(scope("POST"), gone, read)
        assert reached == []
        async with anyio.create_task_group() as crowd:
            crowd.start_soon(only, scope("POST"), whole, never_read)
            await taken.wait()
            with anyio.fail_after(5):
                await only(scope("POST"), whole, read)
            crowd.cancel_scope.cancel()
        assert reached == [b"ab", b"ab"]

    anyio.run(story)


def test_one_who_gives_up_waiting_leaves_the_queue() -> None:
    async def story() -> None:
        places = Places(places=1, queue=1, patience=5)
        place = await places.take()
        async with anyio.create_task_group() as crowd:
            crowd.start_soon(places.take)
            while not places.waiting:
                await anyio.lowlevel.checkpoint()
            with pytest.raises(Full):
                await places.take()
            crowd.cancel_scope.cancel()
        assert places.waiting == 0

        place.leave()
        place.leave()
        (await places.take()).leave()

    anyio.run(story)


UPLOAD = "/assessments/1/evidence/some/files"
LIMIT = 2 * BODY_LIMIT
PIECE = 64 * 1024


def send_large(folder: Path, path: str, size: int, *, declared: bool = True) -> tuple[int, str, int]:
    """The status, the page, and how many bytes reached the application behind a door that takes uploads."""
    arrived, sent, answered = 0, 0, list[Message]()

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal arrived
        more = True
        while more:
            message = await receive()
            arrived += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})

    async def receive() -> Message:
        nonlocal sent
        part = min(PIECE, size - sent)
        sent += part
        return {"type": "http.request", "body": bytes(part), "more_body": sent < size}

    async def send(message: Message) -> None:
        answered.append(message)

    uploads = Uploads(re.compile(r"/assessments/[0-9]+/evidence/[^/]+/files"), LIMIT, folder, "At most 20 MB.")
    length = [(b"content-length", str(size).encode())] if declared else []
    headers = [(b"host", b"testserver"), (b"accept", b"application/json"), *length]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"", "scheme": "http"}
    anyio.run(Door(count, uploads=uploads), {**scope, "root_path": "", "state": {}, "app": None}, receive, send)
    body = b"".join(message.get("body", b"") for message in answered)
    return answered[0]["status"], body.decode(), arrived


def test_an_upload_has_a_limit_of_its_own(tmp_path: Path) -> None:
    assert send_large(tmp_path, UPLOAD, LIMIT) == (200, "taken", LIMIT)
    assert send_large(tmp_path, UPLOAD, 0) == (200, "taken", 0)
    assert send_large(tmp_path, "/assessments/1/evidence/some/links", BODY_LIMIT + 1)[0] == 413
    assert send_large(tmp_path, UPLOAD + "/more", BODY_LIMIT + 1)[0] == 413


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("size", [LIMIT + 1, 200 * 1024 * 1024])
def test_an_upload_beyond_it_is_refused_in_words_and_leaves_nothing(tmp_path: Path, size: int, declared: bool) -> None:
    status, page, arrived = send_large(tmp_path, UPLOAD, size, declared=declared)
    assert (status, arrived) == (413, 0)
    assert "At most 20 MB." in page
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_finds_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    status, page, _ = send_large(tmp_path / "file", UPLOAD, 10)
    assert status == 507
    assert "no room" in page
