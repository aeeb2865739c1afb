"""A cycle from its opening to an agreed result, page by page, by people who each see only what they may."""

import datetime
import uuid
from dataclasses import dataclass

import pytest

from app.actions import sheets
from app.db.engine import writing
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.queries import people
from app.queries.assessing import assessing, own_sheet
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document, fields
from tests.web.trail import events
from tests.web.visitor import Clock

RUBRIC: Rubric = shipped()["gigaom-mlops"]
SECRET_NOTE = "only between you and me"
EVIDENCE = f"/evidence/{RUBRIC.categories[0].statements[0].key}"


@dataclass(frozen=True)
class Team:
    """The team Fraud in a cycle; every method is a click of a browser without script."""

    browser: Browser
    cast: Cast
    cycle: str
    home: str

    def post(self, player: Player, path: str, **data: str) -> str:
        answer = self.browser(player).post(f"{self.home}{path}", data=data)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def page(self, player: Player, path: str = "") -> str:
        answer = self.browser(player).get(f"{self.home}{path}")
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text

    def text(self, player: Player, path: str = "") -> str:
        return document(self.page(player, path)).one("main").text

    def pick(self, player: Player, level: int, sheet: str = "/own", note: str = "") -> None:
        """Every category by a quick pick, straight into the store; the note goes to the first statement."""
        first, assessment_id = RUBRIC.categories[0], int(self.home.rsplit("/", 1)[1])
        for category in RUBRIC.categories:
            notes = {first.statements[0].key: note} if note and category is first else {}
            with writing(self.cast.engine) as session:
                connection = session.connection()
                if sheet == "/own":
                    line = own_sheet(connection, player.organisation_id, assessment_id, player.id)
                else:
                    me = people.actor(connection, player.id, player.organisation_id)
                    line = assessing(connection, me, assessment_id).sheet
                id, now = str(uuid.uuid4()), self.cast.clock()
                sheets.pick(
                    session, line, RUBRIC, id, line.version, category.key, level, now, notes=notes, by=player.id
                )

    def click_picks(self, player: Player, level: int, sheet: str = "/own") -> None:
        """The same from the page of each category, as a browser sends it."""
        for category in RUBRIC.categories:
            page = document(self.page(player, f"{sheet}/category/{category.key}"))
            sent = fields(page.one("form", id="sheet")) | {"pick": f"{category.key}.{level}"}
            self.post(player, f"{sheet}/answers", **sent)

    def submitted(self, player: Player, level: int, note: str = "") -> None:
        self.post(player, "/own")
        self.pick(player, level, note=note)
        self.post(player, "/submit")

    def agreed(self, player: Player) -> None:
        page = document(self.page(player, "/agree"))
        [form] = [form for form in page.all("form") if form["action"].endswith("/agree")]
        self.post(player, "/agree", **fields(form))


def opened(browser: Browser, cast: Cast, clock: Clock, mode: str = "alone_first", **more: str) -> Team:
    today = clock().date()
    data = {
        "name": "Spring",
        "rubric": "gigaom-mlops",
        "mode": mode,
        "opens_on": today.isoformat(),
        "due_on": (today + datetime.timedelta(days=28)).isoformat(),
        "teams": str(cast.fraud.id),
        "before": "7, 1",
        **more,
    }
    answer = browser(cast.admin).post("/cycles/new", data=data)
    assert answer.status_code == 303, answer.text
    cycle = answer.headers["location"]
    page = document(browser(cast.admin).get(cycle).text)
    [home] = {each["href"] for each in page.all("a") if each.attributes.get("href", "").startswith("/assessments/")}
    return Team(browser, cast, cycle, home)


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock)


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def test_it_works(team: Team, cast: Cast) -> None:
    assert "Answer alone" in team.page(cast.member)
    team.post(cast.member, "/own")
    team.click_picks(cast.member, 1)
    team.post(cast.member, "/submit")
    assert "1 of 2 have submitted" in team.page(cast.lead)
    team.submitted(cast.lead, 2)

    comparison = team.page(cast.lead, "/comparison")
    assert "seen differently and not decided yet" in comparison
    form = next(form for form in document(comparison).all("form") if form["action"].endswith("/comparison"))
    assert team.post(cast.lead, "/comparison", **fields(form)) == f"{team.home}/comparison"
    while forms := _undecided(team.page(cast.lead, "/comparison")):
        action, sent = forms[0]
        team.post(cast.lead, action.removeprefix(team.home), **sent, value="1")
    assert "Everything that was seen differently is decided" in team.page(cast.lead, "/comparison")
    for path in ("/comparison", "/agreed/result"):
        assert "Agree on this result" in team.page(cast.lead, path)
        assert "Agree on this result" not in team.page(cast.member, path)

    team.agreed(cast.lead)
    assert "Agreed on" in team.page(cast.member)
    assert "Level 2" in document(team.page(cast.viewer, "/agreed/result")).one("h1").text
    assert "1 of 1 agreed" in team.browser(cast.admin).get(team.cycle).text
    assert events(cast.engine)[-1] == "result agreed"


