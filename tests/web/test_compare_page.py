"""Units and cycles laid over each other: what the page says, to whom, and that its address carries all of it."""

import csv
import datetime
import io
import itertools

import plotly.graph_objects as go
import pytest

from app.domain.rollup import Distribution, Overview
from app.domain.rubric_file import shipped
from app.web.charts import plotly
from app.web.compare import OTHERS
from app.web.compare_charts import Compared, Comparison, levels_chart, medians_chart
from app.web.texts import texts
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock

RUBRIC = shipped()["gigaom-mlops"]


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed")
    team.agreed(cast.lead)
    return team


def number_of(spring: Team) -> str:
    return spring.cycle.rsplit("/", 1)[1]


def opened_cycle(browser: Browser, cast: Cast, clock: Clock, **asked: str) -> str:
    today = clock().date()
    days = {"opens_on": today.isoformat(), "due_on": (today + datetime.timedelta(days=28)).isoformat()}
    data = {"mode": "together", "teams": str(cast.credit.id), **days, **asked}
    answer = browser(cast.admin).post("/cycles/new", data=data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def page(browser: Browser, player: Player, asked: str = "") -> Element:
    answer = browser(player).get(f"/dashboard/compare{asked}")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def status(browser: Browser, player: Player, asked: str, path: str = "compare") -> int:
    return browser(player).get(f"/dashboard/{path}{asked}").status_code


def test_it_works(spring: Team, browser: Browser, cast: Cast) -> None:
    from_dashboard = document(browser(cast.admin).get("/dashboard").text)
    link = next(each["href"] for each in from_dashboard.all("a") if "/compare" in each.attributes.get("href", ""))
    assert link == f"/dashboard/compare?cycle={number_of(spring)}"

    alone = page(browser, cast.admin, f"?cycle={number_of(spring)}&unit={cast.risk.id}")
    assert "beside another part" in alone.one("h1").text
    both = f"?cycle={number_of(spring)}&unit={cast.risk.id}&cycle={number_of(spring)}&unit="
    shown = page(browser, cast.admin, both)
    assert shown.one("h1").text == "The medians are the same in every category"
    chosen = [each["value"] for each in shown.all("option") if "selected" in each.attributes]
    assert chosen[:4] == [number_of(spring), str(cast.risk.id), number_of(spring), ""]
    for form, kind in (
        ("json", "application/json"),
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("csv", "text/csv"),
    ):
        for name in ("compare", "compare-levels"):
            answer = browser(cast.admin).get(f"/dashboard/charts/{name}.{form}{both}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kind)
    table = list(csv.reader(io.StringIO(browser(cast.admin).get(f"/dashboard/charts/compare.csv{both}").text)))
    assert table[0][1] == "Risk: median"
    assert [line[1] for line in table[1:]] == [line[4] for line in table[1:]]


def test_without_a_cycle_it_says_what_will_be_here(browser: Browser, cast: Cast) -> None:
    assert "Nothing to compare yet" in page(browser, cast.admin).text
    assert status(browser, cast.admin, "", "charts/compare.svg") == 404


def test_each_part_is_for_those_who_see_it(spring: Team, browser: Browser, cast: Cast) -> None:
    assert [status(browser, each, "") for each in (cast.member, cast.lead, cast.viewer)] == [403] * 3
    cycle = number_of(spring)
    assert "Risk" in page(browser, cast.manager, f"?cycle={cycle}").one("h1").text
    for path in ("compare", "charts/compare.csv", "charts/compare-levels.json"):
        mine, theirs = f"?cycle={cycle}&unit={cast.risk.id}", f"&cycle={cycle}&unit={cast.sales.id}"
        assert status(browser, cast.manager, mine, path) == 200
        assert status(browser, cast.manager, f"{mine}{theirs}", path) == 404
        assert status(browser, cast.manager, f"{mine}&cycle={cycle}&unit=0", path) == 404
        assert status(browser, cast.outsider, mine, path) in {404, 200}
        assert status(browser, cast.admin, f"{mine}&cycle={cycle}&unit={cast.their_unit.id}", path) == 404
    assert "Fraud" not in browser(cast.outsider).get("/dashboard/compare").text


@pytest.mark.parametrize(("asked", "answer"), [("cycle=x", 422), ("cycle=99999", 404), ("cycle=1&unit=-1", 422)])
def test_an_address_that_asks_for_nothing_there_is_says_so(
    spring: Team, browser: Browser, cast: Cast, asked: str, answer: int
) -> None:
    assert status(browser, cast.admin, f"?{asked}") == answer


def test_at_most_four(spring: Team, browser: Browser, cast: Cast) -> None:
    cycle = number_of(spring)
    parts = [f"cycle={cycle}&unit={unit}" for unit in ("", cast.risk.id, cast.sales.id)]
    assert status(browser, cast.admin, f"?{'&'.join(parts)}&{parts[0]}&{parts[1]}") == 200
    assert status(browser, cast.admin, "?" + "&".join(f"cycle={cycle}&unit={each}" for each in range(5))) == 422


def test_cycles_by_different_rubrics_are_not_compared(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> None:
    new = opened_cycle(browser, cast, clock, rubric="lifecycle-practices", name="Checked")
    other = new.rsplit("/", 1)[1]
    both = f"?cycle={number_of(spring)}&unit=&cycle={other}&unit="
    answer = browser(cast.admin).get(f"/dashboard/compare{both}")
    assert answer.status_code == 422
    assert OTHERS in answer.text
    assert "Second part" in answer.text
    assert status(browser, cast.admin, both, "charts/compare.svg") == 422


def comparison(*parts: tuple[str, dict[int, int]]) -> Comparison:
    """Each part has the same levels in every category."""
    compared = []
    for name, counts in parts:
        of = Distribution.of(counts)
        compared.append(Compared(name, Overview(of, dict.fromkeys(RUBRIC.category_by_key, of), {}, {}, {})))
    return Comparison(RUBRIC, compared, texts())


def test_differences_are_said_against_the_first_part() -> None:
    found = comparison(("Risk", {2: 3}), ("Payments", {1: 2, 3: 1}), ("Sales", {4: 1}), ("Nobody", {}))
    assert found.differences[:2] == [
        "Strategy: Payments stands one level below Risk",
        "Strategy: Sales stands two levels above Risk",
    ]
    assert found.finding == "Strategy: Sales stands two levels above Risk"
    assert len(found.differences) == 2 * len(found.rows)
    assert comparison(("Risk", {2: 3}), ("Sales", {2: 1})).differences == []


@pytest.mark.parametrize("count", range(1, 5))
def test_plotly_knows_every_word_of_it(count: int) -> None:
    found = comparison(*itertools.islice([("=1", {2: 3}), ("<b>", {}), ("c", {0: 1, 4: 9}), ("d", {4: 1})], count))
    for drawn in (medians_chart(found), levels_chart(found)):
        for figure in plotly(drawn).values():
            assert go.Figure({"data": figure["data"], "layout": figure["layout"]}).data
        assert len({len(line) for line in drawn.table}) == 1
    assert len(medians_chart(found).figure.key) == count


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    cycle, me = number_of(spring), browser(cast.admin)
    asked = "&".join(f"cycle={cycle}&unit={unit}" for unit in ("", cast.risk.id, cast.sales.id))
    me.get(f"/dashboard/compare?{asked}")
    with count_statements(cast.engine) as statements:
        me.get(f"/dashboard/compare?{asked}")
    assert len(statements) <= 7, (len(statements), statements)
