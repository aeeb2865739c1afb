"""The home page of who is signed in: what waits for them, and their cycles; and the list of all cycles."""

import datetime
from dataclasses import replace

import pytest

from app.actions.cycles import NewCycle, close_cycle, open_cycle
from app.actions.ml_systems import create_ml_system
from app.db.engine import writing
from app.domain.cycles import Mode
from app.domain.people import Actor
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document
from tests.web.test_assessing_pages import SECRET_NOTE, Team, opened
from tests.web.visitor import Clock

DAY = datetime.timedelta(days=1)


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock)


def waiting(browser: Browser, player: Player) -> list[str]:
    """What waits for somebody, line by line."""
    page = document(browser(player).get("/").text)
    return [" ".join(line.text.split()) for part in page.all("section", id="waiting") for line in part.all("li")]


def headline(browser: Browser, player: Player) -> str:
    return document(browser(player).get("/").text).one("h1").text.strip()


def admin(cast: Cast) -> Actor:
    return Actor(cast.organisation_id, cast.admin.id, "Admin", admin=True)


def cycle(cast: Cast, name: str, due: int, **more: object) -> int:
    today = cast.clock().date()
    asked = NewCycle(name, "gigaom-mlops", Mode.TOGETHER, today, today + DAY * due, teams=(cast.fraud.id,))
    with writing(cast.engine) as session:
        return open_cycle(session, admin(cast), replace(asked, **more), cast.clock()).id  # type: ignore[arg-type]


def test_it_works(browser: Browser, cast: Cast, team: Team) -> None:
    [line] = waiting(browser, cast.member)
    assert line.startswith("Fraud: Spring answer alone 28 days left")
    assert headline(browser, cast.member) == "1 sheet waits for you."
    assert f'href="{team.home}"' in browser(cast.member).get("/").text


def test_until_it_is_submitted_and_then_until_the_lead_agrees(browser: Browser, cast: Cast, team: Team) -> None:
    team.post(cast.member, "/own")
    team.pick(cast.member, 3, note=SECRET_NOTE)
    assert "go on answering alone" in waiting(browser, cast.member)[0]
    team.post(cast.member, "/submit")
    assert waiting(browser, cast.member) == []
    assert headline(browser, cast.member) == "Nothing waits for you."
    assert "will stand here" in browser(cast.member).get("/").text

    assert "answer alone" in waiting(browser, cast.lead)[0]
    team.submitted(cast.lead, 3)
    assert "compare and agree" in waiting(browser, cast.lead)[0]
    assert waiting(browser, cast.member) == []
    assert SECRET_NOTE not in browser(cast.lead).get("/").text


def test_together_it_waits_for_the_whole_team(browser: Browser, cast: Cast, clock: Clock) -> None:
    together = opened(browser, cast, clock, "together")
    assert "fill in together 28" in waiting(browser, cast.lead)[0]
    together.pick(cast.member, 1, "/agreed")
    for player in (cast.lead, cast.member):
        assert "fill in together: begun" in waiting(browser, player)[0]
    together.agreed(cast.lead)
    for player in (cast.lead, cast.member):
        assert waiting(browser, player) == []


def test_the_most_urgent_stands_first_and_says_how_late_it_is(browser: Browser, cast: Cast) -> None:
    for name, due in {"Later": 30, "Now": 2, "Soon": 3}.items():
        cycle(cast, name, due)
    cast.clock.move(DAY * 2)
    assert [(line.split()[1], days) for line in waiting(browser, cast.member) for days in DAYS if days in line] == [
        ("Now", "due today"),
        ("Soon", "due tomorrow"),
        ("Later", "28 days left"),
    ]
    cast.clock.move(DAY)
    assert "1 day late" in waiting(browser, cast.member)[0]


DAYS = ("due today", "due tomorrow", "28 days left")


@pytest.mark.parametrize("name", ["viewer", "manager", "admin", "member_elsewhere", "outsider"])
def test_nothing_waits_for_who_is_not_asked(browser: Browser, cast: Cast, team: Team, name: str) -> None:
    assert waiting(browser, getattr(cast, name)) == []


