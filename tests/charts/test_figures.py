from typing import get_args

import orjson
import plotly.graph_objects as go
import pytest

from app.charts.figures import Theme, radar_figure
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
