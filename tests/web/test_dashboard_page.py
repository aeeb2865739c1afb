"""The organisation at a glance: what its page says, to whom, and what its address asks for."""

import datetime
import re

import pytest

from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock


def dashboard(browser: Browser, player: Player, asked: str = "") -> Element:
    answer = browser(player).get(f"/dashboard{asked}")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def status(browser: Browser, player: Player, asked: str) -> int:
    return browser(player).get(f"/dashboard{asked}").status_code


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed")
    return team


def number_of(spring: Team) -> str:
    return spring.cycle.rsplit("/", 1)[1]


def test_it_works(spring: Team, browser: Browser, cast: Cast) -> None:
    assert "Nothing is agreed here yet" in dashboard(browser, cast.admin).text
    spring.agreed(cast.lead)

    page = dashboard(browser, cast.admin)

    assert "1 of 1 team at level 1." in page.one("h1").text
    heat = page.one("table", class_="heat")
    assert [each.text for each in heat.all("th") if each.attributes.get("scope") == "row"] == ["Fraud"]
    assert {cell["data-level"] for cell in heat.all("td") if "data-level" in cell} == {"1"}
    drawn = browser(cast.admin).get(f"/dashboard/charts/radar.json?cycle={number_of(spring)}")
    assert {trace["name"] for trace in drawn.json()["light"]["data"]} == {"median", "lowest", "upper quartile"}


def test_it_opens_where_something_is_agreed_and_leads_to_what_runs(
    spring: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    assert "is running." not in dashboard(browser, cast.admin).text
    spring.agreed(cast.lead)
    later = (clock().date() + datetime.timedelta(days=60)).isoformat()
    summer = opened(browser, cast, clock, "together", name="Summer", rubric="lifecycle-practices", due_on=later)

    page = dashboard(browser, cast.admin)

    assert "1 of 1 team at level 1." in page.one("h1").text
    assert "Summer is running." in page.text
    [link] = [each["href"] for each in page.all("a") if each.text == "How far it has come"]
    assert link == f"/dashboard/progress?cycle={summer.cycle.rsplit('/', 1)[1]}"
    # Cycles by several rubrics are told apart by their titles too.
    names = [each.text for each in page.one("select", id="cycle").all("option")]
    assert names == ["Summer (Lifecycle practices)", "Spring (MLOps maturity)"]


def test_without_a_cycle_it_says_what_will_be_here(browser: Browser, cast: Cast) -> None:
    assert "Nothing to see yet" in dashboard(browser, cast.admin).text
    assert status(browser, cast.admin, "/charts/radar.json") == 404


def test_it_is_for_those_who_look_after_more_than_a_team(spring: Team, browser: Browser, cast: Cast) -> None:
    spring.agreed(cast.lead)
    assert [status(browser, each, "") for each in (cast.member, cast.lead, cast.viewer)] == [403] * 3
    assert "Dashboard" not in document(browser(cast.member).get("/").text).one("header").text
    # A manager sees their unit without asking for it, and no other part.
    assert "Risk" in dashboard(browser, cast.manager).one("ol", class_="crumbs").text
    assert status(browser, cast.manager, f"?unit={cast.sales.id}") == 404
    assert "Nothing is agreed here yet" in dashboard(browser, cast.manager_elsewhere).text
    assert status(browser, cast.manager_elsewhere, f"?unit={cast.risk.id}") == 404
    assert status(browser, cast.outsider, f"?cycle={number_of(spring)}") in {200, 404}
    assert "Fraud" not in browser(cast.outsider).get("/dashboard").text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", True),
        ("level=1", True),
        ("level=2", False),
        ("limiting=governance", True),
        ("q=frau", True),
        ("q=nobody", False),
        ("sort=-governance", True),
        ("sort=overall", True),
        ("sort=-team", True),
        ("after=0.999999.Zebra", False),
    ],
)
def test_the_address_filters_sorts_and_goes_on(
    spring: Team, browser: Browser, cast: Cast, asked: str, found: bool
) -> None:
    spring.agreed(cast.lead)
    page = dashboard(browser, cast.admin, f"?{asked}")
    assert bool(page.all("table", class_="heat")) is found
    assert found or "No team here." in page.text


@pytest.mark.parametrize(
    "asked", ["cycle=x", "unit=-1", "sort=colour", "limiting=luck", "moved=up", "after=1", "level=high", "since=1.5"]
)
def test_an_address_that_asks_for_nothing_there_is_says_so(
    spring: Team, browser: Browser, cast: Cast, asked: str
) -> None:
    spring.agreed(cast.lead)
    assert status(browser, cast.admin, f"?{asked}") == 422


def test_a_cycle_or_unit_of_others_is_not_there(spring: Team, browser: Browser, cast: Cast) -> None:
    asked = ("?cycle=99999", f"?unit={cast.their_unit.id}", f"?since={number_of(spring)}")
    assert [status(browser, cast.admin, each) for each in asked] == [404] * 3


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    spring.agreed(cast.lead)
    me = browser(cast.admin)
    me.get("/dashboard")
    with count_statements(cast.engine) as statements:
        me.get("/dashboard")
    assert len(statements) <= 11, (len(statements), statements)
    grows = re.compile(r"(FROM|JOIN) (team|assessment|sheet|answer|agreed_result)\b")
    assert [each for each in statements if grows.search(each)] == [], "It costs the same for any number of teams."
