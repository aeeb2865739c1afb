"""A real Chromium, a real server, and for each test a profile of its own.

`page` is a page on the running product; `visit(...)` opens further ones, each a visitor without a past. Whatever a
page writes to the console as an error fails the test at its end, unless the test took it out of `console`.
"""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browser.accessibility import violations
from tests.browser.chromium import ARGUMENTS, LACKING, executable
from tests.server import Server

PATIENCE = 10_000
"""Milliseconds that a test waits for what shall happen on a page."""

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its server wrote."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server):
        report.sections.append(("server log", server.log()))
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
    """The running product, on each of the databases."""
    server = Server(tmp_path, database_url)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def console() -> Iterator[list[str]]:
    """What pages wrote as errors. A test that means to cause some empties the list when it has looked at them."""
    errors: list[str] = []
    yield errors
    assert errors == [], "errors in the browser's console"


@pytest.fixture
def visit(chromium: Browser, console: list[str], request: pytest.FixtureRequest) -> Iterator[Visit]:
    """`visit(color_scheme="dark", java_script_enabled=False, viewport={...})`: a new profile with one empty page.

    `visit(scripts="empty")` serves every script empty: the page of somebody without script, in a browser that can still
    run axe on it.
    """
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            console.append(f"{message.text} ({message.location['url']})")

    def new_page(scripts: str = "real", **options: object) -> Page:
        if "server" in request.fixturenames:
            options.setdefault("base_url", request.getfixturevalue("server").address)
        context = chromium.new_context(**options)  # type: ignore[arg-type] # the options are Playwright's own
        context.set_default_timeout(PATIENCE)
        if scripts == "empty":
            context.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        context.on("console", listen)
        context.on("weberror", lambda error: console.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()


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
