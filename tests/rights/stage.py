"""What the walk walks on: the cast, something of every kind in both organisations, and one browser for each walker."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyotp
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from app.actions.accounts import make_set_up_link
from app.actions.addresses import normalised
from app.actions.imports import planned_import
from app.actions.invitations import invite
from app.actions.one_time_links import make_link
from app.actions.organisations import change_logo
from app.actions.people import add_person, deactivate, reactivate
from app.actions.signing_in import enter
from app.actions.tokens import revoke_token
from app.db.base import table
from app.db.engine import writing
from app.db.tables.people import Person
from app.domain.people import Actor, Role, RoleKind, Scope
from app.domain.people_file import read_people
from app.domain.secret import LinkKind, signed
from app.queries.reminders import UNSUBSCRIBE, salt
from tests.quick_check import QuickCheck, begun
from tests.rights.filling import STATEMENT, Filling, Values
from tests.rights.studio import studio
from tests.rights.teamwork import LASTS, Teamwork
from tests.web.cast import PASSWORD, Cast, Player, TeamOf, password_hash
from tests.web.cast import begin as begin_cast
from tests.web.visitor import Clock

SECOND_FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""All walkers have the same, but for the viewer, who has none."""
QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
"""A true hash, but of no use against anybody: comparing takes as long as it was made with."""
IMPORT = b"unit\nImported\n"
"""What the matrix sends to be imported."""
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16


@dataclass(frozen=True, slots=True)
class Walker:
    """`cookie` is the secret of the browser; empty for who is not signed in. `other` is another browser of theirs.

    `own_token` is a token of theirs, which they revoke. A program has its `token` and no cookie. `exports` are theirs,
    of a unit that not all of them may see.
    """

    cookie: str = ""
    other: int = 0
    own_token: int = 0
    token: str = ""
    person: int = 0
    own_sheet: int = 0
    exports: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """`ours` is what requests name; `elsewhere` and `theirs` are the same of another unit, another organisation."""

    walkers: Mapping[str, Walker]
    ours: Values
    elsewhere: Values
    theirs: Values
    code_secret: str


def set_stage(engine: Engine, clock: Clock) -> Stage:
    with writing(engine) as session:
        set_up_secret = make_set_up_link(session, clock())
    quick_check = begun(engine)
    cast = begin_cast(engine, clock)
    with writing(engine) as session:
        return _filled(session, cast, clock(), quick_check, set_up_secret or "")


