"""What is asked once, page by page: answered above, taken over by teams, objected to, settled, and marked."""

import pytest

from app.domain.asked_once import asked_of_organisation
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document, fields
from tests.web.test_assessing_pages import RUBRIC, Team, opened
from tests.web.trail import events
from tests.web.visitor import Clock

KEY = asked_of_organisation(RUBRIC)[0]
STATEMENT, CATEGORY = RUBRIC.statements[KEY], RUBRIC.category_of[KEY]
NOTE = "Decided by the board in spring"
OBJECTION = "Our vendor runs it without us"


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def say(team: Team, player: Player, value: str, part: str = "/organisation", key: str = KEY, **more: str) -> None:
    """Answer above, by a browser without script."""
    browser, category = team.browser(player), RUBRIC.category_of[key].key
    page = browser.get(f"{team.cycle}{part}/category/{category}")
    assert page.status_code == 200, page.text
    sent = fields(document(page.text).one("form", id="sheet")) | {key: value, "go": category, **more}
    answer = browser.post(f"{team.cycle}{part}/answers", data=sent)
    assert answer.status_code == 303, answer.text


def on_sheet(team: Team, player: Player, sheet: str = "/agreed") -> Element:
    page = document(team.page(player, f"{sheet}/category/{CATEGORY.key}"))
    return page.one("fieldset", id=f"statement-{KEY}")


def test_it_works(team: Team, cast: Cast) -> None:
    cycle = document(team.browser(cast.admin).get(team.cycle).text).one("section", id="asked-once")
    assert "24 statements are asked once" in cycle.text
    assert "0 of 24 answered" in cycle.text
    say(team, cast.admin, "1", **{f"{KEY}.note": NOTE})
    assert "1 of 24 answered" in team.browser(cast.member).get(team.cycle).text

    shown = on_sheet(team, cast.member)
    assert "Answered for the organisation by Admin" in shown.text
    assert NOTE in shown.text
    assert not shown.all("input")

    team.pick(cast.member, 1, "/agreed")
    assert NOTE in team.page(cast.viewer, "/agreed")
    answers = team.browser(cast.viewer).get(f"{team.home}/agreed/answers.yaml").text
    assert NOTE in answers

    link = next(each["href"] for each in on_sheet(team, cast.member).all("a") if "objections" in each["href"])
    assert "What is different for your team?" in team.browser(cast.member).get(link).text
    blank = team.browser(cast.member).post(link, data={"note": " "})
    assert blank.status_code == 422
    answer = team.browser(cast.member).post(link, data={"note": OBJECTION})
    assert answer.headers["location"].endswith(f"/agreed/category/{CATEGORY.key}#statement-{KEY}")
    assert OBJECTION in on_sheet(team, cast.lead).text

    above = document(team.browser(cast.admin).get(f"{team.cycle}/organisation").text)
    section = above.one("section", id="objections")
    assert cast.fraud.name in section.text
    assert OBJECTION in section.text
    settled = team.browser(cast.admin).post(section.one("form")["action"])
    assert settled.status_code == 303
    assert OBJECTION not in team.browser(cast.admin).get(f"{team.cycle}/organisation").text
    assert "settled" in on_sheet(team, cast.member).text
    assert events(cast.engine)[-2:] == ["objection made", "objection settled"]


def test_a_unit_answers_for_itself(team: Team, cast: Cast) -> None:
    say(team, cast.admin, "1")
    begun = team.browser(cast.manager).post(f"{team.cycle}/units", data={"unit_id": str(cast.risk.id)})
    assert begun.headers["location"] == f"{team.cycle}/units/{cast.risk.id}"
    say(team, cast.manager, "0", f"/units/{cast.risk.id}")

    assert f"Answered for {cast.risk.name} by" in on_sheet(team, cast.member).text
    assert cast.risk.name in team.browser(cast.viewer).get(team.cycle).text
    assert team.browser(cast.manager).post(f"{team.cycle}/units", data={"unit_id": "x"}).status_code == 422


def test_what_is_agreed_is_marked_when_something_else_is_said_above(team: Team, cast: Cast) -> None:
    say(team, cast.admin, "1")
    team.pick(cast.member, 1, "/agreed")
    team.agreed(cast.lead)
    assert "Something else is said above now" not in team.page(cast.viewer)

    say(team, cast.admin, "0")
    page = team.text(cast.lead)
    assert "Something else is said above now" in page
    assert STATEMENT.text in page
    assert "something else is said above now" in team.browser(cast.admin).get(team.cycle).text
    assert "Answered for the organisation" in team.page(cast.viewer, "/revisions/1")
    team.post(cast.lead, "/reopen", reason="The organisation decided otherwise.")
    assert "Something else is said above now" not in team.page(cast.lead)


def test_a_click_on_a_page_from_before_a_change_above_agrees_on_nothing(team: Team, cast: Cast) -> None:
    say(team, cast.admin, "1")
    team.pick(cast.member, 1, "/agreed")
    page = document(team.page(cast.lead, "/agree"))
    [form] = [form for form in page.all("form") if form["action"].endswith("/agree")]
    say(team, cast.admin, "0")
    refused = team.browser(cast.lead).post(f"{team.home}/agree", data=fields(form))
    assert refused.status_code == 409
    assert "Something else is said above since you looked" in refused.text
    team.agreed(cast.lead)


