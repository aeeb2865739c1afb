"""A new password by a link: made by an admin, good once, and only for who is of no other organisation."""

import re

import pytest
from sqlalchemy import Engine

from app.actions.people import join
from app.db.engine import writing
from tests.web.cast import PASSWORD, Browser, Cast, Player

pytestmark = pytest.mark.usefixtures("database")
NEW = "seven ferries in the fog"


def made(browser: Browser, cast: Cast, player: Player) -> str:
    admin, action = browser(cast.admin), f"/people/{player.id}/reset-link"
    assert f'action="{action}"' in admin.get(f"/people/{player.id}").text
    page = admin.post(action).text
    found = re.search(r'value="https://testserver(/reset/[\w-]{43})"', page)
    assert found, page
    return found[1]


def signs_in(browser: Browser, player: Player, password: str) -> bool:
    return browser.post("/sign-in", data={"email": player.email, "password": password}).status_code == 303


def test_it_works(browser: Browser, cast: Cast) -> None:
    before = browser(cast.lead)
    link = made(browser, cast, cast.lead)
    assert cast.lead.email in browser.get(link).text

    answer = browser.post(link, data={"password": NEW})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=password")
    assert "set-cookie" not in answer.headers
    assert "Your new password is kept" in browser.get(answer.headers["location"]).text
    assert before.get("/account").status_code == 303
    assert not signs_in(browser, cast.lead, PASSWORD)
    assert signs_in(browser, cast.lead, NEW)


@pytest.mark.parametrize("who", ["manager_of_all", "manager", "lead", "member", "viewer"])
def test_who_may_not(browser: Browser, cast: Cast, who: str) -> None:
    refused = browser(getattr(cast, who))
    assert refused.post(f"/people/{cast.lead.id}/reset-link").status_code == 403
    assert "reset-link" not in refused.get(f"/people/{cast.lead.id}").text


def test_nobody_resets_people_of_another_organisation(browser: Browser, cast: Cast) -> None:
    assert browser(cast.outsider).post(f"/people/{cast.lead.id}/reset-link").status_code == 404
    assert browser(cast.admin).post(f"/people/{cast.outsider.id}/reset-link").status_code == 404
    assert browser.post(f"/people/{cast.lead.id}/reset-link").headers["location"].startswith("/sign-in")


def test_nor_those_who_belong_to_another_one_too(browser: Browser, cast: Cast, engine: Engine) -> None:
    with writing(engine) as session:
        join(session, cast.other_organisation_id, cast.lead.id, [], cast.clock())

    answer = browser(cast.admin).post(f"/people/{cast.lead.id}/reset-link")

    assert answer.status_code == 409
    assert "belongs to another organisation too" in answer.text


def test_nor_the_deactivated(browser: Browser, cast: Cast) -> None:
    assert browser(cast.admin).post(f"/people/{cast.deactivated.id}/reset-link").status_code == 409


def test_the_link_is_good_once_and_the_newest_alone(browser: Browser, cast: Cast) -> None:
    older, newer = made(browser, cast, cast.lead), made(browser, cast, cast.lead)

    assert browser.get(older).status_code == 404
    assert browser.post(newer, data={"password": NEW}).status_code == 303
    assert browser.get(newer).status_code == 404
    assert browser.post(newer, data={"password": NEW}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "problem"),
    [({}, "Fill this in."), ({"password": "short"}, "at least 12"), ({"password": NEW, "person_id": "1"}, "ask for")],
)
def test_a_bad_password_uses_nothing_up(browser: Browser, cast: Cast, typed: dict[str, str], problem: str) -> None:
    link = made(browser, cast, cast.lead)
    answer = browser.post(link, data=typed)

    assert answer.status_code == 422
    assert problem in answer.text
    assert browser.post(link, data={"password": NEW}).status_code == 303


def test_the_link_does_not_follow_a_foreign_host(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.admin).post(f"/people/{cast.lead.id}/reset-link", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "/reset/" not in answer.text


def test_asking_says_what_to_do(browser: Browser, cast: Cast) -> None:
    page = browser.get("/reset")

    assert page.status_code == 200
    assert "admin" in page.text
