"""The charts of the dashboard: the numbers of the rule and of the page, in every form, for those who may see them."""

import csv
import io
from collections.abc import Mapping
from fractions import Fraction
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from app.charts.picture import StackedFigure
from app.domain.rollup import Counted, Distribution, Levels, level_names, movement, rollup
from app.domain.rubric_file import shipped
from app.queries.dashboard import TrendPoint
from app.web.charts import Chart, Ending, file, plotly, view
from app.web.dashboard_charts import ChartName, ChartsOf, chart
from app.web.texts import texts
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.test_assessing_pages import Team, opened
from tests.web.test_downloads import FILES
from tests.web.visitor import Clock

RUBRIC = shipped()["gigaom-mlops"]
KEYS = tuple(RUBRIC.category_by_key)

Answers = Mapping[int, tuple[int, ...]]
organisations = st.dictionaries(st.integers(1, 30), st.tuples(*[st.integers(0, 4)] * len(KEYS)), max_size=12)


def counted(cycle: int, teams: Answers) -> list[Counted]:
    found = []
    for team, levels in teams.items():
        least = min(levels)
        limiting = tuple(key for key, level in zip(KEYS, levels, strict=True) if level == least)
        found.append(
            Counted(team, None, cycle, (0,), Levels(least, dict(zip(KEYS, levels, strict=True)), limiting, ()))
        )
    return found


def charts_of(then: Answers, now: Answers, category: str = "") -> ChartsOf:
    before, after = counted(1, then), counted(2, now)
    first, last, moves = rollup(before), rollup(after), movement(before, after)
    points = (TrendPoint(1, first.overall, first.categories, None), TrendPoint(2, last.overall, last.categories, moves))
    named = RUBRIC.category_by_key.get(category)
    return ChartsOf(
        RUBRIC, "=Here", last, points, {1: "Spring", 2: "Autumn"}, "Spring", "Autumn", moves, named, texts()
    )


def bars(drawn: Chart) -> dict[str, Distribution]:
    assert isinstance(drawn.figure, StackedFigure)
    levels = list(level_names(RUBRIC))
    return {
        bar.name: Distribution.of({levels[each.tone]: each.teams for each in bar.pieces}) for bar in drawn.figure.bars
    }


@given(organisations, organisations)
def test_every_figure_is_that_of_the_results(then: Answers, now: Answers) -> None:
    if not now:
        return
    of, after, moves = charts_of(then, now), rollup(counted(2, now)), movement(counted(1, then), counted(2, now))
    by_level = bars(chart(ChartName.DISTRIBUTION, of)).values()
    assert sum(each.teams for each in by_level) == after.teams
    assert [each.teams for each in by_level] == [after.overall.at(level) for level in range(5)]
    categories = bars(chart(ChartName.CATEGORIES, of))
    assert categories.pop("Overall (the least)") == after.overall
    assert list(categories.values()) == [after.categories[key] for key in KEYS]
    assert bars(chart(ChartName.TREND, of))["Autumn"] == after.overall
    governance = charts_of(then, now, "governance")
    assert bars(chart(ChartName.TREND, governance))["Autumn"] == after.categories["governance"]
    flows = bars(chart(ChartName.FLOWS, of))
    assert flows.pop("Joined since", Distribution({})) == moves.joined
    assert flows.pop("Missing (levels then)", Distribution({})) == moves.left
    assert sum(each.teams for each in flows.values()) == moves.rose + moves.fell + moves.stayed
    for name in ChartName:
        for drawn in (chart(name, of), chart(name, governance)):
            assert drawn.title
            assert len({len(line) for line in drawn.table}) == 1


@pytest.mark.parametrize("name", ChartName)
def test_every_form_is_one(name: ChartName) -> None:
    drawn = chart(
        name, charts_of({1: (0, 1, 1, 1, 1), 2: (2,) * 5, 4: (1,) * 5}, {1: (1,) * 5, 2: (1,) * 5, 3: (4,) * 5})
    )
    for figure in plotly(drawn).values():
        assert go.Figure({"data": figure["data"], "layout": figure["layout"]}).data
    said = "".join(ElementTree.fromstring(file(drawn)).itertext())
    assert "MLOps maturity · =Here" in said or RUBRIC.title in said
    assert drawn.title in view(drawn, name, "/x", {}).title
    assert ElementTree.fromstring(view(drawn, name, "/x", {}).svg).get("aria-label")


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_rubric_has_its_charts(key: str) -> None:
    """Bands of points stand for levels, and a category that nothing applied to is not counted."""
    rubric = shipped()[key]
    first, *others = rubric.category_by_key
    found = [
        Counted(team, None, 2, (0,), Levels(level, dict.fromkeys(others, level), (others[0],), ()))
        for team, level in enumerate(level_names(rubric))
    ]
    after, moves = rollup(found), movement(found[1:], found)
    points = (TrendPoint(2, after.overall, after.categories, None),)
    of = ChartsOf(
        rubric, "Here", after, points, {2: "Now"}, "Then", "Now", moves, rubric.category_by_key[first], texts()
    )
    for name in ChartName:
        drawn = chart(name, of)
        assert drawn.title
        assert "<svg" in file(drawn)
        assert "<svg" in view(drawn, name, "/x", {}).svg
        assert go.Figure({"data": plotly(drawn)["light"]["data"]}).data
    assert chart(ChartName.TREND, of).title == f"{rubric.category_by_key[first].name}: nothing applied"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (ChartName.RADAR, "The median stands at level 1 in every category"),
        (ChartName.DISTRIBUTION, "2 of 3 teams stand at level 1"),
        (ChartName.CATEGORIES, "2 of 3 teams stand at level 1 or below in Strategy"),
        (ChartName.TREND, "Overall: the median is at level 1, as it was in Spring"),
        (ChartName.FLOWS, "1 rose, 1 fell and 0 stayed from Spring to Autumn"),
    ],
)
def test_the_title_states_the_finding(name: ChartName, title: str) -> None:
    of = charts_of({1: (0, 1, 1, 1, 1), 2: (2,) * 5, 4: (1,) * 5}, {1: (1,) * 5, 2: (1,) * 5, 3: (4,) * 5})
    assert chart(name, of).title == title