def test_nor_in_a_cycle_that_is_closed_or_not_open_yet(browser: Browser, cast: Cast) -> None:
    today = cast.clock().date()
    cycle(cast, "Ahead", 30, opens_on=today + DAY)
    ended = cycle(cast, "Ended", 30)
    with writing(cast.engine) as session:
        close_cycle(session, admin(cast), ended, cast.clock())
    assert waiting(browser, cast.member) == []


def test_only_whom_the_lead_asked(browser: Browser, cast: Cast, team: Team) -> None:
    team.post(cast.lead, "/people", asked=str(cast.member.id))
    assert waiting(browser, cast.lead) == []
    assert len(waiting(browser, cast.member)) == 1


def test_each_ml_system_is_named(browser: Browser, cast: Cast) -> None:
    with writing(cast.engine) as session:
        for name in ("Scores", "Alerts"):
            create_ml_system(session, admin(cast), cast.fraud.id, name, cast.clock())
    cycle(cast, "Tests", 30, rubric="ml-test-score")
    assert [line.split(":")[0] for line in waiting(browser, cast.member)] == ["Fraud, Alerts", "Fraud, Scores"]


def test_who_looks_after_cycles_sees_how_far_they_are(browser: Browser, cast: Cast, team: Team) -> None:
    for player in (cast.admin, cast.manager_of_all):
        [section] = document(browser(player).get("/").text).all("section", id="cycles")
        assert "Spring" in section.text
        assert "0 of 1 agreed" in section.text
    for player in (cast.lead, cast.member, cast.manager, cast.outsider):
        assert document(browser(player).get("/").text).all("section", id="cycles") == []


def test_the_list_of_cycles_goes_on_over_pages(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    for number in range(51):
        # Two are due on each day, so that the day alone does not say where a page begins.
        cycle(cast, f"Cycle {number}", 10 + number // 2)
    member = browser(cast.member)
    member.get("/cycles")
    with count_statements(cast.engine) as statements:
        first = document(member.get("/cycles").text)
    assert len(statements) <= 6, statements
    [following] = [link["href"] for link in first.all("a") if link.text == "Next page"]
    names = [row.all("a")[0].text for page in (first, document(member.get(following).text)) for row in rows_of(page)]
    assert names == [f"Cycle {number}" for number in reversed(range(51))]
    assert "No more cycles" in member.get("/cycles?after=1.2001-01-01").text
    for bad in ("1.x", "x.2026-01-01", "1.2026-13-01"):
        assert member.get(f"/cycles?after={bad}").status_code == 422


def rows_of(page: Element) -> list[Element]:
    return page.one("tbody").all("tr")


def test_the_list_says_what_is_due_soon_overdue_and_closed(browser: Browser, cast: Cast) -> None:
    for name, due in {"Late": 1, "Soon": 5, "Open": 60}.items():
        cycle(cast, name, due)
    ended = cycle(cast, "Ended", 20)
    with writing(cast.engine) as session:
        close_cycle(session, admin(cast), ended, cast.clock())
    cast.clock.move(DAY * 2)
    text = " ".join(document(browser(cast.member).get("/cycles").text).one("tbody").text.split())
    late, soon = (cast.clock().date() + DAY * left for left in (-1, 3))
    for part in (f"overdue since {late.day} ", f"due {soon.day} ", "open until", "closed "):
        assert part in text


@pytest.mark.parametrize(("name", "limit"), [("member", 9), ("lead", 9), ("admin", 11)])
def test_its_statements_are_counted(
    browser: Browser, cast: Cast, team: Team, count_statements: StatementCount, name: str, limit: int
) -> None:
    for number in range(3):
        cycle(cast, f"Cycle {number}", 10)
    page = browser(getattr(cast, name))
    page.get("/")
    with count_statements(cast.engine) as statements:
        page.get("/")
    assert len(statements) <= limit, (len(statements), statements)
