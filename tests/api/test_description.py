"""The description is true: whatever an address is asked, it answers with a status and a body that are declared."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response

from app.api.problems import WORDS
from app.api.version_1 import description
from tests.api.program import Caller, Program
from tests.rights.matrix import routes
from tests.web.cast import Browser, Cast

FEW, MANY = 20, 250
HOSTILE: list[Any] = [
    None,
    "",
    "x",
    "\x00",
    "\ud800",
    "a" * 201,
    "a\u202eb",
    "1",
    0,
    -1,
    1,
    2**63,
    1.5,
    True,
    [],
    {},
    [None],
    {"kind": "lead"},
    [{"kind": "admin"}],
    [{"kind": "member", "team_id": 1}],
]
TEXTS = ["", "x", "%00", "%ED%A0%80", "a" * 201, "1", "0", "-1", "9223372036854775808", "true"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address under one method, as described."""

    method: str
    path: str
    described: Mapping[str, Any]

    @property
    def fields(self) -> list[str]:
        body = self.described.get("requestBody")
        if body is None:
            return []
        return list(resolved(body["content"]["application/json"]["schema"])["properties"])

    @property
    def parameters(self) -> list[str]:
        return [each["name"] for each in self.described.get("parameters", ()) if each["in"] == "query"]


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema["$ref"].rsplit("/", 1)[1]
    found: Mapping[str, Any] = description()["components"]["schemas"][name]
    return found


def operations() -> list[Operation]:
    return [
        Operation(method.upper(), path, described)
        for path, methods in description()["paths"].items()
        for method, described in methods.items()
    ]


def undeclared(operation: Operation, answer: Response) -> Iterator[str]:
    """What of an answer the description does not know, in sentences."""
    asked = f"{operation.method} {answer.request.url} {answer.request.content!r}"
    declared = operation.described["responses"].get(str(answer.status_code))
    if declared is None:
        yield f"{asked}: {answer.status_code} is not declared."
    elif answer.status_code >= 500:
        yield f"{asked}: {answer.status_code}."
    elif answer.content:
        kind = answer.headers["content-type"]
        schema = resolved(declared["content"][kind]["schema"]) if kind in declared["content"] else {}
        body = set(answer.json())
        if not (set(schema.get("required", ())) <= body <= set(schema.get("properties", ()))):
            yield f"{asked}: {kind} with {sorted(body)} is not what is declared."


def asked(operation: Operation, token: Caller, chance: random.Random, fitting: Mapping[str, Any]) -> Response:
    """The operation with what fits and what does not, mixed."""

    def value(name: str, others: list[Any]) -> Any:
        return fitting[name] if name in fitting and chance.random() < 0.9 else chance.choice(others)

    path = operation.path.removeprefix("/api/v1")
    for name in ("team_id", "person_id"):
        path = path.replace(f"{{{name}}}", str(value(name, [0, 999, 999, "x", 2**63, 10**30])))
    query = "&".join(f"{name}={value(name, TEXTS)}" for name in operation.parameters if chance.random() < 0.3)
    body = {name: value(name, HOSTILE) for name in operation.fields if chance.random() < 0.9}
    if chance.random() < 0.1:
        body["extra"] = 1
    headers = {
        "accept": chance.choice(["application/json"] * 9 + ["text/html"]),
        "content-type": chance.choice(["application/json"] * 9 + ["text/plain"]),
        "authorization": chance.choice([f"Bearer {token.secret}"] * 9 + ["Bearer sst_none"]),
        **chance.choice([{"if-match": "*"}, {"if-match": "*"}, {"if-match": '"x"'}, {"if-none-match": "*"}, {}]),
        **chance.choice([{}, {}, {"idempotency-key": "a"}, {"idempotency-key": "b c"}]),
    }
    sent = chance.choice([written(body)] * 8 + [b"", b"{", b"[]", b"\xff"])
    content = sent if operation.fields else None
    return token.client.request(
        operation.method, f"/api/v1{path}{'?' if query else ''}{query}", content=content, headers=headers
    )


def written(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_it_works(program: Program, cast: Cast, times: int) -> None:
    """On PostgreSQL this also finds what no text and no number of it holds."""
    token, chance = program(cast.admin), random.Random(times)
    fitting = {
        "team_id": cast.fraud.id,
        "unit_id": cast.risk.id,
        "person_id": cast.member.id,
        "name": "New",
        "email": "new@example.org",
        "roles": [{"kind": "viewer", "team_id": cast.fraud.id}],
        "archived": False,
        "active": True,
        "limit": 2,
    }
    wrong, seen = list[str](), set[int]()
    for operation in operations():
        for _ in range(times):
            answer = asked(operation, token, chance, fitting)
            seen.add(answer.status_code)
            wrong += undeclared(operation, answer)

    assert wrong == [], "\n".join(wrong)
    assert seen >= {200, 201, 202, 304, 400, 401, 404, 406, 409, 412, 415, 422, 428}


def test_it_is_found(program: Program, cast: Cast) -> None:
    """A status, and a field, that nobody declared."""
    answer = program(cast.admin).get("/teams")
    operation = next(each for each in operations() if (each.method, each.path) == ("GET", "/api/v1/teams"))
    assert list(undeclared(operation, answer)) == []

    without = {**operation.described, "responses": {}}
    elsewhere = next(each for each in operations() if each.path == "/api/v1/people/{person_id}")
    assert "200 is not declared" in next(undeclared(Operation("GET", "", without), answer))
    assert "is not what is declared" in next(undeclared(elsewhere, answer))


def test_every_route_is_described(app: FastAPI) -> None:
    described = {(each.method, each.path) for each in operations()}
    assert described == {
        (route.method, route.path)
        for route in routes(app)
        if route.path.startswith("/api/v1/") and route.name not in {"api-description", "api-schema"}
    }
    assert len(described) >= 10


def test_every_problem_is_described() -> None:
    for operation in operations():
        assert {"401", "403", "422", "503"} <= set(operation.described["responses"])
        assert operation.described["security"] == [{"token": []}]
        for status in operation.described["responses"]:
            assert status in {"200", "201", "202", "304"} or int(status) in WORDS


def test_it_is_for_everybody(browser: Browser) -> None:
    answer = browser.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == description()
    assert answer.json()["openapi"].startswith("3.1")
