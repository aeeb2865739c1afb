"""The first run: one link, one organisation, one admin, and then never again."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.actions.accounts import make_set_up_link
from app.actions.rubrics import load_shipped
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.org import Organisation
from app.domain.organisations import VISITORS
from app.domain.people import RoleKind
from app.queries import people
from tests.conftest import StatementCount
from tests.web.cast import COOKIE, PASSWORD, Browser, begin
from tests.web.document import document
from tests.web.visitor import Clock

pytestmark = pytest.mark.usefixtures("database")
TYPED = {"organisation": "Example works", "name": "First Admin", "email": "Admin@example.org", "password": PASSWORD}


@pytest.fixture
def link(engine: Engine, clock: Clock) -> str:
    with writing(engine) as session:
        secret = make_set_up_link(session, clock())
    assert secret
    return f"/set-up/{secret}"


def organisations(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(Organisation.name).where(Organisation.id != VISITORS)))


def test_it_works(browser: Browser, engine: Engine, link: str) -> None:
    assert 'autocomplete="new-password"' in browser.get(link).text

    answer = browser.post(link, data=TYPED)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=")
    page = browser.get("/account").text
    assert "First Admin" in page
    assert "admin@example.org" in page
    with reading(engine) as session:
        found = people.person_line(session.connection(), 2, 1)
        assert [line.role.kind for line in found.roles] == [RoleKind.ADMIN]
        events = list(session.scalars(select(AuditEvent.action)))
    assert events == ["organisation created", "person added", "signed in"]


def test_the_link_is_dead_after_use(browser: Browser, engine: Engine, clock: Clock, link: str) -> None:
    browser.post(link, data=TYPED)
    visitor = Browser(browser.app, base_url=str(browser.base_url), follow_redirects=False)

    assert visitor.get(link).status_code == 404
    assert visitor.post(link, data=TYPED | {"email": "other@example.org"}).status_code == 404
    assert organisations(engine) == ["Example works"]
    with writing(engine) as session:
        assert make_set_up_link(session, clock()) is None


def test_a_server_that_was_set_up_meanwhile_says_so_at_once(
    browser: Browser, engine: Engine, clock: Clock, link: str
) -> None:
    begin(engine, clock)

    assert "set up already" in browser.get(link).text
    assert browser.get(link).status_code == 409
    assert browser.post(link, data={}).status_code == 409


def test_who_may_not(browser: Browser, engine: Engine, link: str) -> None:
    assert browser.get("/set-up/guessed").status_code == 404
    assert browser.post("/set-up/guessed", data=TYPED).status_code == 404
    evil = {"origin": "https://evil", "sec-fetch-site": "cross-site"}
    assert browser.post(link, data=TYPED, headers=evil).status_code == 403
    assert organisations(engine) == []


def test_looking_uses_nothing_up(browser: Browser, link: str) -> None:
    for _ in range(3):
        assert browser.get(link).status_code == 200
    assert browser.post(link, data=TYPED).status_code == 303


@pytest.mark.both
@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("organisation", "", "Fill this in."),
        ("organisation", "\u202eskrow", "cannot be part of a name"),
        ("name", "a\x00b", "not a printable one"),
        ("name", "n" * 201, "too long"),
        ("email", "nowhere", "This is not an e-mail address."),
        ("password", "short", "at least 12 characters"),
        ("password", "password1234", "easily guessed"),
        ("password", "First Admin 12", "easily guessed"),
        ("admin", "1", "does not ask for"),
    ],
)
def test_what_was_typed_comes_back(
    browser: Browser, engine: Engine, link: str, field: str, typed: str, problem: str
) -> None:
    answer = browser.post(link, data=TYPED | {field: typed})

    assert answer.status_code == 422
    assert problem in answer.text
    assert PASSWORD not in answer.text
    assert organisations(engine) == []
    kept = {"name", "email"} - {field}
    assert all(f'value="{TYPED[each]}"' in answer.text for each in kept)
    assert browser.post(link, data=TYPED).status_code == 303


def test_the_home_page_says_how_to_begin_until_somebody_did(browser: Browser, link: str) -> None:
    assert "Nobody has an account here yet" in browser.get("/").text
    assert link not in browser.get("/").text

    browser.post(link, data=TYPED)

    assert "Nobody has an account here yet" not in browser.get("/").text


def test_its_sql_is_counted(app: FastAPI, browser: Browser, link: str, count_statements: StatementCount) -> None:
    with count_statements(app.state.engine) as statements:
        browser.get(link)
    assert len(statements) == 2

    browser.post(link, data=TYPED)
    browser.cookies.clear()
    with count_statements(app.state.engine) as statements:
        browser.get("/")
    assert statements == []


def test_an_example_stands_beside_it_where_it_is_wanted(
    browser: Browser, engine: Engine, link: str, clock: Clock
) -> None:
    with writing(engine) as session:
        load_shipped(session, clock())
    assert "small example organisation" in browser.get(link).text

    answer = browser.post(link, data=TYPED | {"example": "1"})

    assert answer.status_code == 303
    assert organisations(engine) == ["Example works", "Example organisation"]
    assert "Fraud detection" not in browser.get("/teams").text
    home = document(browser.get("/").text)
    assert "change the organisation" in home.text
    assert "Example organisation stands beside yours" in home.one("main").text
    assert [(each["name"], each["value"]) for each in home.one("main").all("button")] == [("organisation", "3")]
    account = browser.get("/account").text
    assert account.count("Go on there") == 1
    browser.post("/account/organisation", data={"organisation": "3"})
    assert "Fraud detection" in browser.get("/teams").text
