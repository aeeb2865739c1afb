"""What every address of the API keeps to: tokens, problems, versions, pages, and what is refused."""

import datetime

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine, select

from app.actions.people import deactivate, reactivate
from app.actions.roles import change_roles
from app.actions.tokens import revoke_token
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.signing_in import Token
from app.domain.people import Actor, Role, RoleKind, Scope
from tests.api.program import Program
from tests.web.cast import Browser, Cast
from tests.web.visitor import Clock

READ, ANSWER, MANAGE, ADMIN = Scope
MINUTE = datetime.timedelta(minutes=1)


def kind(answer: Response) -> tuple[int, str]:
    """Status and type of a problem, which has to be one in every part."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    assert body["request_id"]
    return answer.status_code, body["type"]


def used(engine: Engine, token_id: int) -> datetime.datetime | None:
    with reading(engine) as session:
        return session.scalar(select(Token.last_used_at).where(Token.id == token_id))


def test_it_works(program: Program, cast: Cast) -> None:
    lead = program(cast.lead)

    teams = lead.get("/teams")

    assert teams.status_code == 200
    assert teams.json() == {
        "teams": [
            {
                "id": cast.fraud.id,
                "name": "Fraud",
                "unit_id": cast.risk.id,
                "unit": "Risk",
                "people": 2,
                "archived_at": None,
            }
        ],
        "next": None,
    }
    assert lead.get("/token").json()["scopes"] == ["read", "answer", "manage"]


def test_nobody_is_told_to_bring_a_token(browser: Browser, cast: Cast) -> None:
    answer = browser.get("/api/v1/teams", headers={"accept": "application/json"})

    assert kind(answer) == (401, "/api#no-token")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Shortstave"'


def test_a_cookie_is_not_looked_at(browser: Browser, cast: Cast) -> None:
    signed_in = browser(cast.admin)
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site", "accept": "application/json"}

    assert kind(signed_in.get("/api/v1/teams", headers=foreign))[0] == 401
    answer = signed_in.post("/api/v1/teams", json={"name": "New", "unit_id": cast.risk.id}, headers=foreign)
    assert kind(answer)[0] == 401


@pytest.mark.parametrize("secret", ["", "x", "sst_", "sst_" + "a" * 49, "Ü", "sst_" + "A" * 43 + "000000"])
def test_what_is_no_token(browser: Browser, cast: Cast, secret: str) -> None:
    headers = {b"authorization": f"Bearer {secret}".encode(), b"accept": b"application/json"}
    assert kind(browser.get("/api/v1/teams", headers=headers))[0] == 401


def test_a_token_ends(program: Program, cast: Cast, clock: Clock) -> None:
    revoked, leaver, brief = program(cast.lead), program(cast.member), program(cast.lead, READ, life=5 * MINUTE)
    service = program.service(cast.organisation_id, READ)
    operator = Actor(cast.organisation_id, None, "command line", admin=True)
    assert [each.get("/teams").status_code for each in (revoked, leaver, brief, service)] == [200] * 4

    with writing(cast.engine) as session:
        revoke_token(session, operator, revoked.token_id, clock())
        deactivate(session, operator, cast.member.id, clock())
    clock.move(5 * MINUTE)

    for each in (revoked, leaver, brief):
        answer = each.get("/teams")
        assert kind(answer) == (401, "/api#no-token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert service.get("/teams").status_code == 200
    with writing(cast.engine) as session:
        reactivate(session, operator, cast.member.id, clock())
    assert leaver.get("/teams").status_code == 401


def test_a_token_loses_what_its_person_loses(program: Program, cast: Cast, clock: Clock) -> None:
    token = program(cast.lead, MANAGE)
    operator = Actor(cast.organisation_id, None, "command line", admin=True)
    team = f"/teams/{cast.fraud.id}"
    assert token.patch(team, {"name": "One"}).status_code == 200

    with writing(cast.engine) as session:
        change_roles(session, operator, cast.lead.id, [], [Role(RoleKind.LEAD, team_id=cast.fraud.id)], clock())

    assert kind(token.patch(team, {"name": "Two"})) == (403, "/api#not-allowed")
    assert token.get("/teams").json()["teams"] == []


def test_when_it_was_last_used_is_kept_to_the_minute(program: Program, cast: Cast, clock: Clock) -> None:
    token, begun = program(cast.lead), clock()
    assert used(cast.engine, token.token_id) is None

    token.get("/teams")
    assert used(cast.engine, token.token_id) == begun
    clock.move(MINUTE / 2)
    token.get("/teams")
    assert used(cast.engine, token.token_id) == begun
    clock.move(MINUTE / 2)
    token.patch(f"/teams/{cast.fraud.id}", {"name": "New"})
    assert used(cast.engine, token.token_id) == begun + MINUTE


def test_what_a_token_does_names_it(program: Program, cast: Cast) -> None:
    person, service = program(cast.admin), program.service(cast.organisation_id, MANAGE)
    for each, name in ((person, "One"), (service, "Two")):
        assert each.patch(f"/teams/{cast.fraud.id}", {"name": name}).status_code == 200

    with reading(cast.engine) as session:
        renamed = select(AuditEvent.person_id, AuditEvent.details).where(AuditEvent.action == "team renamed")
        found = [(row.person_id, row.details["token"]) for row in session.execute(renamed.order_by(AuditEvent.id))]
    assert found == [(cast.admin.id, person.token_id), (None, service.token_id)]


def test_a_version_is_read_once(program: Program, cast: Cast) -> None:
    token, path = program(cast.admin), f"/teams/{cast.fraud.id}"
    version = token.get(path).headers["etag"]

    again = token.get(path, if_none_match=f'"other", {version}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", version)
    changed = token.patch(path, {"name": "New"}, if_match=version)
    assert changed.json()["name"] == "New"
    assert token.get(path, if_none_match=version).headers["etag"] == changed.headers["etag"] != version


def test_a_change_names_the_version_that_it_changes(program: Program, cast: Cast) -> None:
    token, path = program(cast.admin), f"/teams/{cast.fraud.id}"
    version = token.get(path).headers["etag"]

    assert kind(token.ask("PATCH", path, {"name": "New"})) == (428, "/api#no-version")
    assert token.patch(path, {"name": "New"}, if_match=version).status_code == 200
    assert kind(token.patch(path, {"name": "Newer"}, if_match=version)) == (412, "/api#stale")
    assert token.get(path).json()["name"] == "New"


def test_pages_follow_one_another(program: Program, cast: Cast) -> None:
    token, names, path = program(cast.admin), list[str](), "/teams?limit=2"
    while path:
        answer = token.get(path)
        names += [team["name"] for team in answer.json()["teams"]]
        further = answer.json()["next"]
        assert answer.headers.get("link") == (f'<{further}>; rel="next"' if further else None)
        path = further.removeprefix("/api/v1") if further else ""

    assert names == ["Credit", "Fraud", "Prices"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "bnVsbA", "WyJhIiwtMV0", "WyJhIiwiYiJd", "WyJcdTAwMDAiLDFd", "é", "W10"]
)
def test_a_cursor_that_nobody_was_given(program: Program, cast: Cast, cursor: str) -> None:
    token = program(cast.admin)
    assert kind(token.get(f"/teams?cursor={cursor}")) == (422, "/api#unfit")
    assert kind(token.get(f"/people?cursor={cursor}")) == (422, "/api#unfit")


@pytest.mark.both
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 5000, 400),
        (b"\xff", 400),
        (b"null", 422),
        (b'{"name": "A"}', 422),
        (b'{"name": "A", "unit_id": 1, "organisation_id": 1}', 422),
        (b'{"name": "A", "unit_id": "1"}', 422),
        (b'{"name": "A", "unit_id": NaN}', 422),
        (b'{"name": "A", "unit_id": 9223372036854775808}', 422),
        (b'{"name": "", "unit_id": 1}', 422),
        (b'{"name": "\\ud800", "unit_id": %d}', 422),
        (b'{"name": "a\\u0000", "unit_id": %d}', 422),
        (b'{"name": "a\\u202e", "unit_id": %d}', 422),
        (b'{"name": "%s", "unit_id": 1}' % (b"a" * 2_000_000), 413),
    ],
)
def test_a_body_that_does_not_fit(program: Program, cast: Cast, body: bytes, status: int) -> None:
    token = program(cast.admin)
    if b"%d" in body:
        body = body % cast.risk.id
    headers = {"authorization": f"Bearer {token.secret}", "content-type": "application/json", "accept": "*/*"}

    answer = token.client.post("/api/v1/teams", content=body, headers=headers)

    assert kind(answer)[0] == status
    assert len(token.get("/teams").json()["teams"]) == 3


def test_only_json(program: Program, cast: Cast) -> None:
    token = program(cast.admin)
    for path in ("/teams", "/people"):
        assert kind(token.ask("GET", path, accept="text/html")) == (406, "/api#not-acceptable")
    headers = {"authorization": f"Bearer {token.secret}", "accept": "application/json"}
    form = token.client.post("/api/v1/teams", data={"name": "A"}, headers=headers)
    assert kind(form) == (415, "/api#wrong-type")


def test_what_nobody_asks_for_is_refused(program: Program, cast: Cast) -> None:
    token = program(cast.admin)
    assert kind(token.get("/teams?sort=name"))[0] == 422
    assert kind(token.get("/teams?limit=201"))[0] == 422
    assert kind(token.get("/teams?search=%00"))[0] == 422
    assert kind(token.get("/teams/0"))[0] == 422
    assert kind(token.get("/teams/x"))[0] == 422
    assert kind(token.get("/teams/9223372036854775808"))[0] == 422
    assert kind(token.get("/nothing"))[0] == 404
    put = token.ask("PUT", "/teams", {})
    assert kind(put) == (405, "/api#wrong-method")
    assert put.headers["allow"]


def test_a_foreign_host_is_refused(program: Program, cast: Cast, app: FastAPI) -> None:
    assert kind(program(cast.admin).get("/teams", host="evil.example"))[0] == 400
