"""A team beside the others: what is said, what is kept back and why, and that the same is shown to everybody."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.actions.assessing import agree
from app.actions.cycles import NewCycle, open_cycle
from app.actions.sheets import save
from app.actions.teams import create_team
from app.db.engine import writing
from app.db.tables.assessments import Assessment
from app.domain.cycles import Mode
from app.domain.people import Actor
from app.domain.rubric_file import shipped
from app.domain.scoring import pick
from app.domain.sheets import Change, Mutation
from app.queries.assessing import assessing
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document

RUBRIC = shipped()["gigaom-mlops"]


def compared(cast: Cast, more: int, levels: Sequence[int]) -> None:
    """A cycle in which fraud, credit, prices, and then `more` teams of sales, agree on these levels."""
    now = cast.clock()
    actor = Actor(cast.organisation_id, cast.admin.id, "", admin=True)
    with writing(cast.engine) as session:
        new = [create_team(session, actor, cast.sales.id, f"Sales {each}", now).id for each in range(more)]
    teams = [cast.fraud.id, cast.credit.id, cast.prices.id, *new]
    actor = replace(actor, leads=frozenset(teams))
    asked = NewCycle("Spring", RUBRIC.key, Mode.TOGETHER, now.date(), now.date() + datetime.timedelta(days=28))
    with writing(cast.engine) as session:
        cycle = open_cycle(session, actor, asked, now).id
        rows = session.execute(select(Assessment.team_id, Assessment.id).where(Assessment.cycle_id == cycle))
        assessments = {row.team_id: row.id for row in rows}
    for team, level in zip(teams, levels, strict=False):
        id = assessments[team]
        with writing(cast.engine) as session:
            sheet = assessing(session.connection(), actor, id).sheet
            given = {key: Change(value) for each in RUBRIC.categories for key, value in pick(each, level).items()}
            save(session, sheet, RUBRIC, Mutation(str(uuid.uuid4()), sheet.version, given), now)
        with writing(cast.engine) as session:
            version = assessing(session.connection(), actor, id).sheet.version
            agree(session, actor, id, version, now.date(), now)


def at_least(browser: Browser, cast: Cast, teams: int) -> None:
    assert browser(cast.admin).post("/organisation/settings", data={"least_compared": str(teams)}).status_code == 303


def page(browser: Browser, player: Player, cast: Cast, asked: str = "") -> Element:
    answer = browser(player).get(f"/teams/{cast.fraud.id}/benchmark{asked}")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def status(browser: Browser, player: Player, cast: Cast, asked: str = "") -> int:
    return browser(player).get(f"/teams/{cast.fraud.id}/benchmark{asked}").status_code


def test_it_works(browser: Browser, cast: Cast) -> None:
    compared(cast, 5, [1, 0, 2, 1, 1, 0, 3, 3])

    shown = page(browser, cast.member, cast)

    assert shown.one("h1").text == "Fraud stands at level 1: of 8 teams 25 % stand lower, 37 % higher"
    rows = [[cell.text for cell in row.all("td")] for row in shown.all("tr")[1:]]
    assert len(rows) == len(RUBRIC.categories) + 1
    assert {tuple(cells[:2]) for cells in rows} == {("1", "62 %")}
    assert rows[0][3:] == ["2", "3, where this team stands", "1", "2", "0", "1"]
    # Whoever may see more sees the same here.
    assert page(browser, cast.admin, cast).one("table").text == shown.one("table").text
    for path in (f"/teams/{cast.fraud.id}", shown.all("a")[-1]["href"]):
        assert f"/teams/{cast.fraud.id}/benchmark" in browser(cast.member).get(path).text


def test_a_group_of_few_teams_shows_nothing(browser: Browser, cast: Cast) -> None:
    compared(cast, 5, [1, 0, 2, 1, 1, 0, 3, 3])
    for player in (cast.member, cast.manager, cast.admin):
        shown = page(browser, player, cast, f"?unit={cast.risk.id}")
        assert shown.one("h1").text == "No comparison with Risk"
        assert "Fewer than 5 teams there" in shown.text
        assert shown.all("table") == []
        # Six teams are enough, but with them the two of Risk would be known.
        shown = page(browser, player, cast, f"?unit={cast.sales.id}")
        assert "whoever takes the ones from the others has them" in shown.text
        assert shown.all("table") == []


def test_the_admin_says_how_few(browser: Browser, cast: Cast) -> None:
    compared(cast, 5, [1, 0, 2, 1, 1, 0, 3, 3])
    at_least(browser, cast, 9)
    assert "Fewer than 9 teams" in page(browser, cast.member, cast).text
    at_least(browser, cast, 8)
    assert page(browser, cast.member, cast).all("table")


def test_as_high_as_all(browser: Browser, cast: Cast) -> None:
    compared(cast, 0, [2, 2, 2])
    at_least(browser, cast, 3)
    shown = page(browser, cast.member, cast)
    assert shown.one("h1").text == "Fraud stands at level 2: of 3 teams 0 % stand lower, 0 % higher"
    assert {row.all("td")[1].text for row in shown.all("tr")[1:]} == {"all"}


def test_without_a_result_it_says_what_will_be_here(browser: Browser, cast: Cast) -> None:
    assert "Nothing to compare yet" in page(browser, cast.member, cast).text
    assert status(browser, cast.member, cast, "?rubric=gigaom-mlops") == 200


def test_it_is_for_those_who_see_the_team(browser: Browser, cast: Cast) -> None:
    compared(cast, 5, [1, 0, 2, 1, 1, 0, 3, 3])
    for player in (cast.member, cast.lead, cast.viewer, cast.manager, cast.manager_of_all, cast.admin):
        assert status(browser, player, cast) == 200
    for player in (cast.member_elsewhere, cast.manager_elsewhere):
        assert status(browser, player, cast) == 403
    assert status(browser, cast.outsider, cast) == 404


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("?rubric=luck", 404),
        ("?rubric=gigaom-mlops", 200),
        ("?rubric=gigaom-mlops.1", 404),
        ("?unit=x", 422),
        ("?unit=0", 200),
        ("?unit=99999", 404),
    ],
)
def test_what_there_is_not(browser: Browser, cast: Cast, asked: str, answer: int) -> None:
    compared(cast, 0, [1])
    assert status(browser, cast.member, cast, asked) == answer
    assert status(browser, cast.member, cast, f"?unit={cast.their_unit.id}") == 404


def test_its_statements_are_counted(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    compared(cast, 2, [1, 0, 2, 1, 1])
    me = browser(cast.member)
    path = f"/teams/{cast.fraud.id}/benchmark"
    me.get(path)
    with count_statements(cast.engine) as statements:
        me.get(path)
    assert len(statements) <= 8, (len(statements), statements)
