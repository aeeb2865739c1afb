"""What a benchmark may show of an organisation that is there: teams are what is protected, in archived units too."""

import datetime
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select

from app.actions.assessing import agree
from app.actions.cycles import NewCycle, open_cycle
from app.actions.ml_systems import create_ml_system
from app.actions.organisations import change_settings
from app.actions.sheets import save
from app.actions.teams import create_team
from app.db.engine import reading, writing
from app.db.tables.assessments import Assessment
from app.domain.answers import Value
from app.domain.benchmark import Hidden
from app.domain.cycles import Mode
from app.domain.rollup import WHOLE
from app.domain.rubric import Subject
from app.domain.rubric_file import shipped
from app.domain.sheets import Change, Mutation
from app.queries.assessing import assessing
from app.queries.benchmark import Groups, groups, own_results
from app.queries.compared import levels_of
from tests.cast import NOW, OPERATOR, Cast
from tests.company import Company, company_of
from tests.conftest import StatementCount
from tests.teamwork import TODAY, new_id


def large(cast: Cast, **teams: int) -> Company:
    """The cast's organisation with as many more teams in its units, each with a result in autumn."""
    operator, random = replace(OPERATOR, organisation_id=cast.tram), Random(1)
    named = dict(cast.teams)
    with writing(cast.engine) as session:
        for unit, count in teams.items():
            for number in range(count):
                name = f"{unit} {number}"
                named[name] = create_team(session, operator, cast.units[unit], name, NOW).id
        change_settings(
            session,
            cast.actor("admin"),
            members_see_organisation=False,
            single_sign_on_only=False,
            least_compared=3,
            now=NOW,
        )
    company = company_of(replace(cast, teams=named))
    for name in named.keys() - cast.teams.keys():
        company.agreed("Autumn", name, *(random.randrange(5) for _ in range(5)))
    return company


def among(company: Company, subject: Subject = Subject.TEAM, cycle: str = "Autumn") -> Groups:
    with reading(company.engine) as session:
        return groups(session.connection(), company.cast.tram, company.cycles[cycle], subject)


def why(company: Company, found: Groups) -> dict[str, Hidden]:
    names = {id: name for name, id in company.cast.units.items()} | {WHOLE: ""}
    return {names[unit]: reason for unit, reason in found.hidden[""].items()}


def test_it_works(cast: Cast) -> None:
    company = large(cast, Data=3, Models=3, Depots=3)
    found = among(company)
    assert found.least == 3
    assert [(each.name, each.depth) for each in found.units] == [("Data", 0), ("Models", 1), ("Depots", 0)]
    assert why(company, found) == {}
    assert set(found.hidden) == {"", *company.rubric.category_by_key}


@pytest.mark.parametrize(
    ("teams", "reasons"),
    [
        ({"Data": 2, "Depots": 0}, dict.fromkeys(("", "Data", "Models", "Depots"), Hidden.FEW)),
        ({"Models": 3, "Data": 1}, {"Models": Hidden.REST, "Depots": Hidden.FEW}),
        ({"Models": 4, "Depots": 2}, {"Data": Hidden.REST, "Models": Hidden.REST, "Depots": Hidden.FEW}),
        ({"Models": 4}, {"Depots": Hidden.FEW}),
    ],
)
def test_the_rule_holds_for_what_is_counted(cast: Cast, teams: dict[str, int], reasons: dict[str, Hidden]) -> None:
    company = large(cast, **teams)
    assert why(company, among(company)) == reasons


def test_nothing_is_shown_where_nobody_agreed(cast: Cast) -> None:
    company = large(cast, Data=3)
    assert why(company, among(company, cycle="Spring")) == dict.fromkeys(("", "Data", "Models", "Depots"), Hidden.FEW)


def test_a_reopened_result_counts_no_more(cast: Cast) -> None:
    company = large(cast, Data=3)
    assert why(company, among(company)) == {"Models": Hidden.FEW, "Depots": Hidden.FEW}
    company.reopened("Autumn", "Data 0")
    assert why(company, among(company))[""] is Hidden.FEW


def test_of_ml_systems_the_teams_are_counted(cast: Cast) -> None:
    """Five ML systems of one team are one team."""
    rubric, operator = (
        shipped()["reproducibility-checklist"],
        replace(OPERATOR, organisation_id=cast.tram, leads=frozenset(cast.teams.values())),
    )
    company = large(cast)
    with writing(cast.engine) as session:
        for number, team in enumerate(["Risk", "Risk", "Risk", "Risk", "Timetable"]):
            create_ml_system(session, operator, cast.teams[team], f"System {number}", NOW)
        days = TODAY, TODAY + datetime.timedelta(days=9)
        admin = replace(operator, person_id=cast.people["admin"])
        cycle = open_cycle(session, admin, NewCycle("Systems", rubric.key, Mode.TOGETHER, *days), NOW).id
        asked = session.scalars(select(Assessment.id).where(Assessment.cycle_id == cycle).order_by(Assessment.id)).all()
    for id in asked:
        with writing(cast.engine) as session:
            sheet = assessing(session.connection(), operator, id).sheet
            given = {key: Change(Value.YES) for key in rubric.statements}
            save(session, sheet, rubric, Mutation(new_id(), sheet.version, given), NOW)
        with writing(cast.engine) as session:
            version = assessing(session.connection(), operator, id).sheet.version
            agree(session, operator, id, version, TODAY, NOW)
    company.cycles["Systems"] = cycle
    found = among(company, Subject.MODEL, "Systems")
    with reading(cast.engine) as session:
        assert levels_of(session.connection(), cast.tram, [(cycle, WHOLE)])[cycle, WHOLE].teams == 5
        own = own_results(session.connection(), cast.tram, cast.teams["Risk"])
    assert set(why(company, found)) == {"", "Data", "Models", "Depots"}
    assert sorted(each.system for each in own) == [f"System {number}" for number in range(4)]


def test_the_latest_result_is_compared(cast: Cast) -> None:
    company = company_of(cast)
    company.agreed("Spring", "Risk", 1, 2, 2, 1, 3)
    company.agreed("Autumn", "Risk", 2, 2, 2, 2, 3)
    with reading(cast.engine) as session:
        [found] = own_results(session.connection(), cast.tram, cast.teams["Risk"])
        assert own_results(session.connection(), cast.ferry, cast.teams["Risk"]) == ()
    assert (found.cycle, found.rubric, found.system_id, found.overall) == ("Autumn", "gigaom-mlops", None, 2)
    assert list(found.levels.values()) == [2, 2, 2, 2, 3]


def test_it_takes_few_statements(cast: Cast, count_statements: StatementCount) -> None:
    company = large(cast, Data=1)
    for subject in Subject:
        with count_statements(company.engine) as statements:
            among(company, subject)
        assert len(statements) == 3
