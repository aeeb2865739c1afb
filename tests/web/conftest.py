"""A browser for page tests: the whole application behind https, once on each database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.dev import plain_traceback

from app.connectors.oidc import Providers
from app.main import create_app
from app.settings import Settings
from app.web.deps import this_moment
from app.web.render import Templates
from tests.databases import Filling, Source
from tests.quick_check import QuickCheck, begun
from tests.web.cast import Browser, Cast, begin
from tests.web.visitor import Clock, Visitor

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


@pytest.fixture(scope="session")
def compiled() -> Templates:
    """The templates, compiled once for all applications of a run."""
    return Templates()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """The test's own database where it asks for `database`, else an empty one that is never opened."""
    url = request.getfixturevalue("database_url") if "database" in request.fixturenames else ""
    return Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=SecretStr(url))


@pytest.fixture(scope="session")
def served_before(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application whose routes all others take: to work out what each of them depends on takes a while."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("routes"), public_url=PUBLIC, worker="off"))


@pytest.fixture
def app(settings: Settings, compiled: Templates, clock: Clock, served_before: FastAPI) -> Iterator[FastAPI]:
    app = create_app(settings)
    app.router.routes[:] = served_before.router.routes
    # Where these routes look for what a test puts in another's place.
    app.dependency_overrides = served_before.dependency_overrides = {}
    # On a database of its own a page may ask whether somebody has an account.
    app.state.has_account = not settings.database_url.get_secret_value()
    app.state.templates = compiled
    app.state.clock = clock
    app.state.providers = Providers()  # those of tests are on this machine
    app.dependency_overrides[this_moment] = clock
    yield app
    # Where a test serves another application, nobody ends this one.
    app.state.engine.dispose()


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Browser]:
    """A visitor's; `browser(cast.lead)` is another, in which the lead is signed in."""
    with Browser(app, base_url=PUBLIC, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def engine(app: FastAPI, database_url: str) -> Engine:
    """The application's own, so that its statements can be counted."""
    engine: Engine = app.state.engine
    return engine


@pytest.fixture
def casting() -> Filling:
    return begin


@pytest.fixture
def cast(engine: Engine, clock: Clock, database_source: Source, casting: Filling) -> Cast:
    cast: Cast = replace(database_source.filled(casting), engine=engine, clock=clock)
    return cast


@pytest.fixture
def visitor(browser: Browser, quick_check: QuickCheck) -> Visitor:
    """Somebody with a quick check of the maturity rubric, nothing answered yet."""
    return Visitor(browser, quick_check)


@pytest.fixture
def friend(visitor: Visitor) -> Visitor:
    """Somebody else with the same link, in another browser."""
    return Visitor(visitor.browser, visitor.quick_check)


@pytest.fixture
def checker(browser: Browser, engine: Engine) -> Visitor:
    """Somebody with a quick check of a points rubric."""
    return Visitor(browser, begun(engine, "ml-test-score"))
