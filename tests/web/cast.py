"""Who plays in the tests of pages: two organisations, and one person for each role, called by it."""

import datetime
import functools
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import Connection, Engine, insert
from starlette.testclient import TestClient

from app.db.base import Base, table
from app.db.engine import writing
from app.db.tables.org import Organisation, Team, Unit
from app.db.tables.people import Membership, Person, Role
from app.db.tables.signing_in import SignedIn
from app.domain.people import RoleKind

PASSWORD = "a stave of wet oak 37"
COOKIE = "__Host-shortstave"
MONTH = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Player:
    """A person in one organisation; all have the same password."""

    id: int
    organisation_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class UnitOf:
    id: int
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamOf:
    id: int
    unit: UnitOf
    name: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Unit `risk` has the teams `fraud` and `credit`, unit `sales` the team `prices`.

    `lead`, `member` and `viewer` are those of `fraud`; `manager` manages `risk`, `manager_of_all` everything;
    `member_elsewhere` is of `prices`, `manager_elsewhere` manages `sales`; `deactivated` was a member of `fraud`.
    `outsider` is the admin of the other organisation, whose unit and team are `their_unit` and `their_team`.
    """

    engine: Engine
    organisation_id: int
    other_organisation_id: int
    risk: UnitOf
    sales: UnitOf
    fraud: TeamOf
    credit: TeamOf
    prices: TeamOf
    their_unit: UnitOf
    their_team: TeamOf
    admin: Player
    manager_of_all: Player
    manager: Player
    manager_elsewhere: Player
    lead: Player
    member: Player
    member_elsewhere: Player
    viewer: Player
    deactivated: Player
    outsider: Player


class Browser(TestClient):
    """`browser.get(...)` is a visitor; `browser(cast.lead).get(...)` is the lead, by a real row and cookie."""

    def __call__(self, player: Player) -> "Browser":
        engine: Engine = self.app.state.engine  # type: ignore[attr-defined]
        browser = Browser(self.app, base_url=str(self.base_url), headers=dict(self.headers), follow_redirects=False)
        browser.cookies.set(COOKIE, sign_in(engine, player), domain="testserver.local")
        return browser


def sign_in(engine: Engine, player: Player, device: str = "") -> str:
    """Sign somebody in; the secret that their browser's cookie holds."""
    secret, now = secrets.token_urlsafe(32), datetime.datetime.now(datetime.UTC)
    row = {
        "secret_digest": hashlib.sha256(secret.encode()).digest(),
        "person_id": player.id,
        "organisation_id": player.organisation_id,
        "device": device,
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + MONTH,
    }
    with writing(engine) as session:
        session.connection().execute(insert(table(SignedIn)), row)
    return secret


@functools.cache
def password_hash() -> str:
    return PasswordHash.recommended().hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Stage:
    """One organisation as it is filled."""

    connection: Connection
    now: datetime.datetime
    organisation_id: int

    def put(self, entity: type[Base], **values: Any) -> int:
        number: int = self.connection.execute(insert(table(entity)).returning(table(entity).c.id), values).scalar_one()
        return number

    def unit(self, name: str) -> UnitOf:
        number = self.put(Unit, organisation_id=self.organisation_id, name=name, path="")
        path = f"/{number}/"
        unit = table(Unit)
        self.connection.execute(unit.update().where(unit.c.id == number).values(path=path))
        return UnitOf(number, path, name)

    def team(self, unit: UnitOf, name: str) -> TeamOf:
        return TeamOf(self.put(Team, organisation_id=self.organisation_id, unit_id=unit.id, name=name), unit, name)

    def player(
        self, name: str, kind: RoleKind, *, unit: UnitOf | None = None, team: TeamOf | None = None, gone: bool = False
    ) -> Player:
        email = f"{name.lower().replace(' ', '-')}@example.org"
        number = self.put(
            Person, email=email, name=name, password_hash=password_hash(), created_at=self.now, language=None
        )
        ours = {"organisation_id": self.organisation_id, "person_id": number}
        membership = ours | {"joined_at": self.now, "deactivated_at": self.now if gone else None}
        self.connection.execute(insert(table(Membership)), membership)
        self.put(Role, **ours, kind=kind, unit_id=unit.id if unit else None, team_id=team.id if team else None)
        return Player(number, self.organisation_id, name, email)


def staged(connection: Connection, now: datetime.datetime, name: str) -> Stage:
    organisation = table(Organisation)
    number = connection.execute(
        insert(organisation).returning(organisation.c.id), {"name": name, "created_at": now}
    ).scalar_one()
    return Stage(connection, now, number)


def begin(engine: Engine) -> Cast:
    """Both organisations, in one transaction."""
    now = datetime.datetime.now(datetime.UTC)
    with writing(engine) as session:
        ours = staged(session.connection(), now, "Example organisation")
        theirs = staged(session.connection(), now, "Other organisation")
        risk, sales, their_unit = ours.unit("Risk"), ours.unit("Sales"), theirs.unit("Theirs")
        fraud, prices = ours.team(risk, "Fraud"), ours.team(sales, "Prices")
        return Cast(
            engine,
            ours.organisation_id,
            theirs.organisation_id,
            risk,
            sales,
            fraud,
            ours.team(risk, "Credit"),
            prices,
            their_unit,
            theirs.team(their_unit, "Their team"),
            admin=ours.player("Admin", RoleKind.ADMIN),
            manager_of_all=ours.player("Manager of all", RoleKind.MANAGER),
            manager=ours.player("Manager", RoleKind.MANAGER, unit=risk),
            manager_elsewhere=ours.player("Manager elsewhere", RoleKind.MANAGER, unit=sales),
            lead=ours.player("Lead", RoleKind.LEAD, team=fraud),
            member=ours.player("Member", RoleKind.MEMBER, team=fraud),
            member_elsewhere=ours.player("Member elsewhere", RoleKind.MEMBER, team=prices),
            viewer=ours.player("Viewer", RoleKind.VIEWER, team=fraud),
            deactivated=ours.player("Deactivated", RoleKind.MEMBER, team=fraud, gone=True),
            outsider=theirs.player("Outsider", RoleKind.ADMIN),
        )
