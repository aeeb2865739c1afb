"""Evidence beside what is answered for the organisation or a unit: by whom, and what it is worth to a team."""

import datetime
from pathlib import Path

import pytest

from app.domain.asked_once import asked_of_organisation
from app.domain.rubric import StatementKind
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document
from tests.web.test_asked_once_pages import say as say_there
from tests.web.test_assessing_pages import RUBRIC, Team, opened
from tests.web.trail import events
from tests.web.visitor import Clock

KEY = next(key for key in asked_of_organisation(RUBRIC) if RUBRIC.statements[key].kind is StatementKind.PRACTICE)
CATEGORY = RUBRIC.category_of[KEY]
LINK = "https://wiki.example.org/policy"
PDF = b"%PDF-1.7 a policy"


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def say(team: Team, player: Player, value: str, part: str = "/organisation") -> None:
    say_there(team, player, value, part, KEY)


def home(team: Team, part: str = "/organisation") -> str:
    return f"{team.cycle}{part}/evidence/{KEY}"


def attach(team: Team, player: Player, title: str, part: str = "/organisation", **more: str) -> int:
    sent = {"link": LINK, "title": title, **more}
    return team.browser(player).post(f"{home(team, part)}/links", data=sent).status_code


def upload(team: Team, player: Player, part: str = "/organisation") -> int:
    files = {"file": ("policy.pdf", PDF, "text/html")}
    return team.browser(player).post(f"{home(team, part)}/files", files=files).status_code


def shown(team: Team, player: Player) -> str:
    page = document(team.page(player, f"/agreed/category/{CATEGORY.key}"))
    return page.one("fieldset", id=f"statement-{KEY}").text


def coverage(team: Team, player: Player) -> str:
    page = document(team.page(player, "/agreed/result"))
    return page.one("section", id="evidence").text


def test_it_works(team: Team, cast: Cast) -> None:
    say(team, cast.admin, "1")
    team.pick(cast.member, 2, "/agreed")
    before = coverage(team, cast.viewer)
    sheet = document(team.browser(cast.admin).get(f"{team.cycle}/organisation/category/{CATEGORY.key}").text)
    links = [each["href"] for each in sheet.one("fieldset", id=f"statement-{KEY}").all("a")]
    assert home(team) in links

    assert attach(team, cast.admin, "Policy") == 303
    assert upload(team, cast.admin) == 303
    assert events(cast.engine)[-2:] == ["evidence added", "evidence added"]
    page = document(team.browser(cast.viewer).get(home(team)).text)
    for words in ("2 pieces of evidence", "Policy", "policy.pdf", "added by Admin", "Answered for the organisation"):
        assert words in page.text
    assert "Add the link" not in page.text
    assert "Evidence (2)" in team.browser(cast.member).get(f"{team.cycle}/organisation").text

    for words in ("Policy added by Admin", "policy.pdf added by Admin"):
        assert words in shown(team, cast.member)
    given = document(team.page(cast.viewer, "/agreed"))
    [file] = [each["href"] for each in given.all("a") if "/files/" in each.attributes["href"]]
    got = team.browser(cast.viewer).get(file)
    assert got.content == PDF
    assert got.headers["content-disposition"] == 'attachment; filename="policy.pdf"'
    assert coverage(team, cast.viewer) != before
    assert RUBRIC.statements[KEY].text not in coverage(team, cast.viewer)
    assert RUBRIC.statements[KEY].text in before


