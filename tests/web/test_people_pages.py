"""The list of people, and a person's page with their roles."""

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.people import Membership, Role
from app.db.tables.signing_in import SignedIn
from app.domain.people import RoleKind
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.trail import events


def kinds(engine: Engine, person_id: int) -> list[tuple[RoleKind, int | None, int | None]]:
    with reading(engine) as session:
        rows = session.execute(
            select(Role.kind, Role.unit_id, Role.team_id).where(Role.person_id == person_id).order_by(Role.id)
        )
        return [(row.kind, row.unit_id, row.team_id) for row in rows]


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin, page = browser(cast.admin), f"/people/{cast.member.id}"

    given = admin.post(f"{page}/roles", data={"kind": "lead", "place": f"team.{cast.credit.id}"})

    assert (given.status_code, given.headers["location"]) == (303, page)
    assert kinds(cast.engine, cast.member.id) == [
        (RoleKind.MEMBER, None, cast.fraud.id),
        (RoleKind.LEAD, None, cast.credit.id),
    ]
    assert "Lead of <a" in admin.get(page).text
    assert cast.member.email in admin.get("/people").text
    assert events(cast.engine) == ["roles changed"]


@pytest.mark.parametrize("who", ["member", "viewer", "member_elsewhere"])
def test_who_may_not_see_people(browser: Browser, cast: Cast, who: str) -> None:
    refused, page = browser(getattr(cast, who)), f"/people/{cast.lead.id}"

    assert refused.get("/people").status_code == 403
    assert refused.get(page).status_code == 403
    assert refused.post(f"{page}/roles", data={"kind": "admin", "place": "organisation"}).status_code == 403
    taken = refused.post(f"{page}/roles/take", data={"kind": "lead", "place": f"team.{cast.fraud.id}"})
    assert taken.status_code == 403
    assert events(cast.engine) == []


def test_managers_and_leads_see_those_of_their_part(browser: Browser, cast: Cast) -> None:
    for reader in (browser(cast.manager), browser(cast.lead)):
        page = reader.get("/people").text
        assert cast.member.email in page
        assert cast.member_elsewhere.email not in page
        assert reader.get(f"/people/{cast.member_elsewhere.id}").status_code == 403
        assert reader.get(f"/people/{cast.member.id}").status_code == 200


@pytest.mark.parametrize(
    ("who", "kind", "place"),
    [
        ("lead", "lead", "team.{fraud}"),
        ("lead", "member", "team.{credit}"),
        ("lead", "admin", "organisation"),
        ("manager", "manager", "organisation"),
        ("manager", "admin", "organisation"),
        ("manager", "member", "team.{prices}"),
        ("manager_of_all", "admin", "organisation"),
    ],
)
def test_nobody_gives_more_than_is_theirs_to_give(
    browser: Browser, cast: Cast, who: str, kind: str, place: str
) -> None:
    place = place.format(fraud=cast.fraud.id, credit=cast.credit.id, prices=cast.prices.id)
    refused = browser(getattr(cast, who)).post(f"/people/{cast.viewer.id}/roles", data={"kind": kind, "place": place})

    assert refused.status_code == 403
    assert len(kinds(cast.engine, cast.viewer.id)) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", "/roles"),
        ("POST", "/roles/take"),
        ("GET", "/deactivate"),
        ("POST", "/deactivate"),
        ("POST", "/reactivate"),
    ],
)
def test_another_organisation_does_not_even_see_them(browser: Browser, cast: Cast, method: str, path: str) -> None:
    data = {"kind": "admin", "place": "organisation"}
    answer = browser(cast.outsider).request(method, f"/people/{cast.member.id}{path}", data=data)

    assert answer.status_code == 404
    assert events(cast.engine) == []


