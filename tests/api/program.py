"""A program that asks the API with a token, and no cookie."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.actions.tokens import MadeToken, create_service_token, create_token
from app.db.engine import writing
from app.domain.people import ALL_SCOPES, Actor, Scope
from app.domain.tokens import WantedToken
from app.queries import people
from tests.web.cast import Player


def make_token(
    engine: Engine,
    player: Player,
    now: datetime.datetime,
    scopes: Iterable[Scope] | None = None,
    team_ids: Iterable[int] | None = None,
    expires_at: datetime.datetime | None = None,
) -> MadeToken:
    """A token of this person; by default with all scopes that they can give it."""
    with writing(engine) as session:
        actor = people.actor(session.connection(), player.id, player.organisation_id)
        possible = frozenset(scope for scope in ALL_SCOPES if actor.may_make_token({scope}))
        given = possible if scopes is None else frozenset(scopes)
        wanted = WantedToken("nightly", given, None if team_ids is None else frozenset(team_ids))
        return create_token(session, actor, wanted, expires_at, now)


def make_service_token(engine: Engine, organisation_id: int, now: datetime.datetime, *scopes: Scope) -> MadeToken:
    operator = Actor(organisation_id, None, "command line", admin=True)
    with writing(engine) as session:
        return create_service_token(session, operator, WantedToken("collector", frozenset(scopes)), None, now)


@dataclass(frozen=True, slots=True)
class Program:
    """`program(cast.admin).get("/teams")` asks below /api/v1 as a token of the admin."""

    app: FastAPI
    client: TestClient

    def __call__(
        self,
        player: Player,
        *scopes: Scope,
        team_ids: Iterable[int] | None = None,
        life: datetime.timedelta | None = None,
    ) -> "Caller":
        state = self.app.state
        now = state.clock()
        expires_at = None if life is None else now + life
        made = make_token(state.engine, player, now, scopes or None, team_ids, expires_at)
        return self.holding(made)

    def service(self, organisation_id: int, *scopes: Scope) -> "Caller":
        state = self.app.state
        return self.holding(make_service_token(state.engine, organisation_id, state.clock(), *scopes))

    def holding(self, made: MadeToken) -> "Caller":
        return Caller(self.client, made.id, made.secret)


@dataclass(frozen=True, slots=True)
class Caller:
    """One token in use."""

    client: TestClient
    token_id: int
    secret: str

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Response:
        sent = {"authorization": f"Bearer {self.secret}", "accept": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=sent)

    def get(self, path: str, **headers: str) -> Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: object, **headers: str) -> Response:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: object, if_match: str = "*", **headers: str) -> Response:
        return self.ask("PATCH", path, body, if_match=if_match, **headers)