def _undecided(page: str) -> list[tuple[str, dict[str, str]]]:
    cards = [card for card in document(page).all("article") if not card.all("span", class_="tag good")]
    return [(card.all("form")[0]["action"], fields(card.all("form")[0])) for card in cards if card.all("form")]


BLIND = (
    "",
    "/comparison",
    "/agreed",
    "/agreed/result",
    "/agreed/answers.yaml",
    "/agreed/radar.json",
    "/revisions/1",
    "/beside/1",
    "/beside/1/radar.json",
)


def test_nobody_sees_what_somebody_answers_alone(team: Team, cast: Cast) -> None:
    """Blind: no page, download, list or event has a word of it for anybody else, whatever they are."""
    team.post(cast.member, "/own")
    team.pick(cast.member, 3, note=SECRET_NOTE)
    team.post(cast.member, f"{EVIDENCE}/links", link="https://wiki.example.org/", title=SECRET_NOTE)
    assert SECRET_NOTE in team.page(cast.member, "/own")
    assert SECRET_NOTE in team.page(cast.member, EVIDENCE)
    assert "Level 3" in document(team.page(cast.member, "/own/result")).one("h1").text

    for name in ("lead", "admin", "manager", "manager_of_all", "viewer"):
        browser = team.browser(getattr(cast, name))
        for path in (*BLIND, EVIDENCE, f"/sheets/{cast.member.id}", "/own", "/own/result", "/own/answers.yaml"):
            answer = browser.get(f"{team.home}{path}")
            assert SECRET_NOTE not in answer.text, (name, path)
            assert path in {"", EVIDENCE} or answer.status_code in {403, 404}, (name, path, answer.status_code)
        for path in (
            "/",
            "/teams",
            f"/teams/{cast.fraud.id}",
            f"/teams/{cast.fraud.id}/history",
            "/cycles",
            team.cycle,
            f"{team.cycle}/remind",
            "/search?q=only",
        ):
            shown = browser.get(path)
            assert SECRET_NOTE not in shown.text, (name, path)
            assert 'data-level="3"' not in shown.text, (name, path)
    trail = team.browser(cast.admin)
    for path in ("/audit", "/audit/export.csv", "/audit/export.jsonl"):
        assert SECRET_NOTE not in trail.get(path).text


def test_who_has_not_submitted_sees_nobody_s_after_the_reveal_either(team: Team, cast: Cast) -> None:
    team.submitted(cast.lead, 2, note=SECRET_NOTE)
    team.post(cast.lead, "/reveal")

    assert team.browser(cast.member).get(f"{team.home}/comparison").status_code == 403
    assert team.browser(cast.member).get(f"{team.home}/sheets/{cast.lead.id}").status_code == 404
    assert team.browser(cast.admin).get(f"{team.home}/comparison").status_code == 403
    assert SECRET_NOTE in team.page(cast.lead, "/comparison")


