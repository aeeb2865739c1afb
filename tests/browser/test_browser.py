"""The browser tests' own tools find what they are there to find."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from tests.browser.chromium import VARIABLE, executable
from tests.browser.conftest import Visit

GOOD = "<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1><p>All is well.</p></main></html>"
BAD = "<!doctype html><html lang=en><title>Bad</title><main><h1>Bad</h1><img src=/x.svg></main></html>"
LOUD = GOOD.replace("</main>", "<script>1</script></main>")
PAGES = {"/good": GOOD, "/bad": BAD, "/loud": LOUD}


class Strict(BaseHTTPRequestHandler):
    """Serves the pages above under a policy as strict as the product's."""

    def do_GET(self) -> None:
        body = PAGES.get(self.path, "").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if body else "image/svg+xml")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def strict() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Strict) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scripts", ["real", "empty"])
def test_axe_finds_a_planted_fault(strict: str, visit: Visit, axe: Callable[[Page], None], scripts: str) -> None:
    page = visit(base_url=strict, scripts=scripts)

    page.goto("/good")
    axe(page)

    page.goto("/bad")
    with pytest.raises(AssertionError, match=r"image-alt \(critical\) at img"):
        axe(page)


def test_axe_does_not_wait_for_ever(strict: str, visit: Visit, axe: Callable[[Page], None]) -> None:
    page = visit(base_url=strict, java_script_enabled=False)
    page.goto("/good")
    page.set_default_timeout(300)

    with pytest.raises(TimeoutError):
        axe(page)


def test_an_error_in_the_console_is_heard(strict: str, visit: Visit, console: list[str]) -> None:
    page = visit(base_url=strict)
    with (
        page.expect_console_message(lambda message: "Content Security Policy" in message.text),
        page.expect_console_message(lambda message: "policy broken: script-src" in message.text),
    ):
        page.goto("/loud")

    assert any("Content Security Policy" in error for error in console)
    assert any("policy broken: script-src" in error for error in console)
    console.clear()


def test_the_browser_that_was_named_is_taken(tmp_path: Path) -> None:
    (tmp_path / "chromium").touch(0o755)

    assert executable({VARIABLE: "/opt/mine", "PATH": str(tmp_path)}) == "/opt/mine"
    assert executable({"PATH": str(tmp_path)}) == str(tmp_path / "chromium")


def test_what_playwright_switches_off_stays_off(visit: Visit, chromium: Browser) -> None:
    """Of several switches of one name Chromium takes the last; and no window has pages of the browser's own."""
    page = visit()
    page.goto("chrome://version")
    line = page.locator("#command_line").inner_text()
    theirs, ours = (set(each.split(",")) for each in re.findall(r"--disable-features=(\S+)", line))

    assert theirs <= ours
    targets = chromium.new_browser_cdp_session().send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    assert {each["type"] for each in targets} <= {"page", "tab"}
