"""The whole journey by keyboard alone: Tab, Enter, Space and arrows, with the focus always in sight and never lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.sheet import MATURITY, POINTS, Past, begin, first, history
from tests.server import Server

FAR = 150
"""Steps after which a search for something by Tab is given up."""

FOCUS = """() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const seen = [at, at.closest("label"), at.closest(".level-card")].some((each) => {
        if (!each) return false;
        const style = getComputedStyle(each);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    });
    return {
        lost: at === document.body, seen, name: at.id || at.getAttribute("name") || at.textContent.trim().slice(0, 40),
        inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    };
}"""


def look(page: Page, after: str) -> str:
    """The focus is somewhere, on the screen, and drawn."""
    focus = page.evaluate(FOCUS)
    assert not focus["lost"], f"the focus is lost after {after}"
    assert focus["seen"], f"the focus on {focus['name']} cannot be seen after {after}"
    assert focus["inside"], f"the focus on {focus['name']} is off the screen after {after}"
    return str(focus["name"])


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Goes on with Tab until the focus is on it, and looks at every stop on the way."""
    for _ in range(FAR):
        page.keyboard.press(key)
        name = look(page, key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{FAR} steps of {key} did not lead to {selector}; the last was on {name}")


def enter(page: Page, key: str = "Enter") -> None:
    page.keyboard.press(key)


@pytest.mark.parametrize("width", [1280, 360])
def test_five_picks_by_keyboard(product: Server, visit: Visit, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page.goto("/")
    tab_to(page, f"a[href='/check/{MATURITY}']")
    enter(page)
    page.wait_for_url(f"**/check/{MATURITY}")
    tab_to(page, "button.primary")
    enter(page, "Space")
    page.wait_for_url("**/c/*")
    for category in ["strategy", "architecture", "modeling", "processes", "governance"]:
        expect(page.locator(f"#category-{category}")).to_be_visible()
        tab_to(page, f"[name=pick][value='{category}.1']")
        enter(page)
        page.locator("#save-state[data-state=saved]").wait_for()
        look(page, f"the pick of {category} was saved")
    expect(page.locator("#go-result")).to_be_focused()
    enter(page)
    page.wait_for_url("**/result")
    tab_to(page, ".hero a[href='#steps'], .hero .button")


def test_refining_by_keyboard(product: Server, visit: Visit) -> None:
    sheet = begin(visit(reduced_motion="reduce"), POINTS)
    page = sheet.page
    one, *_ = first(sheet.rubric)
    tab_to(page, f"input[name='{one}']")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        sheet.saved()
        look(page, "an arrow")
    page.keyboard.press("ArrowRight")
    sheet.shows(one, "not_applicable")
    expect(sheet.radio(one, "not_applicable")).to_be_focused()
    tab_to(page, f"[name='{one}.reason']")
    page.keyboard.type("Nothing is served.")
    sheet.saved()
    look(page, "a reason was saved")

    tab_to(page, f"#statement-{one} [name=clear]")
    enter(page)

    look(page, "an answer was taken back")
    sheet.saved()
    assert [past.value for past in history(product, sheet)][-2:] == ["not_applicable", None]
    assert Past(one, "not_applicable", "Nothing is served.") in history(product, sheet)


def test_picking_and_undoing_by_keyboard(product: Server, visit: Visit) -> None:
    sheet = begin(visit(reduced_motion="reduce"))
    page = sheet.page
    tab_to(page, "[name=pick][value='strategy.2']")
    enter(page, "Space")
    sheet.saved()
    tab_to(page, "#go-strategy", "Shift+Tab")
    enter(page)
    look(page, "going to a category")
    tab_to(page, "#undo-strategy")
    enter(page)
    expect(page.locator("#undo-strategy")).to_be_hidden()
    look(page, "undoing")
    tab_to(page, "#rung-strategy-2 > summary")
    enter(page)
    look(page, "opening a rung")


@pytest.mark.usefixtures("trouble")
@pytest.mark.parametrize("whose", ["theirs", "mine"])
def test_choosing_between_two_answers_by_keyboard(product: Server, visit: Visit, whose: str) -> None:
    sheet = begin(visit(reduced_motion="reduce"), POINTS)
    page = sheet.page
    there = sheet.again(visit())
    one, *_ = first(sheet.rubric)
    there.answer(one, "1")
    there.saved()
    tab_to(page, f"input[name='{one}']")
    enter(page, "Space")
    page.locator(".differing .notice").wait_for()
    look(page, "the notice")
    tab_to(page, f"[data-choose={whose}]")
    enter(page)
    look(page, "the choice")
    sheet.saved()
    look(page, "the choice was saved")
