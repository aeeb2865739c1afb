"""The front page in a real browser, from a real server on each database."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.server import Server


def test_it_works(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_anybody_can_read_it(
    server: Server, visit: Visit, axe: Callable[[Page], None], scheme: str, width: int
) -> None:
    page = visit(scripts="empty", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/")

    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_server_that_was_killed_comes_back_where_it_was(server: Server, page: Page, console: list[str]) -> None:
    page.goto("/")
    server.kill()
    assert not server.answers("/health")

    server.start()

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    console.clear()  # what the page may have asked for while nobody was there
