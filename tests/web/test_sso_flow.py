"""Coming in by single sign-on, and everything by which somebody might who should not."""

import datetime
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.actions.people import deactivate, join
from app.actions.sso import DEACTIVATED, KNOWN, LASTS
from app.connectors.oidc import Providers
from app.db.engine import reading, writing
from app.db.tables.people import Membership, Person
from app.db.tables.signing_in import Identity, SignedIn, SsoAttempt
from app.domain.people import Role, RoleKind
from tests.oidc.forger import SECRET, Forger, confused, forger, unsigned
from tests.server import free_port
from tests.web.cast import COOKIE, PASSWORD, Browser, Cast
from tests.web.document import document
from tests.web.sign_on import Traveller, actions, connect, link, map_to, operator, people, roles

pytestmark = pytest.mark.usefixtures("database")
NEWCOMER = "newcomer@example.org"


@pytest.fixture
def lying() -> Iterator[Forger]:
    with forger() as provider:
        yield provider


@pytest.fixture
def traveller(browser: Browser, cast: Cast, lying: Forger) -> Traveller:
    connect(cast, lying.issuer)
    return Traveller(browser, lying, cast, cast.organisation_id)


def person_id(cast: Cast, email: str = NEWCOMER) -> int:
    with reading(cast.engine) as session:
        return session.execute(select(Person.id).where(Person.email == email)).scalar_one()


def refused(traveller: Traveller, answer_text: str, status: int, expected: int, words: str) -> None:
    """The page says why, nobody came in, and nobody was made."""
    assert status == expected, answer_text
    assert words in document(answer_text).text, answer_text
    assert COOKIE not in traveller.browser.cookies
    assert NEWCOMER not in people(traveller.cast)


def test_it_works(traveller: Traveller, cast: Cast) -> None:
    map_to(cast, "/risk/fraud", Role(RoleKind.MEMBER, team_id=cast.fraud.id))
    traveller.forger.claims = {"groups": ["/risk/fraud", "other"]}
    answer = traveller.go("/teams?q=Fraud").back()

    assert (answer.status_code, answer.headers["location"]) == (303, "/teams?q=Fraud")
    assert traveller.sent["redirect_uri"] == "https://testserver/sso/callback"
    assert traveller.sent["code_challenge_method"] == "S256"
    assert "Newcomer" in traveller.browser.get("/account").text
    assert roles(cast, person_id(cast)) == {("member", None, cast.fraud.id, True)}
    assert actions(cast)[-3:] == ["person added", "roles changed", "signed in"]


def test_who_came_once_is_known_by_their_subject_and_not_their_address(traveller: Traveller, cast: Cast) -> None:
    traveller.travel()
    first = traveller.browser.cookies[COOKIE]
    answer = traveller.travel(email="renamed@example.org", email_verified=False, name="Other")

    assert answer.status_code == 303
    assert traveller.browser.cookies[COOKIE] != first
    assert "renamed@example.org" not in people(cast)
    assert actions(cast)[-2:] == ["signed in", "signed out"]


def test_an_account_is_never_taken_over_by_its_address(traveller: Traveller, cast: Cast) -> None:
    answer = traveller.travel(email=cast.admin.email)
    refused(traveller, answer.text, answer.status_code, 403, KNOWN)

    # Nor by another subject with the address of somebody who came in by single sign-on.
    traveller.travel()
    other = traveller.in_another_browser()
    answer = other.travel(sub="another subject")
    assert answer.status_code == 403
    assert COOKIE not in other.browser.cookies
    with reading(cast.engine) as session:
        assert list(session.scalars(select(Identity.subject))) == ["248289761001"]


@pytest.mark.both
@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email_verified": False}, "does not say that it is verified"),
        ({"email_verified": None}, "does not say that it is verified"),
        ({"email": None}, "did not say your e-mail address"),
        ({"email": "no address"}, "did not say your e-mail address"),
        ({"email": "a\u202eb@example.org"}, "did not say your e-mail address"),
        ({"iss": "https://id.example.org"}, "another issuer"),
        ({"aud": "somebody else"}, "another application"),
        ({"nonce": "of another sign-in"}, "another sign-in"),
        ({"exp": 1}, "expired"),
    ],
)
def test_who_is_not_vouched_for_does_not_come_in(traveller: Traveller, claims: dict[str, object], words: str) -> None:
    answer = traveller.travel(**claims)

    refused(traveller, answer.text, answer.status_code, 403, words)


