"""Inviting, and accepting: a link that is good once, for one address and one organisation."""

import re

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.people import Invitation, Membership, Person, Role
from tests.web.cast import PASSWORD, Browser, Cast, Player
from tests.web.trail import events

EMAIL = "newcomer@example.org"


def invite(browser: Browser, by: Player, team_id: int, email: str = EMAIL, kind: str = "member") -> str:
    """The path of the link."""
    data = {"name": "Newcomer", "email": email, "kind": kind, "place": f"team.{team_id}"}
    answer = browser(by).post("/invitations/new", data=data)
    assert answer.status_code == 200, answer.text
    found = re.search(r'value="https://testserver(/invitation/[^"]+)"', answer.text)
    assert found
    return found[1]


def people_named(engine: Engine, email: str) -> list[int]:
    with reading(engine) as session:
        return list(session.scalars(select(Person.id).where(Person.email == email)))


def test_it_works(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.lead, cast.fraud.id)

    page = browser.get(link)
    assert page.status_code == 200
    assert "Join Example organisation" in page.text
    assert browser.get(link).status_code == 200, "looking at it uses nothing up"
    joined = browser.post(link, data={"name": "New comer", "password": PASSWORD})

    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert "My teams" in browser.get("/").text
    assert browser.get(f"/teams/{cast.fraud.id}").status_code == 200
    assert events(cast.engine)[:2] == ["person invited", "invitation accepted"]


def test_a_link_is_good_once(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.admin, cast.fraud.id)
    browser.post(link, data={"name": "Newcomer", "password": PASSWORD})
    browser.cookies.clear()

    assert browser.get(link).status_code == 404
    assert browser.post(link, data={"name": "Another", "password": PASSWORD}).status_code == 404
    assert len(people_named(cast.engine, EMAIL)) == 1


def test_only_its_digest_is_kept(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.admin, cast.fraud.id)

    assert link.rpartition("/")[2] not in browser(cast.admin).get("/invitations").text
    with reading(cast.engine) as session:
        assert len(session.scalars(select(Invitation.secret_digest)).one()) == 32


def test_withdrawn_or_replaced_it_is_dead(browser: Browser, cast: Cast) -> None:
    first = invite(browser, cast.admin, cast.fraud.id)
    second = invite(browser, cast.admin, cast.fraud.id)
    assert browser.get(first).status_code == 404

    admin = browser(cast.admin)
    page = admin.get("/invitations").text
    found = re.search(r'action="(/invitations/\d+/withdraw)"', page)
    assert EMAIL in page
    assert found
    assert browser(cast.lead).post(found[1]).status_code == 403
    assert browser(cast.outsider).post(found[1]).status_code == 404
    assert admin.post(found[1]).status_code == 303
    assert browser.get(second).status_code == 404
    assert "No invitation is open" in admin.get("/invitations").text


@pytest.mark.parametrize("who", ["member", "viewer"])
def test_who_may_not_invite(browser: Browser, cast: Cast, who: str) -> None:
    refused = browser(getattr(cast, who))

    assert refused.get("/invitations").status_code == 403
    assert refused.get("/invitations/new").status_code == 403
    data = {"name": "x", "email": EMAIL, "kind": "member", "place": f"team.{cast.fraud.id}"}
    assert refused.post("/invitations/new", data=data).status_code == 403
    assert events(cast.engine) == []


@pytest.mark.parametrize(
    ("who", "kind", "place"),
    [
        ("lead", "lead", "team.{fraud}"),
        ("lead", "member", "team.{prices}"),
        ("manager", "admin", "organisation"),
        ("manager", "manager", "organisation"),
        ("manager_of_all", "admin", "organisation"),
    ],
)
def test_nobody_invites_to_more_than_is_theirs_to_give(
    browser: Browser, cast: Cast, who: str, kind: str, place: str
) -> None:
    place = place.format(fraud=cast.fraud.id, prices=cast.prices.id)
    data = {"name": "x", "email": EMAIL, "kind": kind, "place": place}

    assert browser(getattr(cast, who)).post("/invitations/new", data=data).status_code == 403
    assert events(cast.engine) == []


