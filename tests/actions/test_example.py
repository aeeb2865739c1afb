"""The example organisation in a database: whole, by few statements, apart from all others, and gone without a trace."""

import pytest
from sqlalchemy import Engine, func, select

from app.actions.example import add_example
from app.actions.example_removal import remove_example
from app.actions.one_time_links import make_link
from app.actions.people import add_person, deactivate, join
from app.actions.rubrics import load_shipped
from app.actions.seals import seal_events
from app.actions.signing_in import enter
from app.db.engine import reading, writing
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import MlSystem, Organisation, Team, Unit
from app.db.tables.people import Person
from app.db.tables.signing_in import LinkKind
from app.domain import example, example_cycles
from app.domain.cycles import CycleState, Stage, state
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.frozen_answers import from_document
from app.domain.people import Role, RoleKind
from app.domain.rubric import DEFAULT
from app.domain.rubric_file import shipped
from app.queries import dashboard, people
from app.queries.assessing import assessing
from app.queries.counting import recounts
from app.queries.heat_map import HeatMap, heat_map
from app.queries.organisations import organisation
from app.queries.seals import proofs
from app.queries.sheets import answers
from tests.cast import NOW, Cast
from tests.conftest import StatementCount
from tests.rights.rows import rows


@pytest.fixture
def added(cast: Cast) -> int:
    """The example organisation of Tram's admin, with ten teams."""
    return add(cast)


def add(cast: Cast, teams: int = example.TEAMS) -> int:
    with writing(cast.engine) as session:
        load_shipped(session, NOW)
    with writing(cast.engine) as session:
        return add_example(session, cast.people["admin"], NOW, teams)


def counted(engine: Engine, organisation_id: int) -> dict[str, int]:
    with reading(engine) as session:
        return {
            entity.__tablename__: session.scalar(
                select(func.count()).select_from(entity).where(entity.organisation_id == organisation_id)
            )
            or 0
            for entity in (Unit, Team, MlSystem, Assessment, Sheet, Mutation, Answer, AnswerChange)
        }


def remove(cast: Cast, name: str, organisation_id: int) -> int:
    with writing(cast.engine) as session:
        actor = people.actor(session.connection(), cast.people[name], organisation_id)
        return remove_example(session, actor, NOW)


def test_it_works(cast: Cast, added: int) -> None:
    teams = list(example.teams(10))
    expected = {team.name: example.history(shipped()[DEFAULT], team, cycles=example_cycles.CYCLES) for team in teams}
    parts = [example_cycles.stages(team.number, example.SEED, example_cycles.CYCLES) for team in teams]

    count = counted(cast.engine, added)

    assert count["team"] == 10
    assert count["unit"] == len(example.units(teams))
    assert count["ml_system"] == sum(len(team.systems) for team in teams)
    asked = sum(stage is not None for part in parts for stage in part)
    assert count["assessment"] == asked + example_cycles.CYCLES, "one of each cycle is of the organisation"
    assert count["answer"] == count["answer_change"] > 0
    with reading(cast.engine) as session:
        connection = session.connection()
        agreed = session.execute(
            select(Team.name, Cycle.name, AgreedResult.answers, Sheet.id)
            .join(Assessment, Assessment.team_id == Team.id)
            .join(Cycle, Cycle.id == Assessment.cycle_id)
            .join(AgreedResult, AgreedResult.assessment_id == Assessment.id)
            .join(Sheet, Sheet.assessment_id == Assessment.id)
            .where(Team.organisation_id == added, Sheet.kind == SheetKind.AGREED)
        ).all()
        names = [each.name for each in example_cycles.rounds(example_cycles.CYCLES, NOW.date())]
        for team, cycle, frozen, sheet_id in agreed:
            on_sheet = answers(connection, added, sheet_id)
            assert expected[team][names.index(cycle)] == on_sheet == from_document(frozen).answers
            assert all(answer.version == 1 for answer in on_sheet.values())
    assert len(agreed) == sum(stage is Stage.AGREED for part in parts for stage in part)


def test_how_far_they_are_in_the_running_cycle(cast: Cast) -> None:
    added = add(cast, 60)
    with reading(cast.engine) as session:
        connection, admin = session.connection(), people.actor(session.connection(), cast.people["admin"], added)
        newest = dashboard.cycle_choices(connection, added)[0]
        rows = session.execute(
            select(Assessment.id, Team.name)
            .join(Team, Team.id == Assessment.team_id)
            .where(Assessment.organisation_id == added, Assessment.cycle_id == newest.id)
        ).all()
        found = {name: assessing(connection, admin, id) for id, name in rows}
    for team in example.teams(60):
        *_, stage = example_cycles.stages(team.number, example.SEED, example_cycles.CYCLES)
        assert (team.name in found) == (stage is not None)
        if stage is None:
            continue
        one = found[team.name]
        assert (one.result is not None) == (stage is Stage.AGREED)
        assert (one.revealed_at is not None) == (stage in {Stage.SUBMITTED, Stage.AGREED})
        assert any(own.version for own in one.respondents) == (stage is not Stage.NOT_BEGUN)
        assert all(own.submitted_at for own in one.respondents) == (stage is Stage.SUBMITTED)
        assert one.cycle
        assert state(one.cycle.rules, NOW.date()) is CycleState.OVERDUE