@pytest.mark.parametrize("token", [unsigned, confused])
def test_a_signature_that_proves_nothing(traveller: Traveller, token: object) -> None:
    traveller.forger.token = token  # type: ignore[assignment]
    answer = traveller.travel()

    refused(traveller, answer.text, answer.status_code, 403, "not signed in a way that proves anything")


def test_a_state_works_once(traveller: Traveller) -> None:
    assert traveller.go().back().status_code == 303
    traveller.browser.post("/sign-out")
    answer = traveller.back()

    assert answer.status_code == 422
    assert "works once, within ten minutes" in answer.text
    assert not traveller.browser.cookies.get(COOKIE)


def test_a_state_is_of_the_browser_that_began(traveller: Traveller, cast: Cast) -> None:
    """Nobody signs somebody else in as themselves by sending them a link."""
    traveller.go()
    victim = traveller.in_another_browser()
    answer = victim.back()
    refused(victim, answer.text, answer.status_code, 422, "in the browser that it was begun in")

    # The victim may have begun something of their own.
    attackers = traveller.go().state
    victim.go()
    assert victim.back(state=attackers).status_code == 422
    assert victim.back().status_code == 303


def test_two_windows_of_a_browser_do_not_disturb_each_other(traveller: Traveller) -> None:
    first, nonce = traveller.go("/teams").state, traveller.forger.nonce
    traveller.go("/account")
    traveller.forger.nonce = nonce

    assert traveller.back(state=first).headers["location"] == "/teams"


@pytest.mark.parametrize("state", ["", "guessed", "a" * 4001, "\0", "ä"])
def test_a_state_that_nobody_gave(traveller: Traveller, state: str) -> None:
    traveller.go()
    answer = traveller.back(state=state)

    assert answer.status_code == 422
    assert COOKIE not in traveller.browser.cookies


def test_a_state_expires(traveller: Traveller, cast: Cast) -> None:
    traveller.go()
    cast.clock.move(LASTS)
    answer = traveller.back()

    refused(traveller, answer.text, answer.status_code, 422, "within ten minutes")
    with reading(cast.engine) as session:
        assert session.scalars(select(SsoAttempt)).all() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "you turned back there"),
        ("server_error", "(server_error)"),
        ("<script>alert(1)</script>", "(?)"),
    ],
)
def test_an_error_of_the_provider_is_a_page(traveller: Traveller, error: str, words: str) -> None:
    answer = traveller.go().back(error=error, code="")

    refused(traveller, answer.text, answer.status_code, 403, words)
    assert "<script>alert" not in answer.text
    assert traveller.forger.given == []


def test_an_answer_that_names_another_issuer_is_not_taken(traveller: Traveller) -> None:
    answer = traveller.go().back(iss="https://id.example.org")

    refused(traveller, answer.text, answer.status_code, 403, "another provider's")
    assert traveller.forger.given == []


def test_a_provider_that_is_away_is_a_page(browser: Browser, cast: Cast) -> None:
    connect(cast, f"http://127.0.0.1:{free_port()}")
    answer = browser.post(f"/sso/{cast.organisation_id}")

    assert answer.status_code == 502
    assert "cannot be reached" in answer.text
    assert "Try again" in answer.text
    with reading(cast.engine) as session:
        assert session.scalars(select(SsoAttempt)).all() == []


def test_a_slow_provider_is_a_page_in_time(app: FastAPI, traveller: Traveller) -> None:
    app.state.providers = Providers(seconds=0.4)
    traveller.go()
    traveller.forger.stalls = "/token"
    answer = traveller.back()

    refused(traveller, answer.text, answer.status_code, 502, "did not answer in time")


def test_nobody_is_sent_to_another_site(traveller: Traveller) -> None:
    for wanted in ("//evil", "/\\evil", " //evil", "https://evil", "/\t/evil"):
        assert traveller.go(wanted).back().headers["location"] == "/"
        traveller.browser.post("/sign-out")
        page = traveller.browser.get(f"/sso/{traveller.organisation_id}", params={"next": wanted})
        assert document(page.text).one("input", name="next").attributes["value"] == "/"


