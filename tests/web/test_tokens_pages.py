"""Tokens on pages: a person's own, and for admins those of the organisation."""

import datetime
import re

import pytest
from sqlalchemy import Engine, select

from app.actions.tokens import LIMIT
from app.db.engine import reading
from app.db.tables.audit import AuditEvent
from app.db.tables.signing_in import Token
from app.domain.people import Scope
from app.domain.tokens import PATTERN
from tests.api.program import make_service_token, make_token
from tests.web.cast import Browser, Cast
from tests.web.document import document
from tests.web.test_structure import faults
from tests.web.trail import events
from tests.web.visitor import Clock

WANTED = {"name": "nightly export", "scope": "read", "days": "90"}


def kept(engine: Engine) -> list[tuple[int | None, list[str], list[int] | None, datetime.datetime | None]]:
    with reading(engine) as session:
        rows = session.scalars(select(Token).order_by(Token.id))
        return [(row.person_id, row.scopes, row.team_ids, row.expires_at) for row in rows]


def revoked(engine: Engine, token_id: int) -> bool:
    with reading(engine) as session:
        return session.get_one(Token, token_id).revoked_at is not None


def test_it_works(browser: Browser, cast: Cast, clock: Clock) -> None:
    lead = browser(cast.lead)

    made = lead.post("/account/tokens", data={**WANTED, "teams": str(cast.fraud.id)})

    [secret] = re.findall(PATTERN, made.text)
    assert made.status_code == 200
    assert kept(cast.engine) == [(cast.lead.id, ["read"], [cast.fraud.id], clock() + datetime.timedelta(days=90))]
    listed = lead.get("/account/tokens").text
    assert secret not in listed
    assert secret[:10] in listed
    assert "only for Fraud" in listed
    headers = {"authorization": f"Bearer {secret}", "accept": "application/json"}
    assert browser.get("/api/v1/teams", headers=headers).status_code == 200
    assert events(cast.engine) == ["token made"]


def test_the_trail_holds_no_secret(browser: Browser, cast: Cast) -> None:
    made = browser(cast.lead).post("/account/tokens", data=WANTED)
    [secret] = re.findall(PATTERN, made.text)
    with reading(cast.engine) as session:
        details = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "token made")).one()

    assert details == {"name": "nightly export", "scopes": ["read"], "teams": None, "service": False}
    assert secret[10:] not in str(details)


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("viewer", ["read", "answer"]),
        ("lead", ["read", "answer", "manage"]),
        ("admin", ["read", "answer", "manage", "admin"]),
    ],
)
def test_only_what_a_person_can_give_is_offered(browser: Browser, cast: Cast, who: str, scopes: list[str]) -> None:
    reader = browser(getattr(cast, who))
    page = document(reader.get("/account/tokens").text)

    assert [each["value"] for each in page.one("select", id="scope").all("option")] == scopes
    for scope in {"manage", "admin"} - set(scopes):
        assert reader.post("/account/tokens", data={**WANTED, "scope": scope}).status_code == 403
    assert events(cast.engine) == []


@pytest.mark.both
@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"name": " "}, 422),
        ({"name": "a\u202eb"}, 422),
        ({"name": "x" * 201}, 422),
        ({"scope": "all"}, 422),
        ({"days": "3650"}, 422),
        ({"person_id": "1"}, 422),
        ({"teams": "x"}, 422),
        ({"teams": "9223372036854775808"}, 422),
        ({"teams": "999"}, 404),
    ],
)
def test_what_does_not_fit(browser: Browser, cast: Cast, typed: dict[str, str], status: int) -> None:
    for address, who in (("/account/tokens", cast.lead), ("/tokens/new", cast.admin)):
        assert browser(who).post(address, data={**WANTED, **typed}).status_code == status
    assert kept(cast.engine) == []


def test_a_team_that_the_person_does_not_see(browser: Browser, cast: Cast) -> None:
    for team in (cast.prices, cast.their_team):
        answer = browser(cast.lead).post("/account/tokens", data={**WANTED, "teams": str(team.id)})
        assert answer.status_code == 404


def test_a_person_revokes_their_own_and_no_other(browser: Browser, cast: Cast, clock: Clock) -> None:
    own, other = (make_token(cast.engine, player, clock()).id for player in (cast.lead, cast.member))
    lead = browser(cast.lead)

    assert lead.post(f"/account/tokens/{other}/revoke").status_code == 404
    assert lead.post(f"/tokens/{other}/revoke").status_code == 403
    assert lead.post(f"/account/tokens/{own}/revoke").status_code == 303

    assert (revoked(cast.engine, own), revoked(cast.engine, other)) == (True, False)
    assert "sst_" not in lead.get("/account/tokens").text
    assert events(cast.engine) == ["token revoked"]


def test_an_admin_sees_and_revokes_all(browser: Browser, cast: Cast, clock: Clock) -> None:
    theirs = make_token(cast.engine, cast.lead, clock(), expires_at=clock() + datetime.timedelta(hours=1))
    make_service_token(cast.engine, cast.organisation_id, clock(), Scope.READ)
    foreign = make_token(cast.engine, cast.outsider, clock())
    admin = browser(cast.admin)
    clock.move(datetime.timedelta(hours=1))

    page = admin.get("/tokens").text

    assert "a service" in page
    assert "expired" in page
    assert foreign.secret[:10] not in page
    for word, found in (("LEAD", True), (theirs.secret[:10], True), ("collect", False)):
        assert ("Lead</a>" in admin.get(f"/tokens?q={word}").text) is found
    assert admin.post(f"/tokens/{theirs.id}/revoke").status_code == 303
    assert admin.post(f"/tokens/{foreign.id}/revoke").status_code == 404
    assert "nightly" not in admin.get("/tokens").text
    assert "nightly" in admin.get("/tokens?archived=1").text


def test_an_admin_makes_one_for_a_service(browser: Browser, cast: Cast) -> None:
    made = browser(cast.admin).post("/tokens/new", data={**WANTED, "scope": "manage", "days": "0"})

    assert re.search(PATTERN, made.text)
    assert kept(cast.engine) == [(None, ["manage"], None, None)]
    for who in (cast.manager_of_all, cast.lead):
        assert browser(who).get("/tokens").status_code == 403
        assert browser(who).post("/tokens/new", data=WANTED).status_code == 403


def test_every_page_has_its_names(browser: Browser, cast: Cast, clock: Clock) -> None:
    make_token(cast.engine, cast.admin, clock(), team_ids=[cast.fraud.id])
    admin = browser(cast.admin)
    for path in ("/account/tokens", "/tokens", "/tokens/new", "/api"):
        assert faults(document(admin.get(path).text)) == [], path
    assert faults(document(admin.post("/tokens/new", data=WANTED).text)) == []
    assert faults(document(admin.post("/account/tokens", data={**WANTED, "name": ""}).text)) == []


def test_there_is_an_end_to_tokens(browser: Browser, cast: Cast, clock: Clock) -> None:
    """Those that have ended are not counted, and revoking one makes room."""
    first = make_token(cast.engine, cast.lead, clock())
    for _ in range(LIMIT - 1):
        make_token(cast.engine, cast.lead, clock())
    lead = browser(cast.lead)

    refused = lead.post("/account/tokens", data=WANTED)

    assert refused.status_code == 422
    assert f"You have {LIMIT} tokens" in refused.text
    assert len(kept(cast.engine)) == LIMIT
    lead.post(f"/account/tokens/{first.id}/revoke")
    assert lead.post("/account/tokens", data=WANTED).status_code == 200
    assert browser(cast.member).post("/account/tokens", data=WANTED).status_code == 200