def test_who_has_submitted_reads_the_others(team: Team, cast: Cast) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2, note=SECRET_NOTE)
    page = team.page(cast.member, f"/sheets/{cast.lead.id}")
    assert SECRET_NOTE in page
    assert "Show the result" not in page


def test_together_the_team_answers_one_sheet(together: Team, cast: Cast) -> None:
    assert "Begin to answer" in together.page(cast.member)
    together.pick(cast.member, 1, "/agreed")
    assert "Go on answering" in together.page(cast.lead)
    assert "Go on answering" not in together.page(cast.viewer)
    assert "All answers" in together.page(cast.viewer)
    together.agreed(cast.lead)
    assert "Level 1" in together.text(cast.viewer)

    refused = together.browser(cast.member).post(f"{together.home}/agreed/answers", data={})
    assert refused.status_code == 403
    assert "agreed" in refused.text


def test_reopened_and_agreed_again(together: Team, cast: Cast) -> None:
    together.pick(cast.lead, 1, "/agreed")
    together.agreed(cast.lead)
    blank = together.browser(cast.lead).post(f"{together.home}/reopen", data={"reason": " "})
    assert blank.status_code == 422
    assert "Fill this in." in blank.text
    together.post(cast.lead, "/reopen", reason="We forgot the cloud.")
    together.pick(cast.lead, 3, "/agreed")
    together.agreed(cast.lead)

    page = together.text(cast.viewer)
    assert "We forgot the cloud." in page
    assert "Level 3" in page
    assert "Level 1" in document(together.page(cast.viewer, "/revisions/1")).one("h1").text


def test_a_click_on_a_stale_page_agrees_on_nothing(together: Team, cast: Cast) -> None:
    together.pick(cast.lead, 1, "/agreed")
    before = together.page(cast.lead, "/agree")
    together.pick(cast.member, 0, "/agreed")
    [form] = [form for form in document(before).all("form") if form["action"].endswith("/agree")]
    refused = together.browser(cast.lead).post(f"{together.home}/agree", data=fields(form))
    assert refused.status_code == 409
    assert "since you looked" in refused.text


def test_what_another_person_gave_in_this_browser_is_not_saved_under_my_name(together: Team, cast: Cast) -> None:
    sent = fields(document(together.page(cast.member, "/agreed")).one("form", id="sheet"))
    assert sent["person"] == str(cast.member.id)
    refused = together.browser(cast.lead).post(
        f"{together.home}/agreed/answers", data={**sent, "pick": f"{RUBRIC.categories[0].key}.2"}
    )
    assert refused.status_code == 403
    assert "somebody else who was signed in here" in refused.text
    assert events(cast.engine)[-1] == "cycle opened"


def test_the_lead_asks_some_for_some(team: Team, cast: Cast) -> None:
    page = document(team.page(cast.lead, "/people"))
    assert sum("checked" in each for each in page.all("input", type="checkbox")) == 2
    team.post(cast.lead, "/people", asked=f"{cast.member.id}.governance")
    assert "Governance" in team.page(cast.member)
    assert "Answer alone" not in team.page(cast.lead)
    for data in ({}, {"asked": "x"}, {"asked": f"{cast.outsider.id}"}, {"asked": f"{cast.member.id}.nothing"}):
        refused = team.browser(cast.lead).post(f"{team.home}/people", data=data)
        assert refused.status_code == 422, data
    assert team.browser(cast.member).get(f"{team.home}/people").status_code == 403


def test_who_is_asked_no_more_keeps_what_they_began(team: Team, cast: Cast) -> None:
    team.post(cast.member, "/own")
    team.pick(cast.member, 1)
    team.post(cast.lead, "/people", asked=str(cast.lead.id))
    assert "Submit" not in team.text(cast.member, "/own")
    browser = team.browser(cast.member)
    assert browser.get(f"{team.home}/sheets/{cast.member.id}").status_code == 404
    assert browser.post(f"{team.home}/submit").status_code == 403


