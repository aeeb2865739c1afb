"""Processes of the product that begin with everything imported, as workers of a web server do.

To import the product takes several seconds of a processor, and many tests want a server that nobody has touched. So
one process of the run imports it, does nothing else, and is copied (`fork`) whenever one is wanted. What then runs is
the command line itself, in a process of its own; tests/cli start it from nothing.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from app.cli import app

ABLE = os.name != "nt"
HERE = Path(__file__).parents[1]


def _imported() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.cli", "app.cli.serving", __name__])
    return context


class Forked:
    """As much of subprocess.Popen as tests use, for `shortstave` with these arguments."""

    def __init__(self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(HERE)  # Where the process that imports finds the product.
        try:
            self.process: ForkServerProcess = _imported().Process(
                target=_run, args=(arguments, folder, dict(environment), log)
            )
            self.process.start()
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        self.process.join(seconds)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("shortstave", seconds or 0)
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        if self.process.exitcode is None:
            os.kill(self.process.pid or 0, number)

    def kill(self) -> None:
        self.process.kill()


def _run(arguments: tuple[str, ...], folder: Path, environment: dict[str, str], log: Path) -> None:
    """In the new process: make it what a shell would have started."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as writing:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(writing.fileno(), stream.fileno())
    app(arguments, prog_name="shortstave")