def test_a_unit_shows_its_own(team: Team, cast: Cast) -> None:
    part = f"/units/{cast.risk.id}"
    say(team, cast.admin, "1")
    assert attach(team, cast.admin, "Policy") == 303
    assert (
        team.browser(cast.manager).post(f"{team.cycle}/units", data={"unit_id": str(cast.risk.id)}).status_code == 303
    )
    assert "Policy" in shown(team, cast.member)

    say(team, cast.manager, "1", part)
    assert "Policy" not in shown(team, cast.member)
    assert attach(team, cast.manager, "Our own", part) == 303
    assert upload(team, cast.manager, part) == 303
    assert "Our own added by Manager" in shown(team, cast.member)
    # Whoever answers there takes away what somebody else attached, and puts it back.
    for way, words in (("remove", "1 piece was taken away"), ("restore", "2 pieces of evidence")):
        assert team.browser(cast.admin).post(f"{home(team, part)}/2/{way}").status_code == 303
        assert words in team.browser(cast.admin).get(home(team, part)).text
    assert team.browser(cast.admin).post(f"{home(team)}/2/remove").status_code == 404


@pytest.mark.parametrize("name", ["member", "lead", "viewer", "manager", "manager_elsewhere"])
def test_who_does_not_answer_there_attaches_nothing(team: Team, cast: Cast, name: str) -> None:
    assert attach(team, cast.admin, "Policy") == 303
    player = getattr(cast, name)
    assert attach(team, player, "Mine") == 403
    assert upload(team, player) == 403
    assert team.browser(player).post(f"{home(team)}/1/remove").status_code == 403
    assert team.browser(player).get(home(team)).status_code == (403 if name == "manager_elsewhere" else 200)


def test_another_organisation_does_not_even_see_it(team: Team, cast: Cast) -> None:
    assert attach(team, cast.admin, "Policy") == 303
    assert attach(team, cast.outsider, "Mine") == 404
    assert upload(team, cast.outsider) == 404
    assert team.browser(cast.outsider).get(home(team)).status_code == 404


def test_what_is_not_asked_there(team: Team, cast: Cast) -> None:
    own = next(key for key in RUBRIC.statements if key not in asked_of_organisation(RUBRIC))
    page = f"{team.cycle}/organisation/evidence/{own}"
    assert team.browser(cast.admin).get(page).status_code == 404
    assert team.browser(cast.admin).post(f"{page}/links", data={"link": LINK}).status_code == 404
    assert attach(team, cast.admin, "Policy", link="javascript:alert(1)") == 422
    assert team.browser(cast.admin).get(home(team, f"/units/{cast.sales.id}")).status_code == 404


def test_agreeing_freezes_what_stands_above(team: Team, cast: Cast, clock: Clock) -> None:
    say(team, cast.admin, "1")
    assert attach(team, cast.admin, "Policy") == 303
    team.pick(cast.member, 2, "/agreed")
    team.agreed(cast.lead)
    agreed = coverage(team, cast.viewer)

    clock.now += datetime.timedelta(minutes=5)
    assert team.browser(cast.admin).post(f"{home(team)}/1/remove").status_code == 303
    assert attach(team, cast.admin, "Another") == 303
    assert coverage(team, cast.viewer) == agreed
    assert "Another" not in team.page(cast.viewer, "/agreed")
    team.post(cast.lead, "/reopen", reason="To see the new policy.")
    assert "Another" in shown(team, cast.member)
    assert "Policy" not in shown(team, cast.member)


def test_a_closed_cycle_takes_nothing(team: Team, cast: Cast, tmp_path: Path) -> None:
    assert team.browser(cast.admin).post(f"{team.cycle}/close").status_code == 303
    assert attach(team, cast.admin, "Policy") == 403
    assert upload(team, cast.admin) == 403
    assert not [each for each in (tmp_path / "evidence").rglob("*") if each.is_file()]


def test_the_statements_of_each_page_are_counted(team: Team, cast: Cast, count_statements: StatementCount) -> None:
    say(team, cast.admin, "1")
    assert attach(team, cast.admin, "Policy") == 303
    for player, path, limit in (
        (cast.admin, home(team), 7),
        (cast.member, f"{team.home}/agreed/result", 14),
    ):
        browser = team.browser(player)
        browser.get(path)
        with count_statements(cast.engine) as statements:
            browser.get(path)
        assert len(statements) <= limit, (path, len(statements))
