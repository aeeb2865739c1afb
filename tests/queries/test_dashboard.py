"""Every figure of the dashboard against `domain.rollup` on the same answers, whatever happened to the organisation."""

import datetime
import itertools
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.running_cycles import close_cycle
from app.actions.teams import archive_team, move_team, restore_team
from app.actions.units import move_unit
from app.db.engine import reading
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team, Unit
from app.domain.errors import DomainError, Missing
from app.domain.frozen_answers import from_document
from app.domain.investments import ranked
from app.domain.rollup import WHOLE, Counted, levels, rollup
from app.domain.rollup import movement as moved
from app.domain.scoring import score
from app.domain.sheets import values
from app.queries import dashboard
from app.queries.heat_map import NAME, HeatMap, HeatRow, Move, heat_map
from tests.cast import NOW, Cast
from tests.company import Company, company_of
from tests.conftest import StatementCount

STEPS = 14
TEAMS = ("Risk", "Timetable", "Reports", "Wagons")
UNITS = ("Data", "Models", "Depots")


def found(company: Company, session: Session, cycle: int, unit: int) -> list[Counted]:
    """The results of one cycle in one unit by plain Python, scored from the answers."""
    rows = session.execute(
        select(AgreedResult.answers, Team, Unit.path, Cycle.closed_at)
        .join(Assessment, Assessment.id == AgreedResult.assessment_id)
        .join(Cycle, Cycle.id == Assessment.cycle_id)
        .join(Team, Team.id == Assessment.team_id)
        .join(Unit, Unit.id == Team.unit_id)
        .where(Assessment.cycle_id == cycle, AgreedResult.reopened_at.is_(None))
    )
    counted = []
    for answers, team, path, closed_at in rows:
        units = (WHOLE, *map(int, path.strip("/").split("/")))
        gone = team.archived_at is not None and (closed_at is None or closed_at > team.archived_at)
        of = levels(company.rubric, score(company.rubric, values(from_document(answers).answers)))
        if unit in units and not gone and of is not None:
            counted.append(Counted(team.id, None, cycle, units, of))
    return counted


def something_happens(company: Company, random: Random, now: datetime.datetime) -> None:
    """One step, or none where it is refused."""
    cast, operator, cycle = company.cast, company.operator, random.choice(["Spring", "Autumn"])
    team, unit = random.choice(TEAMS), random.choice(UNITS)
    steps = [
        lambda: company.agreed(cycle, team, *(random.randrange(5) for _ in range(5))),
        lambda: company.agreed(cycle, team, *[random.randrange(5)] * 5),
        lambda: company.agreed(cycle, team, *(random.randrange(5) for _ in range(5))),
        lambda: company.reopened(cycle, team),
        lambda: company.do(lambda session: move_team(session, operator, cast.teams[team], cast.units[unit], now)),
        lambda: company.do(
            lambda session: move_unit(
                session, operator, cast.units[random.choice(UNITS)], random.choice([None, cast.units[unit]]), now
            )
        ),
        lambda: company.do(lambda session: archive_team(session, operator, cast.teams[team], now)),
        lambda: company.do(lambda session: restore_team(session, operator, cast.teams[team], now)),
    ]
    try:
        random.choice(steps)()
    except DomainError:
        return


def check(company: Company) -> None:
    first, last = company.cycles["Spring"], company.cycles["Autumn"]
    org = company.cast.tram
    with reading(company.engine) as session:
        connection = session.connection()
        for unit in (WHOLE, *(company.cast.units[name] for name in UNITS)):
            spring, autumn = (found(company, session, cycle, unit) for cycle in (first, last))
            assert dashboard.overview(connection, org, first, unit) == rollup(spring)
            assert dashboard.overview(connection, org, last, unit) == rollup(autumn)
            assert dashboard.movement(connection, org, first, last, unit) == moved(spring, autumn)
            assert dashboard.movement(connection, org, last, first, unit) == moved(autumn, spring)
            points = dashboard.trend(connection, org, [last, first], unit)
            assert [each.overall for each in points] == [rollup(spring).overall, rollup(autumn).overall]
            assert points[1].categories == rollup(autumn).categories
            assert points[1].movement == moved(spring, autumn)
            for row in dashboard.unit_rows(connection, org, last, unit):
                below = rollup(found(company, session, last, row.id))
                assert (row.overall, row.categories) == (below.overall, below.categories)
        everybody = {each.team: each for each in found(company, session, last, WHOLE)}
        for by in (NAME, "", *company.rubric.category_by_key):
            rows = pages(session, org, HeatMap(last, by=by, limit=2))
            assert {row.team_id: row.levels for row in rows} == {id: each.of.levels for id, each in everybody.items()}
            if by != NAME:
                heights = [row.levels[by] if by else row.overall for row in rows]
                assert heights == sorted(heights)
            turned = pages(session, org, HeatMap(last, by=by, limit=1, descending=True))
            assert turned == rows[::-1]