def test_a_page_that_was_left_open_does_not_answer_it(team: Team, cast: Cast) -> None:
    page = document(team.page(cast.member, f"/agreed/category/{CATEGORY.key}"))
    sent = fields(page.one("form", id="sheet")) | {KEY: "1", "go": CATEGORY.key}
    say(team, cast.admin, "0")
    refused = team.browser(cast.member).post(f"{team.home}/agreed/answers", data=sent)
    assert refused.status_code == 422
    assert "answered for your team by its organisation or unit" in refused.text

    # The form of the page as it is now says nothing of it, and saves.
    page = document(team.page(cast.member, f"/agreed/category/{CATEGORY.key}"))
    team.post(cast.member, "/agreed/answers", **fields(page.one("form", id="sheet")), go=CATEGORY.key)


@pytest.mark.parametrize("name", ["member", "lead", "viewer", "manager", "manager_elsewhere"])
def test_who_may_not_answer_for_the_organisation(team: Team, cast: Cast, name: str) -> None:
    say(team, cast.admin, "1", **{f"{KEY}.note": NOTE})
    browser = team.browser(getattr(cast, name))
    page = browser.get(f"{team.cycle}/organisation")
    if name == "manager_elsewhere":
        assert page.status_code == 403
    else:
        assert NOTE in page.text
        assert not document(page.text).all("form", id="sheet")
    for path in ("answers", f"objections/1/{KEY}"):
        assert browser.post(f"{team.cycle}/organisation/{path}", data={}).status_code == 403, path
    assert browser.post(f"{team.cycle}/units", data={"unit_id": str(cast.sales.id)}).status_code in {403, 404}


def test_before_the_reveal_nothing_leaks(browser: Browser, cast: Cast, clock: Clock) -> None:
    """Alone first: what is answered above is shown on everybody's own sheet, and objections wait for the reveal."""
    team = opened(browser, cast, clock)
    say(team, cast.admin, "1")
    team.post(cast.member, "/own")
    assert "Answered for the organisation" in on_sheet(team, cast.member, "/own").text
    assert "This is not so" not in on_sheet(team, cast.member, "/own").text
    path = f"/objections/{KEY}"
    assert team.browser(cast.member).get(f"{team.home}{path}").status_code == 403
    assert team.browser(cast.member).post(f"{team.home}{path}", data={"note": OBJECTION}).status_code == 403
    team.pick(cast.member, 2)
    for name in ("lead", "admin", "manager", "viewer"):
        for page in ("", "/organisation", "/organisation/result"):
            shown = team.browser(getattr(cast, name)).get(f"{team.cycle}{page}").text
            assert OBJECTION not in shown
            assert "Level 2" not in shown

    team.post(cast.member, "/submit")
    team.submitted(cast.lead, 1)
    comparison = document(team.page(cast.lead, "/comparison"))
    assert STATEMENT.text in comparison.one("section", id="taken").text
    assert not comparison.all("article", id=f"statement-{KEY}")
    assert team.browser(cast.member).post(f"{team.home}{path}", data={"note": OBJECTION}).status_code == 303


def test_a_category_that_asks_nothing_of_the_organisation(team: Team, cast: Cast) -> None:
    browser = team.browser(cast.admin)
    assert browser.get(f"{team.cycle}/organisation/category/nothing").status_code == 404
    assert browser.get(f"{team.cycle}/units/{cast.sales.id}").status_code == 404
    sent = fields(document(browser.get(f"{team.cycle}/organisation").text).one("form", id="sheet"))
    own = next(key for key in RUBRIC.statements if key not in asked_of_organisation(RUBRIC))
    assert browser.post(f"{team.cycle}/organisation/answers", data=sent | {own: "1"}).status_code == 422


def test_the_script_saves_one_answer(team: Team, cast: Cast) -> None:
    browser = team.browser(cast.admin)
    sent = fields(document(browser.get(f"{team.cycle}/organisation").text).one("form", id="sheet"))
    sent = {name: sent[name] for name in ("sheet", "person", "category", "base")} | {"mutation": "0" * 32, KEY: "1"}
    answer = browser.post(f"{team.cycle}/organisation/answers", data=sent, headers={"Shortstave-Fragment": "1"})
    assert answer.status_code == 200
    assert "1 of 24 answered for everybody" in answer.text


def test_the_statements_of_each_page_are_counted(team: Team, cast: Cast, count_statements: StatementCount) -> None:
    say(team, cast.admin, "1")
    team.pick(cast.member, 1, "/agreed")
    team.browser(cast.member).post(f"{team.home}/objections/{KEY}", data={"note": OBJECTION})
    limits = {
        (cast.admin, team.cycle): 10,
        (cast.admin, f"{team.cycle}/organisation"): 9,
        (cast.member, f"{team.home}/agreed"): 13,
        (cast.member, f"{team.home}/objections/{KEY}"): 7,
    }
    for (player, path), limit in limits.items():
        browser = team.browser(player)
        browser.get(path)
        with count_statements(cast.engine) as statements:
            browser.get(path)
        assert len(statements) <= limit, (path, len(statements))
