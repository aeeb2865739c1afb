"""Signing in by address and password, and out."""

import datetime
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.actions.lock_outs import FAILURES
from app.actions.people import deactivate
from app.db.base import table
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Membership
from app.db.tables.signing_in import SignedIn
from app.main import create_app
from app.queries import people
from app.settings import Settings
from tests.conftest import StatementCount
from tests.web.cast import COOKIE, PASSWORD, Browser, Cast, Player, sign_in

pytestmark = pytest.mark.usefixtures("database")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


MONTH = datetime.timedelta(days=31)


def change_browsers(cast: Cast, **columns: datetime.datetime) -> None:
    with writing(cast.engine) as session:
        session.connection().execute(update(table(SignedIn)), columns)


def fields(player: Player, password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"email": player.email, "password": password, **more}


def test_it_works(browser: Browser, cast: Cast) -> None:
    answer = browser.post("/sign-in", data=fields(cast.lead, next="/account"), headers={"user-agent": AGENT})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    given = answer.headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure$", given)
    page = browser.get("/account")
    assert page.status_code == 200
    assert "Lead" in page.text
    assert "Firefox on Linux" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_the_address_is_taken_as_people_write_it(browser: Browser, cast: Cast) -> None:
    assert browser.post("/sign-in", data=fields(cast.lead) | {"email": " LEAD@Example.org "}).status_code == 303