@pytest.mark.both
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "member@example.org"}, "a member already"),
        ({"email": "deactivated@example.org"}, "was deactivated here"),
        ({"email": ""}, "Fill this in."),
        ({"name": "a\u0000b"}, "not a printable one"),
        ({"kind": "lead", "place": "organisation"}, "belong to a team"),
        ({"organisation_id": "2"}, "does not ask for"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(
    browser: Browser, cast: Cast, typed: dict[str, str], says: str
) -> None:
    data = {"name": "Newcomer", "email": EMAIL, "kind": "member", "place": f"team.{cast.fraud.id}"} | typed
    answer = browser(cast.admin).post("/invitations/new", data=data)

    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{data["email"]}"' in answer.text
    assert events(cast.engine) == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "passwordpassword"}, "easily guessed"),
        ({"name": ""}, "Fill this in."),
        ({"email": "other@example.org"}, "does not ask for"),
    ],
)
def test_a_new_account_is_refused_in_words(browser: Browser, cast: Cast, typed: dict[str, str], says: str) -> None:
    link = invite(browser, cast.admin, cast.fraud.id)
    answer = browser.post(link, data={"name": "New comer", "password": PASSWORD} | typed)

    assert answer.status_code == 422
    assert says in answer.text
    assert PASSWORD not in answer.text
    assert people_named(cast.engine, EMAIL) == []
    assert browser.get(link).status_code == 200, "nothing was used up"


def test_somebody_with_an_account_signs_in_and_confirms(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.admin, cast.fraud.id, cast.outsider.email)

    assert "There is an account with this address already." in browser.get(link).text
    anew = browser.post(link, data={"name": "Somebody", "password": PASSWORD})
    assert anew.status_code == 422
    assert "has an account already" in anew.text

    theirs = browser(cast.outsider)
    assert "Join Example organisation" in theirs.get(link).text
    assert theirs.post(link).status_code == 303
    with reading(cast.engine) as session:
        joined = select(Membership.organisation_id).where(Membership.person_id == cast.outsider.id)
        assert set(session.scalars(joined)) == {cast.organisation_id, cast.other_organisation_id}
        roles = select(Role.team_id).where(
            Role.person_id == cast.outsider.id, Role.organisation_id == cast.organisation_id
        )
        assert list(session.scalars(roles)) == [cast.fraud.id]
    # The new organisation is the one that they are in now; the other browser stays where it was.
    assert "Example organisation" in theirs.get("/").text


def test_the_wrong_account_is_told_which_address_it_is_for(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.admin, cast.fraud.id)
    wrong = browser(cast.member)

    page = wrong.get(link).text
    assert "This invitation is for another address" in page
    assert EMAIL in page
    assert cast.member.email in page
    assert wrong.post(link).status_code == 403
    assert browser.get(link).status_code == 200


def test_whoever_lost_the_right_gives_nothing_by_an_old_link(browser: Browser, cast: Cast) -> None:
    link = invite(browser, cast.lead, cast.fraud.id)
    taken = {"kind": "lead", "place": f"team.{cast.fraud.id}"}
    assert browser(cast.admin).post(f"/people/{cast.lead.id}/roles/take", data=taken).status_code == 303

    assert browser.post(link, data={"name": "New comer", "password": PASSWORD}).status_code == 404
    assert people_named(cast.engine, EMAIL) == []


@pytest.mark.parametrize("secret", ["x", "%00", "%ED%A0%80", "a" * 3000])
def test_any_wrong_link_is_the_same(browser: Browser, cast: Cast, secret: str) -> None:
    assert browser.get(f"/invitation/{secret}").status_code == 404
    assert browser.post(f"/invitation/{secret}", data={"name": "x", "password": "y"}).status_code == 404
