"""The page on which admins set single sign-on up, and the rules that keep people from being locked out."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from app.db.engine import reading
from app.db.tables.org import Organisation
from app.domain.people import Role, RoleKind
from app.domain.sign_on import Provider
from app.main import create_app
from app.queries.sign_on import provider, provider_line
from app.settings import Settings
from tests.oidc.forger import CLIENT, SECRET, Forger, forger
from tests.web.cast import PASSWORD, Browser, Cast
from tests.web.document import document
from tests.web.sign_on import Traveller, actions, connect, link, map_to, people

pytestmark = pytest.mark.usefixtures("database")
FORM = {"issuer": "https://id.example.org/realms/works", "client_id": CLIENT, "groups_claim": "groups"}
ONLY = {"single_sign_on_only": "1"}


@pytest.fixture
def lying() -> Iterator[Forger]:
    with forger() as provider:
        yield provider


def kept(cast: Cast) -> Provider | None:
    with reading(cast.engine) as session:
        return provider(session.connection(), cast.organisation_id)


def only(cast: Cast) -> bool:
    with reading(cast.engine) as session:
        return session.get_one(Organisation, cast.organisation_id).single_sign_on_only


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    assert "https://testserver/sso/callback" in admin.get("/organisation/sign-on").text
    answer = admin.post("/organisation/sign-on", data=FORM | {"client_secret": SECRET})

    assert (answer.status_code, answer.headers["location"]) == (303, "/organisation/sign-on")
    assert kept(cast) == Provider(FORM["issuer"], CLIENT, SECRET, "groups")
    assert actions(cast)[-1] == "single sign-on set up"
    page = admin.get("/organisation/sign-on").text
    assert SECRET not in page
    assert f"https://testserver/sso/{cast.organisation_id}" in page


def test_who_may_not(browser: Browser, cast: Cast) -> None:
    for player in (cast.manager_of_all, cast.lead):
        assert browser(player).get("/organisation/sign-on").status_code == 403
        assert browser(player).post("/organisation/sign-on", data=FORM | {"client_secret": "s"}).status_code == 403
    assert kept(cast) is None


def test_the_secret_stays_where_it_is_left_blank(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    answer = browser(cast.admin).post("/organisation/sign-on", data=FORM | {"client_id": "another"})

    assert answer.status_code == 303
    assert kept(cast) == Provider(FORM["issuer"], "another", SECRET, "groups")


def test_a_secret_is_never_sent_to_another_issuer(browser: Browser, cast: Cast) -> None:
    """Else an admin could read it by naming a server of their own."""
    connect(cast, FORM["issuer"])
    answer = browser(cast.admin).post("/organisation/sign-on", data=FORM | {"issuer": "https://evil.example.org"})

    assert answer.status_code == 422
    assert "Fill in the secret" in answer.text
    assert kept(cast) == Provider(FORM["issuer"], CLIENT, SECRET, "groups")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"issuer": "http://id.example.org"}, "begins with https://"),
        ({"issuer": "javascript:alert(1)"}, "no address of an issuer"),
        ({"issuer": "https://id.example.org/\nx"}, "one line"),
        ({"client_id": " "}, "Fill this in."),
        ({"client_id": "x" * 401}, "too long"),
        ({"client_secret": ""}, "Fill in the secret"),
        ({"client_secret": "x" * 401}, "too long"),
        ({"groups_claim": "a\0"}, "not a printable one"),
        ({"organisation_id": "1"}, "does not ask for"),
    ],
)
def test_what_does_not_fit_changes_nothing(browser: Browser, cast: Cast, wrong: dict[str, str], words: str) -> None:
    answer = browser(cast.admin).post("/organisation/sign-on", data=FORM | {"client_secret": SECRET} | wrong)

    assert answer.status_code == 422
    assert words in answer.text
    assert SECRET not in answer.text
    assert kept(cast) is None


def test_a_trial_says_what_it_finds_and_keeps_nothing(browser: Browser, cast: Cast, lying: Forger) -> None:
    admin, path = browser(cast.admin), "/organisation/sign-on/try"
    well = admin.post(path, data=FORM | {"issuer": lying.issuer})
    assert well.status_code == 200
    assert f"sign in at 127.0.0.1:{lying.port}; one key" in document(well.text).text

    lying.discovery = {"issuer": "https://id.example.org"}
    wrong = admin.post(path, data=FORM | {"issuer": lying.issuer})
    assert "calls itself https://id.example.org: enter exactly that" in wrong.text
    assert f'value="{lying.issuer}"' in wrong.text
    assert actions(cast)[-2:] == ["single sign-on tried"] * 2
    assert kept(cast) is None

    unfit = admin.post(path, data=FORM | {"issuer": "nonsense"})
    assert (unfit.status_code, len(actions(cast))) == (422, len(actions(cast)))
    assert "no address of an issuer" in unfit.text


def test_groups_are_mapped_line_by_line(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    admin, path = browser(cast.admin), "/organisation/sign-on/groups"
    line = {"group": "/risk <b>", "kind": "manager", "place": f"unit.{cast.risk.id}"}
    for _ in range(2):
        assert admin.post(path, data=line).status_code == 303
    page = document(admin.get("/organisation/sign-on").text)

    assert page.text.count("/risk <b> → Manager of Risk and all below it") == 1
    assert actions(cast).count("group mapped") == 1
    assert admin.post(f"{path}/remove", data=line).status_code == 303
    assert admin.post(f"{path}/remove", data=line).status_code == 404
    with reading(cast.engine) as session:
        shown = provider_line(session.connection(), cast.organisation_id)
    assert shown is not None
    assert shown.mapping == ()


@pytest.mark.both
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"group": " ", "kind": "admin", "place": "organisation"}, 422),
        ({"group": "a\u202eb", "kind": "admin", "place": "organisation"}, 422),
        ({"group": "a", "kind": "lead", "place": "organisation"}, 422),
        ({"group": "a", "kind": "lead", "place": "team.999999"}, 404),
        ({"group": "a" * 201, "kind": "admin", "place": "organisation"}, 422),
    ],
)
def test_a_line_that_does_not_fit(browser: Browser, cast: Cast, line: dict[str, str], status: int) -> None:
    connect(cast, FORM["issuer"])

    assert browser(cast.admin).post("/organisation/sign-on/groups", data=line).status_code == status


def test_another_organisations_team_is_not_mapped(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    line = {"group": "a", "kind": "lead", "place": f"team.{cast.their_team.id}"}

    assert browser(cast.admin).post("/organisation/sign-on/groups", data=line).status_code == 404


def test_what_is_mapped_to_and_gone_is_still_shown(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    map_to(cast, "credit", Role(RoleKind.LEAD, team_id=cast.credit.id))
    browser(cast.admin).post(f"/teams/{cast.credit.id}/archive")

    assert "Lead of Credit" in document(browser(cast.admin).get("/organisation/sign-on").text).text


def test_removing_leaves_accounts(browser: Browser, cast: Cast, lying: Forger) -> None:
    connect(cast, lying.issuer)
    Traveller(browser, lying, cast, cast.organisation_id).travel()
    answer = browser(cast.admin).post("/organisation/sign-on/remove")

    assert answer.status_code == 303
    assert kept(cast) is None
    assert "newcomer@example.org" in people(cast)
    assert actions(cast)[-1] == "single sign-on removed"
    assert browser(cast.admin).post("/organisation/sign-on/remove").status_code == 404


def test_the_only_way_in_is_one_that_an_admin_has_come_by(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    admin = browser(cast.admin)
    refused = admin.post("/organisation/settings", data=ONLY)
    assert refused.status_code == 422
    assert "Link your own account to single sign-on first" in refused.text
    assert not only(cast)

    # Whoever is linked to the provider before this one is not known to come in by this one.
    link(cast, "https://old.example.org", cast.admin, "1")
    assert admin.post("/organisation/settings", data=ONLY).status_code == 422
    link(cast, FORM["issuer"], cast.admin, "1")
    assert admin.post("/organisation/settings", data=ONLY).status_code == 303
    assert only(cast)
    # What is kept already is kept again, whoever sends the form.
    assert admin.post("/organisation/settings", data=ONLY | {"members_see_organisation": "1"}).status_code == 303


def test_the_only_way_in_stays(browser: Browser, cast: Cast) -> None:
    connect(cast, FORM["issuer"])
    link(cast, FORM["issuer"], cast.admin, "1")
    admin = browser(cast.admin)
    admin.post("/organisation/settings", data=ONLY)

    removed = admin.post("/organisation/sign-on/remove")
    assert (removed.status_code, "Take that back first" in removed.text) == (422, True)
    other = FORM | {"issuer": "https://new.example.org", "client_secret": SECRET}
    moved = admin.post("/organisation/sign-on", data=other)
    assert (moved.status_code, "Take that back first" in moved.text) == (422, True)
    assert admin.post("/account/sign-on/end").status_code == 409
    assert kept(cast) == Provider(FORM["issuer"], CLIENT, SECRET, "groups")
    assert admin.post("/organisation/settings", data={"members_see_organisation": "1"}).status_code == 303
    assert admin.post("/organisation/sign-on/remove").status_code == 303


def test_no_password_leads_in_where_it_is_the_only_way(browser: Browser, cast: Cast, lying: Forger) -> None:
    connect(cast, lying.issuer)
    link(cast, lying.issuer, cast.admin, "1")
    invited = browser(cast.admin).post(
        "/invitations/new",
        data={"email": "newcomer@example.org", "name": "N", "kind": "lead", "place": f"team.{cast.fraud.id}"},
    )
    secret = invited.text.split("/invitation/")[1][:43]
    browser(cast.admin).post("/organisation/settings", data=ONLY)

    by_password = browser.post("/sign-in", data={"email": cast.lead.email, "password": PASSWORD})
    assert by_password.status_code == 422
    assert "single sign-on as its only way in" in by_password.text
    assert "single sign-on alone" in browser.get(f"/invitation/{secret}").text
    anew = browser.post(f"/invitation/{secret}", data={"name": "N", "password": "Wq7rTz0-LpX3kd"})
    assert anew.status_code == 422
    assert "newcomer@example.org" not in people(cast)

    # By single sign-on first, and then by the link.
    traveller = Traveller(browser, lying, cast, cast.organisation_id)
    traveller.travel()
    joined = traveller.browser.post(f"/invitation/{secret}", data={})
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert "Fraud" in traveller.browser.get("/teams").text


LOCAL = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("public", "called"), [("https://testserver", False), ("http://localhost:8000", True), ("", True)]
)
def test_this_machine_is_called_only_where_the_service_is_there_alone(
    browser: Browser, cast: Cast, app: FastAPI, settings: Settings, public: str, called: bool
) -> None:
    """Else an admin of one organisation could have the server look at what only itself reaches."""
    own = create_app(settings.model_copy(update={"public_url": public}))
    app.state.providers = own.state.providers
    own.state.engine.dispose()
    admin = browser(cast.admin)

    tried = admin.post("/organisation/sign-on/try", data=FORM | {"issuer": LOCAL})
    answer = admin.post("/organisation/sign-on", data=FORM | {"issuer": LOCAL, "client_secret": SECRET})

    assert ("cannot be reached" in tried.text) is called
    assert ("service&#39;s own machine" in tried.text) is not called
    assert answer.status_code == (303 if called else 422)
    assert (kept(cast) is not None) is called
