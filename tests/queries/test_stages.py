"""How far a cycle has come, by unit: against its assessments one by one, whatever the teams did."""

import datetime
from collections import Counter
from dataclasses import replace

import pytest

from app.actions.cycles import NewCycle, open_cycle
from app.actions.ml_systems import archive_ml_system, create_ml_system
from app.actions.running_cycles import close_cycle
from app.actions.teams import archive_team
from app.db.engine import reading, writing
from app.domain.cycles import Mode, Stage, overdue
from app.domain.rollup import WHOLE
from app.queries.board import agreed_on, asked_in
from app.queries.cycles import counts, cycle_line, standings
from app.queries.stages import Stages, stages
from app.queries.units import unit
from tests.cast import NOW, Cast
from tests.company import Company, company_of
from tests.conftest import StatementCount
from tests.teamwork import TODAY

UNITS = ("Data", "Models", "Depots")


@pytest.fixture
def company(cast: Cast) -> Company:
    made = company_of(cast)
    made.agreed("Autumn", "Risk", 1, 2, 2, 1, 3)
    made.answered("Autumn", "Reports", 1, 1, 1, 1, 1)
    made.agreed("Autumn", "Wagons", 1, 2, 2, 1, 3)
    made.reopened("Autumn", "Wagons")
    return made


def read(company: Company, name: str = "", cycle_id: int = 0) -> Stages:
    org, id = company.cast.tram, company.cast.units[name] if name else WHOLE
    with reading(company.engine) as session:
        connection = session.connection()
        cycle = cycle_line(connection, org, cycle_id or company.cycles["Autumn"])
        path = unit(connection, org, id).path if id else ""
        return stages(connection, org, cycle.id, cycle.closed_at, id, path)


def one_by_one(company: Company, path: str = "") -> Counter[Stage]:
    with reading(company.engine) as session:
        found = standings(session.connection(), company.operator, company.cycles["Autumn"])
    return Counter(each.stage for each in found.lines if each.place.unit_path.startswith(path))


def nonzero(found: Stages) -> dict[str, int]:
    return {stage.value: count for stage, count in found.counts.items() if count}


def test_it_is_that_of_the_assessments_one_by_one(company: Company) -> None:
    assert nonzero(read(company)) == {"not_begun": 1, "begun": 2, "agreed": 1}
    for name in UNITS:
        with reading(company.engine) as session:
            path = unit(session.connection(), company.cast.tram, company.cast.units[name]).path
        found = read(company, name)
        assert Counter(found.counts) == one_by_one(company, path), name
        below = sum((Counter(each.counts) for each in found.below), Counter(found.here))
        assert +below == +Counter(found.counts), name
    assert {each.name for each in read(company).below} == {"Data", "Depots"}
    with reading(company.engine) as session:
        cycle = company.cycles["Autumn"]
        assert dict(read(company).counts) == counts(session.connection(), company.cast.tram, [cycle])[cycle]


def test_archived_teams_have_no_part_but_in_what_was_closed_before(company: Company) -> None:
    cast, later = company.cast, NOW + datetime.timedelta(days=1)
    before = read(company)
    company.do(lambda session: archive_team(session, company.operator, cast.teams["Risk"], NOW))
    assert nonzero(read(company)) == {"not_begun": 1, "begun": 2}
    admin = cast.actor("admin")
    company.do(lambda session: close_cycle(session, admin, company.cycles["Autumn"], NOW - datetime.timedelta(hours=1)))
    company.do(lambda session: archive_team(session, company.operator, cast.teams["Wagons"], later))
    assert nonzero(read(company)) == nonzero(before)


def test_ml_systems_are_counted_for_themselves(company: Company) -> None:
    cast = company.cast
    with writing(company.engine) as session:
        systems = [
            create_ml_system(session, company.operator, cast.teams[team], name, NOW).id
            for team, name in (("Risk", "Scores"), ("Risk", "Limits"), ("Wagons", "Doors"))
        ]
        asked = NewCycle("Systems", "ml-test-score", Mode.TOGETHER, TODAY, TODAY)
        admin = replace(company.operator, person_id=cast.people["admin"])
        cycle_id = open_cycle(session, admin, asked, NOW).id
    assert nonzero(read(company, cycle_id=cycle_id)) == {"not_begun": 3}
    assert nonzero(read(company, "Data", cycle_id=cycle_id)) == {"not_begun": 2}
    company.do(lambda session: archive_ml_system(session, company.operator, systems[0], NOW))
    assert nonzero(read(company, "Data", cycle_id=cycle_id)) == {"not_begun": 1}


def test_overdue_is_what_is_not_agreed_when_the_day_has_passed(company: Company) -> None:
    found, day = read(company).counts, datetime.timedelta(days=1)
    with reading(company.engine) as session:
        rules = cycle_line(session.connection(), company.cast.tram, company.cycles["Autumn"]).rules
    assert [overdue(rules, found, rules.due + each * day) for each in (-1, 0, 1)] == [0, 0, 3]
    assert overdue(replace(rules, closed_at=NOW), found, rules.due + day) == 0


def test_it_takes_two_statements_and_another_organisation_sees_nothing(
    company: Company, count_statements: StatementCount
) -> None:
    with reading(company.engine) as session, count_statements(company.engine) as statements:
        stages(session.connection(), company.cast.tram, company.cycles["Autumn"])
        assert len(statements) == 2
        found = stages(session.connection(), company.cast.ferry, company.cycles["Autumn"])
    assert not any(found.counts.values())


def test_what_the_board_is_told_of_results(company: Company) -> None:
    cast, autumn = company.cast, company.cycles["Autumn"]
    company.agreed("Autumn", "Timetable", 1, 1, 1, 1, 1)
    with reading(company.engine) as session:
        connection = session.connection()
        data = unit(connection, cast.tram, cast.units["Data"]).path
        depots = unit(connection, cast.tram, cast.units["Depots"]).path
        assert agreed_on(connection, cast.tram, autumn) == {NOW.date(): 2}
        assert agreed_on(connection, cast.tram, autumn, data) == {NOW.date(): 2}
        assert agreed_on(connection, cast.tram, autumn, depots) == {}
        assert asked_in(connection, cast.tram, autumn, None) == sum(read(company).counts.values())
        assert asked_in(connection, cast.tram, autumn, None, depots) == sum(read(company, "Depots").counts.values())
        assert agreed_on(connection, cast.ferry, autumn) == {}
