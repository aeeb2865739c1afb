"""Who plays in the tests of pages: two organisations, and one person for each role, called by it."""

import datetime
import functools
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.actions.organisations import create_organisation
from app.actions.passwords import hashed
from app.actions.people import add_person, deactivate
from app.actions.signing_in import enter
from app.actions.teams import create_team
from app.actions.units import create_unit
from app.db.engine import writing
from app.domain.people import Actor, Role, RoleKind
from tests.web.visitor import Clock

PASSWORD = "a stave of wet oak 37"
COOKIE = "__Host-shortstave"


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
    clock: Clock
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
        state = self.app.state  # type: ignore[attr-defined]
        browser = Browser(self.app, base_url=str(self.base_url), headers=dict(self.headers), follow_redirects=False)
        browser.cookies.set(COOKIE, sign_in(state.engine, player, state.clock()), domain="testserver.local")
        return browser


def sign_in(engine: Engine, player: Player, now: datetime.datetime, device: str = "") -> str:
    """Sign somebody in; the secret that their browser's cookie holds."""
    with writing(engine) as session:
        return enter(session, player.id, player.organisation_id, device, now).secret


@functools.cache
def password_hash() -> str:
    return hashed(PASSWORD)


@dataclass(frozen=True, slots=True)
class Stage:
    """One organisation as it is filled, by whoever was there before everybody else."""

    session: Session
    now: datetime.datetime
    operator: Actor

    def unit(self, name: str) -> UnitOf:
        unit = create_unit(self.session, self.operator, name, None, self.now)
        return UnitOf(unit.id, unit.path, unit.name)

    def team(self, unit: UnitOf, name: str) -> TeamOf:
        return TeamOf(create_team(self.session, self.operator, unit.id, name, self.now).id, unit, name)

    def player(self, name: str, kind: RoleKind, *, unit: UnitOf | None = None, team: TeamOf | None = None) -> Player:
        email = f"{name.lower().replace(' ', '-')}@example.org"
        role = Role(kind, unit.id if unit else None, team.id if team else None)
        number = add_person(self.session, self.operator.organisation_id, email, name, [role], self.now, password_hash())
        return Player(number, self.operator.organisation_id, name, email)


def staged(session: Session, now: datetime.datetime, name: str) -> Stage:
    organisation = create_organisation(session, name, now)
    return Stage(session, now, Actor(organisation.id, None, "command line", admin=True))


def begin(engine: Engine, clock: Clock | None = None) -> Cast:
    """Both organisations, in one transaction."""
    clock = clock or Clock()
    now = clock()
    with writing(engine) as session:
        ours, theirs = staged(session, now, "Example organisation"), staged(session, now, "Other organisation")
        risk, sales, their_unit = ours.unit("Risk"), ours.unit("Sales"), theirs.unit("Theirs")
        fraud, prices = ours.team(risk, "Fraud"), ours.team(sales, "Prices")
        cast = Cast(
            engine,
            clock,
            ours.operator.organisation_id,
            theirs.operator.organisation_id,
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
            deactivated=ours.player("Deactivated", RoleKind.MEMBER, team=fraud),
            outsider=theirs.player("Outsider", RoleKind.ADMIN),
        )
        deactivate(session, ours.operator, cast.deactivated.id, now)
    return cast
