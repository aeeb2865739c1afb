"""`shortstave serve`: one process with the embedded database, or several with PostgreSQL."""

import datetime
import gc
import os
import signal
import socket
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI

from app.actions.accounts import make_set_up_link
from app.cli.logs import configure_logs
from app.cli.preparation import address, fail, prepare, reason, say, settings_or_exit
from app.db.engine import writing
from app.main import create_app, letters, start_work
from app.opening import open_engine
from app.settings import PREFIX, Settings, settings
from app.web.language import LANGUAGES
from app.web.render import Templates
from app.web.texts import texts

BACKLOG = 2048
GRACE = 10  # seconds that requests may still take when the server is told to stop


def serve(host: str | None, port: int | None, workers: int) -> None:
    """Serve until told to stop; `host` and `port` before those of the settings."""
    chosen = settings_or_exit(host=host, port=port)
    configure_logs(chosen)
    if workers > 1 and chosen.embedded:
        fail(
            "SQLite takes one writer at a time, and only one process knows whose turn it is. "
            "Leave out --workers, or name a PostgreSQL database in SHORTSTAVE_DATABASE_URL."
        )
    prepare(chosen)
    if workers > 1:
        _serve_by_many(chosen, workers)
    else:
        _serve_alone(chosen)


def _serve_alone(chosen: Settings) -> None:
    server = uvicorn.Server(uvicorn.Config(app_of_process(chosen), **server_options(chosen)))
    listening = _listen(chosen)
    here = address(chosen, listening.getsockname()[1])
    say(f"Shortstave is at {here} (Ctrl+C ends it).")
    _say_set_up(chosen, here)
    server.run(sockets=[listening])


def _listen(chosen: Settings) -> socket.socket:
    """Listens before the server starts: who reads the address may use it at once, and waits here until then."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    try:
        return socket.create_server((chosen.host, chosen.port), family=family, backlog=BACKLOG)
    except OSError as error:
        fail(f"{chosen.host}, port {chosen.port}, cannot be listened on: {reason(error)}. Choose another with --port.")


def _serve_by_many(chosen: Settings, workers: int) -> None:
    # The processes read the environment anew: what the command line said has to be in it.
    os.environ.update({f"{PREFIX}HOST": chosen.host, f"{PREFIX}PORT": str(chosen.port)})
    say(f"Shortstave is at {address(chosen)}, served by {workers} processes (Ctrl+C ends it).")
    _say_set_up(chosen, address(chosen))
    uvicorn.run("app.cli.serving:app_from_environment", factory=True, workers=workers, **server_options(chosen))


def app_from_environment() -> FastAPI:
    """The application of one of several serving processes."""
    chosen = settings()
    configure_logs(chosen)
    return app_of_process(chosen)


def app_of_process(chosen: Settings) -> FastAPI:
    """The one application of a serving process."""
    app = create_app(chosen)
    for language in LANGUAGES:
        texts(language)  # A fifth of a second, which the first reader of a language need not wait.
    # What is there now lives as long as the process: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return app


def server_options(chosen: Settings) -> dict[str, Any]:
    return {
        "host": chosen.host,
        "port": chosen.port,
        "forwarded_allow_ips": chosen.forwarded_allow_ips,
        "log_config": None,
        # It would name paths, and a path may be a secret link; web.requests writes the access log.
        "access_log": False,
        "server_header": False,
        "ws": "none",
        "timeout_graceful_shutdown": GRACE,
    }


def _say_set_up(chosen: Settings, address: str) -> None:
    """With no account yet: the link by which whoever reads this begins."""
    engine = open_engine(chosen)
    try:
        with writing(engine) as session:
            secret = make_set_up_link(session, datetime.datetime.now(datetime.UTC))
    finally:
        engine.dispose()
    if secret:
        say(f"Nobody has an account yet. Set it up within a day, by this link: {address}/set-up/{secret}")


def work() -> None:
    """Do background jobs until told to stop; the running one is finished first."""
    chosen = settings_or_exit()
    configure_logs(chosen)
    if chosen.embedded:
        fail("With the embedded database the server does the background jobs itself; this command is for PostgreSQL.")
    prepare(chosen)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    say("The worker has begun (Ctrl+C ends it).")
    stop_work = start_work(open_engine(chosen), chosen, letters(chosen, Templates()))
    stop.wait()
    stop_work()
