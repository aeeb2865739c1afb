"""One statement at a time: don't know, not applicable, notes, taking back, undoing, and going on elsewhere."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.sheet import Past, Sheet, begin, history
from tests.server import Server


@pytest.fixture
def sheet(product: Server, visit: Visit) -> Sheet:
    return begin(visit(), category="strategy")


def lowest(sheet: Sheet) -> str:
    """A statement that level 1 of the first category needs."""
    return next(each.key for each in sheet.rubric.categories[0].statements if each.gate == 1)


def test_the_rung_that_decides_is_open(sheet: Sheet) -> None:
    expect(sheet.page.locator("#rung-strategy-1")).to_have_attribute("open", "")
    sheet.pick("strategy", 2)
    sheet.page.locator("#go-strategy").click()

    expect(sheet.page.locator("#rung-strategy-3")).to_have_attribute("open", "")
    expect(sheet.page.locator("#state-strategy-3")).to_contain_text("decides the level")
    sheet.page.locator("#rung-strategy-3 > summary").click()
    sheet.page.locator("#rung-strategy-4 > summary").click()
    above = next(each.key for each in sheet.rubric.categories[0].statements if each.gate == 4)
    sheet.radio(above, "1").click()
    sheet.saved()
    expect(sheet.page.locator("#rung-strategy-3")).not_to_have_attribute("open", "")


def test_do_not_know_leaves_the_level_open(product: Server, sheet: Sheet) -> None:
    one = lowest(sheet)
    sheet.answer(one, "unknown")

    sheet.saved()
    expect(sheet.page.locator("#standing")).to_contain_text("Between level 0 and")
    assert history(product, sheet) == [Past(one, "unknown")]


def test_not_applicable_needs_its_reason(product: Server, sheet: Sheet) -> None:
    one = lowest(sheet)
    reason = sheet.field(one, "reason")
    expect(reason).to_be_hidden()

    sheet.answer(one, "not_applicable")

    sheet.state("unfinished", "say why")
    expect(reason).to_be_focused()
    reason.fill("The parent company decides that.")
    sheet.saved()
    sheet.page.reload()
    sheet.shows(one, "not_applicable")
    expect(reason).to_have_value("The parent company decides that.")
    assert history(product, sheet) == [Past(one, "not_applicable", "The parent company decides that.")]


def test_an_answer_taken_back_keeps_its_note(product: Server, sheet: Sheet) -> None:
    one = lowest(sheet)
    sheet.answer(one, "1")
    sheet.field(one, "note").fill("Ask again in spring.")
    sheet.page.locator(f"#statement-{one} [name=clear]").click()

    sheet.saved()
    sheet.shows(one, None)
    expect(sheet.page.locator(f"#statement-{one} input:focus")).to_have_count(1)
    assert history(product, sheet)[-1] == Past(one, None, "", "Ask again in spring.")


def test_a_pick_is_undone(product: Server, sheet: Sheet) -> None:
    one = lowest(sheet)
    undo = sheet.page.locator("#undo-strategy")
    sheet.answer(one, "0.5")
    sheet.pick("strategy", 2)
    sheet.page.locator("#go-strategy").click()
    sheet.shows(one, "1")

    undo.click()

    sheet.saved()
    expect(undo).to_be_hidden()
    sheet.shows(one, "0.5")
    expect(sheet.page.get_by_role("button", name="Picked")).to_have_count(0)
    expect(sheet.page.locator("#name-strategy")).to_be_focused()
    assert history(product, sheet)[-1].value is None


@pytest.mark.usefixtures("trouble")
def test_undoing_while_a_newer_pick_waits_undoes_that_one(product: Server, sheet: Sheet) -> None:
    one = lowest(sheet)
    sheet.pick("strategy", 2)
    sheet.saved()
    sheet.page.locator("#go-strategy").click()
    sheet.page.context.set_offline(True)
    sheet.pick("strategy", 0)
    sheet.page.locator("#go-strategy").click()
    sheet.page.locator("#undo-strategy").click()
    sheet.state("offline", "2")

    sheet.page.context.set_offline(False)

    sheet.saved()
    sheet.shows(one, "1")
    expect(sheet.page.get_by_role("button", name="Picked level 2")).to_be_visible()


@pytest.mark.usefixtures("trouble")
def test_picks_go_on_to_the_end_while_the_network_is_away(product: Server, sheet: Sheet) -> None:
    sheet.page.context.set_offline(True)
    for category in sheet.rubric.categories:
        sheet.pick(category.key, 1)

    expect(sheet.page.locator("#go-result")).to_be_focused()
    sheet.state("offline", "5")
    sheet.page.context.set_offline(False)
    sheet.saved()
    sheet.page.locator("#go-result").click()
    expect(sheet.page.get_by_role("heading", level=1)).to_contain_text("Level 1")


def test_back_goes_through_the_categories_and_from_the_result(sheet: Sheet) -> None:
    page = sheet.page
    sheet.pick("strategy", 2)
    sheet.pick("architecture", 1)
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Architecture")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Strategy")).to_be_visible()
    expect(page.get_by_role("button", name="Picked level 2")).to_be_visible()
    page.go_forward()
    sheet.saved()
    page.locator("#go-result").click()
    page.wait_for_url("**/result")

    page.go_back()

    expect(page.get_by_role("heading", level=1, name="Architecture")).to_be_visible()
    expect(page.get_by_role("button", name="Picked level 1")).to_be_visible()
    sheet.pick("architecture", 3)
    sheet.saved()


def test_going_on_on_another_device(product: Server, sheet: Sheet, visit: Visit) -> None:
    sheet.pick("strategy", 2)
    sheet.saved()
    link = sheet.page.get_by_label("The secret link of this check").input_value()

    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(link)

    expect(page.get_by_role("heading", level=1, name="Architecture")).to_be_visible()
    there = Sheet(page, sheet.path, sheet.rubric)
    there.shows(lowest(sheet), "1")
    there.pick("architecture", 2)
    there.saved()
    sheet.page.reload()
    expect(sheet.page.locator("#go-architecture")).to_contain_text("complete")


def test_a_link_to_an_open_answer_shows_it(sheet: Sheet) -> None:
    top = next(each.key for each in sheet.rubric.categories[0].statements if each.gate == 4)
    sheet.page.goto(f"{sheet.path}/category/strategy#statement-{top}")

    expect(sheet.radio(top, "1")).to_be_in_viewport()


def test_enter_in_a_reason_stays_where_it_is(sheet: Sheet) -> None:
    sheet.page.locator("#go-modeling").click()
    one = next(each.key for each in sheet.rubric.category_by_key["modeling"].statements if each.gate == 1)
    sheet.answer(one, "not_applicable")
    sheet.field(one, "reason").fill("We buy all our models.")
    sheet.field(one, "reason").press("Enter")

    sheet.saved()
    expect(sheet.field(one, "reason")).to_be_focused()
