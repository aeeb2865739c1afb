"""The two databases that the store is tested on: each migrated once per process, and copied for each test."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.db.migrate import migrate
from tests import postgres


class Sqlite:
    """Copies are files, so that other processes can open them too."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="sqlite", dir=memory if os.access(memory, os.W_OK) else None))
        self.template = self.folder / "template.db"
        migrate(f"sqlite:///{self.template}")

    @contextmanager
    def copy(self) -> Iterator[str]:
        file = self.folder / f"{secrets.token_hex(8)}.db"
        shutil.copyfile(self.template, file)
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
        self._run(f"CREATE DATABASE {self.template} ENCODING 'UTF8' TEMPLATE template0")
        migrate(self.url(self.template))

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def _database(self, source: str) -> Iterator[str]:
        name = f"{self.template}_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {source}")
        yield self.url(name)
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def copy(self) -> Iterator[str]:
        with self._database(self.template) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._database("template0") as url:
            yield url

    def close(self) -> None:
        self._run(f"DROP DATABASE {self.template} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[str]:
    """The server named in the environment, else one of our own. A query in the address is not supported."""
    if named := os.environ.get("SHORTSTAVE_TEST_DATABASE_URL"):
        address, _, _ = named.replace("postgresql+psycopg://", "postgresql://").rpartition("/")
        yield address
    else:
        with postgres.server() as address:
            yield address
