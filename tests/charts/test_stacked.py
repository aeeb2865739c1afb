from typing import get_args

import orjson
import plotly.graph_objects as go
import pytest

from app.charts.figures import Theme
from app.charts.picture import Frame, Piece, StackedBar, StackedFigure, Tone
from app.charts.stacked import stacked, stacked_file
from app.charts.stacked_figures import stacked_figure
from app.charts.style import DARK, LIGHT
from tests.charts.cases import HOSTILE
from tests.charts.drawn import number, read

COUNTS = ((8, 0, 2, 0), (1, 1, 1, 1), (0, 0, 0, 0), (0, 400, 1, 3))


def figure(*, shares: bool) -> StackedFigure:
    bars = tuple(
        StackedBar(HOSTILE[place], "<b>all</b>", tuple(Piece(tone, n, HOSTILE[tone]) for tone, n in enumerate(counts)))
        for place, counts in enumerate(COUNTS)
    )
    tones = tuple(Tone(tint, HOSTILE[tint]) for tint in (0, 1, 3, 6))
    return StackedFigure(bars, tones, shares, Frame(f"All of it: {HOSTILE[0]}", HOSTILE[0], "After a report"))


@pytest.mark.parametrize("shares", [True, False])
def test_pieces_lie_one_after_the_other_and_are_as_wide_as_they_count(shares: bool) -> None:
    root = read(stacked(figure(shares=shares)))
    assert root.get("aria-label") == f"All of it: {HOSTILE[0]}"
    rows: dict[str, list[tuple[float, float]]] = {}
    for rect in root.iter("rect"):
        rows.setdefault(rect.get("y", ""), []).append((number(rect, "x"), number(rect, "width")))
    drawn = [counts for counts in COUNTS if any(counts)]
    for counts, pieces in zip(drawn, rows.values(), strict=True):
        whole, reached = sum(counts) if shares else 404, 0
        for count, (x, wide) in zip([each for each in counts if each], pieces, strict=True):
            assert x == pytest.approx(100 * reached / whole, abs=0.01)
            assert wide == pytest.approx(100 * count / whole, abs=0.01)
            reached += count


def test_a_number_stands_where_it_fits() -> None:
    root = read(stacked(figure(shares=True)))
    written = [text.text for text in root.iter("text") if text.get("class") == "in"]
    assert written == ["8", "2", "1", "1", "1", "1", "400"]


@pytest.mark.parametrize("shares", [True, False])
def test_a_file_is_whole_without_a_style_sheet(shares: bool) -> None:
    svg = stacked_file(figure(shares=shares))
    for word in ("class=", "style=", "var(", "%", "<script", "data-"):
        assert word not in svg
    assert HOSTILE[0] in "".join(read(svg).itertext())
    for rect in list(read(svg).iter("rect"))[1:]:
        assert rect.get("fill") in LIGHT.levels


@pytest.mark.parametrize("theme", get_args(Theme))
@pytest.mark.parametrize("shares", [True, False])
def test_plotly_knows_every_word_of_it(theme: Theme, shares: bool) -> None:
    written = orjson.loads(orjson.dumps(stacked_figure(figure(shares=shares), theme)))
    shown = go.Figure({"data": written["data"], "layout": written["layout"]})
    palette = LIGHT if theme == "light" else DARK
    assert [trace.marker.color for trace in shown.data] == [palette.levels[tint] for tint in (0, 1, 3, 6)]
    assert [list(trace.text) for trace in shown.data][1] == ["", "1", "", "400"]
    ends = [round(sum(trace.x[place] for trace in shown.data), 3) for place in range(len(COUNTS))]
    assert ends == ([1, 1, 0, 1] if shares else [10, 4, 0, 404])
    assert "<b>" not in orjson.dumps(written).decode()


def test_without_a_bar_there_is_nothing_to_fail() -> None:
    empty = StackedFigure((), (Tone(0, "0"),), False, Frame("Nothing"))
    assert "<svg" in stacked(empty)
    assert "<svg" in stacked_file(empty)
    assert go.Figure({"data": stacked_figure(empty, "light")["data"]})