def test_who_may_not(browser: Browser, cast: Cast) -> None:
    """A wrong password, an unknown address, what is no address, and a deactivated person look the same."""
    answers = [
        browser.post("/sign-in", data=sent)
        for sent in (
            fields(cast.lead, "wrong"),
            fields(cast.lead) | {"email": "nobody@example.org"},
            fields(cast.lead) | {"email": "nobody"},
            fields(cast.deactivated),
        )
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all("set-cookie" not in answer.headers for answer in answers)
    pages = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
    pages = [re.sub(r"Number of this request.*", "", page) for page in pages]
    assert len(set(pages)) == 1
    assert "The address or the password is not right." in pages[0]
    assert "wrong" not in answers[0].text.replace("notice wrong", "")
    assert f'value="{cast.lead.email}"' in answers[0].text


@pytest.mark.parametrize("missing", ["email", "password"])
def test_what_is_missing_is_asked_for(browser: Browser, cast: Cast, missing: str) -> None:
    answer = browser.post("/sign-in", data=fields(cast.lead) | {missing: " "})

    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert PASSWORD not in answer.text


def test_what_was_not_asked_for_is_refused(browser: Browser, cast: Cast) -> None:
    assert browser.post("/sign-in", data=fields(cast.lead, organisation_id="2")).status_code == 422


@pytest.mark.parametrize("wanted", ["//evil", "/\\evil", " //evil", "https://evil", "/\t/evil", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(browser: Browser, cast: Cast, wanted: str) -> None:
    assert browser.post("/sign-in", data=fields(cast.lead, next=wanted)).headers["location"] == "/"
    assert browser.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


def test_who_is_not_signed_in_comes_back_to_the_page(browser: Browser, cast: Cast) -> None:
    sent = browser.get("/account?done=name")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fdone%3Dname")

    page = browser.get(sent.headers["location"])
    assert 'name="next" value="/account?done=name"' in page.text


def test_a_post_of_who_is_not_signed_in_leads_back_to_where_it_came_from(browser: Browser, cast: Cast) -> None:
    sent = browser.post("/account/name", data={"name": "x"}, headers={"referer": "https://testserver/account"})
    assert sent.headers["location"] == "/sign-in?next=%2Faccount"

    foreign = browser.post("/account/name", data={"name": "x"}, headers={"referer": "https://evil/account"})
    assert foreign.headers["location"] == "/sign-in"


def test_a_program_is_told(browser: Browser, cast: Cast) -> None:
    answer = browser.get("/account", headers={"accept": "application/json"})

    assert answer.status_code == 401
    assert answer.json()["status"] == 401


def test_the_address_is_locked_after_ten_failures_and_the_page_says_until_when(browser: Browser, cast: Cast) -> None:
    for address in (cast.lead.email, "nobody@example.org"):
        for _ in range(FAILURES):
            refused = browser.post("/sign-in", data={"email": address, "password": "wrong"})
            assert refused.status_code == 422
        locked = browser.post("/sign-in", data={"email": address, "password": PASSWORD})

        assert locked.status_code == 429
        until = re.search(r'locked until <time datetime="([^"]+)"', locked.text)
        assert until
        left = datetime.datetime.fromisoformat(until[1]) - cast.clock()
        assert datetime.timedelta(minutes=14) < left <= datetime.timedelta(minutes=15)
        assert "set-cookie" not in locked.headers
    assert browser.post("/sign-in", data=fields(cast.member)).status_code == 303


def test_signing_in_makes_a_new_secret_and_ends_the_former(browser: Browser, cast: Cast) -> None:
    browser.post("/sign-in", data=fields(cast.lead))
    first = browser.cookies[COOKIE]
    browser.post("/sign-in", data=fields(cast.lead))
    second = browser.cookies[COOKIE]

    assert first != second
    browser.cookies.set(COOKIE, first, domain="testserver.local")
    former = Browser(browser.app, base_url="https://testserver", follow_redirects=False)
    former.cookies.set(COOKIE, first, domain="testserver.local")
    assert former.get("/account").status_code == 303


def test_a_secret_that_was_planted_is_not_taken(browser: Browser, cast: Cast) -> None:
    browser.cookies.set(COOKIE, "planted", domain="testserver.local")
    assert browser.get("/account").status_code == 303

    answer = browser.post("/sign-in", data=fields(cast.lead))
    assert f"{COOKIE}=planted" not in answer.headers["set-cookie"]


def test_signing_out_ends_it(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    secret = lead.cookies[COOKIE]
    answer = lead.post("/sign-out")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=signed-out")
    assert f'{COOKIE}=""; HttpOnly; Max-Age=0' in answer.headers["set-cookie"]
    assert "You are signed out." in lead.get(answer.headers["location"]).text
    lead.cookies.set(COOKIE, secret, domain="testserver.local")
    assert lead.get("/account").status_code == 303
    assert browser.post("/sign-out").status_code == 303


def test_a_get_signs_nobody_out(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    assert lead.get("/sign-out").status_code == 405
    assert lead.get("/account").status_code == 200


def test_another_site_signs_nobody_in_or_out(browser: Browser, cast: Cast) -> None:
    evil = {"origin": "https://evil", "sec-fetch-site": "cross-site"}

    assert browser.post("/sign-in", data=fields(cast.lead), headers=evil).status_code == 403
    assert browser(cast.lead).post("/sign-out", headers=evil).status_code == 403


@pytest.mark.parametrize("what", ["expired", "idle", "ended"])
def test_what_is_over_is_over(browser: Browser, cast: Cast, what: str) -> None:
    lead, now = browser(cast.lead), cast.clock()
    assert lead.get("/account").status_code == 200

    changed = {"expired": {"expires_at": now}, "idle": {"last_seen_at": now - MONTH}, "ended": {"ended_at": now}}
    change_browsers(cast, **changed[what])

    assert lead.get("/account").status_code == 303


def test_a_deactivated_person_is_out_at_once(browser: Browser, cast: Cast) -> None:
    lead, now = browser(cast.lead), cast.clock()
    with writing(cast.engine) as session:
        admin = people.actor(session.connection(), cast.admin.id, cast.organisation_id)
        deactivate(session, admin, cast.lead.id, now)

    assert lead.get("/account").status_code == 303


def test_when_a_browser_was_last_seen_is_kept_to_the_hour(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    then = cast.clock() - datetime.timedelta(hours=2)

    def seen() -> datetime.datetime:
        with reading(cast.engine) as session:
            return session.scalars(select(SignedIn.last_seen_at)).one()

    change_browsers(cast, last_seen_at=then)
    lead.get("/account")
    first = seen()
    lead.get("/account")

    assert first > then + datetime.timedelta(hours=1)
    assert seen() == first


def test_signing_in_is_written_down(browser: Browser, cast: Cast) -> None:
    with reading(cast.engine) as session:
        before = session.scalars(select(AuditEvent.id)).all()
    browser.post("/sign-in", data=fields(cast.lead))
    browser.post("/sign-in", data=fields(cast.lead, "wrong"))

    with reading(cast.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.id > max(before))).all()
        assert [(event.action, event.person_id) for event in events] == [("signed in", cast.lead.id)]


def test_a_page_finds_its_reader_by_two_statements(
    app: FastAPI, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    lead, engine = browser(cast.lead), app.state.engine
    with count_statements(engine) as statements:
        lead.get("/account")
    assert len(statements) == 7  # browser, rights; account, browsers, organisations, single sign-on, reminders

    with count_statements(engine) as statements:
        browser.get("/account")
    assert statements == []

    with count_statements(engine) as statements:
        browser.post("/sign-in", data=fields(cast.lead))
    assert len(statements) <= 12


def insecure(app: FastAPI, tmp_path: object, setting: str) -> FastAPI:
    chosen: Settings = app.state.settings
    return create_app(chosen.model_copy(update={"public_url": "http://shortstave.test", "insecure_http": setting}))


def test_over_plain_http_nobody_is_asked_for_a_password(app: FastAPI, cast: Cast, tmp_path: object) -> None:
    with TestClient(insecure(app, tmp_path, "0"), base_url="http://shortstave.test", follow_redirects=False) as plain:
        for path in ("/sign-in", "/sign-in/code", "/reset", "/set-up/x", "/reset/x", "/account"):
            page = plain.get(path)
            assert page.status_code == 403
            assert "Signing in needs https." in page.text
            assert 'type="password"' not in page.text
        refused = plain.post("/sign-in", data=fields(cast.lead))
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        plain.cookies.set("shortstave", sign_in(cast.engine, cast.lead, cast.clock()))
        assert plain.post("/account/name", data={"name": "x"}).headers["location"] == "/sign-in"
        assert plain.get("/").status_code == 200


def test_over_plain_http_it_works_where_the_operator_allows_it(app: FastAPI, cast: Cast, tmp_path: object) -> None:
    with TestClient(insecure(app, tmp_path, "1"), base_url="http://shortstave.test", follow_redirects=False) as plain:
        answer = plain.post("/sign-in", data=fields(cast.lead))

        assert answer.headers["set-cookie"].startswith("shortstave=")
        assert "Secure" not in answer.headers["set-cookie"]
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert plain.get("/account").status_code == 200


def test_on_this_machine_it_works_over_plain_http(app: FastAPI, cast: Cast, tmp_path: object) -> None:
    with TestClient(insecure(app, tmp_path, "0"), base_url="http://127.0.0.1:8000", follow_redirects=False) as local:
        answer = local.post("/sign-in", data=fields(cast.lead))

        assert answer.headers["set-cookie"].startswith(COOKIE)
        assert "Secure" in answer.headers["set-cookie"]


def test_the_navigation_is_by_rights(browser: Browser, cast: Cast) -> None:
    page = browser(cast.admin).get("/account").text
    assert "Example organisation" in page
    assert 'action="/sign-out"' in page

    visitor = browser.get("/about").text
    assert 'href="/sign-in"' in visitor
    assert "/sign-out" not in visitor


def test_a_secret_of_one_organisation_shows_that_organisation(browser: Browser, cast: Cast) -> None:
    assert sign_in(cast.engine, cast.outsider, cast.clock())
    assert "Other organisation" in browser(cast.outsider).get("/account").text
    assert "Example organisation" not in browser(cast.outsider).get("/account").text


def test_whoever_was_deactivated_is_signed_out_with_a_sentence(browser: Browser, cast: Cast) -> None:
    member = browser(cast.member)
    assert browser(cast.admin).post(f"/people/{cast.member.id}/deactivate").status_code == 303
    answer = member.get("/account")
    assert answer.headers["location"] == "/sign-in?next=%2Faccount"

    page = member.get(answer.headers["location"])
    assert "Your account was deactivated in Example organisation." in page.text
    assert COOKIE not in member.cookies
    assert "You are signed out" not in member.get("/sign-in").text


def test_whose_row_is_still_open_comes_no_further(browser: Browser, cast: Cast) -> None:
    member = browser(cast.member)
    with writing(cast.engine) as session:
        deactivated = update(table(Membership)).where(table(Membership).c.person_id == cast.member.id)
        session.connection().execute(deactivated.values(deactivated_at=cast.clock()))
    for path in ("/account", "/teams", f"/teams/{cast.fraud.id}"):
        assert member.get(path).headers["location"].startswith("/sign-in?next=")
    assert member.post("/sign-out").headers["location"] == "/sign-in?done=signed-out"


def test_a_browser_that_was_ended_is_told_so_once(browser: Browser, cast: Cast) -> None:
    member, other = browser(cast.member), browser(cast.member)
    other.post("/account/browsers/end")

    assert "from another browser" in member.get("/sign-in").text
    assert "from another browser" not in member.get("/sign-in").text
    assert "from another browser" not in browser.get("/sign-in").text
