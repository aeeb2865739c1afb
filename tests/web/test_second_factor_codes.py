"""The second factor: switched on with its first code, asked for at each sign-in, good once."""

import re

import pyotp
import pytest
from sqlalchemy import update

from app.actions.lock_outs import FAILURES
from app.db.base import table
from app.db.engine import writing
from app.db.tables.people import Person
from tests.web.cast import COOKIE, PASSWORD, Browser, Cast, Player

pytestmark = pytest.mark.usefixtures("database")
CODE_COOKIE = f"{COOKIE}-code"
STEP = 30


def code(cast: Cast, secret: str, steps: int = 0) -> str:
    return pyotp.HOTP(secret).at(int(cast.clock().timestamp()) // STEP + steps)


def switched_on(browser: Browser, cast: Cast, player: Player) -> tuple[str, list[str]]:
    """The secret and the recovery codes, of which the page shows ten."""
    own = browser(player)
    found = re.search(r'name="secret" value="(\w{32})"', own.get("/account/second-factor").text)
    assert found
    page = own.post(
        "/account/second-factor", data={"secret": found[1], "code": code(cast, found[1], -1), "password": PASSWORD}
    )
    assert page.status_code == 200, page.text
    return found[1], re.findall(r"<code>([\w-]{19})</code>", page.text)


def password_typed(browser: Browser, player: Player, **more: str) -> str:
    answer = browser.post("/sign-in", data={"email": player.email, "password": PASSWORD, **more})
    assert answer.status_code == 303
    return answer.headers["location"]


def test_it_works(browser: Browser, cast: Cast) -> None:
    secret, codes = switched_on(browser, cast, cast.lead)
    assert len(codes) == 10

    assert password_typed(browser, cast.lead, next="/account") == "/sign-in/code?next=%2Faccount"
    assert COOKIE not in browser.cookies
    assert browser.get("/account").status_code == 303
    page = browser.get("/sign-in/code?next=%2Faccount").text
    assert 'name="next" value="/account"' in page
    answer = browser.post("/sign-in/code", data={"code": code(cast, secret), "next": "/account"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert CODE_COOKIE not in browser.cookies
    assert "10 recovery codes are left." in browser.get("/account").text


def test_the_picture_needs_no_exception_from_the_policy(browser: Browser, cast: Cast) -> None:
    page = browser(cast.lead).get("/account/second-factor").text

    assert "<svg" in page
    assert "style=" not in page
    assert "<script" not in page


def test_who_may_not(browser: Browser, cast: Cast) -> None:
    switched_on(browser, cast, cast.lead)

    for path in ("second-factor", "second-factor/off", "recovery-codes"):
        assert browser.get(f"/account/{path}").status_code == 303
        assert browser.post(f"/account/{path}", data={"password": PASSWORD}).headers["location"] == "/sign-in"
    assert browser.get("/sign-in/code").headers["location"] == "/sign-in"
    assert browser.post("/sign-in/code", data={"code": "000000"}).headers["location"] == "/sign-in"


def test_a_code_is_good_once(browser: Browser, cast: Cast) -> None:
    secret, _ = switched_on(browser, cast, cast.lead)
    password_typed(browser, cast.lead)
    once = code(cast, secret)
    assert browser.post("/sign-in/code", data={"code": once}).status_code == 303

    password_typed(browser, cast.lead)
    again = browser.post("/sign-in/code", data={"code": once})
    assert again.status_code == 422
    assert "was used already" in again.text


def test_a_recovery_code_is_good_once(browser: Browser, cast: Cast) -> None:
    _, codes = switched_on(browser, cast, cast.lead)
    password_typed(browser, cast.lead)
    assert browser.post("/sign-in/code", data={"code": codes[0].upper()}).status_code == 303
    assert "9 recovery codes are left." in browser.get("/account").text

    password_typed(browser, cast.lead)
    assert browser.post("/sign-in/code", data={"code": codes[0]}).status_code == 422
    assert browser.post("/sign-in/code", data={"code": codes[1]}).status_code == 303


@pytest.mark.both
@pytest.mark.parametrize("typed", ["", "000", "abcdef", "x" * 101, "12345\x00"])
def test_a_wrong_code_is_refused(browser: Browser, cast: Cast, typed: str) -> None:
    switched_on(browser, cast, cast.lead)
    password_typed(browser, cast.lead)
    answer = browser.post("/sign-in/code", data={"code": typed, "next": "//evil"})

    assert answer.status_code == 422
    assert 'name="next" value="/"' in answer.text
    assert COOKIE not in browser.cookies


def test_codes_cannot_be_tried_for_ever(browser: Browser, cast: Cast) -> None:
    secret, _ = switched_on(browser, cast, cast.lead)
    password_typed(browser, cast.lead)
    for _ in range(FAILURES):
        assert browser.post("/sign-in/code", data={"code": "x"}).status_code == 422
    locked = browser.post("/sign-in/code", data={"code": code(cast, secret)})

    assert locked.status_code == 429
    assert "locked until" in locked.text


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"code": "000"}, "The code is not right"),
        ({"password": "wrong"}, "The password is not right."),
        ({"password": ""}, "Fill this in."),
    ],
)
def test_it_is_switched_on_by_password_and_code_alone(
    browser: Browser, cast: Cast, change: dict[str, str], problem: str
) -> None:
    secret = pyotp.random_base32()
    typed = {"secret": secret, "code": code(cast, secret), "password": PASSWORD} | change
    answer = browser(cast.lead).post("/account/second-factor", data=typed)

    assert answer.status_code == 422
    assert problem in answer.text
    assert secret in answer.text
    assert password_typed(browser, cast.lead) == "/"


