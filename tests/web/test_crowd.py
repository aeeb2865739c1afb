"""A crowd at a real server with a real database: every request is served, every save counts once."""

import datetime
import socket
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from app.actions.allowances import spend
from app.db.base import table
from app.db.tables.org import Allowance
from app.web.deps import Db

CLIENTS, SAVES, LOOKS = 100, 200, 200
NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """A server in a thread, on a free port."""

    @app.post("/count")
    def save(db: Db) -> None:
        spend(db, "crowd", "192.0.2.1", SAVES, NOW)

    @app.get("/count")
    def look(db: Db) -> int:
        return db.connection().scalar(select(table(Allowance).c.used)) or 0

    listening = socket.create_server(("127.0.0.1", 0), backlog=CLIENTS)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listening.close()


@pytest.mark.both
@pytest.mark.usefixtures("database")
def test_nobody_is_lost_and_nothing_twice(address: str) -> None:
    def ask(n: int) -> int:
        data = b"" if n % 2 else None
        with urllib.request.urlopen(urllib.request.Request(f"{address}/count", data=data), timeout=60) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(CLIENTS) as crowd:
        answers = Counter(crowd.map(ask, range(SAVES + LOOKS)))
        assert urllib.request.urlopen(f"{address}/health", timeout=10).status == 200

    assert answers == {200: SAVES + LOOKS}
    assert urllib.request.urlopen(f"{address}/count", timeout=10).read() == str(SAVES).encode()
