"""One way for everything that is logged: ours, uvicorn's, SQLAlchemy's, and warnings."""

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog
from structlog.dev import plain_traceback
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor

from app.settings import Settings

# What these say about every start and connection is ours to say, or noise.
# httpx2 would name every address that is called.
QUIET = ("uvicorn", "uvicorn.error", "alembic", "asyncio", "httpx2", "httpcore2")


def configure_logs(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Log to `stream`. Tracebacks are plain: with the values of variables they would show answers and secrets."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _last(settings.log_format, colors=stream.isatty())
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.add_logger_name],
            processors=[ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # It names paths, and a path may be a secret link; web.requests writes the access log.
    logging.getLogger("uvicorn.access").disabled = True


def _last(log_format: str, *, colors: bool) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain_traceback)]


def _json(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=repr).decode()
