"""The product as people run it: `shortstave serve` in a process of its own, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import brotli

from app.web.assets import digest_of, plotly_bundle
from tests.forked import ABLE, Forked

HERE = Path(__file__).parents[1]
READY_WITHIN = 30.0
COMMAND = (sys.executable, "-m", "app.cli")


class Server:
    """Port, folder and database stay the same over kill and start, so that a browser finds it where it was.

    `settings` are names without their prefix: `Server(folder, url, QUICK_CHECK="off")`. `command` is what is run
    instead of this checkout's own command line, such as that of an installed wheel; it gets no PYTHONPATH.
    """

    def __init__(
        self, folder: Path, database_url: str = "", *, command: tuple[str, ...] = COMMAND, **settings: str
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.command = command
        self.settings = {"DATABASE_URL": database_url, **settings}
        self.log_file = folder / "server.log"
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> None:
        """Returns when it is ready; raises with its log when it ends or is not ready in time."""
        if self.command == COMMAND:
            self.keep_plotly()
        self.process = self.started("serve", "--port", str(self.port))
        given_up = time.monotonic() + READY_WITHIN
        while not self.answers("/ready"):
            if self.process.poll() is not None or time.monotonic() > given_up:
                self.kill()
                raise AssertionError(f"The server did not become ready.\n{self.log()}")
            time.sleep(0.05)

    def keep_plotly(self) -> None:
        """As an earlier start of this server left it: else each one would compress it anew, 18 seconds long."""
        name, content = plotly_compressed()
        kept = self.folder / "data" / "cache" / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)

    def started(self, *arguments: str) -> subprocess.Popen[bytes] | Forked:
        if self.command == COMMAND and ABLE:
            return Forked(arguments, self.folder, self.environment(), self.log_file)
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                [*self.command, *arguments],
                cwd=self.folder, env=self.environment(), stdout=log, stderr=log, start_new_session=ABLE,
            )  # fmt: skip

    def kill(self) -> None:
        """As a power cut does it: nothing of it gets to tidy up."""
        self.end(signal.SIGKILL if ABLE else signal.SIGTERM)

    def stop(self) -> None:
        """As an operator does it. Raises TimeoutExpired when it does not end within 15 seconds."""
        self.end(signal.SIGTERM)

    def end(self, by: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    def environment(self) -> Mapping[str, str]:
        """Ours without the settings that the machine may have; the folder holds its data, and no `.env` is near."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("SHORTSTAVE_", "PYTHON"))}
        own = {f"SHORTSTAVE_{name}": value for name, value in self.settings.items() if value}
        ours = {"PYTHONPATH": str(HERE)} if self.command == COMMAND else {}
        return {**plain, "PYTHONUNBUFFERED": "1", "SHORTSTAVE_DATA_DIR": str(self.folder / "data"), **ours, **own}


@cache
def plotly_compressed() -> tuple[str, bytes]:
    """The name of the file in which a server keeps it, and what it holds, less tightly packed."""
    script = plotly_bundle().read_bytes()
    return f"plotly-{digest_of(script)}.br", brotli.compress(script, quality=3)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
