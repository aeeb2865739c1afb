"""The counts of agreed results follow what happens to them, to their teams and to their units."""

import datetime
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from app.actions.assessing import agree
from app.actions.counting import count_all
from app.actions.cycles import NewCycle, open_cycle
from app.actions.running_cycles import close_cycle, reopen_cycle
from app.actions.teams import archive_team, create_team, move_team, rename_team, restore_team
from app.actions.units import move_unit
from app.db.engine import reading, writing
from app.db.tables.rollup import CountedLevel, CountedResult, Tally
from app.domain.cycles import Mode
from tests.cast import NOW, Cast
from tests.company import Company, Step, company_of
from tests.teamwork import TODAY
from tests.together import together


@pytest.fixture
def company(cast: Cast) -> Company:
    return company_of(cast)


@pytest.fixture
def standing(company: Company) -> Company:
    """Three teams in spring, two of them in autumn, one of which rose."""
    company.agreed("Spring", "Risk", 1, 2, 2, 1, 3)
    company.agreed("Spring", "Reports", 2, 2, 2, 2, 2)
    company.agreed("Spring", "Wagons", 0, 0, 1, 0, 0)
    company.agreed("Autumn", "Risk", 2, 2, 2, 2, 3)
    company.agreed("Autumn", "Wagons", 0, 1, 1, 0, 0)
    return company


def test_it_works(standing: Company) -> None:
    assert standing.overall("Spring") == {0: 1, 1: 1, 2: 1}
    assert standing.overall("Spring", "Data") == {1: 1, 2: 1}
    assert standing.overall("Autumn") == {0: 1, 2: 1}
    assert standing.flows() == {("1", 2): 1, ("0", 0): 1}
    assert standing.flows("Models") == {("1", 2): 1}
    assert standing.wrong() == []


def test_reopening_takes_it_away_and_agreeing_again_counts_once(standing: Company) -> None:
    standing.reopened("Spring", "Risk")
    assert standing.overall("Spring") == {0: 1, 2: 1}
    assert standing.flows() == {("0", 0): 1}
    assert standing.wrong() == []
    standing.agreed("Spring", "Risk", 3, 3, 3, 3, 3)
    assert standing.overall("Spring", "Models") == {3: 1}
    assert standing.flows("Models") == {("3", 2): 1}
    assert standing.wrong() == []


def test_a_moved_team_takes_its_past_along(standing: Company) -> None:
    cast, operator = standing.cast, standing.operator
    standing.do(lambda session: move_team(session, operator, cast.teams["Risk"], cast.units["Depots"], NOW))
    assert standing.overall("Spring", "Models") == standing.overall("Autumn", "Models") == {}
    assert standing.overall("Spring", "Depots") == {0: 1, 1: 1}
    assert standing.flows("Depots") == {("1", 2): 1, ("0", 0): 1}
    assert standing.wrong() == []


@pytest.mark.parametrize(("unit", "under"), [("Models", "Depots"), ("Models", None), ("Data", "Depots")])
def test_a_moved_unit_counts_where_it_is(standing: Company, unit: str, under: str | None) -> None:
    cast, operator = standing.cast, standing.operator
    before = standing.overall("Spring", unit)
    to = cast.units[under] if under else None
    standing.do(lambda session: move_unit(session, operator, cast.units[unit], to, NOW))
    assert standing.overall("Spring", unit) == before
    assert standing.overall("Spring") == {0: 1, 1: 1, 2: 1}
    assert standing.wrong() == []
    standing.agreed("Autumn", "Reports", 2, 2, 2, 2, 2)
    standing.do(lambda session: move_unit(session, operator, cast.units[unit], None, NOW))
    assert standing.wrong() == []


def test_an_archived_team_has_no_part_in_a_cycle_that_runs(standing: Company) -> None:
    cast, operator = standing.cast, standing.operator
    later = NOW + datetime.timedelta(hours=1)
    admin = cast.actor("admin")
    standing.do(lambda session: close_cycle(session, admin, standing.cycles["Spring"], NOW))
    standing.do(lambda session: archive_team(session, operator, cast.teams["Risk"], later))
    assert standing.overall("Spring") == {0: 1, 1: 1, 2: 1}
    assert standing.overall("Autumn") == {0: 1}
    assert standing.flows() == {("0", 0): 1}
    assert standing.wrong() == []

    standing.do(lambda session: reopen_cycle(session, admin, standing.cycles["Spring"], "Too early.", TODAY, later))
    assert standing.overall("Spring") == {0: 1, 2: 1}
    assert standing.wrong() == []
    standing.do(lambda session: restore_team(session, operator, cast.teams["Risk"], later))
    assert (standing.overall("Spring"), standing.overall("Autumn")) == ({0: 1, 1: 1, 2: 1}, {0: 1, 2: 1})
    assert standing.wrong() == []


def test_a_new_name_is_the_name_in_the_heat_map(standing: Company) -> None:
    standing.do(lambda session: rename_team(session, standing.operator, standing.cast.teams["Risk"], "Fraud", NOW))
    with reading(standing.engine) as session:
        assert set(session.scalars(select(CountedResult.name))) == {"Fraud", "Reports", "Wagons"}
        assert set(session.scalars(select(CountedLevel.name))) == {"Fraud", "Reports", "Wagons"}
    assert standing.wrong() == []


def test_what_was_agreed_before_is_counted_by_a_job(standing: Company) -> None:
    for rows in (CountedLevel, CountedResult, Tally):
        standing.do(lambda session, rows=rows: session.execute(delete(rows)))  # type: ignore[misc]
    assert len(standing.wrong()) > 5
    for _ in range(2):
        standing.do(lambda session: count_all(session, {"after": 0, "round": 0}, NOW))
        assert standing.wrong() == []
    assert standing.overall("Spring") == {0: 1, 1: 1, 2: 1}


def test_a_difference_is_found(standing: Company) -> None:
    standing.do(lambda session: session.execute(delete(Tally).where(Tally.kind == "overall", Tally.unit_id == 0)))
    assert len(standing.wrong()) == 5


def test_many_agree_at_once(company: Company) -> None:
    """A hundred agreements in threads: of fifty teams, each in two cycles at once."""
    cast, operator = company.cast, company.operator
    with writing(cast.engine) as session:
        made = {
            f"T{number}": create_team(session, operator, cast.units["Models"], f"T{number}", NOW).id
            for number in range(50)
        }
        admin = cast.actor("admin")
        asked = NewCycle("Winter", "gigaom-mlops", Mode.TOGETHER, TODAY, TODAY, teams=tuple(made.values()))
        more = {name: open_cycle(session, admin, replace(asked, name=name), NOW).id for name in ("Winter", "Summer")}
    cast.teams.update(made)
    company.cycles.update(more)
    company = replace(company)
    ready = [company.answered(cycle, team, *[number % 5] * 5) for number, team in enumerate(made) for cycle in more]

    def deed(id: int, version: int) -> Step:
        return lambda session: agree(session, company.operator, id, version, TODAY, NOW)

    outcomes = together(company.engine, [deed(*each) for each in ready])

    assert outcomes == [1] * 100
    assert company.overall("Winter") == company.overall("Summer", "Models") == dict.fromkeys(range(5), 10)
    assert company.flows() == {(str(level), level): 10 for level in range(5)}
    assert company.wrong() == []
