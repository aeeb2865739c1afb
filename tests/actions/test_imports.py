"""Importing: all or nothing, once, and in few statements."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.actions.addresses import normalised
from app.actions.imports import Imported, PlanChanged, import_people, planned_import
from app.actions.invitations import accept_anew, withdraw
from app.actions.people import deactivate
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.org import Team, Unit
from app.db.tables.people import Invitation, Role
from app.domain.errors import NotAllowed
from app.domain.people import RoleKind
from app.domain.people_file import PeopleFile, Row, read_people, write_people
from app.domain.people_plan import Plan
from tests.cast import NOW, Cast, address
from tests.conftest import StatementCount
from tests.together import together

EXAMPLE = (Path(__file__).parents[1] / "example-people.csv").read_text(encoding="utf-8")
HEAD = "unit,team,name,email,role\n"
TEAM = (RoleKind.LEAD, RoleKind.MEMBER, RoleKind.VIEWER)
KINDS = (Unit, Team, Role, Invitation)


def file_of(text: str) -> PeopleFile:
    file = read_people(text.encode(), normalised)
    assert file.problems == ()
    return file


def look(cast: Cast, text: str, by: str = "admin") -> Plan:
    with reading(cast.engine) as session:
        return planned_import(session, cast.actor(by), file_of(text), NOW)


def carry_out(cast: Cast, text: str, agreed: str | None = None) -> Imported:
    plan = look(cast, text)
    assert plan.problems == ()
    with writing(cast.engine) as session:
        return import_people(session, cast.actor("admin"), file_of(text), agreed or plan.digest, NOW)


def counts(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS]


def new_events(session: Session, after: int) -> list[AuditEvent]:
    return list(session.scalars(select(AuditEvent).where(AuditEvent.id > after).order_by(AuditEvent.id)))


def last_event(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.max(AuditEvent.id))) or 0


def test_it_works(cast: Cast) -> None:
    before, last = counts(cast.engine), last_event(cast.engine)
    done = carry_out(cast, EXAMPLE)

    assert [now - then for now, then in zip(counts(cast.engine), before, strict=True)] == [3, 10, 0, 40]
    assert len({invitation.secret for invitation in done.invitations}) == 40
    with reading(cast.engine) as session:
        retail, risk = (
            session.scalars(select(Unit).where(Unit.name == name, Unit.organisation_id == cast.tram)).one()
            for name in ("Retail", "Risk")
        )
        assert (retail.path, risk.path) == (f"/{retail.id}/", f"/{retail.id}/{risk.id}/")
        assert risk.parent_id == retail.id
        told = new_events(session, last)
        assert [event.action for event in told] == [
            *["unit created"] * 3,
            *["team created"] * 10,
            *["person invited"] * 40,
            "people imported",
        ]
        assert told[-1].details == {"units": 3, "teams": 10, "people": 0, "invitations": 40}
        assert {event.person_id for event in told} == {cast.people["admin"]}


def test_a_link_lets_in_with_all_roles(cast: Cast) -> None:
    text = HEAD + "New / Deep,Fast,One,one@example.org,lead\nNew,,One,one@example.org,manager\n"
    (invitation,) = carry_out(cast, text).invitations

    with writing(cast.engine) as session:
        person = accept_anew(session, invitation.secret, "One", "hash", NOW)
    with reading(cast.engine) as session:
        kinds = select(Role.kind, Unit.name, Team.name).outerjoin(Unit, Unit.id == Role.unit_id)
        kinds = kinds.outerjoin(Team, Team.id == Role.team_id).where(Role.person_id == person).order_by(Role.kind)
        assert [tuple(row) for row in session.execute(kinds)] == [
            (RoleKind.LEAD, None, "Fast"),
            (RoleKind.MANAGER, "New", None),
        ]


def test_a_second_time_changes_nothing(cast: Cast) -> None:
    text = EXAMPLE + f"Data / Models,Risk,,{address('stranger')},viewer\n,,,{address('lead')},admin\n"
    carry_out(cast, text)
    before, last = counts(cast.engine), last_event(cast.engine)
    again = look(cast, text)
    done = carry_out(cast, text)

    assert not again.changes
    assert (again.there, again.waiting) == (2, 40)
    assert done.invitations == ()
    assert counts(cast.engine) == before
    assert last_event(cast.engine) == last


def test_who_is_here_gets_what_is_missing(cast: Cast) -> None:
    text = HEAD + "".join(f"Data / Models,{team},,{address('lead')},lead\n" for team in ("Risk", "Timetable"))
    last = last_event(cast.engine)
    carry_out(cast, text)

    assert cast.actor("lead").leads == {cast.teams["Risk"], cast.teams["Timetable"]}
    with reading(cast.engine) as session:
        told = new_events(session, last)
        assert [event.action for event in told] == ["roles changed", "people imported"]
        lead = {"kind": "lead", "unit_id": None, "team_id": cast.teams["Timetable"]}
        assert told[0].details == {"given": [lead], "taken": []}


def test_an_open_invitation_is_replaced_by_one_that_gives_both(cast: Cast) -> None:
    first = carry_out(cast, HEAD + "Data / Models,Risk,One,one@example.org,viewer\n").invitations
    second = carry_out(cast, HEAD + "Data / Models,Risk,One,one@example.org,member\n").invitations

    with reading(cast.engine) as session:
        old, new = (session.get_one(Invitation, invitations[0].id) for invitations in (first, second))
        assert old.withdrawn_at == NOW
        assert [role["kind"] for role in new.roles] == ["viewer", "member"]


def test_an_account_elsewhere_is_invited_like_everybody(cast: Cast) -> None:
    """Nobody learns by a file which addresses have accounts in other organisations."""
    plan = look(cast, HEAD + f"Data,Reports,Other,{address('outsider')},\n")

    assert [invitation.email for invitation in plan.invitations] == [address("outsider")]


@pytest.mark.parametrize("name", ["manager", "data manager", "lead", "member", "viewer", "stranger"])
def test_only_admins_import(cast: Cast, name: str) -> None:
    before, agreed = counts(cast.engine), look(cast, EXAMPLE).digest
    with pytest.raises(NotAllowed):
        look(cast, EXAMPLE, by=name)
    with pytest.raises(NotAllowed), writing(cast.engine) as session:
        import_people(session, cast.actor(name), file_of(EXAMPLE), agreed, NOW)

    assert counts(cast.engine) == before


def test_only_what_was_agreed_to_is_done(cast: Cast) -> None:
    text = HEAD + "Data,Reports,One,one@example.org,\n"
    agreed = look(cast, text).digest
    with writing(cast.engine) as session:
        invited = import_people(session, cast.actor("admin"), file_of(text), agreed, NOW).invitations
    before = counts(cast.engine)

    with pytest.raises(PlanChanged) as changed, writing(cast.engine) as session:
        import_people(session, cast.actor("admin"), file_of(text), agreed, NOW)
    assert not changed.value.plan.changes
    with writing(cast.engine) as session:
        withdraw(session, cast.actor("admin"), invited[0].id, NOW)
    assert look(cast, text).digest == agreed, "the same as at first, so that it is done without asking again"
    assert counts(cast.engine) == before


def test_a_problem_that_came_meanwhile_stops_it_all(cast: Cast) -> None:
    text = EXAMPLE + f"Data,Reports,,{address('stranger')},viewer\n"
    agreed = look(cast, text).digest
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), cast.people["stranger"], NOW)
    before = counts(cast.engine)

    with pytest.raises(PlanChanged) as changed, writing(cast.engine) as session:
        import_people(session, cast.actor("admin"), file_of(text), agreed, NOW)

    assert ["deactivated" in problem.text for problem in changed.value.plan.problems] == [True]
    assert counts(cast.engine) == before


def test_an_organisation_sees_nothing_of_another(cast: Cast) -> None:
    plan = look(cast, HEAD + "Harbour,Tides\n", by="outsider")
    assert not plan.changes

    done = carry_out(cast, HEAD + "Harbour,Tides\n")
    assert (done.plan.units, len(done.plan.teams)) == ((("Harbour",),), 1)
    with reading(cast.engine) as session:
        assert [*session.scalars(select(Unit.organisation_id).where(Unit.name == "Harbour").order_by(Unit.id))] == [
            cast.ferry,
            cast.tram,
        ]


def test_of_two_at_once_one_is_done(cast: Cast) -> None:
    agreed = look(cast, EXAMPLE).digest
    actor, file = cast.actor("admin"), file_of(EXAMPLE)
    before = counts(cast.engine)

    def deed(session: Session) -> Imported:
        return import_people(session, actor, file, agreed, NOW)

    outcomes = together(cast.engine, [deed, deed])

    assert {type(outcome) for outcome in outcomes} == {Imported, PlanChanged}
    assert [now - then for now, then in zip(counts(cast.engine), before, strict=True)] == [3, 10, 0, 40]


def many(people: int) -> str:
    """That many people in a tenth as many teams of five units each with one above it."""
    lines: Iterable[str] = (
        f"U{n % 5} / Below,T{n % (people // 10)},Member {n},member-{n}@example.org,member\n" for n in range(people)
    )
    return HEAD + "".join(lines)


@pytest.mark.parametrize(("people", "at_most"), [(500, 25), (2000, 31)])
def test_its_statements_are_counted(cast: Cast, count_statements: StatementCount, people: int, at_most: int) -> None:
    actor, file, agreed = cast.actor("admin"), file_of(many(people)), look(cast, many(people)).digest
    with count_statements(cast.engine) as statements, writing(cast.engine) as session:
        import_people(session, actor, file, agreed, NOW)

    assert len(statements) <= at_most, "\n".join(statement[:100] for statement in statements)


def row_of(unit: tuple[str, ...], team: str, one: str, role: RoleKind) -> Row:
    return Row(0, unit, team, one, f"{one}@example.org", role)


few = st.sampled_from(["A", "B", "C", "Data"])
places = st.lists(few, min_size=1, max_size=3).map(tuple)
people = st.sampled_from(["one", "two", "three"])
rows = st.one_of(
    st.builds(Row, st.just(0), places, few),
    st.builds(lambda unit, one: row_of(unit, "", one, RoleKind.MANAGER), places, people),
    st.builds(row_of, places, few, people, st.sampled_from(TEAM)),
)


@given(st.lists(rows, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_imported_is_there(cast: Cast, written: list[Row]) -> None:
    """Whatever a file says, of whatever is there by now: a second time there is nothing to do."""
    text = write_people(written)
    carry_out(cast, text)

    assert not look(cast, text).changes
