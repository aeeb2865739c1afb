"""Two browsers on one sheet: what differs is shown and decided, and nothing is overwritten unseen."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.sheet import POINTS, Past, Sheet, begin, first, history
from tests.server import Server

pytestmark = pytest.mark.usefixtures("trouble")


@pytest.fixture
def pair(product: Server, visit: Visit) -> tuple[Sheet, Sheet]:
    """One sheet in two browsers that know nothing of each other."""
    sheet = begin(visit(), POINTS)
    return sheet, sheet.again(visit())


def choose(sheet: Sheet, statement: str, whose: str) -> None:
    sheet.page.locator(f"#statement-{statement} [data-choose={whose}]").click()


@pytest.mark.parametrize(("whose", "value"), [("theirs", "1"), ("mine", "0")])
def test_two_answers_that_differ(product: Server, pair: tuple[Sheet, Sheet], whose: str, value: str) -> None:
    here, there = pair
    one, two, *_ = first(here.rubric)
    there.answer(one, "1")
    there.answer(two, "1")
    there.saved()

    here.answer(one, "0")

    notice = here.page.locator(f"#statement-{one}").get_by_role("alert").filter(has_text="changed elsewhere")
    words = [word.name for word in here.rubric.words(here.rubric.statements[one])]
    expect(notice).to_contain_text(f"“{words[2]}”")
    expect(notice).to_contain_text(f"“{words[0]}” and is not saved")
    here.state("refused", here.rubric.categories[0].name)
    here.shows(one, "0")
    here.shows(two, "1")
    choose(here, one, whose)

    here.saved()
    here.shows(one, value)
    expect(notice).to_have_count(0)
    expect(here.radio(one, value)).to_be_focused()
    there.page.reload()
    there.shows(one, value)
    assert history(product, here) == [Past(one, "1"), Past(two, "1"), *([Past(one, "0")] if whose == "mine" else [])]


def test_the_choice_is_still_open_after_a_reload(product: Server, pair: tuple[Sheet, Sheet]) -> None:
    here, there = pair
    one, *_ = first(here.rubric)
    there.answer(one, "1")
    there.saved()
    here.answer(one, "0")
    here.state("refused")

    here.page.reload()

    here.state("refused")
    here.shows(one, "0")
    choose(here, one, "mine")
    here.saved()
    assert history(product, here) == [Past(one, "1"), Past(one, "0")]


def test_a_third_answer_settles_it_too(product: Server, pair: tuple[Sheet, Sheet]) -> None:
    here, there = pair
    one, *_ = first(here.rubric)
    there.answer(one, "1")
    there.saved()
    here.answer(one, "0")
    here.state("refused")

    here.answer(one, "0.5")

    here.saved()
    expect(here.page.locator(f"#differing-{one}")).to_be_empty()
    assert history(product, here) == [Past(one, "1"), Past(one, "0.5")]


def test_notes_that_differ(product: Server, pair: tuple[Sheet, Sheet]) -> None:
    here, there = pair
    one, *_ = first(here.rubric)
    here.unfold(one)
    here.field(one, "note").fill("My w")
    here.page.context.set_offline(True)
    there.unfold(one)
    there.field(one, "note").fill("Their words")
    there.saved()
    here.page.context.set_offline(False)
    here.field(one, "note").fill("My words")

    here.state("refused")
    expect(here.field(one, "note")).to_have_value("My words")
    expect(here.page.locator(f"#differing-{one}")).to_contain_text("Their words")
    choose(here, one, "theirs")

    here.saved()
    expect(here.field(one, "note")).to_have_value("Their words")
    assert history(product, here) == [Past(one, None, "", "Their words")]


def test_what_waited_meets_what_was_changed_meanwhile(product: Server, pair: tuple[Sheet, Sheet]) -> None:
    """Two clicks on one statement wait while it is changed elsewhere: neither slips in as if that had been seen."""
    here, there = pair
    one, two, *_ = first(here.rubric)
    here.page.context.set_offline(True)
    here.answer(two, "1")
    here.answer(one, "0")
    here.answer(one, "0.5")
    there.answer(one, "1")
    there.saved()

    here.page.context.set_offline(False)

    here.state("refused")
    here.shows(one, "0.5")
    assert history(product, here) == [Past(one, "1"), Past(two, "1")]
    choose(here, one, "mine")
    here.saved()
    here.shows(one, "0.5")
    assert history(product, here)[-1] == Past(one, "0.5")


def test_a_pick_over_answers_that_were_changed_elsewhere(product: Server, visit: Visit) -> None:
    here = begin(visit())
    there = here.again(visit())
    category = here.rubric.categories[0]
    lowest = next(statement.key for statement in category.statements if statement.gate == 1)
    there.answer(lowest, "0")
    there.saved()

    here.pick(category.key, 2)

    here.state("refused", category.name)
    here.page.locator(f"#go-{category.key}").click()
    expect(here.page.locator(f"#told-{category.key}")).to_contain_text("Pick again")
    here.shows(lowest, "0")
    here.shows(category.statements[-1].key, None)
    expect(here.page.get_by_role("button", name="Picked")).to_have_count(0)
    here.pick(category.key, 2)
    here.saved()
    assert len(history(product, here)) == 1 + len(category.statements)


def test_coming_back_to_a_page_shows_what_was_answered_elsewhere(pair: tuple[Sheet, Sheet]) -> None:
    here, there = pair
    one, *_ = first(here.rubric)
    there.answer(one, "1")
    there.saved()

    here.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    here.shows(one, "1")
    expect(here.page.locator("#rail")).to_contain_text("1 of")
