"""Single sign-on by providers that others wrote: oidc-provider-mock, and in the long run a certified one."""

import datetime
import os
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from sqlalchemy import select

from app.actions.sso import KNOWN
from app.db.engine import reading
from app.db.tables.people import Person
from app.domain.people import Role, RoleKind
from tests.oidc.real import NoNode, Real, certified, mock
from tests.web.cast import COOKIE, Browser, Cast
from tests.web.document import document
from tests.web.sign_on import connect, map_to, people, roles
from tests.web.visitor import Clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def clock() -> Clock:
    """These providers live in the present."""
    return Clock(datetime.datetime.now(datetime.UTC))


@pytest.fixture(scope="module", params=["oidc-provider-mock", pytest.param("oidc-provider", marks=pytest.mark.long)])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    if request.param == "oidc-provider-mock":
        with mock() as real:
            yield real
        return
    try:
        with certified(tmp_path_factory.mktemp("oidc")) as real:
            yield real
    except NoNode as lacking:
        if os.environ.get("CI") == "true":
            raise pytest.fail.Exception(str(lacking), pytrace=False) from None
        pytest.skip(str(lacking))


def address(browser: Browser, cast: Cast, following: str = "/") -> str:
    page = browser.post(f"/sso/{cast.organisation_id}", data={"next": following})
    return document(page.text).one("a", id="go")["href"]


def back(browser: Browser, to: str) -> Response:
    parts = urlsplit(to)
    return browser.get(f"{parts.path}?{parts.query}")


def test_it_works(browser: Browser, cast: Cast, provider: Real) -> None:
    connect(cast, provider.issuer)
    map_to(cast, "/risk/fraud", Role(RoleKind.LEAD, team_id=cast.fraud.id))
    answer = back(browser, provider.sign_in(address(browser, cast, "/teams"), "one"))

    assert (answer.status_code, answer.headers.get("location")) == (303, "/teams"), answer.text
    assert "First" in browser.get("/account").text
    with reading(cast.engine) as session:
        known = session.execute(select(Person.id).where(Person.email == "one@example.org")).scalar_one()
    assert roles(cast, known) == {("lead", None, cast.fraud.id, True)}
    again = Browser(browser.app, base_url=str(browser.base_url), follow_redirects=False)
    assert back(again, provider.sign_in(address(again, cast), "one")).status_code == 303
    assert again.cookies[COOKIE] != browser.cookies[COOKIE]


@pytest.mark.parametrize(("subject", "words"), [("unverified", "does not say that it is verified"), ("posing", KNOWN)])
def test_who_is_not_let_in(browser: Browser, cast: Cast, provider: Real, subject: str, words: str) -> None:
    connect(cast, provider.issuer)
    before, rights = people(cast), roles(cast, cast.admin.id)
    answer = back(browser, provider.sign_in(address(browser, cast), subject))

    assert answer.status_code == 403
    assert words in document(answer.text).text
    assert (people(cast), roles(cast, cast.admin.id)) == (before, rights)
    assert COOKIE not in browser.cookies


def test_a_code_is_of_one_sign_in(browser: Browser, cast: Cast, provider: Real) -> None:
    """Somebody else's code, put into one's own way back, is refused by the nonce, and before that by PKCE."""
    connect(cast, provider.issuer)
    stolen = parse_qs(urlsplit(provider.sign_in(address(browser, cast), "one")).query)["code"][0]
    attacker = Browser(browser.app, base_url=str(browser.base_url), follow_redirects=False)
    own = parse_qs(urlsplit(address(attacker, cast)).query)["state"][0]
    answer = attacker.get("/sso/callback", params={"state": own, "code": stolen, "iss": provider.issuer})

    assert answer.status_code in (403, 502)
    assert COOKIE not in attacker.cookies


def test_a_state_works_once(browser: Browser, cast: Cast, provider: Real) -> None:
    connect(cast, provider.issuer)
    to = provider.sign_in(address(browser, cast), "one")
    back(browser, to)

    assert back(browser, to).status_code == 422