def test_groups_are_followed_at_every_sign_in_and_roles_by_hand_stay(traveller: Traveller, cast: Cast) -> None:
    map_to(cast, "fraud", Role(RoleKind.LEAD, team_id=cast.fraud.id))
    map_to(cast, "risk", Role(RoleKind.MANAGER, unit_id=cast.risk.id))
    link(cast, traveller.forger.issuer, cast.member, "248289761001")
    by_hand = ("member", None, cast.fraud.id, False)

    traveller.travel(groups=["fraud", "risk"])
    assert roles(cast, cast.member.id) == {
        by_hand,
        ("lead", None, cast.fraud.id, True),
        ("manager", cast.risk.id, None, True),
    }
    traveller.travel(groups=["risk"])
    assert roles(cast, cast.member.id) == {by_hand, ("manager", cast.risk.id, None, True)}
    traveller.travel(groups=None, _claim_names={"groups": "src1"})
    assert roles(cast, cast.member.id) == {by_hand, ("manager", cast.risk.id, None, True)}
    traveller.travel()
    assert roles(cast, cast.member.id) == {by_hand}


def test_a_role_that_somebody_gave_by_hand_as_well_stays(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    map_to(cast, "fraud", Role(RoleKind.LEAD, team_id=cast.fraud.id))
    traveller.travel(groups=["fraud"])
    page = browser(cast.admin).get(f"/people/{person_id(cast)}").text
    assert "by single sign-on" in page
    browser(cast.admin).post(
        f"/people/{person_id(cast)}/roles", data={"kind": "lead", "place": f"team.{cast.fraud.id}"}
    )
    traveller.travel(groups=[])

    assert roles(cast, person_id(cast)) == {("lead", None, cast.fraud.id, False)}


def test_a_team_that_is_archived_keeps_nobody_out(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    map_to(cast, "credit", Role(RoleKind.LEAD, team_id=cast.credit.id))
    browser(cast.admin).post(f"/teams/{cast.credit.id}/archive")

    assert traveller.travel(groups=["credit"]).status_code == 303
    assert roles(cast, person_id(cast)) == set()


def test_the_last_admin_stays_one(traveller: Traveller, cast: Cast) -> None:
    map_to(cast, "admins", Role(RoleKind.ADMIN))
    traveller.travel(groups=["admins"])
    with writing(cast.engine) as session:
        deactivate(session, operator(cast.organisation_id), cast.admin.id, cast.clock())
    mine = person_id(cast)

    assert traveller.travel(groups=[]).status_code == 303
    assert roles(cast, mine) == {("admin", None, None, True)}
    with writing(cast.engine) as session:
        session.get_one(Membership, (cast.organisation_id, cast.admin.id)).deactivated_at = None
    traveller.travel(groups=[])
    assert roles(cast, mine) == set()


def test_who_was_deactivated_does_not_come_in(traveller: Traveller, cast: Cast) -> None:
    link(cast, traveller.forger.issuer, cast.deactivated, "248289761001")
    answer = traveller.travel()

    refused(traveller, answer.text, answer.status_code, 403, DEACTIVATED)


def test_a_provider_that_was_changed_meanwhile_vouches_for_nobody(traveller: Traveller, cast: Cast) -> None:
    traveller.go()
    with forger() as other:
        connect(cast, other.issuer)
        assert traveller.back().status_code in (403, 502)
    assert COOKIE not in traveller.browser.cookies
    assert NEWCOMER not in people(cast)


def test_organisations_have_providers_of_their_own(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    """The same subject of the same issuer is somebody else elsewhere, and what one vouches for counts there alone."""
    with forger() as theirs:
        connect(cast, theirs.issuer, cast.other_organisation_id)
        other = Traveller(browser, theirs, cast, cast.other_organisation_id)
        assert traveller.travel().status_code == 303
        stranger = other.in_another_browser()
        assert stranger.travel(email="stranger@example.org").status_code == 303
        stranger.go()
        assert other.back(state=stranger.state).status_code == 422
    with reading(cast.engine) as session:
        found = {(row.organisation_id, row.person_id) for row in session.scalars(select(Identity))}
    assert found == {
        (cast.organisation_id, person_id(cast)),
        (cast.other_organisation_id, person_id(cast, "stranger@example.org")),
    }


def test_single_sign_on_is_good_for_its_organisation_alone(traveller: Traveller, cast: Cast) -> None:
    """Whoever runs one organisation's provider could else go on as any of its people wherever they are."""
    traveller.travel()
    with writing(cast.engine) as session:
        join(session, cast.other_organisation_id, person_id(cast), [Role(RoleKind.ADMIN)], cast.clock())
    page = traveller.browser.get("/account").text
    answer = traveller.browser.post("/account/organisation", data={"organisation": str(cast.other_organisation_id)})

    assert "Other organisation" not in page
    assert answer.status_code == 403
    with reading(cast.engine) as session:
        signed_in = session.scalars(select(SignedIn)).one()
        assert (signed_in.only_here, signed_in.organisation_id) == (True, cast.organisation_id)
        assert signed_in.expires_at - cast.clock() == datetime.timedelta(hours=12)


def test_an_account_is_linked_by_who_is_signed_in(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    mine = Traveller(browser(cast.lead), traveller.forger, cast, cast.organisation_id)
    assert "Link it" in mine.browser.get("/account").text
    mine.forger.claims = {"email": "elsewhere@example.org", "email_verified": False}
    answer = mine.gone(mine.browser.post("/account/sign-on")).back()

    assert answer.headers["location"] == "/account?done=linked"
    assert "is linked to your organisation" in mine.browser.get("/account?done=linked").text
    assert actions(cast)[-1] == "single sign-on linked"
    again = traveller.in_another_browser()
    assert again.travel().status_code == 303
    assert cast.lead.email in again.browser.get("/account").text


def test_linking_takes_the_same_person_to_the_end(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    mine = Traveller(browser(cast.lead), traveller.forger, cast, cast.organisation_id)
    mine.gone(mine.browser.post("/account/sign-on"))
    mine.browser.post("/sign-out")
    assert mine.back().headers["location"].startswith("/sign-in?next=")

    mine = Traveller(browser(cast.lead), traveller.forger, cast, cast.organisation_id)
    mine.gone(mine.browser.post("/account/sign-on"))
    mine.browser.cookies.set(COOKIE, browser(cast.member).cookies[COOKIE], domain="testserver.local")
    assert mine.back().status_code == 403
    with reading(cast.engine) as session:
        assert session.scalars(select(Identity)).all() == []


def test_what_is_somebody_elses_is_not_linked(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    link(cast, traveller.forger.issuer, cast.member, "248289761001")
    mine = Traveller(browser(cast.lead), traveller.forger, cast, cast.organisation_id)
    answer = mine.gone(mine.browser.post("/account/sign-on")).back()

    assert answer.status_code == 403
    assert "belongs to another account" in answer.text


def test_a_link_is_taken_back_but_never_the_last_way_in(browser: Browser, traveller: Traveller, cast: Cast) -> None:
    link(cast, traveller.forger.issuer, cast.lead, "1")
    mine = browser(cast.lead)
    assert mine.post("/account/sign-on/end").headers["location"] == "/account?done=unlinked"
    assert actions(cast)[-1] == "single sign-on unlinked"

    traveller.travel()
    assert traveller.browser.post("/account/sign-on/end").status_code == 409


def test_the_sign_in_page_offers_it_where_there_is_one_organisation(browser: Browser, traveller: Traveller) -> None:
    page = browser.get("/sign-in").text
    assert "Go to single sign-on" not in page
    assert "It has a page of its own" in page
    assert "Go to single sign-on" in browser.get(f"/sso/{traveller.organisation_id}").text


def test_where_there_is_none_there_is_no_page(browser: Browser, cast: Cast) -> None:
    for answer in (
        browser.get(f"/sso/{cast.organisation_id}"),
        browser.post(f"/sso/{cast.organisation_id}"),
        browser.get("/sso/999999999"),
    ):
        assert answer.status_code == 404
    assert "single sign-on" not in browser.get("/sign-in").text
    assert browser(cast.lead).post("/account/sign-on").status_code == 409
    assert "Single sign-on" not in browser(cast.lead).get("/account").text


def test_no_secret_is_on_any_page_or_in_the_log(
    traveller: Traveller, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    page = traveller.browser.post(f"/sso/{cast.organisation_id}")
    traveller.gone(page)
    answer = traveller.back()

    assert answer.status_code == 303
    assert SECRET not in page.text + answer.text
    assert traveller.state not in capsys.readouterr().out
    cookie = page.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}-sign-on=")
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert PASSWORD not in page.text


def test_over_plain_http_nobody_is_sent_anywhere(app: FastAPI, traveller: Traveller) -> None:
    app.state.settings = app.state.settings.model_copy(update={"public_url": ""})
    plain = Browser(app, base_url="http://testserver", follow_redirects=False)

    answer = plain.post(f"/sso/{traveller.organisation_id}")
    assert answer.status_code == 403
    assert "needs https" in answer.text
