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
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, Sheet
from app.db.tables.org import MlSystem, Organisation, Team, Unit
from app.db.tables.people import Person
from app.db.tables.signing_in import LinkKind
from app.domain import example
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.people import Role, RoleKind
from app.domain.rubric import DEFAULT
from app.domain.rubric_file import shipped
from app.domain.sheets import SavedAnswer
from app.queries import people
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
    expected = {team.name: example.answers(shipped()[DEFAULT], team) for team in teams}

    count = counted(cast.engine, added)

    assert count["team"] == count["assessment"] == count["sheet"] == count["mutation"] == 10
    assert count["unit"] == len(example.units(teams))
    assert count["ml_system"] == sum(len(team.systems) for team in teams)
    assert count["answer"] == count["answer_change"] == sum(map(len, expected.values()))
    with reading(cast.engine) as session:
        sheets = session.execute(
            select(Team.name, Sheet.id)
            .join(Assessment, Assessment.team_id == Team.id)
            .join(Sheet, Sheet.assessment_id == Assessment.id)
            .where(Team.organisation_id == added)
        ).all()
        stored = {name: answers(session.connection(), added, sheet_id) for name, sheet_id in sheets}
    assert stored == expected
    assert all(
        isinstance(answer, SavedAnswer) and answer.version == 1 for each in stored.values() for answer in each.values()
    )


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
    assert len(statements) < 70


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
