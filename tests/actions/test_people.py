"""People: their roles, leaving at once and whole, and that an admin is always left."""

import pytest
from sqlalchemy import select

from app.actions.people import add_person, deactivate, reactivate, rename_person
from app.actions.roles import change_roles
from app.actions.signing_in import enter
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent, AuditName
from app.db.tables.people import Person
from app.db.tables.people import Role as RoleRow
from app.db.tables.signing_in import Token
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed
from app.domain.people import Role, RoleKind
from app.queries.signing_in import signed_in
from tests.cast import ADMIN, LEAD, MANAGER, MEMBER, NOW, VIEWER, Cast, address
from tests.together import Deed, together


def test_it_works(cast: Cast) -> None:
    member, risk = cast.people["member"], cast.teams["Risk"]
    with writing(cast.engine) as session:
        change_roles(
            session,
            cast.actor("data manager"),
            member,
            [Role(LEAD, team_id=risk)],
            [Role(MEMBER, team_id=risk)],
            NOW,
        )
    who = cast.actor("member")
    assert (who.leads, who.member_of) == (frozenset({risk}), frozenset())
    with reading(cast.engine) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roles changed")).one()
        assert event.details == {
            "given": [{"kind": "lead", "unit_id": None, "team_id": risk}],
            "taken": [{"kind": "member", "unit_id": None, "team_id": risk}],
        }


def test_who_may_give_and_take_what(cast: Cast) -> None:
    risk, wagons, data = cast.teams["Risk"], cast.teams["Wagons"], cast.units["Data"]
    everybody = ("admin", "manager", "data manager", "depot manager", "lead", "member", "viewer", "stranger")
    table = {
        Role(ADMIN): {"admin"},
        Role(MANAGER): {"admin"},
        Role(MANAGER, unit_id=data): {"admin", "manager", "data manager"},
        Role(LEAD, team_id=risk): {"admin", "manager", "data manager"},
        Role(VIEWER, team_id=risk): {"admin", "manager", "data manager", "lead"},
        Role(MEMBER, team_id=wagons): {"admin", "manager", "depot manager"},
    }
    for role, may in table.items():
        for give, take in (([role], []), ([], [role])):
            did = set()
            for name in everybody:
                with writing(cast.engine) as session:
                    try:
                        change_roles(session, cast.actor(name), cast.people["member"], give, take, NOW)
                        did.add(name)
                    except NotAllowed:
                        pass
                    session.rollback()
            assert did == may, role


def test_giving_twice_and_taking_what_is_not_there_changes_nothing(cast: Cast) -> None:
    risk, member = cast.teams["Risk"], cast.people["member"]
    with writing(cast.engine) as session:
        role = Role(MEMBER, team_id=risk)
        change_roles(session, cast.actor("lead"), member, [role, role], [Role(VIEWER, team_id=risk)], NOW)
    with reading(cast.engine) as session:
        assert len(session.scalars(select(RoleRow).where(RoleRow.person_id == member)).all()) == 1
        assert session.scalar(select(AuditEvent).where(AuditEvent.action == "roles changed")) is None


def test_what_is_of_another_organisation_is_missing(cast: Cast) -> None:
    who, member = cast.actor("admin"), cast.people["member"]
    with pytest.raises(Missing), writing(cast.engine) as session:
        change_roles(session, who, cast.people["outsider"], [Role(MEMBER, team_id=cast.teams["Risk"])], [], NOW)
    for role in (Role(MEMBER, team_id=cast.teams["Tides"]), Role(MANAGER, unit_id=cast.units["Harbour"])):
        for give, take in (([role], []), ([], [role])):
            with pytest.raises(Missing), writing(cast.engine) as session:
                change_roles(session, who, member, give, take, NOW)
    for deed in (deactivate, reactivate):
        with pytest.raises(Missing), writing(cast.engine) as session:
            deed(session, who, cast.people["outsider"], NOW)


@pytest.mark.parametrize("role", [Role(ADMIN, unit_id=1), Role(LEAD), Role(MANAGER, team_id=1)])
def test_a_role_that_does_not_fit_is_invalid(cast: Cast, role: Role) -> None:
    with pytest.raises(Invalid), writing(cast.engine) as session:
        change_roles(session, cast.actor("admin"), cast.people["member"], [role], [], NOW)


def test_the_last_admin_stays(cast: Cast) -> None:
    who, other = cast.actor("admin"), cast.people["second admin"]
    with writing(cast.engine) as session:
        change_roles(session, who, other, [], [Role(ADMIN)], NOW)
    deeds: tuple[Deed, ...] = (
        lambda session: change_roles(session, who, cast.people["admin"], [], [Role(ADMIN)], NOW),
        lambda session: deactivate(session, who, cast.people["admin"], NOW),
    )
    for deed in deeds:
        with pytest.raises(Conflict, match="last admin"), writing(cast.engine) as session:
            deed(session)
    assert cast.actor("admin").admin


def test_a_deactivated_admin_is_none_that_is_left(cast: Cast) -> None:
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), cast.people["second admin"], NOW)
    with pytest.raises(Conflict, match="last admin"), writing(cast.engine) as session:
        change_roles(session, cast.actor("admin"), cast.people["admin"], [], [Role(ADMIN)], NOW)


