"""An answer given above while a member of the team has the sheet open: told at once, and out of the way afterwards."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.domain.asked_once import asked_of_organisation
from tests.browser.conftest import Visit
from tests.browser.sheet import Sheet
from tests.browser.team import PASSWORD, Desk, desk
from tests.cast import address
from tests.server import Server

pytestmark = pytest.mark.usefixtures("trouble")


@pytest.fixture
def risk(own_server: Server, sqlite_url: str) -> Iterator[Desk]:
    desk_of = desk(own_server, sqlite_url)
    yield desk_of
    desk_of.team.engine.dispose()


def test_what_is_answered_above_leaves_the_sheet_of_the_team(risk: Desk, visit: Visit) -> None:
    rubric = risk.team.rubric
    key = asked_of_organisation(rubric)[0]
    category = rubric.category_of[key].key
    member = risk.signed_in(visit(), "member")
    page, path = visit(), f"/cycles/{risk.team.cycle_id}/organisation"
    page.goto(f"/sign-in?next={path}")
    page.get_by_label("E-mail").fill(address("admin"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url(f"**{path}")
    above = Sheet(page, path, rubric)

    above.answer(key, "1")
    above.saved()
    expect(page.locator("#standing")).to_contain_text("1 of 24 answered for everybody")
    member.answer(key, "0")
    expect(member.page.locator(f"#problem-{key}")).to_contain_text("answered for your team")
    member.state("refused")

    member.page.reload()
    shown = member.page.locator(f"#statement-{key}")
    expect(shown).to_contain_text("Answered for the organisation by Admin")
    expect(shown.locator("input")).to_have_count(0)
    member.state("saved")
    member.page.evaluate("location.hash = ''")
    member.page.locator(f"#go-{category}").click()
    member.pick(category, 1)
    member.state("saved", re.compile(r"Saved\s+\d\d:\d\d"))
    assert key not in {past.statement for _, past in risk.history()}
