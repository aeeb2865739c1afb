"""The list of teams, a team's page, and its ML systems."""

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.org import MlSystem, Team
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.trail import events


def team(engine: Engine, team_id: int) -> Team:
    with reading(engine) as session:
        found = session.get_one(Team, team_id)
        session.expunge(found)
        return found


def test_it_works(browser: Browser, cast: Cast) -> None:
    manager = browser(cast.manager)

    made = manager.post("/teams/new", data={"name": " Cards ", "unit_id": cast.risk.id})
    page = manager.get(made.headers["location"]).text

    assert made.status_code == 303
    assert "<h1>Cards</h1>" in page
    assert "Nobody is in this team yet." in page
    assert "Cards" in manager.get("/teams").text
    assert events(cast.engine) == ["team created"]


def test_a_team_shows_its_people_by_role(browser: Browser, cast: Cast) -> None:
    page = browser(cast.lead).get(f"/teams/{cast.fraud.id}").text

    assert page.index(">Lead<") < page.index(">Member<") < page.index(">Viewer<")
    assert cast.member.email in page
    assert cast.deactivated.email not in page
    assert f'href="/people/{cast.member.id}"' in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("manager_of_all", 200),
        ("manager", 200),
        ("manager_elsewhere", 403),
        ("lead", 200),
        ("member", 200),
        ("viewer", 200),
        ("member_elsewhere", 403),
        ("outsider", 404),
    ],
)
def test_who_may_see_a_team(browser: Browser, cast: Cast, who: str, status: int) -> None:
    reader = browser(getattr(cast, who))

    assert reader.get(f"/teams/{cast.fraud.id}").status_code == status
    assert (f'href="/teams/{cast.fraud.id}"' in reader.get("/teams").text) == (status == 200)


@pytest.mark.parametrize("who", ["member", "viewer", "manager_elsewhere", "member_elsewhere"])
@pytest.mark.parametrize(
    ("path", "data"), [("name", {"name": "x"}), ("unit", {"unit_id": "1"}), ("archive", {}), ("restore", {})]
)
def test_who_may_not_change_a_team(browser: Browser, cast: Cast, who: str, path: str, data: dict[str, str]) -> None:
    refused = browser(getattr(cast, who)).post(f"/teams/{cast.fraud.id}/{path}", data=data)

    assert refused.status_code == 403
    assert events(cast.engine) == []


def test_a_lead_renames_and_does_not_move(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)

    assert lead.post(f"/teams/{cast.fraud.id}/name", data={"name": "Frauds"}).status_code == 303
    assert team(cast.engine, cast.fraud.id).name == "Frauds"
    assert "Archive this team" not in lead.get(f"/teams/{cast.fraud.id}/edit").text
    assert lead.post(f"/teams/{cast.fraud.id}/unit", data={"unit_id": cast.sales.id}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/edit"),
        ("POST", "/name"),
        ("POST", "/unit"),
        ("POST", "/archive"),
        ("POST", "/restore"),
        ("GET", "/systems/new"),
        ("POST", "/systems/new"),
    ],
)
def test_another_organisation_does_not_even_see_it(browser: Browser, cast: Cast, method: str, path: str) -> None:
    answer = browser(cast.outsider).request(method, f"/teams/{cast.fraud.id}{path}", data={"name": "x"})

    assert answer.status_code == 404
    assert events(cast.engine) == []


