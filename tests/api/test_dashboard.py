"""The dashboard by the API: each figure against the results themselves, and against the page."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from app.actions.assessing import agree
from app.actions.cycles import NewCycle, open_cycle
from app.actions.running_cycles import close_cycle
from app.actions.sheets import save
from app.actions.teams import create_team
from app.actions.units import create_unit
from app.db.engine import writing
from app.db.tables.assessments import Assessment
from app.domain import rollup
from app.domain.cycles import Mode, Stage
from app.domain.investments import ranked
from app.domain.people import Actor, Scope
from app.domain.rollup import WHOLE, Counted, levels
from app.domain.rubric import DEFAULT, Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import pick, score
from app.domain.sheets import Change, Mutation
from app.queries.assessing import assessing
from tests.api.program import Program
from tests.api.test_conventions import kind
from tests.conftest import StatementCount
from tests.teamwork import new_id
from tests.web.cast import Browser, Cast
from tests.web.document import document

RUBRIC: Rubric = shipped()[DEFAULT]
DAY = datetime.timedelta(days=1)
CYCLES = ("Spring", "Autumn")


class Company:
    """Teams of both units, and of a unit below, that agree on chance levels in two cycles; each result is kept."""

    def __init__(self, cast: Cast, random: Random) -> None:
        self.cast, self.results = cast, list[Counted]()
        self.cycles: dict[str, int] = {}
        operator = Actor(cast.organisation_id, cast.admin.id, "", admin=True)
        today = cast.clock().date()
        with writing(cast.engine) as session:
            below = create_unit(session, operator, "Models", cast.risk.id, cast.clock())
            self.below = below.id
            made = [create_team(session, operator, below.id, f"Model {each}", cast.clock()).id for each in range(5)]
        self.units = {
            cast.fraud.id: (WHOLE, cast.risk.id),
            cast.credit.id: (WHOLE, cast.risk.id),
            cast.prices.id: (WHOLE, cast.sales.id),
            **dict.fromkeys(made, (WHOLE, cast.risk.id, self.below)),
        }
        self.operator = replace(operator, leads=frozenset(self.units))
        for place, name in enumerate(CYCLES):
            opens = today + place * 40 * DAY
            with writing(cast.engine) as session:
                asked = NewCycle(name, DEFAULT, Mode.TOGETHER, opens, opens + 30 * DAY)
                self.cycles[name] = open_cycle(session, self.operator, asked, cast.clock()).id
            for team in self.units:
                if random.random() < 0.8:
                    self.agreed(name, team, *(random.choice((0, 1, 1, 2, 4)) for _ in RUBRIC.categories))
            if not place:
                with writing(cast.engine) as session:
                    close_cycle(session, self.operator, self.cycles[name], cast.clock())
                cast.clock.now += 40 * DAY

    def agreed(self, cycle: str, team: int, *reached: int) -> None:
        cycle_id, now = self.cycles[cycle], self.cast.clock()
        picks = zip(RUBRIC.categories, reached, strict=True)
        values = {key: value for category, level in picks for key, value in pick(category, level).items()}
        with writing(self.cast.engine) as session:
            asked = select(Assessment.id).where(Assessment.cycle_id == cycle_id, Assessment.team_id == team)
            id = session.scalars(asked).one()
            sheet = assessing(session.connection(), self.operator, id).sheet
            given = {key: Change(value) for key, value in values.items()}
            save(session, sheet, RUBRIC, Mutation(new_id(), sheet.version, given), now)
        with writing(self.cast.engine) as session:
            version = assessing(session.connection(), self.operator, id).sheet.version
            agree(session, self.operator, id, version, now.date(), now)
        of = levels(RUBRIC, score(RUBRIC, values))
        assert of is not None
        self.results.append(Counted(team, None, cycle_id, self.units[team], of))

    def of(self, cycle: str, unit: int = WHOLE) -> list[Counted]:
        return [each for each in self.results if each.cycle == self.cycles[cycle] and unit in each.units]


@pytest.fixture
def company(cast: Cast) -> Company:
    return Company(cast, Random(6))


def spread(of: rollup.Distribution) -> dict[str, Any]:
    """A distribution as it is answered."""
    return {
        "teams": of.teams,
        "floor": of.floor,
        "median": of.median,
        "upper_quartile": of.upper_quartile,
        "levels": [
            {
                "level": each.level,
                "name": each.name,
                "teams": of.at(each.level),
                "share": round(float(Fraction(of.at(each.level), of.teams or 1)), 6),
                "teams_at_or_above": of.at_or_above(each.level),
                "share_at_or_above": round(float(Fraction(of.at_or_above(each.level), of.teams or 1)), 6),
            }
            for each in RUBRIC.levels
        ],
    }


def categories(of: Mapping[str, rollup.Distribution]) -> list[dict[str, Any]]:
    return [
        {"category": each.key, "name": each.name, "distribution": spread(of.get(each.key, rollup.NOBODY))}
        for each in RUBRIC.categories
    ]


def moved(since: int, moves: rollup.Movement) -> dict[str, Any]:
    return {
        "since": since,
        "rose": moves.rose,
        "fell": moves.fell,
        "stayed": moves.stayed,
        "joined": moves.joined.teams,
        "left": moves.left.teams,
        "flows": [{"before": then, "now": now, "teams": count} for (then, now), count in moves.flows.items()],
    }


@pytest.mark.parametrize("part", ["all", "risk", "models", "sales"])
def test_every_figure_is_that_of_the_results(program: Program, cast: Cast, company: Company, part: str) -> None:
    unit = {"all": WHOLE, "risk": cast.risk.id, "models": company.below, "sales": cast.sales.id}[part]
    spring, autumn = (company.of(name, unit) for name in CYCLES)
    first, last = company.cycles.values()
    found, then = rollup.rollup(autumn), rollup.rollup(spring)
    moves = rollup.movement(spring, autumn)

    answer = program(cast.admin, Scope.READ).get(f"/dashboard?unit={unit}" if unit else "/dashboard").json()

    assert answer["cycle"]["id"] == last
    assert answer["teams"] == found.teams == len(autumn)
    assert answer["overall"] == spread(found.overall)
    assert answer["categories"] == categories(found.categories)
    assert [(each["category"], each["teams"]) for each in answer["limits"]] == list(found.ranked_limits())
    assert [(each["statement"], each["teams"]) for each in answer["blocks"]] == list(found.ranked_blocks())
    assert [(each["size"], tuple(each["statements"]), each["teams"]) for each in answer["investments"]] == [
        (size, each.statements, each.teams) for size in (1, 2, 3) for each in ranked(found.needs, size)
    ]
    head = rollup.headline(RUBRIC, found, moves)
    assert answer["headline"] == ({name: getattr(head, name) for name in answer["headline"]} if head else None)
    assert answer["movement"] == moved(first, moves)
    points = [(first, then, None), (last, found, moved(first, moves))]
    assert [
        (each["cycle"]["id"], each["overall"], each["categories"], each["movement"]) for each in answer["trend"]
    ] == [(id, spread(of.overall), categories(of.categories), since) for id, of, since in points if of.teams]
    for row in answer["units"]:
        below = rollup.rollup(company.of("Autumn", row["id"]))
        assert row["overall"] == spread(below.overall)
        assert row["categories"] == categories(below.categories)
    expected = {"all": ["Risk", "Sales"], "risk": ["Models"], "models": [], "sales": []}[part]
    assert [row["name"] for row in answer["units"]] == expected
    asked = [team for team, units in company.units.items() if unit in units]
    counts = dict.fromkeys(Stage, 0) | {Stage.AGREED: len(autumn), Stage.NOT_BEGUN: len(asked) - len(autumn)}
    assert [answer["progress"][stage] for stage in Stage] == list(counts.values())
    assert (answer["progress"]["asked"], answer["progress"]["overdue"]) == (len(asked), 0)
    assert [row["name"] for row in answer["progress"]["units"]] == expected


def numbers(row: Any) -> list[int]:
    cells = [each for each in row.all("td") if "number" in each.attributes.get("class", "").split()]
    return [int(each.text) for each in cells if each.text.isdecimal()]


def test_every_figure_is_that_of_the_page(program: Program, browser: Browser, cast: Cast, company: Company) -> None:
    answer = program(cast.admin).get("/dashboard").json()
    page = document(browser(cast.admin).get("/dashboard").text).one("main")

    head = answer["headline"]
    assert f"{head['at_level']} of {head['teams']} teams at level {head['level']}." in page.one("h1").text
    assert f"{head['rose']} rose and {head['fell']} fell" in page.text

    def table(section: str, caption: str) -> Sequence[Any]:
        found = page.one("section", id=section)
        [one] = [each for each in found.all("table") if caption in each.one("caption").text]
        return [row for row in one.all("tr") if row.all("td")]

    levels_of = [[each["teams"] for each in one["distribution"]["levels"]] for one in answer["categories"]]
    levels_of.append([each["teams"] for each in answer["overall"]["levels"]])
    assert [numbers(row)[: len(RUBRIC.levels)] for row in table("categories", "at each level, by")] == levels_of
    every = [*(one["distribution"]["levels"] for one in answer["categories"]), answer["overall"]["levels"]]
    reached = [[100 * each["teams_at_or_above"] // of[0]["teams_at_or_above"] for each in of[1:]] for of in every]
    shares = [[cell.text for cell in row.all("td")] for row in table("categories", "or above")]
    assert shares == [[f"{share} %" for share in of] for of in reached]
    assert [numbers(row)[-1] for row in table("categories", "limits")] == [each["teams"] for each in answer["limits"]]
    assert [numbers(row)[0] for row in table("blocks", "blocks")] == [each["teams"] for each in answer["blocks"]][:8]
    lifts = [each["teams"] for size in (1, 2, 3) for each in by_size(answer, size)[:8]]
    shown = page.one("section", id="investments").all("table")
    assert [numbers(row)[0] for one in shown for row in one.all("tr") if row.all("td")] == lifts
    trend = [[each["teams"] for each in one["overall"]["levels"]] for one in answer["trend"]]
    assert [numbers(row)[: len(RUBRIC.levels)] for row in table("over-time", "by cycle")] == trend
    units = [[each["teams"] for each in one["overall"]["levels"]] for one in answer["units"] if one["overall"]["teams"]]
    assert [numbers(row)[: len(RUBRIC.levels)] for row in table("teams", "by unit")] == units
    progress = browser(cast.admin).get("/dashboard/progress", headers={"Shortstave-Fragment": "1"}).text
    rows = [numbers(row) for row in document(progress).all("tr") if row.all("td")]
    names = ("asked", "not_begun", "begun", "submitted", "agreed", "overdue")
    assert rows == [[each[name] for name in names] for each in (answer["progress"], *answer["progress"]["units"])]


def by_size(answer: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
    return [each for each in answer["investments"] if each["size"] == size]


def test_a_cycle_is_named_and_a_closed_one_has_no_progress(program: Program, cast: Cast, company: Company) -> None:
    token = program(cast.admin)
    answer = token.get(f"/dashboard?cycle={company.cycles['Spring']}").json()
    assert (answer["cycle"]["name"], answer["cycle"]["state"]) == ("Spring", "closed")
    assert answer["teams"] == len(company.of("Spring"))
    assert (answer["movement"], answer["progress"]) == (None, None)
    assert token.get("/dashboard?progress=false").json()["progress"] is None


def test_a_unit_is_named_with_those_above_it(browser: Browser, cast: Cast, company: Company) -> None:
    """Others may have its own name. A manager of the upper one sees both."""
    for who in (cast.admin, cast.manager):
        page = document(browser(who).get(f"/dashboard?unit={company.below}").text)
        assert "Risk / Models" in page.one("ol", class_="crumbs").text
    last = company.cycles["Autumn"]
    compared = browser(cast.admin).get(f"/dashboard/compare?cycle={last}&unit={company.below}&cycle={last}&unit=").text
    assert "Risk / Models" in document(compared).one("table", class_="medians").text


def test_a_cycle_is_compared_with_an_earlier_one(browser: Browser, cast: Cast, company: Company) -> None:
    first, last = company.cycles.values()
    offered = document(browser(cast.admin).get(f"/dashboard?cycle={last}").text).one("select", id="since")
    assert [each["value"] for each in offered.all("option")] == [str(first)]
    assert not document(browser(cast.admin).get(f"/dashboard?cycle={first}").text).all("select", id="since")
    assert browser(cast.admin).get(f"/dashboard?cycle={first}&since={last}").status_code == 404


def test_the_latest_cycle_is_that_of_the_default_rubric_with_results(
    program: Program, cast: Cast, company: Company
) -> None:
    today = cast.clock().date()
    with writing(cast.engine) as session:
        for place, (name, rubric) in enumerate((("Winter", DEFAULT), ("Tests", "mlops-capabilities"))):
            asked = NewCycle(name, rubric, Mode.TOGETHER, today, today + (60 + place) * DAY)
            id = open_cycle(session, company.operator, asked, cast.clock()).id
    token = program(cast.admin)
    assert token.get("/dashboard").json()["cycle"]["name"] == "Autumn"
    points = token.get(f"/dashboard?cycle={id}").json()
    assert (points["cycle"]["rubric"], points["teams"], points["headline"]) == ("mlops-capabilities", 0, None)
    assert [each["teams"] for each in points["overall"]["levels"]] == [0] * len(points["overall"]["levels"])


def test_a_token_sees_what_its_person_sees(program: Program, cast: Cast, company: Company) -> None:
    assert program(cast.manager).get("/dashboard").json()["unit"] == {"id": cast.risk.id, "name": "Risk"}
    assert kind(program(cast.manager).get(f"/dashboard?unit={cast.sales.id}")) == (404, "/api#missing")
    assert program.service(cast.organisation_id, Scope.READ).get("/dashboard").json()["unit"] is None
    for player in (cast.member, cast.lead):
        assert kind(program(player).get("/dashboard")) == (403, "/api#not-allowed")
    limited = program(cast.admin, Scope.READ, team_ids=[cast.fraud.id])
    assert kind(limited.get("/dashboard")) == (403, "/api#not-allowed")
    outsider = program(cast.outsider)
    assert kind(outsider.get("/dashboard")) == (404, "/api#missing")
    assert kind(outsider.get(f"/dashboard?cycle={company.cycles['Spring']}")) == (404, "/api#missing")


@pytest.mark.both
def test_it_has_a_version_and_refuses_what_it_does_not_know(program: Program, cast: Cast, company: Company) -> None:
    token = program(cast.admin)
    version = token.get("/dashboard").headers["etag"]
    assert token.get("/dashboard", if_none_match=version).status_code == 304
    for asked in ("cycle=x", "unit=0", "since=1", f"cycle={2**63}"):
        assert kind(token.get(f"/dashboard?{asked}")) == (422, "/api#unfit")
    assert kind(token.get("/dashboard?cycle=99999")) == (404, "/api#missing")


def test_it_looks_at_no_team_but_for_the_progress(
    program: Program, cast: Cast, company: Company, count_statements: StatementCount
) -> None:
    token = program(cast.admin)
    token.get("/dashboard")
    grows = re.compile(r"(FROM|JOIN) (team|assessment|sheet|answer|agreed_result)\b")
    with count_statements(cast.engine) as statements:
        token.get("/dashboard?progress=false")
    assert len(statements) <= 11, (len(statements), statements)
    assert [each for each in statements if grows.search(each)] == []
    with count_statements(cast.engine) as statements:
        token.get("/dashboard")
    assert len(statements) <= 13, (len(statements), statements)
