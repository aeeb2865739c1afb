"""A real Chromium, a real server, and for each test a profile of its own.

`page` is a page on the running product; `visit(...)` opens further ones, each a visitor without a past. Whatever a
page writes to the console as an error fails the test at its end, unless the test took it out of `console`; so does
whatever breaks the Content-Security-Policy. Where a test takes the network away it asks for `trouble`.
"""

import datetime
import itertools
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from app.actions.rubrics import load_shipped
from app.db.engine import make_engine, writing
from tests.browser.accessibility import violations
from tests.browser.chromium import ARGUMENTS, LACKING, executable
from tests.server import Server

PATIENCE = 30_000
"""Milliseconds that a test waits for what shall happen on a page."""

# A policy that is broken is written to the console by Chromium itself, but not in every case.
LISTEN = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""
SERVERS = ("server", "own_server", "product", "works")

# Each context comes from an address of its own, as far as a server sees behind a proxy on loopback: the number of
# quick checks that one address may begin is limited.
ADDRESSES = itertools.count(1)

Visit = Callable[..., Page]

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its server wrote."""
    report = yield
    for name in SERVERS:
        server = getattr(item, "funcargs", {}).get(name)
        if report.failed and isinstance(server, Server):
            report.sections.append(("server log", server.log()[-5000:]))
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = executable()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(LACKING, pytrace=False)
    if path is None:
        pytest.skip("no Chromium")  # the closing lines of the run say what to install
    return path


# As long as Playwright is started its thread has a running event loop, in which no other test can start its own: so it
# lives no longer than the tests of this folder.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(chromium_path: str, playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
    yield browser
    browser.close()


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """The running product, on each of the databases, with the shipped rubrics as `shortstave migrate` brings them."""
    engine = make_engine(database_url)
    with writing(engine) as session:
        load_shipped(session, datetime.datetime.now(datetime.UTC))
    engine.dispose()
    server = Server(tmp_path, database_url)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_server(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    """The running product for one test, which may kill it; on SQLite."""
    server = Server(tmp_path, sqlite_url)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product for all tests that leave it running; on SQLite."""
    server = Server(tmp_path_factory.mktemp("product"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def trouble() -> None:
    """For tests that refuse requests or take the network away: the browser's word on that is no error."""


@pytest.fixture
def console(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What pages wrote as errors. A test that means to cause some empties the list when it has looked at them."""
    errors: list[str] = []
    yield errors
    if "trouble" in request.fixturenames:
        errors = [error for error in errors if not error.startswith("Failed to load resource")]
    assert errors == [], "errors in the browser's console"


@pytest.fixture
def visit(chromium: Browser, console: list[str], request: pytest.FixtureRequest) -> Iterator[Visit]:
    """`visit(color_scheme="dark", java_script_enabled=False, viewport={...})`: a new profile with one empty page.

    `visit(scripts="empty")` serves every script empty: the page of somebody without script, in a browser that can still
    run axe on it.
    """
    contexts = []

    def new_page(scripts: str = "real", **options: object) -> Page:
        context = chromium.new_context(**{**context_options(request), **options})  # type: ignore[arg-type] # Playwright's own options
        watch(context, console)
        if scripts == "empty":
            context.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        contexts.append(context)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()


def context_options(request: pytest.FixtureRequest) -> dict[str, object]:
    """The address of the test's server, if it has one, and an address of the visitor's own."""
    number = next(ADDRESSES)
    options: dict[str, object] = {"extra_http_headers": {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250}"}}
    for name in SERVERS:
        if name in request.fixturenames:
            options["base_url"] = request.getfixturevalue(name).address
    return options


def watch(context: BrowserContext, console: list[str]) -> None:
    """Notes every error that a page of the context writes or throws, and every break of the policy."""

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            console.append(f"{message.text} ({message.location['url']})")

    context.set_default_timeout(PATIENCE)
    context.add_init_script(LISTEN)
    context.on("console", listen)
    context.on("weberror", lambda error: console.append(str(error.error)))


@pytest.fixture
def page(server: Server, visit: Visit) -> Page:
    """A page on the running product, not yet opened: `page.goto("/")`."""
    return visit()


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails with a line for each element that breaks an accessibility rule."""

    def check(page: Page) -> None:
        found = violations(page)
        assert not found, f"{page.url} breaks accessibility rules:\n" + "\n".join(found)

    return check
