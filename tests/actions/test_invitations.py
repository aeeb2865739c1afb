"""Invitations: good once, for one address, within fourteen days, and no longer than whoever sent them may."""

import datetime

import pytest
from sqlalchemy import select

from app.actions.allowances import HOUR, UsedUp
from app.actions.invitations import AN_HOUR, LASTS, accept_anew, accept_as, invite, withdraw
from app.actions.people import add_person, deactivate
from app.actions.roles import change_roles
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Invitation, Person
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Role
from app.domain.secret import digest
from app.queries.invitations import invitation, invitation_lines
from app.queries.people import actor
from tests.cast import ADMIN, LEAD, MEMBER, NOW, VIEWER, Cast, address
from tests.together import together

NEW = "new@tram.example"
SECOND = datetime.timedelta(seconds=1)


def invited(cast: Cast, by: str = "lead", email: str = NEW, role: Role | None = None) -> str:
    with writing(cast.engine) as session:
        roles = [role or Role(MEMBER, team_id=cast.teams["Risk"])]
        return invite(session, cast.actor(by), email, "New", roles, NOW).secret


def accepted(cast: Cast, secret: str, now: datetime.datetime = NOW) -> int:
    with writing(cast.engine) as session:
        return accept_anew(session, secret, "Newly", "a hash", now)


def test_it_works(cast: Cast) -> None:
    secret = invited(cast, email=" New@Tram.Example ")
    with reading(cast.engine) as session:
        line = invitation(session.connection(), secret, NOW)
        assert session.scalars(select(Invitation.secret_digest)).one() == digest(secret)
    assert (line.organisation, line.email, line.has_account) == ("Tram", NEW, False)

    person = accepted(cast, secret)

    with reading(cast.engine) as session:
        kept = session.get_one(Person, person)
        assert (kept.email, kept.name, kept.password_hash) == (NEW, "Newly", "a hash")
        assert actor(session.connection(), person, cast.tram).member_of == {cast.teams["Risk"]}
        told = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)).all()
        assert [(event.action, event.person_id) for event in told] == [
            ("invitation accepted", person),
            ("person invited", cast.people["lead"]),
        ]
        assert not any(NEW in str(event.details) for event in told)


def test_a_link_is_good_once_and_for_fourteen_days(cast: Cast) -> None:
    used, late = invited(cast), invited(cast, email="late@tram.example")
    accepted(cast, used)
    for secret, now in ((used, NOW), (late, NOW + LASTS), ("", NOW), ("\ud800", NOW)):
        with pytest.raises(Missing):
            accepted(cast, secret, now)
        with reading(cast.engine) as session, pytest.raises(Missing):
            invitation(session.connection(), secret, now)
    accepted(cast, late, NOW + LASTS - SECOND)


def test_accepted_twice_at_once_it_is_accepted_once(cast: Cast) -> None:
    secret = invited(cast)
    outcomes = together(cast.engine, [lambda session: accept_anew(session, secret, "Newly", "a hash", NOW)] * 4)
    assert sorted(isinstance(outcome, int) for outcome in outcomes) == [False, False, False, True]
    assert sum(isinstance(outcome, Missing) for outcome in outcomes) == 3


def test_whoever_has_an_account_accepts_signed_in(cast: Cast) -> None:
    secret = invited(cast, email="outsider@ferry.example")
    with pytest.raises(Conflict, match="Sign in"):
        accepted(cast, secret)
    with writing(cast.engine) as session, pytest.raises(NotAllowed, match="another address"):
        accept_as(session, secret, cast.people["stranger"], NOW)
    with writing(cast.engine) as session:
        assert accept_as(session, secret, cast.people["outsider"], NOW) == cast.tram
    with reading(cast.engine) as session:
        connection = session.connection()
        assert actor(connection, cast.people["outsider"], cast.tram).member_of == {cast.teams["Risk"]}
        assert actor(connection, cast.people["outsider"], cast.ferry).admin
        assert session.get_one(Person, cast.people["outsider"]).password_hash is None


