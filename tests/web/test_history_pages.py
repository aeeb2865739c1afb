"""What a team agreed on over time, two results side by side, and what its ML systems say beside its sheet."""

import datetime

import plotly.graph_objects as go
import pytest
from sqlalchemy import update

from app.actions.ml_systems import create_ml_system
from app.db.engine import writing
from app.db.tables.assessments import Answer
from app.domain.answers import Value
from app.domain.people import Actor
from app.domain.rubric_file import shipped
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_assessing_pages import RUBRIC, Team, opened
from tests.web.test_carrying_pages import confirm
from tests.web.visitor import Clock

TEST_SCORE = shipped()["ml-test-score"]
SEE_THE_TEAM = ("lead", "member", "viewer", "manager", "manager_of_all", "admin")


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    spring = opened(browser, cast, clock, "together")
    spring.pick(cast.lead, 1, "/agreed")
    spring.agreed(cast.lead)
    assert browser(cast.admin).post(f"{spring.cycle}/close").status_code == 303
    return spring


@pytest.fixture
def autumn(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Everything is confirmed, and the first category picked anew: a level higher."""
    clock.move(datetime.timedelta(minutes=1))
    autumn = opened(browser, cast, clock, "together", name="Autumn", carried_from="last")
    first, *others = RUBRIC.categories
    page = document(autumn.page(cast.lead, f"/agreed/category/{first.key}"))
    autumn.post(cast.lead, "/agreed/answers", **fields(page.one("form", id="sheet")) | {"pick": f"{first.key}.2"})
    for category in others:
        confirm(autumn, cast, category.key)
    autumn.agreed(cast.lead)
    return autumn


def test_it_works(spring: Team, autumn: Team, cast: Cast) -> None:
    first, second, *_ = RUBRIC.categories
    history = f"/teams/{cast.fraud.id}/history"
    assert history in autumn.browser(cast.viewer).get(f"/teams/{cast.fraud.id}").text
    page = document(autumn.browser(cast.viewer).get(history).text)
    assert "What changed since Spring" in page.text
    assert f"{first.name} 1 to 2" in page.text
    assert f"{second.name} (1)" in page.text
    assert "now in place" in page.text
    assert "overcome" in page.text
    assert "still missing" in page.text
    assert [cell.text for cell in page.all("tr")[1].all("td")] == ["1", "2"]

    result = autumn.text(cast.viewer, "/agreed/result")
    assert "What changed since Spring" in result
    assert f"{first.name} 1 to 2" in result
    assert "What changed since" not in spring.text(cast.viewer, "/agreed/result")


def test_the_lines_are_figures_of_plotly(autumn: Team, cast: Cast) -> None:
    figures = autumn.browser(cast.member).get(f"/teams/{cast.fraud.id}/history/1.json").json()
    assert set(figures) == {"light", "dark"}
    read = go.Figure({"data": figures["light"]["data"], "layout": figures["light"]["layout"]})
    assert [trace.name for trace in read.data] == [category.name for category in RUBRIC.categories]
    assert len({(trace.line.dash, trace.marker.symbol) for trace in read.data}) == len(RUBRIC.categories)
    assert all(len(trace.y) == 2 for trace in read.data)
    assert autumn.browser(cast.member).get(f"/teams/{cast.fraud.id}/history/2.json").status_code == 404


def test_it_shows_what_was_frozen_and_not_the_live_sheet(spring: Team, autumn: Team, cast: Cast) -> None:
    with writing(cast.engine) as session:
        session.execute(update(Answer).values(value=Value.NO))
    page = document(autumn.browser(cast.lead).get(f"/teams/{cast.fraud.id}/history").text)
    assert f"{RUBRIC.categories[0].name} 1 to 2" in page.text
    other = spring.home.rpartition("/")[2]
    assert "1 level higher" in autumn.text(cast.lead, f"/beside/{other}")


def test_two_results_side_by_side(spring: Team, autumn: Team, cast: Cast) -> None:
    other = spring.home.rpartition("/")[2]
    page = document(autumn.page(cast.viewer, f"/beside/{other}"))
    assert "Autumn beside Spring: the same" in page.one("h1").text
    assert page.all("tr")[1].text.endswith("1 level higher")
    assert len(page.all("path", class_="previous")) >= 1
    figures = autumn.browser(cast.viewer).get(f"{autumn.home}/beside/{other}/radar.json").json()
    assert [trace["name"] for trace in figures["dark"]["data"]] == ["Spring", "Autumn"]

    alone = autumn.page(cast.viewer, f"/beside/{autumn.home.rpartition('/')[2]}")
    assert f"{autumn.home}/beside/{other}" in alone


def test_nothing_is_beside_what_is_not_agreed(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> None:
    """Blind: an open cycle has no history, and nothing of it stands beside anything."""
    autumn = opened(browser, cast, clock, name="Autumn")
    autumn.post(cast.member, "/own")
    autumn.pick(cast.member, 3)
    other = spring.home.rpartition("/")[2]
    for name in SEE_THE_TEAM:
        reader = browser(getattr(cast, name))
        for path in (f"/beside/{other}", f"/beside/{other}/radar.json"):
            assert reader.get(f"{autumn.home}{path}").status_code == 404
        assert reader.get(f"{spring.home}/beside/{autumn.home.rpartition('/')[2]}").status_code == 404
        history = reader.get(f"/teams/{cast.fraud.id}/history")
        assert "Autumn" not in history.text
        assert history.status_code == 200


def test_who_does_not_see_the_team_sees_no_history(spring: Team, autumn: Team, cast: Cast) -> None:
    other = spring.home.rpartition("/")[2]
    for name, codes in {"outsider": {404}, "member_elsewhere": {403, 404}, "manager_elsewhere": {403, 404}}.items():
        reader = autumn.browser(getattr(cast, name))
        paths = (f"/teams/{cast.fraud.id}/history", f"/teams/{cast.fraud.id}/history/1.json")
        for path in (*paths, f"{autumn.home}/beside/{other}", f"{autumn.home}/beside/{other}/radar.json"):
            assert reader.get(path).status_code in codes, (name, path)


@pytest.fixture
def scored(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Every check of the ML system Scoring is made by hand, and agreed."""
    with writing(cast.engine) as session:
        admin = Actor(cast.organisation_id, cast.admin.id, "", admin=True)
        create_ml_system(session, admin, cast.fraud.id, "Scoring", clock())
    scored = opened(browser, cast, clock, "together", name="Models", rubric="ml-test-score")
    for category in TEST_SCORE.categories:
        page = document(scored.page(cast.lead, f"/agreed/category/{category.key}"))
        given = {statement.key: "0.5" for statement in category.statements}
        scored.post(cast.lead, "/agreed/answers", **fields(page.one("form", id="sheet")) | given)
    scored.agreed(cast.lead)
    return scored


def test_ml_systems_stand_on_the_team_s_page_and_beside_the_sheet(
    scored: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    assert "ML Test Score: 3.5" in document(browser(cast.viewer).get(f"/teams/{cast.fraud.id}").text).text
    maturity = opened(browser, cast, clock, "together")
    page = document(maturity.page(cast.lead, "/agreed/category/processes"))
    assert page.text.count("ML Test Score of Scoring, Monitoring: 3.5") == 3
    assert "ML Test Score of" not in scored.page(cast.lead, "/agreed")


def test_results_of_different_rubrics_are_not_compared(scored: Team, autumn: Team, cast: Cast) -> None:
    other = scored.home.rpartition("/")[2]
    assert autumn.browser(cast.lead).get(f"{autumn.home}/beside/{other}").status_code == 422


def test_the_statements_of_each_page_are_counted(
    spring: Team, autumn: Team, cast: Cast, count_statements: StatementCount
) -> None:
    other, lead = spring.home.rpartition("/")[2], autumn.browser(cast.lead)
    paths = {
        f"/teams/{cast.fraud.id}/history": 5,
        f"{autumn.home}/beside/{other}": 6,
        f"{autumn.home}/agreed/result": 10,
    }
    for path, limit in paths.items():
        lead.get(path)
        with count_statements(cast.engine) as statements:
            lead.get(path)
        assert len(statements) <= limit, (path, len(statements))
