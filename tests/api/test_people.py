"""People by the API."""

from app.domain.people import Scope
from tests.api.program import Program
from tests.api.test_conventions import kind
from tests.web.cast import Browser, Cast
from tests.web.trail import events

READ, ANSWER, MANAGE, ADMIN = Scope


def test_it_works(program: Program, cast: Cast) -> None:
    lead = program(cast.lead)

    people = lead.get("/people").json()["people"]
    member = lead.get(f"/people/{cast.member.id}").json()

    assert [one["name"] for one in people] == ["Lead", "Member", "Viewer"]
    assert member in people
    assert (member["email"], member["active"]) == (cast.member.email, True)
    assert member["roles"] == [{"kind": "member", "unit_id": None, "team_id": cast.fraud.id}]
    assert kind(lead.get(f"/people/{cast.member_elsewhere.id}"))[0] == 403
    assert kind(lead.get(f"/people/{cast.outsider.id}"))[0] == 404


def test_an_invitation_that_is_accepted(program: Program, cast: Cast, browser: Browser) -> None:
    body = {"email": "new@example.org", "name": "New", "roles": [{"kind": "member", "team_id": cast.fraud.id}]}

    answer = program(cast.lead).post("/people", body)

    assert answer.status_code == 202
    assert answer.json()["link"].startswith("https://testserver/invitation/")
    accepted = browser.post(answer.json()["link"], data={"name": "New", "password": "a stave of dry oak 41"})
    assert accepted.status_code == 303
    assert events(cast.engine)[0] == "person invited"


def test_roles_are_given_as_a_whole(program: Program, cast: Cast) -> None:
    manager, member = program(cast.manager), f"/people/{cast.member.id}"
    wanted = [{"kind": "lead", "unit_id": None, "team_id": cast.credit.id}]

    changed = manager.patch(member, {"roles": wanted})

    assert changed.json()["roles"] == wanted
    assert events(cast.engine) == ["roles changed"]
    for refused in ([{"kind": "admin"}], [{"kind": "member", "team_id": cast.prices.id}]):
        assert kind(manager.patch(member, {"roles": refused}))[0] == 403
    assert kind(manager.patch(member, {"roles": [{"kind": "lead"}]}))[0] == 422
    assert kind(manager.patch(member, {"roles": [{"kind": "member", "team_id": cast.their_team.id}]}))[0] == 404


def test_whoever_takes_their_last_hold_on_somebody_is_answered(program: Program, cast: Cast) -> None:
    lead, member = program(cast.lead), f"/people/{cast.member.id}"

    assert lead.patch(member, {"roles": []}).json()["roles"] == []
    assert kind(lead.get(member))[0] == 403


def test_only_an_admins_token_deactivates(program: Program, cast: Cast) -> None:
    member, theirs = f"/people/{cast.member.id}", program(cast.member)
    for narrow in (program(cast.manager_of_all), program(cast.admin, MANAGE)):
        assert kind(narrow.patch(member, {"active": False}))[0] == 403
    admin = program(cast.admin, ADMIN)

    away = admin.patch(member, {"active": False})

    assert (away.json()["active"], away.json()["deactivated_at"] is not None) == (False, True)
    assert theirs.get("/teams").status_code == 401
    assert [one["name"] for one in admin.get("/people?active=false").json()["people"]] == ["Deactivated", "Member"]
    assert admin.patch(member, {"active": True}).json()["active"] is True
    assert events(cast.engine) == ["person deactivated", "person reactivated"]


def test_the_last_admin_stays(program: Program, cast: Cast) -> None:
    admin, own = program(cast.admin), f"/people/{cast.admin.id}"

    changes: list[dict[str, object]] = [{"active": False}, {"roles": []}]
    for change in changes:
        assert kind(admin.patch(own, change)) == (409, "/api#conflict")
    assert admin.get(own).json()["roles"] == [{"kind": "admin", "unit_id": None, "team_id": None}]
