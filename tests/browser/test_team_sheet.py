"""Several people at the agreed sheet of their team, in one browser after another and in several at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.sheet import Past, first
from tests.browser.team import Desk, desk
from tests.server import Server

pytestmark = pytest.mark.usefixtures("trouble")


@pytest.fixture
def risk(own_server: Server, sqlite_url: str) -> Iterator[Desk]:
    desk_of = desk(own_server, sqlite_url)
    yield desk_of
    desk_of.team.engine.dispose()


def test_the_outbox_under_another_person(risk: Desk, visit: Visit) -> None:
    """Signed out with answers waiting; somebody else signs in here and opens the same sheet."""
    page = visit()
    one, two, *_ = first(risk.team.rubric)
    mine = risk.signed_in(page, "member")
    page.route("**/answers", lambda route: route.abort())
    mine.answer(one, "1")
    mine.unfold(two)
    mine.field(two, "note").fill("Given before I signed out.")
    mine.state("offline", "2")
    risk.sign_out(page)
    page.unroute("**/answers")

    theirs = risk.signed_in(page, "lead")
    theirs.shows(one, None)
    expect(theirs.field(two, "note")).to_have_value("")
    theirs.answer(two, "0")
    theirs.saved()
    assert risk.history() == [("lead", Past(two, "0"))]
    risk.sign_out(page)

    again = risk.signed_in(page, "member")
    again.saved()
    assert risk.history() == [
        ("lead", Past(two, "0")),
        ("member", Past(one, "1")),
        ("member", Past(two, "0", "", "Given before I signed out.")),
    ]


def test_what_the_others_change_shows_by_itself(risk: Desk, visit: Visit) -> None:
    one, two, three, *_ = first(risk.team.rubric)
    lead, member = risk.signed_in(visit(), "lead"), risk.signed_in(visit(), "member")
    lead.unfold(one)
    lead.field(one, "note").fill("I am still wri")  # begun, and not given as long as the reader writes
    for each in (one, two, three):
        lead.page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true })")
        member.answer(each, "1")
    member.saved()

    expect(lead.radio(two, "1")).to_be_checked()
    lead.shows(three, "1")
    expect(lead.page.locator(f"#by-{two}")).to_have_text("Member changed this a moment ago.")
    expect(lead.field(one, "note")).to_have_value("I am still wri")
    expect(lead.page.locator("#rail [aria-current]")).to_contain_text("3 of")
    expect(lead.page.locator("#present")).to_contain_text("Also here: Member at")
    expect(member.page.locator("#present")).to_contain_text("Also here: Lead at")
    lead.saved()
    expect(member.field(one, "note")).to_have_value("I am still wri")
    assert [by for by, _ in risk.history()].count("lead") == 1


def test_a_conflict_of_two_people_shows_both_answers(risk: Desk, visit: Visit) -> None:
    one, *_ = first(risk.team.rubric)
    lead, member = risk.signed_in(visit(), "lead"), risk.signed_in(visit(), "member")
    lead.page.route("**/answers", lambda route: route.abort())
    lead.answer(one, "0")
    lead.state("offline", "1")
    member.answer(one, "1")
    member.saved()
    expect(lead.page.locator(f"#by-{one}")).to_have_text("Member changed this a moment ago.")
    lead.shows(one, "0")  # what waits to be sent still stands against it
    lead.page.unroute("**/answers")

    notice = lead.page.locator(f"#statement-{one}").get_by_role("alert").filter(has_text="changed elsewhere")
    expect(notice).to_contain_text("and is not saved")
    lead.page.locator(f"#statement-{one} [data-choose=mine]").click()
    lead.saved()

    member.shows(one, "0")
    assert risk.history() == [("member", Past(one, "1")), ("lead", Past(one, "0"))]


def test_a_page_left_open_while_somebody_else_signs_in_sends_nothing_under_their_name(risk: Desk, visit: Visit) -> None:
    page = visit()
    one, two, *_ = first(risk.team.rubric)
    mine = risk.signed_in(page, "member")
    other = page.context.new_page()
    risk.sign_out(other)
    theirs = risk.signed_in(other, "lead")

    mine.answer(one, "1")

    mine.state("forbidden", "Reload")
    theirs.answer(two, "0")
    theirs.saved()
    theirs.shows(one, None)
    assert risk.history() == [("lead", Past(two, "0"))]
    risk.sign_out(other)
    again = risk.signed_in(other, "member")
    again.saved()
    assert risk.history() == [("lead", Past(two, "0")), ("member", Past(one, "1"))]