def test_a_cycle_lies_where_there_are_days_before_and_after_it(browser: Browser, team: Team, cast: Cast) -> None:
    admin = browser(cast.admin)
    days = [{"opens_on": "0001-01-01", "due_on": "2026-12-31"}, {"opens_on": "2026-12-01", "due_on": "9999-12-31"}]
    for each in days:
        data = {"name": "Far", "rubric": RUBRIC.key, "mode": "together", "teams": str(cast.fraud.id), **each}
        assert "between 1990 and 2999" in admin.post("/cycles/new", data=data).text, each
    later = admin.post(f"{team.cycle}/due", data={"due_on": "9999-12-31"})
    assert later.status_code == 422
    assert "between 1990 and 2999" in later.text


def test_who_would_be_asked_too_is_named_before(browser: Browser, team: Team, cast: Cast) -> None:
    """A cycle of one team is not made one of all teams by a click that speaks of new ones."""
    admin = browser(cast.admin)
    assert (
        "2 teams are not in it: Credit and Prices"
        in document(admin.get(team.cycle).text).one("section", id="manage").text
    )
    assert admin.post(f"{team.cycle}/teams").status_code == 303
    page = document(admin.get(team.cycle).text).one("section", id="manage")
    assert "Every team of this part" in page.text
    assert not [form for form in page.all("form") if form["action"].endswith("/teams")]


def test_a_dissent_stands_beside_what_is_agreed(team: Team, cast: Cast) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    action, sent = _undecided(team.page(cast.lead, "/comparison"))[0]
    team.post(cast.lead, action.removeprefix(team.home), **sent | {"value": "1", "note": "As we said."})
    team.post(cast.member, action.removeprefix(team.home).replace("comparison", "dissent"), note="Not on my side.")
    assert "dissents: Not on my side." in team.page(cast.lead, "/comparison")
    assert "As we said." in team.page(cast.member, "/comparison")


@pytest.mark.parametrize(
    ("value", "more", "says"),
    [("", {}, "Choose an answer."), ("not_applicable", {}, "Say why"), ("2", {}, "Choose an answer.")],
)
def test_a_decision_that_cannot_be(team: Team, cast: Cast, value: str, more: dict[str, str], says: str) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    action, sent = _undecided(team.page(cast.lead, "/comparison"))[0]
    refused = team.browser(cast.lead).post(action, data={**sent, "value": value, "note": "typed", **more})
    assert refused.status_code == 422
    assert says in refused.text
    assert ">typed</textarea>" in refused.text


def test_a_decision_over_another_lead_s_shows_both(team: Team, cast: Cast) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    action, sent = _undecided(team.page(cast.lead, "/comparison"))[0]
    team.post(cast.lead, action.removeprefix(team.home), **sent, value="1")
    refused = team.browser(cast.lead).post(action, data={**sent, "value": "0"})
    assert refused.status_code == 409
    assert "changed elsewhere" in refused.text


def test_another_organisation_does_not_even_see_it(team: Team, cast: Cast) -> None:
    outsider = team.browser(cast.outsider)
    for path in ("", "/own", "/agreed", "/comparison", "/submit", "/agree", "/people"):
        assert outsider.get(f"{team.home}{path}").status_code == 404, path
    for path in ("/own", "/submit", "/reveal", "/agree", "/reopen", "/comparison", "/own/answers", "/agreed/answers"):
        data = {"version": "1", "reason": "x", "base": "0"}
        assert outsider.post(f"{team.home}{path}", data=data).status_code == 404, path


def test_the_statements_of_each_page_are_counted(team: Team, cast: Cast, count_statements: StatementCount) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    lead = team.browser(cast.lead)
    limits = {"": 8, "/comparison": 11, "/agreed": 12, "/agreed/result": 10, "/own": 11, "/people": 7, "/agree": 8}
    for path, limit in limits.items():
        lead.get(f"{team.home}{path}")
        with count_statements(cast.engine) as statements:
            lead.get(f"{team.home}{path}")
        assert len(statements) <= limit, (path, len(statements), statements)