@pytest.mark.parametrize("secret", ["", "A", "x" * 32, "<svg>"])
def test_a_secret_is_not_made_up(browser: Browser, cast: Cast, secret: str) -> None:
    typed = {"secret": secret, "code": "000000", "password": PASSWORD}

    assert browser(cast.lead).post("/account/second-factor", data=typed).status_code == 422


def test_it_is_switched_off_by_password_and_code(browser: Browser, cast: Cast) -> None:
    secret, _ = switched_on(browser, cast, cast.lead)
    lead = browser(cast.lead)
    assert lead.get("/account/second-factor").headers["location"] == "/account"
    for typed, problem in (
        ({"password": "wrong", "code": code(cast, secret)}, "The password is not right."),
        ({"password": PASSWORD, "code": "000000"}, "The code is not right"),
        ({"password": PASSWORD}, "Fill this in."),
    ):
        refused = lead.post("/account/second-factor/off", data=typed)
        assert refused.status_code == 422
        assert problem in refused.text
    assert password_typed(browser, cast.lead) == "/sign-in/code"

    answer = lead.post("/account/second-factor/off", data={"password": PASSWORD, "code": code(cast, secret)})

    assert answer.headers["location"] == "/account?done=second-factor-off"
    assert password_typed(browser, cast.lead) == "/"


def test_recovery_codes_are_renewed(browser: Browser, cast: Cast) -> None:
    secret, old = switched_on(browser, cast, cast.lead)
    lead = browser(cast.lead)
    assert lead.post("/account/recovery-codes", data={"password": PASSWORD, "code": "x"}).status_code == 422
    typed = {"password": PASSWORD, "code": code(cast, secret)}
    new = re.findall(r"<code>([\w-]{19})</code>", lead.post("/account/recovery-codes", data=typed).text)

    assert len(set(new) - set(old)) == 10
    password_typed(browser, cast.lead)
    assert browser.post("/sign-in/code", data={"code": old[0]}).status_code == 422
    assert browser.post("/sign-in/code", data={"code": new[0]}).status_code == 303
    assert browser(cast.member).get("/account/recovery-codes").headers["location"] == "/account"
    assert browser(cast.member).post("/account/recovery-codes", data=typed).status_code == 409


def test_another_telephone_is_not_put_in_its_place_by_the_password(browser: Browser, cast: Cast) -> None:
    secret, _ = switched_on(browser, cast, cast.lead)
    other = pyotp.random_base32()
    typed = {"secret": other, "code": code(cast, other), "password": PASSWORD}
    refused = browser(cast.lead).post("/account/second-factor", data=typed)

    assert refused.status_code == 409
    assert "Switch it off first" in refused.text
    password_typed(browser, cast.lead)
    assert browser.post("/sign-in/code", data={"code": code(cast, secret)}).status_code == 303


def test_a_new_password_does_not_pass_by_the_second_factor(browser: Browser, cast: Cast) -> None:
    switched_on(browser, cast, cast.lead)
    page = browser(cast.admin).post(f"/people/{cast.lead.id}/reset-link").text
    found = re.search(r"https://testserver(/reset/[\w-]+)", page)
    assert found
    browser.post(found[1], data={"password": "seven ferries in the fog"})
    answer = browser.post("/sign-in", data={"email": cast.lead.email, "password": "seven ferries in the fog"})

    assert answer.headers["location"] == "/sign-in/code"
    assert COOKIE not in browser.cookies


def test_who_has_no_password_is_not_offered_one(browser: Browser, cast: Cast) -> None:
    with writing(cast.engine) as session:
        session.connection().execute(
            update(table(Person)).where(table(Person).c.id == cast.lead.id), {"password_hash": None}
        )
    page = browser(cast.lead).get("/account").text

    assert "You come in by single sign-on" in page
    assert 'href="/account/second-factor"' not in page