@pytest.mark.parametrize("place", ["team.{team}", "unit.{unit}"])
def test_a_role_in_another_organisation_is_not_given(browser: Browser, cast: Cast, place: str) -> None:
    place = place.format(team=cast.their_team.id, unit=cast.their_unit.id)
    kind = "member" if place.startswith("team") else "manager"
    answer = browser(cast.admin).post(f"/people/{cast.member.id}/roles", data={"kind": kind, "place": place})

    assert answer.status_code == 404
    assert len(kinds(cast.engine, cast.member.id)) == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"kind": "king", "place": "organisation"}, "none of the choices"),
        ({"kind": "lead", "place": "organisation"}, "belong to a team"),
        ({"kind": "admin", "place": "team.1"}, "whole organisation"),
        ({"kind": "manager", "place": "team.1"}, "unit or the whole organisation"),
        ({"kind": "member", "place": "team.x"}, "none of the choices"),
        ({"kind": "member", "place": "team.99999999999999999999999"}, "none of the choices"),
        ({"kind": "member"}, "Fill this in."),
        ({"kind": "member", "place": "team.1", "person_id": "1"}, "does not ask for"),
    ],
)
def test_bad_input_is_said(browser: Browser, cast: Cast, typed: dict[str, str], says: str) -> None:
    answer = browser(cast.admin).post(f"/people/{cast.member.id}/roles", data=typed)

    assert answer.status_code == 422
    assert says in answer.text
    assert events(cast.engine) == []


def test_the_last_admin_stays_and_the_page_says_why(browser: Browser, cast: Cast) -> None:
    admin, page = browser(cast.admin), f"/people/{cast.admin.id}"

    assert "This is the last admin of the organisation" in admin.get(page).text
    taken = admin.post(f"{page}/roles/take", data={"kind": "admin", "place": "organisation"})
    assert taken.status_code == 409
    assert "This is the last admin." in taken.text
    assert admin.post(f"{page}/deactivate").status_code == 409
    assert kinds(cast.engine, cast.admin.id) == [(RoleKind.ADMIN, None, None)]

    admin.post(f"/people/{cast.manager.id}/roles", data={"kind": "admin", "place": "organisation"})
    assert admin.post(f"{page}/roles/take", data={"kind": "admin", "place": "organisation"}).status_code == 303
    assert kinds(cast.engine, cast.admin.id) == []
    # Nothing is left to be seen.
    assert admin.get("/people").status_code == 403
    assert "Your teams will stand here" in admin.get("/").text


def test_whoever_leaves_is_out_at_once(browser: Browser, cast: Cast) -> None:
    admin, member, page = browser(cast.admin), browser(cast.member), f"/people/{cast.member.id}"
    assert member.get("/teams").status_code == 200

    assert "Sessions and tokens end at once" in admin.get(f"{page}/deactivate").text
    assert admin.post(f"{page}/deactivate").headers["location"] == page

    assert member.get("/teams").status_code == 303
    assert "Reactivate" in admin.get(page).text
    assert cast.member.email not in admin.get("/people").text
    assert cast.member.email in admin.get("/people?archived=1").text
    with reading(cast.engine) as session:
        ended = select(SignedIn.ended_at).where(SignedIn.person_id == cast.member.id)
        assert all(session.scalars(ended))
    assert admin.post(f"{page}/reactivate").status_code == 303
    with reading(cast.engine) as session:
        kept = select(Membership.deactivated_at).where(Membership.person_id == cast.member.id)
        assert session.scalars(kept).one() is None
    assert events(cast.engine)[-2:] == ["person deactivated", "person reactivated"]


def test_only_admins_deactivate(browser: Browser, cast: Cast) -> None:
    for who in (cast.manager_of_all, cast.manager, cast.lead):
        assert browser(who).get(f"/people/{cast.member.id}/deactivate").status_code == 403
        assert browser(who).post(f"/people/{cast.member.id}/deactivate").status_code == 403


def test_search_finds_names_and_addresses(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    assert cast.member_elsewhere.email in admin.get("/people?q=ELSEWHERE").text
    assert cast.lead.email not in admin.get("/people?q=ELSEWHERE").text
    assert "Nobody’s name or address holds" in admin.get("/people?q=nobody").text


def test_the_sql_of_the_list_does_not_grow(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    admin = browser(cast.admin)
    engine: Engine = browser.app.state.engine  # type: ignore[attr-defined]
    admin.get("/people")

    with count_statements(engine) as listed:
        admin.get("/people")
    with count_statements(engine) as shown:
        admin.get(f"/people/{cast.member.id}")

    assert len(listed) == 2 + 2
    assert len(shown) == 2 + 8