def test_a_unit_of_another_organisation_takes_no_team(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    assert admin.post("/teams/new", data={"name": "x", "unit_id": cast.their_unit.id}).status_code == 404
    assert admin.post(f"/teams/{cast.fraud.id}/unit", data={"unit_id": cast.their_unit.id}).status_code == 404
    assert team(cast.engine, cast.fraud.id).unit_id == cast.risk.id


@pytest.mark.both
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": "", "unit_id": "{risk}"}, "Fill this in."),
        ({"name": "New"}, "Fill this in."),
        ({"name": "New", "unit_id": "9" * 30}, "too large"),
        ({"name": "New\u202e", "unit_id": "{risk}"}, "cannot be part of a name"),
        ({"name": "Fraud", "unit_id": "{risk}"}, "There is a team Fraud in this unit already."),
        ({"name": "New", "unit_id": "{risk}", "archived_at": "x"}, "does not ask for"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(
    browser: Browser, cast: Cast, typed: dict[str, str], says: str
) -> None:
    data = {name: value.format(risk=cast.risk.id) for name, value in typed.items()}
    answer = browser(cast.admin).post("/teams/new", data=data)

    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{typed["name"]}"' in answer.text
    assert events(cast.engine) == []


def test_archived_and_restored(browser: Browser, cast: Cast) -> None:
    admin, page = browser(cast.admin), f"/teams/{cast.fraud.id}"

    assert admin.post(f"{page}/archive").headers["location"] == page
    assert "This team is archived" in admin.get(page).text
    assert "Fraud" not in admin.get("/teams").text
    assert "Fraud" in admin.get("/teams?archived=1").text
    assert admin.post(f"{page}/restore").status_code == 303
    assert team(cast.engine, cast.fraud.id).archived_at is None
    assert events(cast.engine) == ["team archived", "team restored"]


def test_search_and_pages(browser: Browser, cast: Cast) -> None:
    with cast.engine.begin() as connection:
        rows = [
            {"organisation_id": cast.organisation_id, "unit_id": cast.risk.id, "name": f"Team {n:03}"}
            for n in range(120)
        ]
        connection.execute(Team.__table__.insert(), rows)  # type: ignore[attr-defined]
    admin, path, seen = browser(cast.admin), "/teams?q=team+0", 0

    while path:
        page = admin.get(path).text
        seen += page.count('<th scope="row">')
        path = (
            page.partition(">Next page<")[0].rpartition('href="')[2].rstrip('"').replace("&amp;", "&")
            if "Next page" in page
            else ""
        )

    assert seen == 100
    assert "No team’s name holds" in admin.get("/teams?q=nowhere").text


@pytest.mark.parametrize(
    "asked", ["after=x", "after=1%00.x", "after=9999999999999999999999.x", "q=%00", "q=" + "x" * 300]
)
def test_a_list_that_cannot_be_is_refused(browser: Browser, cast: Cast, asked: str) -> None:
    assert browser(cast.admin).get(f"/teams?{asked}").status_code == 422


@pytest.mark.parametrize("search", ["%25", "_", "'", '"><script>', "ß"])
def test_a_search_is_only_a_text(browser: Browser, cast: Cast, search: str) -> None:
    page = browser(cast.admin).get("/teams", params={"q": search})

    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "Fraud" not in page.text


def test_ml_systems(browser: Browser, cast: Cast) -> None:
    lead, page = browser(cast.lead), f"/teams/{cast.fraud.id}"

    assert lead.post(f"{page}/systems/new", data={"name": "Scorer"}).headers["location"] == page
    with reading(cast.engine) as session:
        system_id = session.scalars(select(MlSystem.id)).one()
    here = f"{page}/systems/{system_id}"
    assert f'href="{here}"' in lead.get(page).text
    assert lead.post(f"{page}/systems/new", data={"name": "Scorer"}).status_code == 422
    assert lead.post(f"{here}/name", data={"name": ""}).status_code == 422
    assert lead.post(f"{here}/name", data={"name": "Judge"}).status_code == 303
    assert lead.post(f"{here}/archive").status_code == 303
    assert "archived" in lead.get(page).text
    assert lead.post(f"{here}/restore").status_code == 303
    assert "Judge" in lead.get(here).text

    assert browser(cast.member).get(here).status_code == 403
    assert browser(cast.member).post(f"{here}/archive").status_code == 403
    assert browser(cast.outsider).get(here).status_code == 404
    # The address names the team too: a system is not reached by way of another one.
    assert browser(cast.admin).post(f"/teams/{cast.credit.id}/systems/{system_id}/archive").status_code == 404


def test_the_sql_of_the_pages_does_not_grow(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    admin = browser(cast.admin)
    engine: Engine = browser.app.state.engine  # type: ignore[attr-defined]
    admin.get("/teams")

    with count_statements(engine) as listed:
        admin.get("/teams")
    with count_statements(engine) as shown:
        admin.get(f"/teams/{cast.fraud.id}")

    # Who reads it takes two.
    assert len(listed) == 2 + 2
    assert len(shown) == 2 + 4
