"""Single sign-on in a real browser: the policy of our pages lets nobody be sent on by a form, and people arrive."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.actions.organisations import create_organisation
from app.actions.people import add_person
from app.actions.sign_on import keep_provider
from app.db.engine import make_engine, writing
from app.domain.people import Actor, Role, RoleKind
from tests.browser.conftest import Visit
from tests.oidc.real import Real, mock
from tests.server import Server
from tests.web.cast import PASSWORD, password_hash

ADMIN = "head@example.org"


@pytest.fixture(scope="module")
def provider() -> Iterator[Real]:
    with mock() as real:
        yield real


@pytest.fixture
def works(server: Server, database_url: str, provider: Real) -> Server:
    """The server with one organisation, which has an admin and a provider."""
    engine, now = make_engine(database_url), datetime.datetime.now(datetime.UTC)
    with writing(engine) as session:
        organisation = create_organisation(session, "Works", now).id
        add_person(session, organisation, ADMIN, "Head", [Role(RoleKind.ADMIN)], now, password_hash())
        keep_provider(
            session,
            Actor(organisation, None, "command line", admin=True),
            issuer=provider.issuer,
            client_id="shortstave",
            client_secret="secret",
            groups_claim="groups",
            now=now,
        )
    engine.dispose()
    return server


# The provider's own page asks for a style sheet of the network, and a way back that is not good is answered 422.
@pytest.mark.usefixtures("trouble")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_it_works(works: Server, visit: Visit, provider: Real, script: bool) -> None:
    page = visit(java_script_enabled=script)
    page.context.route("https://**", lambda route: route.abort())
    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="Go to single sign-on").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.locator("input[name=sub]").fill("one")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")

    expect(page.locator("main")).to_contain_text("one@example.org")
    expect(page.locator("main")).to_contain_text("You come in by single sign-on")


@pytest.mark.usefixtures("trouble")
def test_anybody_can_use_the_pages(works: Server, visit: Visit, axe: Callable[[Page], None]) -> None:
    page = visit(viewport={"width": 360, "height": 800})
    for path in ("/sso/2", "/sso/callback?state=x", "/sign-in"):
        page.goto(path)
        axe(page)
    page.locator("#email").fill(ADMIN)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")
    page.goto("/organisation/sign-on")
    axe(page)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("status")).to_contain_text("The trial went well")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
