"""Links that show a report or a badge: who makes them, what they show, and when they end."""

import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from httpx2 import Response

from app.domain.rubric_file import shipped
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document
from tests.web.test_assessing_pages import Team, opened
from tests.web.trail import events
from tests.web.visitor import Clock

FIRST = shipped()["gigaom-mlops"].categories[0].statements[0].key
NOTE, TALK, TITLE, LINK = "Quokka in the note", "Quokka talks", "Quokka runbook", "https://wiki.example.org/quokka"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def agreed(browser: Browser, cast: Cast, clock: Clock) -> Team:
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed", note=NOTE)
    team.post(cast.lead, f"/evidence/{FIRST}/links", link=LINK, title=TITLE)
    team.post(cast.lead, f"/comments/{FIRST}", text=TALK)
    team.agreed(cast.lead)
    return team


def made(agreed: Team, player: Player, path: str, **sent: str) -> str:
    """The path of the link that somebody makes."""
    answer = agreed.browser(player).post(path, data={"kind": "report", "days": "30", **sent})
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return urlsplit(document(answer.text).one("input", id="link")["value"]).path


def of_part(agreed: Team, **asked: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"/shares/new?cycle={agreed.cycle.rsplit('/', 1)[1]}{more}"


def everybody(cast: Cast) -> list[str]:
    people = (cast.admin, cast.manager, cast.manager_of_all, cast.lead, cast.member, cast.viewer)
    return [word for each in people for word in (f">{each.name}<", f"by {each.name}", each.email)]


def get(browser: Browser, path: str) -> Response:
    return browser.get(path)


def test_it_works(agreed: Team, browser: Browser, cast: Cast) -> None:
    page = document(browser(cast.admin).get("/dashboard").text)
    [share] = [link["href"] for link in page.all("a") if link.text == "Share"]
    assert browser(cast.admin).get(share).status_code == 200

    answer = browser.get(made(agreed, cast.admin, share))

    assert answer.status_code == 200
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
    assert "1 of 1 team is at level 1." in document(answer.text).one("h1").text
    assert not [word for word in everybody(cast) if word in answer.text]
    assert events(cast.engine)[-1] == "link made"
    line = document(browser(cast.admin).get("/shares").text).one("tbody").text
    assert "Admin" in line
    assert "never" not in line


def test_the_lead_shares_what_the_team_agreed_on(agreed: Team, browser: Browser, cast: Cast) -> None:
    page = document(agreed.page(cast.lead, "/agreed/result"))
    [share] = [link["href"] for link in page.all("a") if link.text == "Share"]

    shown = browser.get(made(agreed, cast.lead, share)).text

    assert "Level 1, because every category is at 1" in document(shown).one("h1").text
    assert not [word for word in ("uokka", *everybody(cast)) if word in shown]


@pytest.mark.parametrize(("chosen", "words"), [("notes", NOTE), ("comments", TALK), ("evidence", TITLE)])
def test_words_of_people_are_shown_where_that_was_chosen(
    agreed: Team, browser: Browser, cast: Cast, chosen: str, words: str
) -> None:
    shown = browser.get(made(agreed, cast.lead, f"{agreed.home}/share", **{chosen: "1"})).text

    assert words in shown
    assert not [each for each in {NOTE, TALK, TITLE} - {words} if each in shown]
    assert not [word for word in everybody(cast) if word in shown]


def test_only_the_lead_shares_a_result_and_only_who_sees_the_dashboard_a_part(
    agreed: Team, browser: Browser, cast: Cast
) -> None:
    def refused(player: Player, path: str) -> int:
        return browser(player).post(path, data={"kind": "report", "days": "30"}).status_code

    others = (cast.member, cast.manager, cast.admin, cast.member_elsewhere, cast.outsider)
    assert [refused(each, f"{agreed.home}/share") for each in others] == [403, 403, 403, 404, 404]
    assert [refused(each, of_part(agreed)) for each in (cast.lead, cast.member, cast.outsider)] == [403, 403, 404]
    assert refused(cast.manager, of_part(agreed, unit=str(cast.sales.id))) == 404
    assert refused(cast.manager, of_part(agreed, unit=str(cast.risk.id))) == 200
    assert "Share" not in [link.text for link in document(agreed.page(cast.member, "/agreed/result")).all("a")]


def test_nothing_is_shared_before_it_is_agreed(browser: Browser, cast: Cast, clock: Clock) -> None:
    team = opened(browser, cast, clock, "together")
    assert browser(cast.lead).get(f"{team.home}/share").status_code == 409


@pytest.mark.parametrize("sent", [{"days": "366"}, {"days": ""}, {"kind": "poster"}, {"names": "1"}])
def test_what_is_not_offered_is_refused(agreed: Team, browser: Browser, cast: Cast, sent: dict[str, str]) -> None:
    form = {"kind": "report", "days": "30", **sent}
    assert browser(cast.lead).post(f"{agreed.home}/share", data=form).status_code == 422
    assert browser(cast.admin).post(of_part(agreed), data=form).status_code == 422
    assert browser(cast.admin).post(of_part(agreed), data={**form, "kind": "badge", "level": "9"}).status_code == 422


def gone(browser: Browser, path: str) -> str:
    """The page of a link that leads to nothing, less the number of the request."""
    answer = browser.get(path)
    assert answer.status_code == 404, answer.status_code
    page = document(answer.text).one("main")
    return f"{page.one('h1').text} {[each.text for each in page.all('p')][:3]}"


def test_an_expired_a_revoked_and_an_unknown_link_say_the_same(
    agreed: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    expired, revoked = (
        made(agreed, cast.lead, f"{agreed.home}/share", days="7"),
        made(agreed, cast.admin, of_part(agreed)),
    )
    unknown = gone(browser, "/share/nobody-made-this")
    assert "ask whoever sent it" in unknown
    page = document(browser(cast.admin).get("/shares").text)
    forms = [form["action"] for form in page.all("form") if form.attributes.get("action", "").endswith("/revoke")]
    assert len(forms) == 2
    assert browser(cast.lead).post(forms[0]).status_code == 404
    assert browser(cast.admin).post(forms[0]).status_code == 303
    assert gone(browser, revoked) == unknown
    assert browser.get(expired).status_code == 200
    clock.now += datetime.timedelta(days=7)
    assert gone(browser, expired) == unknown
    assert events(cast.engine)[-1] == "link revoked"


def test_a_link_ends_with_the_right_of_who_made_it(agreed: Team, browser: Browser, cast: Cast) -> None:
    link = made(agreed, cast.manager, of_part(agreed, unit=str(cast.risk.id)))
    assert browser.get(link).status_code == 200
    browser(cast.admin).post(f"/people/{cast.manager.id}/deactivate")
    assert browser.get(link).status_code == 404


def test_what_was_reopened_is_shown_no_longer(agreed: Team, browser: Browser, cast: Cast) -> None:
    link = made(agreed, cast.lead, f"{agreed.home}/share")
    agreed.post(cast.lead, "/reopen", reason="A mistake.")
    assert browser.get(link).status_code == 404


def test_a_badge_is_a_picture_to_put_anywhere(agreed: Team, browser: Browser, cast: Cast) -> None:
    path = made(agreed, cast.lead, f"{agreed.home}/share", kind="badge")

    answer = browser.get(path)

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
    drawn = ElementTree.fromstring(answer.text)
    assert drawn.attrib["role"] == "img"
    assert drawn.findtext(f"{SVG}title") == "MLOps maturity: level 1"
    again = browser.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(path.replace("/badge/", "/share/").removesuffix(".svg")).status_code == 404


def test_the_badge_of_a_part_says_its_share(agreed: Team, browser: Browser, cast: Cast) -> None:
    titles = []
    for level in ("1", "2"):
        path = made(agreed, cast.admin, of_part(agreed), kind="badge", level=level)
        titles.append(ElementTree.fromstring(browser.get(path).text).findtext(f"{SVG}title"))
    assert titles == [
        "MLOps maturity: 100 % at level 1 or above",
        "MLOps maturity: 0 % at level 2 or above",
    ]


def test_its_statements_are_counted(
    agreed: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    part, result = made(agreed, cast.admin, of_part(agreed)), made(agreed, cast.lead, f"{agreed.home}/share")
    for path, most in ((part, 14), (result, 20)):
        browser.get(path)
        with count_statements(cast.engine) as statements:
            browser.get(path)
        assert len(statements) <= most, (path, len(statements), statements)
