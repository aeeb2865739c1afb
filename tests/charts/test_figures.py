from fractions import Fraction
from typing import get_args

import orjson
import plotly.graph_objects as go
import pytest

from app.charts.figures import Theme, plain, radar_figure, trend_figure
from app.charts.picture import Mark, TrendFigure, TrendLine
from tests.charts import cases


@pytest.mark.parametrize("theme", get_args(Theme))
@pytest.mark.parametrize("count", cases.COUNTS)
def test_plotly_knows_every_word_of_it(count: int, theme: Theme) -> None:
    figure = orjson.loads(orjson.dumps(radar_figure(cases.radar_figure(count), theme)))
    read = go.Figure({"data": figure["data"], "layout": figure["layout"]})

    assert len(read.data) == 5
    assert {trace.type for trace in read.data} == ({"bar", "scatter"} if count == 2 else {"scatterpolar"})


@pytest.mark.parametrize("count", cases.COUNTS[1:])
def test_every_line_is_closed(count: int) -> None:
    for trace in radar_figure(cases.radar_figure(count), "light")["data"]:
        assert len(trace["r"]) == len(trace["theta"]) == len(trace["text"]) == count + 1
        assert (trace["r"][0], trace["theta"][0]) == (trace["r"][-1], trace["theta"][-1])


def test_now_lies_on_top_and_is_filled() -> None:
    traces = radar_figure(cases.radar_figure(5), "light")["data"]
    assert traces[-1]["name"] == "now"
    assert [trace["fill"] for trace in traces] == ["none"] * 4 + ["toself"]


def test_nothing_is_sent_to_anyone() -> None:
    config = radar_figure(cases.radar_figure(5), "light")["config"]
    assert (config["showSendToCloud"], config["displaylogo"], config["responsive"]) == (False, False, True)


def test_texts_cannot_become_markup() -> None:
    written = orjson.dumps(radar_figure(cases.radar_figure(9), "dark")).decode()
    assert "<script" not in written
    assert "<b>spring" not in written
    assert "&lt;script&gt;" in written


def test_light_and_dark_differ_only_in_colours() -> None:
    light, dark = (radar_figure(cases.radar_figure(5), theme) for theme in get_args(Theme))
    assert light != dark
    assert [trace["r"] for trace in light["data"]] == [trace["r"] for trace in dark["data"]]


@pytest.mark.parametrize("theme", get_args(Theme))
def test_a_trend_is_told_apart_without_colour(theme: Theme) -> None:
    """Up to the most categories that a rubric has; a time without a value has no point."""
    values = (Fraction(1), None, Fraction(2))
    lines = tuple(TrendLine(name, values, ("one", "none", "<b>two")) for name in cases.HOSTILE)
    figure = TrendFigure(
        ("Spring", "Spring", "<i>"), lines, (Mark(Fraction(0), "0"), Mark(Fraction(4), "4")), cases.TOP
    )
    written = orjson.loads(orjson.dumps(trend_figure(figure, theme)))
    read = go.Figure({"data": written["data"], "layout": written["layout"]})

    assert len({(trace.line.dash, trace.marker.symbol) for trace in read.data}) == len(cases.HOSTILE)
    assert list(read.data[0].y) == [1.0, None, 2.0]
    assert read.layout.xaxis.ticktext[2] == "&lt;i&gt;"
    assert "<b>" not in orjson.dumps(written).decode()


@pytest.mark.parametrize("count", cases.COUNTS)
def test_the_legend_is_in_the_order_of_the_series(count: int) -> None:
    """As the numbers beside each axis are, whatever is drawn on top."""
    figure = cases.radar_figure(count)
    traces = radar_figure(figure, "light")["data"]
    ranked = sorted(traces, key=lambda trace: int(trace["legendrank"]))
    assert [trace["name"] for trace in ranked] == [plain(one.name) for one in figure.series]
