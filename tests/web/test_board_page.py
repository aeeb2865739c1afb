"""The page for the board: how ready for a date, in words that claim no more than is known."""

import datetime

import pytest

from app.domain.readiness import A_STEP
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock

PATH = "/dashboard/board"
DAY = datetime.timedelta(days=1)
TOO_FEW = "There are too few cycles to tell a pace"


def shown(browser: Browser, player: Player, asked: str = "") -> Element:
    answer = browser(player).get(f"{PATH}{asked}")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def opened_for_two(browser: Browser, cast: Cast, clock: Clock, name: str) -> list[Team]:
    """A cycle of Fraud and Credit, each by its own page, with its due day after 28 days."""
    today = clock().date()
    data = {
        "name": name,
        "rubric": "gigaom-mlops",
        "mode": "together",
        "opens_on": today.isoformat(),
        "due_on": (today + 28 * DAY).isoformat(),
        "teams": [str(cast.fraud.id), str(cast.credit.id)],
        "before": "7, 1",
    }
    cycle = browser(cast.admin).post("/cycles/new", data=data).headers["location"]
    page = document(browser(cast.admin).get(cycle).text)
    homes = {each.text: each["href"] for each in page.all("a") if each.attributes.get("href", "").startswith("/assess")}
    return [Team(browser, cast, cycle, homes[name]) for name in ("Fraud",)]


def round_of(browser: Browser, cast: Cast, clock: Clock, name: str, level: int) -> Team:
    """A cycle in which Fraud agrees on a level, and Credit on nothing; then it is over."""
    [team] = opened_for_two(browser, cast, clock, name)
    team.pick(cast.lead, level, "/agreed")
    team.agreed(cast.lead)
    clock.now += 29 * DAY
    assert browser(cast.admin).post(f"{team.cycle}/close").status_code == 303
    return team


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return round_of(browser, cast, clock, "Spring", 1)


def test_it_works(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> None:
    round_of(browser, cast, clock, "Autumn", 2)
    later = (clock().date() + 10 * DAY).isoformat()

    page = shown(browser, cast.admin, f"?level=2&on={later}")

    assert page.one("h1").text.startswith("1 of 1 team (100 %) at level 2 or above.")
    assert "At the pace of the last two cycles, 100 % would be there on" in page.text
    assert "From Spring to Autumn the share rose by 100 percentage points in 29 days." in page.text
    assert "1 agreed result is missing" in page.text
    assert "at this pace" in page.text
    assert "No category stands between" in page.text


def test_the_level_is_one_above_the_median_and_the_day_lies_ahead(
    spring: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    page = shown(browser, cast.admin)
    assert "0 of 1 team (0 %) at level 2 or above." in page.one("h1").text
    assert TOO_FEW in page.text
    assert "stands between most" in page.text
    day = page.one("input", id="on")["value"]
    assert day == (clock().date() - DAY + A_STEP).isoformat()


def test_what_is_measured_is_not_guessed(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> None:
    round_of(browser, cast, clock, "Autumn", 2)
    yesterday = (clock().date() - DAY).isoformat()
    assert "Choose a later one" in shown(browser, cast.admin, f"?on={yesterday}").text


def test_a_running_cycle_says_so_and_the_pace_looks_forward_to_it(
    spring: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    round_of(browser, cast, clock, "Autumn", 0)
    [winter] = opened_for_two(browser, cast, clock, "Winter")
    assert "Autumn" in shown(browser, cast.admin).one("p", class_="over").text, "the last with results"
    winter.pick(cast.lead, 1, "/agreed")
    winter.agreed(cast.lead)
    page = shown(browser, cast.admin, "?level=1")
    assert "only what is agreed so far" in page.text
    assert "At the pace of the last two cycles, 0 % would be there" in page.text
    assert "the share fell by 100 percentage points" in page.text


def test_without_results_it_says_what_will_be_here(browser: Browser, cast: Cast, clock: Clock) -> None:
    assert "Nothing to see yet" in shown(browser, cast.admin).text
    opened(browser, cast, clock)
    assert "Nothing is agreed here yet" in shown(browser, cast.admin).text


def test_it_is_for_who_sees_the_dashboard(spring: Team, browser: Browser, cast: Cast) -> None:
    for player in (cast.member, cast.lead, cast.viewer):
        assert browser(player).get(PATH).status_code == 403
    assert "Risk" in shown(browser, cast.manager).one("p", class_="over").text
    assert "Nothing is agreed here yet" in shown(browser, cast.manager_elsewhere).text
    assert browser(cast.manager_elsewhere).get(f"{PATH}?unit={cast.risk.id}").status_code == 404
    assert browser(cast.outsider).get(f"{PATH}?cycle={spring.cycle.rsplit('/', 1)[1]}").status_code in {200, 404}


@pytest.mark.parametrize(
    "asked", ["level=0", "level=5", "level=x", "on=soon", "on=2026-02-30", "on=0001-01-01", "cycle=x", "unit=1.5"]
)
def test_an_address_that_asks_for_nothing_there_is_says_so(
    spring: Team, browser: Browser, cast: Cast, asked: str
) -> None:
    assert browser(cast.admin).get(f"{PATH}?{asked}").status_code == 422


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    me = browser(cast.admin)
    me.get(PATH)
    with count_statements(cast.engine) as statements:
        me.get(PATH)
    assert len(statements) <= 9, (len(statements), statements)
