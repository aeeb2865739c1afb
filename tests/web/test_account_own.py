"""A person's own account: browsers, name, password, preferences, and going on in another organisation."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.actions.lock_outs import FAILURES
from app.actions.people import join
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Person
from app.db.tables.signing_in import SignedIn
from tests.conftest import StatementCount
from tests.web.cast import COOKIE, PASSWORD, Browser, Cast

pytestmark = pytest.mark.usefixtures("database")
NEW = "seven ferries in the fog"
POSTS = ("name", "password", "preferences", "browsers/1/end", "browsers/end", "organisation", "second-factor")


def person(cast: Cast, number: int) -> Person:
    with reading(cast.engine) as session:
        found = session.get_one(Person, number)
        session.expunge(found)
    return found


def newest_event(cast: Cast) -> str:
    with reading(cast.engine) as session:
        return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first() or ""


def test_it_works(browser: Browser, cast: Cast) -> None:
    page = browser(cast.lead).get("/account")

    assert page.status_code == 200
    assert "this browser, now" in page.text
    assert "unknown browser" in page.text
    assert cast.lead.email in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("post", POSTS)
def test_who_is_not_signed_in_may_nothing(browser: Browser, cast: Cast, post: str) -> None:
    answer = browser.post(f"/account/{post}", data={"name": "x"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_its_sql_is_counted(app: FastAPI, browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    lead = browser(cast.lead)
    for _ in range(5):
        browser(cast.lead)
    with count_statements(app.state.engine) as statements:
        lead.get("/account")

    assert len(statements) == 7


def test_one_browser_is_signed_out(browser: Browser, cast: Cast) -> None:
    here, there = browser(cast.lead), browser(cast.lead)
    with reading(cast.engine) as session:
        number = max(session.scalars(select(SignedIn.id)))
    answer = here.post(f"/account/browsers/{number}/end")

    assert answer.headers["location"] == "/account?done=browser"
    assert "That browser is signed out." in here.get("/account?done=browser").text
    assert there.get("/account").status_code == 303
    assert here.post(f"/account/browsers/{number}/end").status_code == 404


@pytest.mark.both
def test_nobody_ends_another_ones(browser: Browser, cast: Cast) -> None:
    lead, admin = browser(cast.lead), browser(cast.admin)
    with reading(cast.engine) as session:
        number = session.scalars(select(SignedIn.id).where(SignedIn.person_id == cast.lead.id)).one()

    assert admin.post(f"/account/browsers/{number}/end").status_code == 404
    assert admin.post(f"/account/browsers/{2**63}/end").status_code in {404, 422}
    assert lead.get("/account").status_code == 200


def test_all_others_are_signed_out(browser: Browser, cast: Cast) -> None:
    here, *others = browser(cast.lead), browser(cast.lead), browser(cast.lead)
    member = browser(cast.member)
    assert "Sign out everywhere but here" in here.get("/account").text

    here.post("/account/browsers/end")

    assert here.get("/account").status_code == 200
    assert [other.get("/account").status_code for other in others] == [303, 303]
    assert member.get("/account").status_code == 200
    assert "Sign out everywhere but here" not in here.get("/account").text


def test_the_name_is_changed(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    answer = lead.post("/account/name", data={"name": " New Name "})

    assert answer.headers["location"] == "/account?done=name"
    assert "New Name" in lead.get("/account").text
    assert newest_event(cast) == "person renamed"


@pytest.mark.both
@pytest.mark.parametrize("name", ["", "a\nb", "x\x00", "\u202eevil", "n" * 201])
def test_a_bad_name_is_refused(browser: Browser, cast: Cast, name: str) -> None:
    answer = browser(cast.lead).post("/account/name", data={"name": name})

    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text
    assert person(cast, cast.lead.id).name == "Lead"


def test_a_name_is_shown_as_text(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    lead.post("/account/name", data={"name": "<script>x</script>"})

    assert "<script>x" not in lead.get("/account").text
    assert "&lt;script&gt;x" in lead.get("/account").text


def test_a_new_password_signs_all_other_browsers_out(browser: Browser, cast: Cast) -> None:
    here, there = browser(cast.lead), browser(cast.lead)
    answer = here.post("/account/password", data={"present": PASSWORD, "password": NEW})

    assert answer.headers["location"] == "/account?done=password"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert browser.post("/sign-in", data={"email": cast.lead.email, "password": PASSWORD}).status_code == 422
    assert browser.post("/sign-in", data={"email": cast.lead.email, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"present": "wrong", "password": NEW}, "The present password is not right."),
        ({"present": PASSWORD, "password": "short"}, "at least 12 characters"),
        ({"present": PASSWORD, "password": "lead@example.org"}, "easily guessed"),
        ({"password": NEW}, "Fill this in."),
        ({"present": PASSWORD, "password": NEW, "person_id": "1"}, "does not ask for"),
    ],
)
def test_a_password_is_refused(browser: Browser, cast: Cast, typed: dict[str, str], problem: str) -> None:
    kept = person(cast, cast.lead.id).password_hash
    answer = browser(cast.lead).post("/account/password", data=typed)

    assert answer.status_code == 422
    assert problem in answer.text
    assert NEW not in answer.text
    assert person(cast, cast.lead.id).password_hash == kept


def test_the_present_password_cannot_be_tried_for_ever(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    for _ in range(FAILURES):
        lead.post("/account/password", data={"present": "wrong", "password": NEW})
    answer = lead.post("/account/password", data={"present": PASSWORD, "password": NEW})

    assert answer.status_code == 429
    assert "Try again in 15 min." in answer.text


def test_preferences_reach_every_page(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    assert "data-theme" not in lead.get("/account").text
    chosen = {"theme": "dark", "language": "en", "time_zone": "Asia/Tokyo"}
    answer = lead.post("/account/preferences", data=chosen)

    assert answer.headers["location"] == "/account?done=preferences"
    page = lead.get("/account").text
    assert '<html lang="en-GB" data-theme="dark">' in page
    assert " JST</time>" in page
    assert " UTC</time>" not in page
    lead.post("/account/preferences", data={"theme": "", "language": "", "time_zone": ""})
    assert "data-theme" not in lead.get("/account").text
    assert " UTC</time>" in lead.get("/account").text


@pytest.mark.parametrize(
    "typed", [{"theme": "pink"}, {"language": "tlh"}, {"time_zone": "Mars/Base"}, {"time_zone": "../etc/passwd"}]
)
def test_what_there_is_not_is_refused(browser: Browser, cast: Cast, typed: dict[str, str]) -> None:
    assert browser(cast.lead).post("/account/preferences", data=typed).status_code == 422
    assert person(cast, cast.lead.id).theme is None


def test_going_on_in_another_organisation(browser: Browser, cast: Cast, engine: Engine) -> None:
    with writing(engine) as session:
        join(session, cast.other_organisation_id, cast.lead.id, [], cast.clock())
    lead = browser(cast.lead)
    before = lead.cookies[COOKIE]
    assert "Go on there" in lead.get("/account").text

    answer = lead.post("/account/organisation", data={"organisation": cast.other_organisation_id})

    assert answer.status_code == 303
    assert lead.cookies[COOKIE] != before
    assert "<span>Other organisation</span>" in lead.get("/account").text


@pytest.mark.parametrize("number", ["", "x", "1", "99999", "9" * 30])
def test_nobody_goes_on_where_they_do_not_belong(browser: Browser, cast: Cast, number: str) -> None:
    lead = browser(cast.lead)

    assert lead.post("/account/organisation", data={"organisation": number}).status_code == 404
    assert lead.post("/account/organisation", data={"organisation": cast.other_organisation_id}).status_code == 404
    assert lead.get("/account").status_code == 200
