"""The tree of units."""

import pytest
from sqlalchemy import Engine

from app.db.engine import reading
from app.db.tables.org import Team, Unit
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.trail import events


def unit(engine: Engine, unit_id: int) -> Unit:
    with reading(engine) as session:
        found = session.get_one(Unit, unit_id)
        session.expunge(found)
        return found


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    made = admin.post("/units/new", data={"name": " Cards ", "parent_id": cast.risk.id})
    page = admin.get("/units").text

    assert (made.status_code, made.headers["location"]) == (303, "/units")
    assert page.index(">Risk<") < page.index(">Cards<") < page.index(">Sales<")
    assert "2 teams" in page
    assert events(cast.engine) == ["unit created"]


@pytest.mark.parametrize("who", ["lead", "member", "viewer"])
def test_who_may_not_see_the_tree(browser: Browser, cast: Cast, who: str) -> None:
    refused = browser(getattr(cast, who))

    assert refused.get("/units").status_code == 403
    assert refused.get(f"/units/{cast.risk.id}").status_code == 403
    assert refused.post("/units/new", data={"name": "Mine"}).status_code == 403
    assert refused.post(f"/units/{cast.risk.id}/name", data={"name": "Mine"}).status_code == 403
    assert events(cast.engine) == []


def test_a_visitor_is_sent_to_sign_in(browser: Browser, cast: Cast) -> None:
    answer = browser.get(f"/units/{cast.risk.id}")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_a_manager_sees_their_part_and_changes_nothing_of_the_tree(browser: Browser, cast: Cast) -> None:
    manager = browser(cast.manager)
    page = manager.get("/units").text

    assert "Risk" in page
    assert "Sales" not in page
    assert "New unit" not in page
    assert manager.get(f"/units/{cast.sales.id}").status_code == 403
    assert manager.post(f"/units/{cast.risk.id}/archive").status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/units/{unit}"),
        ("POST", "/units/{unit}/name"),
        ("POST", "/units/{unit}/parent"),
        ("POST", "/units/{unit}/archive"),
        ("POST", "/units/{unit}/restore"),
    ],
)
def test_another_organisation_does_not_even_see_it(browser: Browser, cast: Cast, method: str, path: str) -> None:
    answer = browser(cast.outsider).request(method, path.format(unit=cast.risk.id), data={"name": "x"})

    assert answer.status_code == 404
    assert unit(cast.engine, cast.risk.id).name == "Risk"


def test_a_unit_of_another_organisation_is_no_parent(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    assert admin.post("/units/new", data={"name": "x", "parent_id": cast.their_unit.id}).status_code == 404
    moved = admin.post(f"/units/{cast.risk.id}/parent", data={"parent_id": cast.their_unit.id})
    assert moved.status_code == 404
    assert unit(cast.engine, cast.risk.id).parent_id is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "a\u0007b"}, "not a printable one"),
        ({"name": "x" * 201}, "too long"),
        ({"name": "Risk"}, "There is a unit Risk already."),
        ({"name": "New", "parent_id": "abc"}, "whole number"),
        ({"name": "New", "path": "/1/"}, "does not ask for"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(
    browser: Browser, cast: Cast, typed: dict[str, str], says: str
) -> None:
    answer = browser(cast.admin).post("/units/new", data=typed)

    assert answer.status_code == 422
    assert says in answer.text
    if typed["name"] in {"Risk", "New"}:
        assert f'value="{typed["name"]}"' in answer.text
    assert events(cast.engine) == []


def test_renaming_and_moving(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    page = f"/units/{cast.sales.id}"

    assert admin.post(f"{page}/name", data={"name": "Selling"}).headers["location"] == page
    assert admin.post(f"{page}/parent", data={"parent_id": cast.risk.id}).status_code == 303
    assert unit(cast.engine, cast.sales.id).path == f"/{cast.risk.id}/{cast.sales.id}/"
    assert admin.post(f"/units/{cast.risk.id}/parent", data={"parent_id": cast.sales.id}).status_code == 422
    assert admin.post(f"{page}/parent", data={"parent_id": ""}).status_code == 303
    moved = unit(cast.engine, cast.sales.id)
    assert (moved.name, moved.parent_id, moved.path) == ("Selling", None, f"/{cast.sales.id}/")


def test_what_stands_in_the_way_of_archiving_is_said(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    page = f"/units/{cast.sales.id}"

    shown = admin.get(page).text
    assert "cannot be archived yet" in shown
    assert "1 team is in it." in shown
    assert admin.post(f"{page}/archive").status_code == 409

    assert admin.post(f"/teams/{cast.prices.id}/archive").status_code == 303
    assert "Archive this unit" in admin.get(page).text
    assert admin.post(f"{page}/archive").status_code == 303
    assert unit(cast.engine, cast.sales.id).archived_at is not None
    assert "1 archived unit" in admin.get("/units").text

    assert admin.post(f"{page}/restore").status_code == 303
    assert unit(cast.engine, cast.sales.id).archived_at is None


def test_an_empty_organisation_is_taught(browser: Browser, cast: Cast) -> None:
    outsider = browser(cast.outsider)
    with cast.engine.begin() as connection:
        connection.execute(Team.__table__.delete().where(Team.id == cast.their_team.id))  # type: ignore[attr-defined]
        connection.execute(Unit.__table__.delete().where(Unit.id == cast.their_unit.id))  # type: ignore[attr-defined]

    assert "Make the first unit" in outsider.get("/units").text
    assert "Make the first unit" in outsider.get("/teams").text
    assert "Everything is ready. Begin with a unit." in outsider.get("/").text
    assert 'href="/people/import"' in outsider.get("/").text


def test_the_sql_of_the_tree_does_not_grow(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    admin = browser(cast.admin)
    admin.get("/units")
    engine: Engine = browser.app.state.engine  # type: ignore[attr-defined]
    with count_statements(engine) as before:
        admin.get("/units")
    for name in ("One", "Two", "Three"):
        admin.post("/units/new", data={"name": name, "parent_id": cast.risk.id})
    with count_statements(engine) as after:
        admin.get("/units")

    assert len(before) == len(after) == 3


def test_a_name_in_a_refusal_is_only_a_text(browser: Browser, cast: Cast) -> None:
    admin, data = browser(cast.admin), {"name": "<b>Bold</b> %% %(x)s", "parent_id": ""}
    assert admin.post("/units/new", data=data).status_code == 303
    refused = admin.post("/units/new", data=data)
    assert refused.status_code == 422
    assert "&lt;b&gt;Bold&lt;/b&gt;" in refused.text
    assert "<b>Bold" not in refused.text
