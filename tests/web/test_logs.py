"""One way for everything that is logged; never the value of a variable, never the path of a secret link."""

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from app.cli.logs import QUIET, configure_logs
from app.settings import Settings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A place to log to; afterwards everything is as pytest left it."""
    root, ours = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    access = logging.getLogger("uvicorn.access").disabled
    levels = {name: logging.getLogger(name).level for name in QUIET}
    root.handlers = []
    yield io.StringIO()
    structlog.configure(**ours)
    logging.captureWarnings(False)
    root.handlers, logging.getLogger("uvicorn.access").disabled = handlers, access
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def break_with(secret: str) -> None:
    held = secret.upper()
    raise RuntimeError(f"something about {len(held)}")


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_traceback_shows_no_values(stream: io.StringIO, log_format: str) -> None:
    configure_logs(Settings.model_validate({"log_format": log_format}), stream)
    try:
        break_with("s3cr3t")
    except RuntimeError as error:
        structlog.get_logger().error("unexpected error", exc_info=error)

    assert "break_with" in stream.getvalue()
    assert "something about 6" in stream.getvalue()
    assert "S3CR3T" not in stream.getvalue()


def test_other_peoples_logs_look_like_ours(stream: io.StringIO) -> None:
    configure_logs(Settings(log_format="json"), stream)
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger().info("saved", sheet=3)
        logging.getLogger("uvicorn.error").error("port %s is taken", 8000)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old way", stacklevel=1)

    ours, theirs, warning = map(json.loads, stream.getvalue().splitlines())
    assert ours | {"timestamp": ""} == {
        "event": "saved", "sheet": 3, "request_id": "abc", "level": "info", "timestamp": "",
    }  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["request_id"]) == ("port 8000 is taken", "error", "abc")
    assert "old way" in warning["event"]


def test_uvicorn_never_logs_a_path(stream: io.StringIO) -> None:
    configure_logs(Settings(log_level="debug"), stream)
    logging.getLogger("uvicorn.access").info('"GET /c/s3cr3t HTTP/1.1" 200')

    assert stream.getvalue() == ""


def test_what_is_called_is_not_logged(stream: io.StringIO) -> None:
    configure_logs(Settings(log_level="info"), stream)
    for name in ("httpx2", "httpcore2.connection"):
        logging.getLogger(name).info("HTTP Request: GET https://id.example.org/secret")

    assert stream.getvalue() == ""


def test_less_important_lines_stay_out(stream: io.StringIO) -> None:
    configure_logs(Settings(log_level="warning"), stream)
    structlog.get_logger().info("request")
    logging.getLogger("anything").info("chatter")

    assert stream.getvalue() == ""