@pytest.mark.parametrize("round", range(10))
def test_of_the_last_two_admins_who_demote_or_deactivate_each_other_at_once_one_stays(cast: Cast, round: int) -> None:
    first, second = cast.actor("admin"), cast.actor("second admin")
    outcomes = together(
        cast.engine,
        [
            lambda session: change_roles(session, first, cast.people["second admin"], [], [Role(ADMIN)], NOW),
            (lambda session: change_roles(session, second, cast.people["admin"], [], [Role(ADMIN)], NOW))
            if round % 2
            else (lambda session: deactivate(session, second, cast.people["admin"], NOW)),
        ],
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]
    with reading(cast.engine) as session:
        admins = session.scalars(
            select(RoleRow.person_id).where(RoleRow.organisation_id == cast.tram, RoleRow.kind == RoleKind.ADMIN)
        ).all()
    assert len(admins) == (1 if round % 2 or isinstance(outcomes[1], Conflict) else 2)
    active = {name for name in ("admin", "second admin") if _is_admin(cast, name)}
    assert len(active) == 1


def _is_admin(cast: Cast, name: str) -> bool:
    try:
        return cast.actor(name).admin
    except DomainError:
        return False


def test_a_leaver_is_out_at_once(cast: Cast) -> None:
    person = cast.people["lead"]
    with writing(cast.engine) as session:
        secret = enter(session, person, cast.tram, "Firefox", NOW).secret
        session.add(
            Token(
                organisation_id=cast.tram,
                prefix="sst_abcd",
                secret_digest=b"x",
                name="notebook",
                person_id=person,
                scopes=["read"],
                team_ids=None,
                created_by=person,
                created_at=NOW,
            )
        )
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), person, NOW)
        deactivate(session, cast.actor("admin"), person, NOW)

    with pytest.raises(Missing):
        cast.actor("lead")
    with reading(cast.engine) as session:
        assert signed_in(session.connection(), secret, NOW) is None
        assert session.scalars(select(Token.revoked_at)).one() == NOW
        told = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "person deactivated")).all()
    assert len(told) == 1
    with pytest.raises(Missing), writing(cast.engine) as session:
        enter(session, person, cast.tram, "Firefox", NOW)


def test_who_comes_back_has_their_roles_and_signs_in_anew(cast: Cast) -> None:
    person, before = cast.people["lead"], cast.actor("lead")
    with writing(cast.engine) as session:
        secret = enter(session, person, cast.tram, "Firefox", NOW).secret
        deactivate(session, cast.actor("admin"), person, NOW)
    with writing(cast.engine) as session:
        reactivate(session, cast.actor("admin"), person, NOW)
    assert cast.actor("lead") == before
    with reading(cast.engine) as session:
        assert signed_in(session.connection(), secret, NOW) is None


@pytest.mark.parametrize("name", ["manager", "data manager", "lead", "member", "viewer"])
def test_only_admins_deactivate(cast: Cast, name: str) -> None:
    for deed in (deactivate, reactivate):
        with pytest.raises(NotAllowed), writing(cast.engine) as session:
            deed(session, cast.actor(name), cast.people["viewer"], NOW)


def test_an_account_that_there_is_joins_as_it_is(cast: Cast) -> None:
    with writing(cast.engine) as session:
        email = f" {address('lead').upper()}"
        joined = add_person(session, cast.ferry, email, "Another Name", [Role(ADMIN)], NOW, "another hash")
    assert joined == cast.people["lead"]
    with reading(cast.engine) as session:
        person = session.get_one(Person, joined)
        assert (person.name, person.password_hash) == ("Lead", None)
        assert cast.actor("lead").admin is False


def test_the_same_person_who_is_added_twice_at_once_is_one(cast: Cast) -> None:
    roles = [Role(MEMBER, team_id=cast.teams["Risk"])]
    outcomes = together(
        cast.engine, [lambda session: add_person(session, cast.tram, "new@tram.example", "New", roles, NOW)] * 4
    )
    assert len(set(outcomes)) == 1
    with reading(cast.engine) as session:
        assert len(session.scalars(select(RoleRow).where(RoleRow.person_id == outcomes[0])).all()) == 1


@pytest.mark.parametrize(
    "email", ["", "x", "a@", "a b@c.de", "a@b\n.de", "\x00@b.de", "\ud800@b.de", "a" * 400 + "@b.de"]
)
def test_an_address_has_to_be_one(cast: Cast, email: str) -> None:
    with pytest.raises(Invalid), writing(cast.engine) as session:
        add_person(session, cast.tram, email, "New", [], NOW)


def test_a_name_in_the_trail_follows_and_the_events_do_not_hold_it(cast: Cast) -> None:
    with writing(cast.engine) as session:
        rename_person(session, cast.actor("lead"), "Leading", NOW)
    with reading(cast.engine) as session:
        name = session.get_one(AuditName, (cast.tram, cast.people["lead"]))
        assert (name.name, name.email, len(name.salt)) == ("Leading", address("lead"), 32)
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == "person")).all()
        assert not any("ead" in str(event.details) for event in events)