def test_a_trend_says_what_rose_and_what_fell() -> None:
    low, high = {1: (0, 1, 0, 0, 0)}, {1: (2, 2, 0, 3, 3)}
    rose = chart(ChartName.TREND, charts_of(low, high, KEYS[0])).title
    assert rose == "Strategy: the median rose from level 0 in Spring to 2 in Autumn"
    assert "fell from level 2" in chart(ChartName.TREND, charts_of(high, low, KEYS[0])).title
    assert "is at level 2 in Autumn" in chart(ChartName.TREND, charts_of({}, high, KEYS[0])).title


def asked(browser: Browser, player: Player, name: str, ending: str, query: str = "") -> Response:
    return browser(player).get(f"/dashboard/charts/{name}.{ending}{query}")


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed")
    team.agreed(cast.lead)
    return team


@pytest.mark.parametrize("name", [each for each in ChartName if each is not ChartName.FLOWS])
@pytest.mark.parametrize("ending", Ending)
def test_it_is_taken_away(spring: Team, browser: Browser, cast: Cast, name: ChartName, ending: Ending) -> None:
    answer = asked(browser, cast.admin, name, ending)
    assert answer.status_code == 200
    if ending is Ending.JSON:
        assert set(answer.json()) == {"light", "dark"}
        return
    assert answer.headers["content-disposition"] == f'attachment; filename="gigaom-mlops-{name}.{ending}"'
    assert answer.headers["content-type"] == FILES[f"radar.{ending}"]
    if ending is Ending.CSV:
        table = list(csv.reader(io.StringIO(answer.text)))
        assert len(table) > 1
        assert len({len(line) for line in table}) == 1
    if ending is Ending.PNG:
        assert answer.content.startswith(b"\x89PNG")


@pytest.mark.both
def test_the_numbers_are_those_of_the_page(spring: Team, browser: Browser, cast: Cast) -> None:
    table = list(csv.reader(io.StringIO(asked(browser, cast.admin, "distribution", "csv").text)))
    assert [line[2] for line in table] == ["Count", "0", "1", "0", "0", "0"]
    assert Fraction(table[2][3]) == 100
    page = browser(cast.admin).get("/dashboard?category=governance").text
    assert "1 of 1 team stands at level 1" in page
    assert "Governance: the median is at level 1 in" in page


@pytest.mark.parametrize(
    ("name", "ending", "status"),
    [
        ("flows", "svg", 404),
        ("colours", "svg", 404),
        ("radar", "exe", 404),
        ("trend", "svg?category=luck", 422),
        ("trend", "svg?cycle=x", 422),
        ("trend", "svg?unit=999999", 404),
        ("trend", "svg?category=governance", 200),
    ],
)
def test_what_there_is_not(spring: Team, browser: Browser, cast: Cast, name: str, ending: str, status: int) -> None:
    assert asked(browser, cast.admin, name, ending).status_code == status


def test_where_nothing_is_agreed_there_is_nothing_to_draw(browser: Browser, cast: Cast, clock: Clock) -> None:
    assert asked(browser, cast.admin, "radar", "svg").status_code == 404
    opened(browser, cast, clock, "together")
    assert asked(browser, cast.admin, "radar", "svg").status_code == 404


def test_nobody_takes_away_what_they_may_not_see(spring: Team, browser: Browser, cast: Cast) -> None:
    for each in (cast.lead, cast.member, cast.viewer):
        assert asked(browser, each, "trend", "csv").status_code == 403
    assert asked(browser, cast.manager, "trend", "csv").status_code == 200
    assert asked(browser, cast.manager, "trend", "csv", f"?unit={cast.sales.id}").status_code == 404
    assert asked(browser, cast.outsider, "trend", "csv").status_code == 404


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    me = browser(cast.admin)
    me.get("/dashboard/charts/trend.svg")
    with count_statements(cast.engine) as statements:
        me.get("/dashboard/charts/trend.svg")
    assert len(statements) <= 9, (len(statements), statements)
