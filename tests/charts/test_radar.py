import itertools
import math
from xml.etree import ElementTree

import pytest

from app.charts.picture import RadarFigure, Series
from app.charts.radar import file_dial, labels, page_dial, radar
from tests.charts.cases import COUNTS, HOSTILE, radar_figure, values
from tests.charts.drawn import classed, corners, number, read

KINDS = ("now", "best", "next", "previous", "target")


def test_it_works() -> None:
    root = read(radar(radar_figure(5)))

    assert root.get("role") == "img"
    assert root.get("aria-label") == f"All of it: {HOSTILE[0]}"
    assert [len(classed(root, kind)) for kind in KINDS] == [1, 1, 1, 1, 1]
    assert (len(classed(root, "ring")), len(classed(root, "spoke")), len(classed(root, "dot"))) == (4, 5, 5)


@pytest.mark.parametrize("count", COUNTS[1:])
def test_radius_is_proportional_and_axes_go_clockwise_from_the_top(count: int) -> None:
    now = corners(classed(read(radar(radar_figure(count))), "now")[0])
    radius = page_dial(radar_figure(count).axes).radius

    for place, ((x, y), value) in enumerate(zip(now, values(count), strict=True)):
        share = float(value) / 4
        angle = 2 * math.pi * place / count
        assert (x, y) == pytest.approx((radius * share * math.sin(angle), -radius * share * math.cos(angle)), abs=0.01)


@pytest.mark.parametrize("dial_of", [page_dial, file_dial])
@pytest.mark.parametrize("count", COUNTS[1:])
@pytest.mark.parametrize("turn", range(0, 12, 3))
def test_no_label_is_cut_or_touches_another(count: int, dial_of: type, turn: int) -> None:
    axes = (radar_figure(12).axes[turn:] + radar_figure(12).axes[:turn])[:count]
    dial = dial_of(axes)
    placed = labels(dial, axes)

    for label in placed:
        left, right = label.sides
        assert -dial.half_width <= left
        assert right <= dial.half_width
    for one, other in itertools.combinations(placed, 2):
        beside = one.sides[1] <= other.sides[0] or other.sides[1] <= one.sides[0]
        above = one.bottom <= other.top + 0.01 or other.bottom <= one.top + 0.01
        assert beside or above, (one, other)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("standalone", [False, True])
def test_everything_lies_inside_the_picture(count: int, standalone: bool) -> None:
    root = read(radar(radar_figure(count), standalone=standalone))
    left, top, wide, high = map(float, root.get("viewBox", "").split())
    for x, y in _positions(root, 0, 0):
        assert left <= x <= left + wide
        assert top <= y <= top + high


def _positions(element: ElementTree.Element, dx: float, dy: float) -> list[tuple[float, float]]:
    """Where each text stands, with the shifts of the groups round it."""
    shift = element.get("transform")
    if shift:
        x, y = shift.removeprefix("translate(").removesuffix(")").split()
        dx, dy = dx + float(x), dy + float(y)
    own = [(number(element, "x") + dx, number(element, "y") + dy)] if element.tag == "text" else []
    return own + [position for child in element for position in _positions(child, dx, dy)]


@pytest.mark.parametrize("count", COUNTS)
def test_a_file_is_whole_without_a_style_sheet(count: int) -> None:
    svg = radar(radar_figure(count), standalone=True)
    root = read(svg)

    for word in ("class=", "style=", "var(", "light-dark", "%"):
        assert word not in svg
    assert {"now", "best possible", "next level", "<b>spring</b>", "target"} <= {
        text.text for text in root.iter("text")
    }
    assert all(text.get("fill") and text.get("font-size") for text in root.iter("text"))


@pytest.mark.parametrize("count", COUNTS)
def test_a_shortened_name_is_told_in_full(count: int) -> None:
    titles = {title.text for title in read(radar(radar_figure(count))).iter("title")}
    assert set(HOSTILE[: min(count, 9)]) <= titles  # the tenth has signs that XML cannot say


def test_a_category_without_score_has_no_corner() -> None:
    figure = radar_figure(5)
    series = Series("now", "now", (None, *values(5)[1:]), HOSTILE[:5])
    root = read(radar(RadarFigure(figure.axes, figure.marks, figure.top, (series,), figure.frame)))

    assert len(corners(classed(root, "now")[0])) == 4
    assert len(classed(root, "dot")) == 4


def test_two_categories_are_bars() -> None:
    root = read(radar(radar_figure(2)))
    bars = classed(root, "now")

    assert [bar.tag for bar in bars] == ["rect", "rect"]
    assert number(bars[1], "width") / number(bars[0], "width") == pytest.approx(1.5, abs=0.01)
    assert len(classed(root, "best")) == len(classed(root, "next")) == 2
