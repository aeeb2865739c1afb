"""Teams by the API."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.people import Scope
from tests.api.program import Program
from tests.api.test_conventions import kind
from tests.conftest import StatementCount
from tests.web.cast import Cast
from tests.web.trail import events

READ, ANSWER, MANAGE, ADMIN = Scope


def test_it_works(program: Program, cast: Cast) -> None:
    manager = program(cast.manager)

    made = manager.post("/teams", {"name": " Claims ", "unit_id": cast.risk.id})
    read = manager.get(made.headers["location"].removeprefix("/api/v1"))

    assert made.status_code == 201
    assert made.json()["name"] == "Claims"
    assert (read.json(), read.headers["etag"]) == (made.json(), made.headers["etag"])
    assert events(cast.engine) == ["team created"]


def test_a_team_is_renamed_moved_archived_and_restored(program: Program, cast: Cast) -> None:
    admin, team = program(cast.admin), f"/teams/{cast.fraud.id}"

    both = admin.patch(team, {"name": "Abuse", "unit_id": cast.sales.id})
    away = admin.patch(team, {"archived": True})
    same = admin.patch(team, {"archived": True})
    back = admin.patch(team, {"archived": False})

    assert (both.json()["name"], both.json()["unit"]) == ("Abuse", "Sales")
    assert away.json()["archived_at"] is not None
    assert same.headers["etag"] == away.headers["etag"]
    assert back.json()["archived_at"] is None
    assert events(cast.engine) == ["team moved", "team renamed", "team archived", "team restored"]


def test_what_fails_in_the_middle_changes_nothing(program: Program, cast: Cast) -> None:
    admin, team = program(cast.admin), f"/teams/{cast.fraud.id}"

    assert kind(admin.patch(team, {"name": "Credit", "archived": True})) == (409, "/api#conflict")
    assert kind(admin.patch(team, {"unit_id": cast.sales.id, "name": "a\nb"})) == (422, "/api#unfit")
    assert kind(admin.patch(team, {})) == (422, "/api#unfit")

    assert admin.get(team).json()["unit"] == "Risk"
    assert events(cast.engine) == []


def test_of_two_who_change_one_version_one_is_told(program: Program, cast: Cast) -> None:
    admin, team, gate = program(cast.admin), f"/teams/{cast.fraud.id}", threading.Barrier(2)
    version = admin.get(team).headers["etag"]

    def rename(name: str) -> int:
        gate.wait()
        return admin.patch(team, {"name": name}, if_match=version).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(rename, ("One", "Two"))) == [200, 412]
    assert events(cast.engine) == ["team renamed"]


def test_lists_are_narrowed(program: Program, cast: Cast) -> None:
    admin = program(cast.admin)

    def names(query: str) -> list[str]:
        return [team["name"] for team in admin.get(f"/teams?{query}").json()["teams"]]

    assert names("search=R") == ["Credit", "Fraud", "Prices"]
    assert names(f"unit_id={cast.sales.id}") == ["Prices"]
    assert names("archived=true") == []
    assert kind(admin.get(f"/teams?unit_id={cast.their_unit.id}")) == (404, "/api#missing")


def test_a_token_for_one_team_reaches_no_other(program: Program, cast: Cast) -> None:
    token = program(cast.admin, ADMIN, team_ids=[cast.credit.id])

    assert [team["name"] for team in token.get("/teams").json()["teams"]] == ["Credit"]
    assert kind(token.get(f"/teams/{cast.fraud.id}"))[0] == 403
    assert kind(token.get("/people"))[0] == 403
    assert kind(token.post("/teams", {"name": "New", "unit_id": cast.risk.id}))[0] == 403
    assert token.patch(f"/teams/{cast.credit.id}", {"name": "Loans"}).status_code == 200


@pytest.mark.parametrize(("who", "email"), [("member", False), ("lead", True)])
def test_addresses_are_for_who_may_see_people(program: Program, cast: Cast, who: str, email: bool) -> None:
    people = program(getattr(cast, who)).get(f"/teams/{cast.fraud.id}/people").json()["people"]

    assert [(one["name"], one["kind"]) for one in people] == [
        ("Lead", "lead"),
        ("Member", "member"),
        ("Viewer", "viewer"),
    ]
    assert [one["email"] is not None for one in people] == [email] * 3


def test_a_list_costs_the_same_for_many(
    program: Program, cast: Cast, engine: Engine, app: FastAPI, count_statements: StatementCount
) -> None:
    admin = program(cast.admin)
    admin.get("/teams")
    with count_statements(engine) as statements:
        assert admin.get("/teams").status_code == 200
    # Who asks takes two: the token, and its person's rights.
    assert len([each for each in statements if not each.startswith("PRAGMA")]) == 3