def test_nobody_invites_beyond_their_part(cast: Cast) -> None:
    for by, role in (
        ("lead", Role(LEAD, team_id=cast.teams["Risk"])),
        ("lead", Role(MEMBER, team_id=cast.teams["Wagons"])),
        ("manager", Role(ADMIN)),
        ("member", Role(VIEWER, team_id=cast.teams["Risk"])),
    ):
        with pytest.raises(NotAllowed):
            invited(cast, by, role=role)
    with pytest.raises(Missing):
        invited(cast, "admin", role=Role(MEMBER, team_id=cast.teams["Tides"]))
    with pytest.raises(Invalid), writing(cast.engine) as session:
        invite(session, cast.actor("admin"), NEW, "New", [], NOW)


def test_a_member_is_not_invited_and_a_leaver_neither(cast: Cast) -> None:
    with pytest.raises(Conflict, match="member already"):
        invited(cast, email=address("viewer"))
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), cast.people["viewer"], NOW)
    with pytest.raises(Conflict, match="deactivated"):
        invited(cast, email=address("viewer"))


def test_a_newer_invitation_replaces_the_older_one(cast: Cast) -> None:
    first, second = invited(cast), invited(cast)
    with pytest.raises(Missing):
        accepted(cast, first)
    accepted(cast, second)


def test_a_withdrawn_one_is_worthless(cast: Cast) -> None:
    secret = invited(cast)
    with reading(cast.engine) as session:
        (line,) = invitation_lines(session.connection(), cast.actor("lead")).lines
        assert invitation_lines(session.connection(), cast.actor("data manager")).lines == ()
        assert invitation_lines(session.connection(), cast.actor("admin")).lines == (line,)
        assert invitation_lines(session.connection(), cast.actor("outsider")).lines == ()
    for name, error in (("outsider", Missing), ("data manager", NotAllowed), ("member", NotAllowed)):
        with pytest.raises(error), writing(cast.engine) as session:
            withdraw(session, cast.actor(name), line.id, NOW)
    with writing(cast.engine) as session:
        withdraw(session, cast.actor("lead"), line.id, NOW)
        withdraw(session, cast.actor("admin"), line.id, NOW)
    with pytest.raises(Missing):
        accepted(cast, secret)


def test_an_accepted_one_is_not_withdrawn(cast: Cast) -> None:
    accepted(cast, invited(cast))
    with reading(cast.engine) as session:
        id = session.scalars(select(Invitation.id)).one()
    with pytest.raises(Conflict), writing(cast.engine) as session:
        withdraw(session, cast.actor("admin"), id, NOW)


def test_who_lost_a_right_gives_it_by_no_link(cast: Cast) -> None:
    demoted, left = invited(cast), invited(cast, "second admin", "friend@tram.example", Role(ADMIN))
    with writing(cast.engine) as session:
        role = Role(LEAD, team_id=cast.teams["Risk"])
        change_roles(session, cast.actor("admin"), cast.people["lead"], [], [role], NOW)
        deactivate(session, cast.actor("admin"), cast.people["second admin"], NOW)
    for secret in (demoted, left):
        with pytest.raises(Missing):
            accepted(cast, secret)


def test_a_leaver_does_not_come_back_by_a_link(cast: Cast) -> None:
    secret = invited(cast, email="friend@tram.example")
    with writing(cast.engine) as session:
        roles = [Role(VIEWER, team_id=cast.teams["Risk"])]
        person = add_person(session, cast.tram, "friend@tram.example", "Friend", roles, NOW)
        deactivate(session, cast.actor("admin"), person, NOW)
    with pytest.raises(Missing), writing(cast.engine) as session:
        accept_as(session, secret, person, NOW)


def test_nobody_floods_mailboxes(cast: Cast) -> None:
    """A person invites so many in an hour; the next hour they go on, and others are not held up."""
    member, lead = [Role(MEMBER, team_id=cast.teams["Risk"])], cast.actor("lead")
    with writing(cast.engine) as session:
        for number in range(AN_HOUR):
            invite(session, lead, f"somebody-{number}@tram.example", "Somebody", member, NOW)

    with pytest.raises(UsedUp, match="by one person"), writing(cast.engine) as session:
        invite(session, lead, "late@tram.example", "Late", member, NOW)

    with writing(cast.engine) as session:
        invite(session, cast.actor("admin"), "late@tram.example", "Late", member, NOW)
        invite(session, lead, "later@tram.example", "Later", member, NOW + HOUR)
