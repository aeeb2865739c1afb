"""Talking about a statement: threads, mentions, and who sees nothing of them yet."""

import pytest

from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document
from tests.web.test_assessing_pages import RUBRIC, SECRET_NOTE, Team, opened
from tests.web.trail import events
from tests.web.visitor import Clock

STATEMENT = RUBRIC.categories[0].statements[0]
PATH = f"/comments/{STATEMENT.key}"


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock)


def test_it_works(together: Team, cast: Cast) -> None:
    assert "Nothing is said yet" in together.page(cast.lead, PATH)
    together.post(cast.member, PATH, text="Why **not**? <script>", mention=str(cast.lead.id))

    page = together.page(cast.lead, PATH)
    assert "<strong>not</strong>" in page
    assert "<script>" not in page.split("<article")[1]
    assert "Why" in together.text(cast.viewer, PATH)
    assert "1 open comment" in together.text(cast.lead, "/agreed")
    home = together.browser(cast.lead).get("/").text
    assert f"{cast.member.name} mentioned you" in home
    assert STATEMENT.text in document(home).one("section", id="mentions").text
    assert "Why" not in document(home).one("section", id="mentions").text

    together.post(cast.lead, PATH, text="Because.", thread="1")
    assert "mentioned you" not in together.browser(cast.lead).get("/").text
    together.post(cast.lead, "/threads/1/resolve")
    assert "resolved" in together.text(cast.member, PATH)
    assert "open comment" not in together.text(cast.lead, "/agreed")
    together.post(cast.member, "/threads/1/reopen")
    assert events(cast.engine)[-4:] == ["commented", "commented", "thread resolved", "thread reopened"]


def test_a_name_after_an_at_sign_is_a_mention(together: Team, cast: Cast) -> None:
    together.post(cast.member, PATH, text=f"What does @{cast.lead.name.upper()} say?")
    assert "mentioned you" in together.browser(cast.lead).get("/").text


def test_removed_is_removed_for_all(together: Team, cast: Cast) -> None:
    together.post(cast.member, PATH, text=SECRET_NOTE, mention=str(cast.lead.id))
    assert together.browser(cast.lead).post(f"{together.home}/said/1/remove").status_code == 403
    together.post(cast.member, "/said/1/remove")
    page = together.page(cast.lead, PATH)
    assert "Removed by who wrote it." in page
    assert SECRET_NOTE not in page
    assert "mentioned you" not in together.browser(cast.lead).get("/").text
    assert together.browser(cast.member).post(f"{together.home}/said/1/remove").status_code == 409


@pytest.mark.both
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"text": " "}, 422),
        ({"text": "x" * 4001}, 422),
        ({"text": "x", "mention": "999"}, 422),
        ({"text": "x", "mention": "y"}, 422),
        ({"text": "x", "thread": "99"}, 404),
        ({"text": "nul \x00"}, 422),
    ],
)
def test_a_comment_that_cannot_be(together: Team, cast: Cast, data: dict[str, str], status: int) -> None:
    assert together.browser(cast.member).post(f"{together.home}{PATH}", data=data).status_code == status
    assert events(cast.engine)[-1] == "cycle opened"


def test_blind_before_the_reveal(team: Team, cast: Cast) -> None:
    """Who has not submitted sees no comment, is mentioned in none, and is not told that there are any."""
    team.submitted(cast.member, 1)
    team.post(cast.member, PATH, text=f"{SECRET_NOTE} @{cast.lead.name}")
    for name in ("lead", "admin", "manager", "manager_of_all", "viewer"):
        browser = team.browser(getattr(cast, name))
        answer = browser.get(f"{team.home}{PATH}")
        assert answer.status_code == 403
        for path in ("/", team.home, "/audit", "/audit/export.csv"):
            assert SECRET_NOTE not in browser.get(path).text, (name, path)
        assert "mentioned you" not in browser.get("/").text
    assert team.browser(cast.lead).post(f"{team.home}{PATH}", data={"text": "x"}).status_code == 403
    refused = team.browser(cast.member).post(f"{team.home}{PATH}", data={"text": "x", "mention": str(cast.lead.id)})
    assert refused.status_code == 422

    team.submitted(cast.lead, 2)
    assert SECRET_NOTE in team.page(cast.lead, PATH)


def test_who_may_not(together: Team, cast: Cast) -> None:
    def status(player: Player, path: str) -> int:
        return together.browser(player).post(f"{together.home}{path}", data={"text": "x"}).status_code

    together.post(cast.member, PATH, text="x")
    assert [status(player, PATH) for player in (cast.viewer, cast.admin, cast.outsider)] == [403, 403, 404]
    assert [status(player, "/threads/1/resolve") for player in (cast.viewer, cast.outsider)] == [403, 404]
    assert together.browser(cast.outsider).get(f"{together.home}{PATH}").status_code == 404
    assert together.browser(cast.member).get(f"{together.home}/comments/no.such").status_code == 404


def test_its_statements_are_counted(together: Team, cast: Cast, count_statements: StatementCount) -> None:
    together.post(cast.member, PATH, text="x")
    lead = together.browser(cast.lead)
    with count_statements(cast.engine) as statements:
        lead.get(f"{together.home}{PATH}")
    assert len(statements) <= 8, statements
