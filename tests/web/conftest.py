"""A browser for page tests: the whole application behind https, once on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.dev import plain_traceback

from app.main import create_app
from app.settings import Settings
from tests.web.cast import Browser, Cast, begin

PUBLIC = "https://testserver"


@pytest.fixture(autouse=True, scope="session")
def plain_log() -> None:
    """Plain tracebacks, as the product has them: structlog's own print every variable, which takes seconds."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback),
        ]
    )


@pytest.fixture
def app(tmp_path: Path, request: pytest.FixtureRequest) -> FastAPI:
    """The application; on the test's own database where it asks for `database`, else on an empty one never opened."""
    url = request.getfixturevalue("database_url") if "database" in request.fixturenames else ""
    return create_app(Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=SecretStr(url)))


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Browser]:
    """A visitor's; `browser(cast.lead)` is another, in which the lead is signed in."""
    with Browser(app, base_url=PUBLIC, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def cast(engine: Engine) -> Cast:
    return begin(engine)