def _filled(session: Session, cast: Cast, now: datetime.datetime, quick_check: QuickCheck, set_up_secret: str) -> Stage:
    operator = Actor(cast.organisation_id, None, "command line", admin=True)
    ours, theirs = (
        Filling(session, now, operator),
        Filling(session, now, Actor(cast.other_organisation_id, None, "command line", admin=True)),
    )
    colleague = _person(session, cast.organisation_id, "Colleague", cast.fraud, now)
    newcomer = _person(session, cast.other_organisation_id, "Newcomer", cast.their_team, now)
    change_logo(session, operator, PNG, now)
    lead = Actor(cast.organisation_id, cast.lead.id, "", leads=frozenset({cast.fraud.id}))
    member = Role(RoleKind.MEMBER, team_id=cast.fraud.id)
    category = quick_check.rubric.categories[0].key
    teamwork, own_sheets = Teamwork(session, now, operator, cast.fraud, (cast.lead, cast.member)).named()
    own = {
        **teamwork,
        **ours.named(cast.risk, cast.fraud, colleague),
        **ours.said(cast.member, cast.fraud),
        **ours.archived(cast.risk, cast.fraud),
        "invitation_id": str(invite(session, lead, "new@example.org", "New", [member], now).id),
        "invitation_secret": invite(session, operator, newcomer.email, "Newcomer", [member], now).secret,
        "reset_secret": make_link(session, LinkKind.RESET, colleague.id, now),
        "set_up_secret": set_up_secret,
        "unsubscribe_secret": signed(salt(session.connection()), UNSUBSCRIBE, cast.organisation_id, colleague.id),
        **ours.shared(cast.admin, int(teamwork["agreed_id"]), lead),
        "secret": quick_check.secret,
        "sheet": str(quick_check.sheet.sheet_id),
        "rubric": quick_check.rubric.key,
        "category": category,
        "statement": STATEMENT,
        "email": colleague.email,
        "deactivated": str(cast.deactivated.id),
        "organisation_id": str(cast.organisation_id),
        "revision": "1",
        "opens_on": now.date().isoformat(),
        "due_on": (now.date() + 2 * LASTS).isoformat(),
        "empty_unit_name": "Empty unit",
        "agreed_import": planned_import(session, operator, read_people(IMPORT, normalised), now).digest,
        "password": PASSWORD,
        "second_factor": SECOND_FACTOR,
        "code": pyotp.HOTP(SECOND_FACTOR).at(int(now.timestamp()) // 30),
    }
    for filling in (ours, theirs):
        filling.sign_on()
    ours.maps_group("Mapped", member)
    ours.linked(cast.member)
    elsewhere = ours.named(cast.sales, cast.prices, cast.member_elsewhere)
    others = theirs.named(cast.their_unit, cast.their_team, cast.outsider)
    own |= studio(session, operator, now)
    others = {**others, **studio(session, theirs.actor, now)}
    # Somebody with a second factor signs in by a code; the colleague has none, and signs in by the password alone. The
    # viewer can switch one on.
    people = update(table(Person))
    session.execute(people.values(password_hash=QUICK.hash(PASSWORD)))
    without = (colleague.id, cast.viewer.id)
    session.execute(people.where(table(Person).c.id.not_in(without)).values(totp_secret=SECOND_FACTOR))
    code_secret = make_link(session, LinkKind.SECOND_FACTOR, cast.manager_of_all.id, now)
    walkers = _walkers(ours, cast, newcomer, own_sheets, int(own["cycle_id"]))
    return Stage(walkers, own, elsewhere, others, code_secret)


def _person(session: Session, organisation_id: int, name: str, team: TeamOf, now: datetime.datetime) -> Player:
    email = f"{name.lower()}@example.org"
    role = Role(RoleKind.MEMBER, team_id=team.id)
    number = add_person(session, organisation_id, email, name, [role], now, password_hash())
    return Player(number, organisation_id, name, email)


def _walkers(
    ours: Filling, cast: Cast, newcomer: Player, own_sheets: Mapping[int, int], cycle_id: int
) -> Mapping[str, Walker]:
    players = {
        "member": cast.member,
        "member_of_another_team": cast.member_elsewhere,
        "lead": cast.lead,
        "viewer": cast.viewer,
        "manager_in_scope": cast.manager,
        "manager_out_of_scope": cast.manager_elsewhere,
        "manager_of_all": cast.manager_of_all,
        "admin": cast.admin,
        "admin_of_another_organisation": cast.outsider,
        "deactivated": cast.deactivated,
        "invited_not_confirmed": newcomer,
    }
    # Signed in as long as they were let in: what they hold is a cookie that was good.
    reactivate(ours.session, ours.actor, cast.deactivated.id, ours.now)
    walkers = {
        name: Walker(
            enter(ours.session, player.id, player.organisation_id, "", ours.now).secret,
            ours.browser(player),
            ours.token(player).id,
            person=player.id,
            own_sheet=own_sheets.get(player.id, 0),
            exports=ours.exports(player, cycle_id, cast.risk),
        )
        for name, player in players.items()
    }
    programs = _programs(ours, cast)
    deactivate(ours.session, ours.actor, cast.deactivated.id, ours.now)
    return {"anonymous": Walker(), **walkers, **programs}


def _programs(ours: Filling, cast: Cast) -> Mapping[str, Walker]:
    revoked = ours.token(cast.admin, Scope.ADMIN)
    revoke_token(ours.session, ours.actor, revoked.id, ours.now)
    made = {
        "token_to_read": ours.token(cast.admin, Scope.READ),
        "token_to_answer": ours.token(cast.admin, Scope.ANSWER),
        "token_to_manage": ours.token(cast.admin, Scope.MANAGE),
        "token_to_administer": ours.token(cast.admin, Scope.ADMIN),
        "token_of_member": ours.token(cast.member, Scope.ANSWER),
        "token_of_lead": ours.token(cast.lead, Scope.MANAGE),
        "token_of_manager": ours.token(cast.manager, Scope.MANAGE),
        "token_for_another_team": ours.token(cast.admin, Scope.ADMIN, frozenset({cast.prices.id})),
        "token_of_service": ours.service_token(Scope.MANAGE),
        "token_of_another_organisation": ours.token(cast.outsider, Scope.ADMIN),
        "token_revoked": revoked,
        "token_expired": ours.token(cast.admin, Scope.ADMIN, expired=True),
        "token_of_deactivated": ours.token(cast.deactivated, Scope.READ),
    }
    return {name: Walker(token=each.secret) for name, each in made.items()}
