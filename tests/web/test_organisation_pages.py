"""The organisation's page, the home page of who is signed in, and search."""

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.org import Organisation
from app.domain.logo import LOGO_LIMIT
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.trail import events

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100


def organisation(engine: Engine, number: int) -> tuple[str, bool]:
    with reading(engine) as session:
        found = select(Organisation.name, Organisation.members_see_organisation).where(Organisation.id == number)
        name, members = session.execute(found).one()
        return name, bool(members)


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    assert admin.post("/organisation/name", data={"name": " Ours "}).headers["location"] == "/organisation"
    assert "<h1>Ours</h1>" in admin.get("/organisation").text
    settings = admin.post("/organisation/settings", data={"members_see_organisation": "1"})
    assert settings.status_code == 303
    assert organisation(cast.engine, cast.organisation_id) == ("Ours", True)
    assert organisation(cast.engine, cast.other_organisation_id) == ("Other organisation", False)
    assert admin.post("/organisation/settings", data={}).status_code == 303
    assert organisation(cast.engine, cast.organisation_id) == ("Ours", False)
    assert events(cast.engine) == ["organisation renamed", "settings changed", "settings changed"]


def test_how_few_teams_may_be_compared_with(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    assert 'value="5"' in admin.get("/organisation").text
    assert admin.post("/organisation/settings", data={"least_compared": "8"}).status_code == 303
    assert 'value="8"' in admin.get("/organisation").text
    assert events(cast.engine) == ["settings changed"]


@pytest.mark.parametrize("who", ["manager_of_all", "manager", "lead", "member", "viewer"])
def test_only_admins_change_it(browser: Browser, cast: Cast, who: str) -> None:
    refused = browser(getattr(cast, who))

    assert "Rename" not in refused.get("/organisation").text
    assert refused.post("/organisation/name", data={"name": "x"}).status_code == 403
    assert refused.post("/organisation/settings", data={}).status_code == 403
    assert refused.post("/organisation/logo", files={"logo": ("a.png", PNG)}).status_code == 403
    assert refused.post("/organisation/logo/remove").status_code == 403
    assert events(cast.engine) == []


@pytest.mark.parametrize(
    ("path", "typed", "says"),
    [
        ("name", {"name": ""}, "Fill this in."),
        ("name", {"name": "x", "id": "1"}, "does not ask for"),
        ("settings", {"single_sign_on_only": "1"}, "Set single sign-on up before"),
        ("settings", {"members_see_organisation": "perhaps"}, "yes or no"),
        ("settings", {"least_compared": "2"}, "at least 3 teams"),
        ("settings", {"least_compared": "51"}, "at most 50"),
        ("settings", {"least_compared": "many"}, "whole number"),
    ],
)
def test_bad_input_is_said(browser: Browser, cast: Cast, path: str, typed: dict[str, str], says: str) -> None:
    answer = browser(cast.admin).post(f"/organisation/{path}", data=typed)

    assert answer.status_code == 422
    assert says in answer.text
    assert events(cast.engine) == []


@pytest.mark.parametrize(("picture", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_logo_is_served_as_what_it_is(browser: Browser, cast: Cast, picture: bytes, kind: str) -> None:
    admin = browser(cast.admin)
    # What the browser calls it does not matter.
    sent = {"logo": ("logo.html", picture, "text/html")}
    assert admin.post("/organisation/logo", files=sent).status_code == 303

    shown = browser(cast.member).get("/organisation/logo")
    assert shown.content == picture
    assert shown.headers["content-type"] == kind
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert browser(cast.outsider).get("/organisation/logo").status_code == 404
    assert browser.get("/organisation/logo").status_code == 303
    assert 'src="/organisation/logo"' in admin.get("/").text

    assert admin.post("/organisation/logo/remove").status_code == 303
    assert admin.get("/organisation/logo").status_code == 404
    assert events(cast.engine) == ["logo changed", "logo removed"]


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (b"", "Choose a PNG or JPEG picture first."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "A logo is a PNG or a JPEG picture."),
        (b"<html>", "A logo is a PNG or a JPEG picture."),
        (PNG + b"\0" * LOGO_LIMIT, "too large"),
    ],
)
def test_what_is_no_logo_is_refused(browser: Browser, cast: Cast, picture: bytes, says: str) -> None:
    answer = browser(cast.admin).post("/organisation/logo", files={"logo": ("logo.png", picture, "image/png")})

    assert answer.status_code == 422
    assert says in answer.text
    assert events(cast.engine) == []


def test_home_shows_what_waits(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    member = browser(cast.member)
    page = member.get("/")
    assert "1 team waits for its first answers." in page.text
    assert f'href="/teams/{cast.fraud.id}"' in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "The organisation</h2>" not in page.text
    assert "You are as mature as your weakest category." in browser.get("/").text

    manager = browser(cast.manager)
    tree = manager.get("/").text
    assert f'href="/units/{cast.risk.id}"' in tree
    assert f'href="/units/{cast.sales.id}"' not in tree
    engine: Engine = browser.app.state.engine  # type: ignore[attr-defined]
    with count_statements(engine) as statements:
        manager.get("/")
    assert len(statements) == 2 + 7


@pytest.mark.parametrize(
    ("who", "sees", "not_seen"),
    [
        ("admin", {"fraud", "prices", "lead", "member_elsewhere"}, set()),
        ("manager", {"fraud", "lead"}, {"prices", "member_elsewhere"}),
        ("member", {"fraud"}, {"prices", "lead", "member_elsewhere"}),
        ("outsider", set(), {"fraud", "prices", "lead", "member_elsewhere"}),
    ],
)
def test_search_finds_only_what_one_may_see(
    browser: Browser, cast: Cast, who: str, sees: set[str], not_seen: set[str]
) -> None:
    links = {
        "fraud": (f'href="/teams/{cast.fraud.id}"', "frau"),
        "prices": (f'href="/teams/{cast.prices.id}"', "PRICES"),
        "lead": (f'href="/people/{cast.lead.id}"', "lead@"),
        "member_elsewhere": (f'href="/people/{cast.member_elsewhere.id}"', "member else"),
    }
    reader = browser(getattr(cast, who))

    found = {name for name, (link, words) in links.items() if link in reader.get("/search", params={"q": words}).text}

    assert found == sees
    assert not found & not_seen


def test_a_search_for_nothing_asks_for_words(browser: Browser, cast: Cast) -> None:
    member = browser(cast.member)

    assert "Search teams and people" in member.get("/search").text
    assert "Nothing here holds these words." in member.get("/search?q=zzzz").text
    assert member.get("/search?q=%00").status_code == 422
    assert browser.get("/search?q=x").status_code == 303
