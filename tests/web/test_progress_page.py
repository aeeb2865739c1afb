"""How far a cycle has come: what its page says, to whom, and reminding from there."""

import datetime

import pytest

from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document, fields
from tests.web.test_assessing_pages import SECRET_NOTE, Team, opened
from tests.web.test_reminders import mailbox, settings
from tests.web.trail import events
from tests.web.visitor import Clock

__all__ = ["mailbox", "settings"]

PATH = "/dashboard/progress"


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Fraud is asked, alone first; in another cycle, every team."""
    return opened(browser, cast, clock)


def shown(browser: Browser, player: Player, asked: str = "") -> Element:
    answer = browser(player).get(f"{PATH}{asked}")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def table(page: Element) -> dict[str, list[str]]:
    """The numbers of each row: asked, not begun, begun, submitted, agreed, overdue."""
    [found] = [each for each in page.all("table") if "Asked" in each.text]
    rows = [each for each in found.all("tr") if each.all("td")]
    return {row.one("th").text: [each.text for each in row.all("td", class_="number")] for row in rows}


def test_it_works(spring: Team, browser: Browser, cast: Cast) -> None:
    page = shown(browser, cast.admin)
    assert "0 of 1 have agreed, 1 is waited for" in page.one("section", id="progress").one("h2").text
    assert table(page) == {"Whole organisation": ["1", "1", "0", "0", "0", "0"], "Risk": ["1", "1", "0", "0", "0", "0"]}
    assert "Lead and Member" in page.text

    spring.submitted(cast.member, 3, note=SECRET_NOTE)
    page = shown(browser, cast.admin)
    assert table(page)["Risk"] == ["1", "0", "1", "0", "0", "0"]
    # Who has submitted is known to everybody in the cycle, and what nobody but them.
    assert SECRET_NOTE not in page.text
    assert "level 3" not in page.text
    assert "Lead" in page.one("section", id="waited-for").text
    spring.submitted(cast.lead, 1)
    assert table(shown(browser, cast.admin))["Risk"] == ["1", "0", "0", "1", "0", "0"]


def test_it_is_the_figures_of_the_cycle(spring: Team, browser: Browser, cast: Cast) -> None:
    spring.submitted(cast.member, 3)
    tabs = document(browser(cast.admin).get(spring.cycle).text).one("nav", class_="tabs").text
    page = shown(browser, cast.admin)
    for name, count in zip(("not begun", "begun", "submitted", "agreed"), table(page)["Risk"][1:], strict=False):
        assert f"{name} {count}" in tabs


def test_the_dashboard_asks_for_it_while_the_cycle_runs(spring: Team, browser: Browser, cast: Cast) -> None:
    def part(player: Player) -> list[Element]:
        return [
            each for each in document(browser(player).get("/dashboard").text).all("section") if "data-later" in each
        ]

    [later] = part(cast.manager)
    assert "Overdue" not in later.text
    sent = browser(cast.manager).get(later["data-later"], headers={"Shortstave-Fragment": "1"})
    assert sent.status_code == 200
    fragment = document(sent.text).one("section", id="progress")
    assert table(document(sent.text))["Risk"] == ["1", "1", "0", "0", "0", "0"]
    assert "Who is waited for" in fragment.text
    assert "<html" not in sent.text
    browser(cast.admin).post(f"{spring.cycle}/close")
    assert part(cast.manager) == []


def test_overdue_is_said_from_the_day_after(spring: Team, browser: Browser, cast: Cast) -> None:
    cast.clock.now += datetime.timedelta(days=28)
    assert table(shown(browser, cast.admin))["Risk"][-1] == "0"
    cast.clock.now += datetime.timedelta(days=1)
    page = shown(browser, cast.admin)
    assert table(page)["Risk"][-1] == "1"
    assert "overdue since" in page.one("section", id="progress").text


def test_who_may_see_it_sees_their_part(spring: Team, browser: Browser, cast: Cast) -> None:
    for player in (cast.member, cast.lead, cast.viewer):
        assert browser(player).get(PATH).status_code == 403
    assert set(table(shown(browser, cast.manager))) == {"Risk"}
    assert table(shown(browser, cast.manager_elsewhere)) == {"Sales": ["0"] * 6}
    assert "Fraud" not in shown(browser, cast.manager_elsewhere).text
    assert browser(cast.manager_elsewhere).get(f"{PATH}?unit={cast.risk.id}").status_code == 404
    assert "Fraud" not in browser(cast.outsider).get(PATH).text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", True),
        ("stage=not_begun", True),
        ("stage=agreed", False),
        ("stage=all", True),
        ("q=frau", True),
        ("q=x", False),
    ],
)
def test_the_list_is_filtered(spring: Team, browser: Browser, cast: Cast, asked: str, found: bool) -> None:
    page = shown(browser, cast.admin, f"?{asked}")
    assert ("Fraud" in page.one("section", id="waited-for").text) is found
    assert found or "No team here." in page.text


def test_what_there_is_not_is_not_found(browser: Browser, cast: Cast, clock: Clock) -> None:
    assert browser(cast.admin).get(PATH).status_code == 404
    opened(browser, cast, clock)
    assert browser(cast.admin).get(f"{PATH}?stage=asleep").status_code == 404
    assert browser(cast.admin).get(f"{PATH}?cycle=x").status_code == 422
    assert browser(cast.admin).get(f"{PATH}?cycle=99999").status_code == 404


def test_a_manager_reminds_their_unit_and_no_other(spring: Team, browser: Browser, cast: Cast) -> None:
    manager = browser(cast.manager)
    [ask] = {
        each["href"] for each in shown(browser, cast.manager).all("a") if "/remind" in each.attributes.get("href", "")
    }
    assert ask == f"{spring.cycle}/remind?unit={cast.risk.id}"
    page = document(manager.get(ask).text).one("main")
    assert "Send 2 letters?" in page.text
    [form] = page.all("form")
    sent = manager.post(form["action"], data=fields(form))
    assert sent.status_code == 303
    assert "The letters are on their way" in manager.get(sent.headers["location"]).text
    assert events(cast.engine)[-1] == "reminders asked for"
    again = manager.post(form["action"])
    assert again.status_code == 409
    assert "try again tomorrow" in again.text

    for player, unit in ((cast.manager, cast.sales), (cast.manager_elsewhere, cast.risk), (cast.lead, cast.risk)):
        for answer in (
            browser(player).get(f"{spring.cycle}/remind?unit={unit.id}"),
            browser(player).post(f"{spring.cycle}/remind?unit={unit.id}"),
        ):
            assert answer.status_code == 403, player
    assert browser(cast.admin).post(f"{spring.cycle}/remind?unit={cast.their_unit.id}").status_code == 404
    assert browser(cast.outsider).post(f"{spring.cycle}/remind?unit={cast.their_unit.id}").status_code == 404


def test_nobody_reminds_of_what_is_closed(spring: Team, browser: Browser, cast: Cast) -> None:
    browser(cast.admin).post(f"{spring.cycle}/close")
    page = shown(browser, cast.manager)
    assert "Remind" not in [each.text for each in page.all("a")]
    assert browser(cast.manager).post(f"{spring.cycle}/remind?unit={cast.risk.id}").status_code == 409


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    me = browser(cast.admin)
    me.get(PATH)
    with count_statements(cast.engine) as statements:
        me.get(PATH, headers={"Shortstave-Fragment": "1"})
    assert len(statements) <= 8, (len(statements), statements)
    with count_statements(cast.engine) as statements:
        me.get(PATH)
    assert len(statements) <= 10, (len(statements), statements)
