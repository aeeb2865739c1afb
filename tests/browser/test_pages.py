"""Every page: nothing that breaks an accessibility rule, no sideways scrolling, nothing in the console."""

import itertools
from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import PAGES, picked
from tests.server import Server

pytestmark = pytest.mark.usefixtures("trouble")  # pages that answer 404, 409 and 422 are among them

THEMES, SCRIPTS, WIDTHS = ("light", "dark"), ("real", "empty"), (360, 768, 1280)
EVERY = list(itertools.product(THEMES, SCRIPTS, WIDTHS))


def chosen(names: Iterable[str]) -> dict[str, tuple[str, str, int]]:
    """In the normal run each page comes once, and all ways come among them."""
    return {name: EVERY[(place * 5) % len(EVERY)] for place, name in enumerate(names)}


def cases(names: Iterable[str]) -> list[ParameterSet]:
    """All ways of all pages; those that are not chosen are for the long run."""
    ways = chosen(names)
    return [
        pytest.param(name, *way, id=f"{name}-{'-'.join(map(str, way))}", marks=() if way == once else pytest.mark.long)
        for name, once in ways.items()
        for way in EVERY
    ]


CHOSEN = chosen(PAGES)


@pytest.mark.parametrize(("name", "theme", "scripts", "width"), cases(PAGES))
def test_page(
    product: Server, visit: Visit, axe: Callable[[Page], None], name: str, theme: str, scripts: str, width: int
) -> None:
    page = visit(scripts, color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    PAGES[name](page)
    page.wait_for_load_state("networkidle")

    is_fine(page, axe)


def is_fine(page: Page, axe: Callable[[Page], None]) -> None:
    """What every page has to be."""
    axe(page)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert sideways(page) == [], "nothing reaches out of the page"


def sideways(page: Page) -> list[str]:
    """What makes the page scroll sideways; wide tables scroll inside their own frame."""
    found: list[str] = page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        return [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > width + 1 && !each.closest(".frame, .unseen, svg *"))
            .map((each) => `${each.tagName} ${each.id || each.className}`).concat("the page scrolls");
    }""")
    return found


def test_all_ways_are_among_the_chosen() -> None:
    assert {way[0] for way in CHOSEN.values()} == set(THEMES)
    assert {way[1] for way in CHOSEN.values()} == set(SCRIPTS)
    assert {way[2] for way in CHOSEN.values()} == set(WIDTHS)


def test_a_page_that_is_too_wide_is_found(product: Server, visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 800})
    page.goto("/")
    assert sideways(page) == []

    page.evaluate("document.querySelector('h1').style.setProperty('width', '30rem')")

    assert sideways(page)


def test_zoom_to_four_hundred_percent(product: Server, visit: Visit) -> None:
    page = visit(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    for path in ("", "/result"):
        page.goto(f"{picked(page, 2, 1)}{path}")
        assert sideways(page) == []


def test_the_result_on_paper(product: Server, visit: Visit) -> None:
    """Printed from a dark screen it is a light report without controls, and all that is folded is open."""
    page = visit(color_scheme="dark", viewport={"width": 1280, "height": 900})
    page.goto(f"{picked(page, 2, 2, 3, 2, 1)}/result")
    expect(page.locator("#radar[data-drawn]")).to_be_attached()

    page.emulate_media(media="print")

    expect(page.locator("#radar .picture svg").first).to_be_visible()
    expect(page.locator("#radar > .plotly")).to_be_hidden()
    for control in page.locator("button, .button, .no-print, nav").all():
        expect(control).to_be_hidden()
    light = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert light == "light"
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