def test_it_is_counted_as_if_teams_had_agreed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole and, with fewer teams than usual taken for many, as results alone, where most teams are copies."""
    monkeypatch.setattr(example, "MOST_WITH_HISTORY", 20)
    whole = add(cast, 40)
    monkeypatch.setattr(example, "MOST_ANSWERED", 20)
    monkeypatch.setattr(example, "ALIKE", 12)
    alone = add(cast, example.FEW)

    with reading(cast.engine) as session:
        found = {each.organisation_id: each for each in recounts(session.connection())}
        heat = heat_map(
            session.connection(), alone, HeatMap(dashboard.cycle_choices(session.connection(), alone)[1].id)
        )

    count = counted(cast.engine, whole)
    assert 0 < count["answer_change"] < count["answer"], "the running cycle has it"
    assert found[whole].wrong == found[alone].wrong == ()
    assert found[whole].results > 60
    assert found[alone].results > 60
    assert len({row.name for row in heat.rows}) == len(heat.rows) > 20
    count = counted(cast.engine, alone)
    assert count["team"] == example.FEW
    assert count["answer"] == count["mutation"] == count["ml_system"] == 0


def test_units_have_their_paths(cast: Cast, added: int) -> None:
    with reading(cast.engine) as session:
        units = session.execute(select(Unit.id, Unit.parent_id, Unit.path).where(Unit.organisation_id == added)).all()
    paths = {unit.id: unit.path for unit in units}

    assert all(unit.path == f"{paths.get(unit.parent_id, '/')}{unit.id}/" for unit in units)
    assert {unit.parent_id is None for unit in units} == {True, False}


def test_each_team_has_a_lead_and_a_member_who_cannot_sign_in(cast: Cast, added: int) -> None:
    with reading(cast.engine) as session:
        columns = select(Person.id, Person.name, Person.password_hash)
        invented = session.execute(columns.where(Person.email.endswith("@shortstave.example"))).all()
        leads = {people.actor(session.connection(), each.id, added).leads for each in invented}
        assert people.actor(session.connection(), cast.people["admin"], added).admin

    assert len(invented) == 20
    assert all(each.name.startswith("Example ") and each.password_hash is None for each in invented)
    assert len(leads - {frozenset()}) == 10


def test_the_first_event_is_its_mark(cast: Cast, added: int) -> None:
    with reading(cast.engine) as session:
        assert organisation(session.connection(), added).example
        assert not organisation(session.connection(), cast.tram).example


def test_many_teams_take_few_statements(cast: Cast, count_statements: StatementCount) -> None:
    with writing(cast.engine) as session:
        load_shipped(session, NOW)
    with count_statements(cast.engine) as statements, writing(cast.engine) as session:
        some = add_example(session, cast.people["admin"], NOW, 100)

    assert counted(cast.engine, some)["team"] == 100
    assert len(statements) < 110


def test_a_number_of_teams_that_cannot_be_leaves_nothing(cast: Cast) -> None:
    before = rows(cast.engine)["organisation"]

    with pytest.raises(Invalid):
        add(cast, 0)

    assert rows(cast.engine)["organisation"] == before


def test_removed_it_is_gone_without_a_trace(cast: Cast, engine: Engine) -> None:
    with writing(engine) as session:
        load_shipped(session, NOW)
    seal(engine)
    before = rows(engine)
    added = add(cast)
    use(cast, added)

    assert remove(cast, "admin", added) == cast.tram

    after = rows(engine)
    events = after["audit_event"][len(before["audit_event"]) :]
    assert [(event.organisation_id, event.action) for event in events] == [(cast.tram, "example organisation removed")]
    differing = {name for name in before if before[name] != after[name]}
    assert differing <= {"audit_event", "signed_in"}
    with reading(engine) as session:
        assert all(not proof.broken for proof in proofs(session.connection()))


def use(cast: Cast, organisation_id: int) -> None:
    """Somebody was invited, the admin was there, and the trail was sealed."""
    with writing(cast.engine) as session:
        roles = [Role(RoleKind.ADMIN)]
        guest = add_person(session, organisation_id, "guest@tram.example", "Guest", roles, NOW)
        make_link(session, LinkKind.RESET, guest, NOW)
        enter(session, cast.people["admin"], organisation_id, "Firefox", NOW)
    seal(cast.engine)


def seal(engine: Engine) -> None:
    """Twice: the first round names people, by events that the second one seals."""
    for _ in range(2):
        with writing(engine) as session:
            seal_events(session, NOW)


def test_who_is_elsewhere_too_stays_there(cast: Cast, added: int) -> None:
    with writing(cast.engine) as session:
        join(session, added, cast.people["member"], [Role(RoleKind.ADMIN)], NOW)

    remove(cast, "member", added)

    with reading(cast.engine) as session:
        assert session.get(Person, cast.people["member"]) is not None
        assert session.get(Organisation, added) is None


def test_only_an_example_is_removed(cast: Cast, added: int) -> None:
    with pytest.raises(Conflict, match="Only an example"):
        remove(cast, "admin", cast.tram)


def test_only_its_admins_remove_it(cast: Cast, added: int) -> None:
    with writing(cast.engine) as session:
        join(session, added, cast.people["manager"], [Role(RoleKind.MANAGER)], NOW)

    with pytest.raises(NotAllowed):
        remove(cast, "manager", added)


def test_nobody_is_left_outside(cast: Cast, added: int) -> None:
    with writing(cast.engine) as session:
        deactivate(
            session,
            people.actor(session.connection(), cast.people["second admin"], cast.tram),
            cast.people["admin"],
            NOW,
        )

    with pytest.raises(Conflict, match="outside"):
        remove(cast, "admin", added)
    assert counted(cast.engine, added)["team"] == 10