def pages(session: Session, organisation_id: int, asked: HeatMap) -> list[HeatRow]:
    """All rows, page by page."""
    rows: list[HeatRow] = []
    for _ in range(20):
        page = heat_map(session.connection(), organisation_id, asked)
        rows += page.rows
        if page.after is None:
            return rows
        asked = replace(asked, after=page.after)
    raise AssertionError("The pages have no end.")


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_that_of_the_results(cast: Cast, seed: int) -> None:
    company, random = company_of(cast), Random(seed)
    for team in TEAMS:
        for cycle in company.cycles:
            company.agreed(cycle, team, *(random.randrange(5) for _ in range(5)))
    check(company)
    for step in range(STEPS):
        if step == STEPS // 2:
            admin, cycle_id = cast.actor("admin"), company.cycles["Spring"]
            company.do(lambda session, id=cycle_id, who=admin: close_cycle(session, who, id, NOW))  # type: ignore[misc]
        something_happens(company, random, NOW + datetime.timedelta(minutes=step - STEPS // 2))
    check(company)
    assert company.wrong() == []


@pytest.fixture
def company(cast: Cast) -> Company:
    made = company_of(cast)
    made.agreed("Spring", "Risk", 1, 2, 2, 1, 3)
    made.agreed("Spring", "Wagons", 3, 3, 3, 3, 3)
    made.agreed("Autumn", "Risk", 2, 2, 2, 2, 3)
    made.agreed("Autumn", "Wagons", 0, 3, 3, 3, 3)
    made.agreed("Autumn", "Reports", 0, 1, 0, 1, 1)
    return made


def names(company: Company, **asked: object) -> list[str]:
    with reading(company.engine) as session:
        wanted = HeatMap(company.cycles["Autumn"], **asked)  # type: ignore[arg-type]
        return [row.name for row in heat_map(session.connection(), company.cast.tram, wanted).rows]


def test_the_heat_map_is_filtered(company: Company) -> None:
    since, strategy = company.cycles["Spring"], next(iter(company.rubric.category_by_key))
    with reading(company.engine) as session:
        path = session.scalars(select(Unit.path).where(Unit.id == company.cast.units["Data"])).one()
    assert names(company) == ["Reports", "Risk", "Wagons"]
    assert names(company, unit_path=path) == ["Reports", "Risk"]
    assert names(company, search="r") == ["Reports", "Risk"]
    assert names(company, limiting=strategy) == ["Reports", "Risk", "Wagons"]
    assert names(company, limiting="governance") == []
    assert names(company, level=0) == ["Reports", "Wagons"]
    assert names(company, level=2, at_category=strategy) == ["Risk"]
    assert names(company, since=since, move=Move.ROSE) == ["Risk"]
    assert names(company, since=since, move=Move.FELL) == ["Wagons"]
    assert names(company, since=since, move=Move.JOINED, by="") == ["Reports"]
    assert names(company, since=since, move=Move.STAYED, by=strategy, descending=True) == []


FILTERS: tuple[Mapping[str, Any], ...] = (
    {"search": "e"},
    {"search": "no such team"},
    {"limiting": "governance"},
    {"limiting": "strategy"},
    {"level": 1},
    {"level": 0},
    {"level": 2, "at_category": "strategy"},
    {"unit": "Data"},
    {"unit": "Models"},
    *({"move": move} for move in Move),
)


def fits(rows: Mapping[int, HeatRow], row: HeatRow, asked: Mapping[str, Any], paths: Mapping[int, str]) -> bool:
    """The filters again, in plain Python, on the rows of a heat map without any."""
    level = row.levels.get(asked["at_category"]) if "at_category" in asked else row.overall
    then = rows.get(row.team_id)
    moves = {
        Move.ROSE: then is not None and row.overall > then.overall,
        Move.FELL: then is not None and row.overall < then.overall,
        Move.STAYED: then is not None and row.overall == then.overall,
        Move.JOINED: then is None,
    }
    return (
        asked.get("search", "") in row.name
        and asked.get("limiting", row.limiting[0]) in row.limiting
        and asked.get("level", level) == level
        and paths[row.unit_id].startswith(asked.get("unit_path", ""))
        and ("move" not in asked or moves[asked["move"]])
    )


@pytest.mark.parametrize("seed", range(2))
def test_every_filter_in_every_order_is_that_of_plain_python(cast: Cast, seed: int) -> None:
    company, random = company_of(cast), Random(seed)
    for team in TEAMS:
        for cycle in company.cycles:
            if cycle == "Autumn" or random.random() < 0.8:
                company.agreed(cycle, team, *(random.randrange(4) for _ in range(5)))
    org, first, last = company.cast.tram, company.cycles["Spring"], company.cycles["Autumn"]
    with reading(company.engine) as session:
        units = session.execute(select(Unit.id, Unit.path).where(Unit.organisation_id == org))
        paths = {unit.id: unit.path for unit in units}
        before = {row.team_id: row for row in pages(session, org, HeatMap(first))}
        for by in (NAME, "", *company.rubric.category_by_key):
            every = pages(session, org, HeatMap(last, by=by, since=first))
            together = random.sample(list(itertools.combinations(FILTERS, 2)), 6)
            for some in [(each,) for each in FILTERS] + together:
                asked = {name: value for each in some for name, value in each.items()}
                if unit := asked.pop("unit", ""):
                    asked["unit_path"] = paths[company.cast.units[unit]]
                wanted = [row for row in every if fits(before, row, asked, paths)]
                found = HeatMap(last, by=by, since=first, limit=2, **asked)
                assert pages(session, org, found) == wanted, (by, asked)
                assert pages(session, org, replace(found, descending=True)) == wanted[::-1], (by, asked)


def test_it_takes_few_statements(company: Company, count_statements: StatementCount) -> None:
    org, cycles = company.cast.tram, list(company.cycles.values())
    with reading(company.engine) as session, count_statements(company.engine) as statements:
        connection = session.connection()
        figures = dashboard.overview(connection, org, cycles[1])
        dashboard.movement(connection, org, *cycles)
        dashboard.trend(connection, org, cycles)
        heat_map(connection, org, HeatMap(cycles[1], since=cycles[0], by=""))
        dashboard.unit_rows(connection, org, cycles[1])
        dashboard.cycle_choices(connection, org)
    assert len(statements) == 7
    assert all(each.teams for each in ranked(figures.needs, 3))


def test_another_organisation_sees_nothing_of_it(company: Company) -> None:
    with reading(company.engine) as session:
        connection, cycle = session.connection(), company.cycles["Autumn"]
        assert dashboard.overview(connection, company.cast.ferry, cycle).teams == 0
        assert heat_map(connection, company.cast.ferry, HeatMap(cycle)).rows == ()
        with pytest.raises(Missing):
            dashboard.seen_part(connection, company.cast.actor("outsider"), company.cast.units["Data"])


@pytest.mark.parametrize(
    ("name", "seen"), [("admin", "all"), ("manager", "all"), ("data manager", "Data"), ("lead", ""), ("stranger", "")]
)
def test_who_sees_what(company: Company, name: str, seen: str) -> None:
    actor, units = company.cast.actor(name), company.cast.units
    with reading(company.engine) as session:
        connection = session.connection()
        for unit in (WHOLE, units["Data"], units["Models"], units["Depots"]):
            may = seen == "all" or (seen == "Data" and unit in {units["Data"], units["Models"]})
            if may:
                line = dashboard.seen_part(connection, actor, unit)
                assert (line.id if line else WHOLE) == unit
            else:
                with pytest.raises(Missing):
                    dashboard.seen_part(connection, actor, unit)
