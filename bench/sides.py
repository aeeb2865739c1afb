"""The two sides of the benchmark, each a server process of its own on a database of its own."""

import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
import psycopg

from bench.filling import Filled, fill
from bench.floor import RESULT
from bench.load import Errand, views
from tests import postgres
from tests.server import HERE, Server

# As PostgreSQL comes, so that a commit is on the disk before it is acknowledged.
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=60")
PRODUCT, FLOOR = "product", "floor"


class Floor(Server):
    """The hand-written one, started and stopped as the product is."""

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "PYTHONPATH": str(HERE)}


@dataclass(frozen=True, slots=True)
class Sides:
    """Both servers and the addresses of their databases, by side, and the sheets that each of them has."""

    servers: dict[str, Server]
    databases: dict[str, str]
    filled: Filled


@contextmanager
def on_sqlite(within: Path | None, sheets: int) -> Iterator[Sides]:
    """Both sides on SQLite, each with a copy of the same file."""
    with tempfile.TemporaryDirectory(prefix="bench", dir=within) as name:
        folders = _folders(Path(name))
        files = {side: folder / "data" / "shortstave.sqlite3" for side, folder in folders.items()}
        databases = {side: f"sqlite:///{file}" for side, file in files.items()}

        def copy() -> None:
            shutil.copyfile(files[PRODUCT], files[FLOOR])

        with _serving(folders, databases, sheets, copy) as sides:
            yield sides


@contextmanager
def on_postgresql(within: Path | None, sheets: int) -> Iterator[Sides]:
    """Both sides on one PostgreSQL server of their own, each with a copy of the same database."""
    with tempfile.TemporaryDirectory(prefix="bench", dir=within) as name, postgres.server(DURABLE, within) as address:

        def run(statement: str) -> None:
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute(statement.encode())

        def copy() -> None:
            run(f"CREATE DATABASE {FLOOR} TEMPLATE {PRODUCT}")

        run(f"CREATE DATABASE {PRODUCT}")
        databases = {side: f"{address}/{side}" for side in (PRODUCT, FLOOR)}
        with _serving(_folders(Path(name)), databases, sheets, copy) as sides:
            yield sides


def _folders(within: Path) -> dict[str, Path]:
    folders = {side: within / side for side in (PRODUCT, FLOOR)}
    for folder in folders.values():
        (folder / "data").mkdir(parents=True)
    return folders


@contextmanager
def _serving(
    folders: dict[str, Path], databases: dict[str, str], sheets: int, copy: Callable[[], None]
) -> Iterator[Sides]:
    """Fills the product's database, takes what the floor will send from the product, copies, and starts both."""
    # One more, for the answers that the floor is to send; the load does not know it.
    filled = fill(databases[PRODUCT], sheets + 1)
    spare, filled = filled.part(slice(sheets, None)), filled.part(slice(sheets))
    product = Server(folders[PRODUCT], databases[PRODUCT])
    floor = Floor(folders[FLOOR], databases[FLOOR], command=(sys.executable, "-m", "bench.floor"))
    try:
        product.start()
        _take_answers(product.port, spare, folders[FLOOR])
        product.stop()
        copy()
        product.start()
        floor.start()
        _check_equal(product.port, floor.port, spare)
        yield Sides({PRODUCT: product, FLOOR: floor}, databases, filled)
    finally:
        floor.stop()
        product.stop()


def _take_answers(port: int, spare: Filled, folder: Path) -> None:
    errand = Errand(port, 1, spare.secrets, spare.sheets, 1)
    (folder / RESULT).write_bytes(_answer(next(views(errand, range(1))), port))


def _check_equal(product: int, floor: int, spare: Filled) -> None:
    """Both sides render the same page of the same sheet, but for the address that it names."""
    pages = []
    for port in (product, floor):
        request = next(views(Errand(port, 1, spare.secrets, spare.sheets, 1), range(1)))
        pages.append(brotli.decompress(_answer(request, port)).decode().replace(f"127.0.0.1:{port}", "").splitlines())
    differing = [f"{ours!r} {theirs!r}" for ours, theirs in zip(*pages, strict=False) if ours != theirs]
    if differing or len(pages[0]) != len(pages[1]):
        raise RuntimeError("The floor renders another page than the product: " + "\n".join(differing[:3]))


def _answer(request: bytes, port: int) -> bytes:
    """The body that the product sends for a request of the load, compressed as it is."""
    head, _, body = request.partition(b"\r\n\r\n")
    asked, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    address = f"http://127.0.0.1:{port}{asked.split()[1]}"
    with urllib.request.urlopen(urllib.request.Request(address, body or None, headers), timeout=30) as answer:
        assert answer.headers["content-encoding"] == "br"
        return bytes(answer.read())
