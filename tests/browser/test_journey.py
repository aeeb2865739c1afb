"""The main job in a real browser: the maturity rubric by five picks, and a rubric of points, to the result."""

import sys
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import picked
from tests.browser.sheet import MATURITY, POINTS, begin, first
from tests.server import Server

TWO_MINUTES = 120


@pytest.mark.both
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_five_picks_and_the_result(server: Server, visit: Visit, script: bool) -> None:
    page = visit(java_script_enabled=script)
    begun = time.monotonic()
    page.goto("/")
    page.get_by_role("link", name="Start the quick check").first.click()
    page.get_by_role("button", name="Begin").click()
    for position, level in enumerate([2, 2, 3, 2, 1], start=1):
        expect(page.get_by_text(f"Category {position} of 5").locator("visible=true")).to_be_visible()
        page.get_by_role("button", name=f"Pick level {level}").locator("visible=true").click()
    page.locator("#go-result").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Level 1, because Governance is at 1:")
    seconds = time.monotonic() - begun
    sys.stdout.write(f"{seconds:.1f} s from the start page to the result by five picks\n")
    assert seconds < TWO_MINUTES
    expect(page.locator(".stave-figure svg").first).to_be_visible()
    expect(page.locator("#steps .step")).to_have_count(3)
    if script:
        drawn_by_plotly(page, 5)
    else:
        expect(page.locator("#radar svg.radar").first).to_be_visible()


def drawn_by_plotly(page: Page, categories: int) -> None:
    """The radar that Plotly drew: for each series a point at every category, and the first one again to close it."""
    figure = page.request.get(page.locator("#radar").get_attribute("data-figures") or "").json()["light"]
    expect(page.locator("#radar[data-drawn=plotly]")).to_be_visible()
    assert [trace["type"] for trace in figure["data"]] == ["scatterpolar"] * len(figure["data"])
    traces = page.locator("#radar .plotly .scatterlayer .trace")
    expect(traces).to_have_count(len(figure["data"]))
    for place in range(len(figure["data"])):
        expect(traces.nth(place).locator("path.point")).to_have_count(categories + 1)


def test_the_drawn_radar_is_there_before_plotly(product: Server, visit: Visit) -> None:
    page = visit(viewport={"width": 1280, "height": 900})
    held = []
    page.route("**/plotly.min.js", lambda route: held.append(route))
    sheet = begin(page)
    sheet.pick("strategy", 1)
    sheet.saved()
    with page.expect_request("**/plotly.min.js"):
        page.goto(f"{sheet.path}/result", wait_until="domcontentloaded")
    expect(page.locator("#radar .picture svg").first).to_be_visible()

    held[0].continue_()

    drawn_by_plotly(page, 5)
    expect(page.locator("#radar .picture")).to_be_hidden()


@pytest.mark.usefixtures("trouble")
def test_the_drawn_radar_stays_where_plotly_does_not_come(product: Server, visit: Visit) -> None:
    page = visit()
    page.route("**/plotly.min.js", lambda route: route.abort())
    path = picked(page, 2, 1)
    with page.expect_event("requestfailed", lambda request: "plotly.min.js" in request.url):
        page.goto(f"{path}/result")

    expect(page.locator("#radar .picture svg").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_rubric_of_points(product: Server, visit: Visit, script: bool) -> None:
    page = visit(java_script_enabled=script)
    sheet = begin(page, POINTS)
    for position, category in enumerate(sheet.rubric.categories):
        expect(page.locator(f"#category-{category.key}")).to_be_visible()
        for statement in first(sheet.rubric, position):
            sheet.radio(statement, "1").click()
        following = page.locator(f"#category-{category.key} [name=go]").filter(has_text="Save and go on")
        (following if following.count() else page.locator("#go-result")).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(sheet.rubric.bands[-1].name)


def test_a_sheet_begun_without_script_goes_on_with_it(product: Server, visit: Visit) -> None:
    sheet = begin(visit(java_script_enabled=False), MATURITY)
    sheet.pick("strategy", 2)
    sheet.page.wait_for_url("**/category/architecture")

    here = sheet.again(visit())

    expect(here.page.get_by_role("heading", level=1, name="Architecture")).to_be_visible()
    here.pick("architecture", 3)
    here.saved()
    sheet.page.goto(f"{sheet.path}/category/architecture")
    expect(sheet.page.get_by_role("button", name="Picked level 3")).to_be_visible()
