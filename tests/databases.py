"""The two databases that the store is tested on: each migrated once per process, and copied for each test.

What many tests begin with (their `Filling`, such as the cast) is written once per process too, and copied with it.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine

from app.db.engine import make_engine
from app.db.migrate import migrate
from tests import postgres

Filling = Callable[[Engine], Any]


class Source(Protocol):
    """`copy` gives the address of a database with the schema alone, or of one filled: `filled` says with what."""

    def copy(self, filling: Filling | None = None) -> AbstractContextManager[str]: ...
    def empty(self) -> AbstractContextManager[str]: ...
    def filled(self, filling: Filling) -> Any: ...


def fill(url: str, filling: Filling) -> Any:
    engine = make_engine(url)
    told = filling(engine)
    engine.dispose()
    return told


class Sqlite:
    """Copies are files, so that other processes can open them too."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="sqlite", dir=memory if os.access(memory, os.W_OK) else None))
        self.template = self.folder / "template.db"
        migrate(f"sqlite:///{self.template}")
        self.fillings: dict[Filling, tuple[Path, Any]] = {}

    def _file(self, source: Path) -> Path:
        file = self.folder / f"{secrets.token_hex(8)}.db"
        shutil.copyfile(source, file)
        return file

    def _filled(self, filling: Filling) -> tuple[Path, Any]:
        if filling not in self.fillings:
            file = self._file(self.template)
            self.fillings[filling] = file, fill(f"sqlite:///{file}", filling)
        return self.fillings[filling]

    def filled(self, filling: Filling) -> Any:
        return self._filled(filling)[1]

    @contextmanager
    def copy(self, filling: Filling | None = None) -> Iterator[str]:
        file = self._file(self._filled(filling)[0] if filling else self.template)
        yield f"sqlite:///{file}"
        for each in self.folder.glob(f"{file.name}*"):
            each.unlink()

    @contextmanager
    def empty(self) -> Iterator[str]:
        yield f"sqlite:///{self.folder / secrets.token_hex(8)}.db"

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """Copies are databases made from a template, so that commits and concurrency are real."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.template = f"shortstave_{secrets.token_hex(6)}"
        self.connection = psycopg.connect(self.url("postgres"), autocommit=True)
        self.strategy = self._fastest()
        self._run(f"CREATE DATABASE {self.template} ENCODING 'UTF8' TEMPLATE template0")
        migrate(self.url(self.template))
        self.fillings: dict[Filling, tuple[str, Any]] = {}

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def _run(self, statement: str) -> None:
        self.connection.execute(statement.encode())

    def _fastest(self) -> str:
        """To copy the files takes a third of the time, where the server need not wait until they are on a disk."""
        synced = self.connection.execute("SHOW fsync").fetchone() != ("off",)
        return "" if synced or self.connection.info.server_version < 150_000 else "STRATEGY FILE_COPY"

    def _made(self, source: str) -> str:
        name = f"{self.template}_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {source} {self.strategy}")
        return name

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def _database(self, source: str) -> Iterator[str]:
        name = self._made(source)
        yield self.url(name)
        self._drop(name)

    def _filled(self, filling: Filling) -> tuple[str, Any]:
        if filling not in self.fillings:
            name = self._made(self.template)
            self.fillings[filling] = name, fill(self.url(name), filling)
        return self.fillings[filling]

    def filled(self, filling: Filling) -> Any:
        return self._filled(filling)[1]

    @contextmanager
    def copy(self, filling: Filling | None = None) -> Iterator[str]:
        with self._database(self._filled(filling)[0] if filling else self.template) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._database("template0") as url:
            yield url

    def close(self) -> None:
        for name in (self.template, *(name for name, _ in self.fillings.values())):
            self._drop(name)
        self.connection.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The server named in the environment, else one of our own. A query in the address is not supported."""
    if named := os.environ.get("SHORTSTAVE_TEST_DATABASE_URL"):
        address, _, _ = named.replace("postgresql+psycopg://", "postgresql://").rpartition("/")
        yield address
    else:
        with postgres.server() as address:
            yield address
