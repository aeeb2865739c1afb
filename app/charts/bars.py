"""Two categories make no radar: the same figure as bars, now as a bar and the other series as strokes across it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Axis, RadarFigure, Series
from app.charts.standalone import INNER, framed
from app.charts.svg import Svg, element, group, in_file, in_page, number
from app.charts.text import shortened

_ROW = 58
_FOOT = 24


@dataclass(frozen=True, slots=True)
class _Rail:
    width: float
    font: float
    top: Fraction
    paint: Callable[..., Mapping[str, str]]

    def x(self, value: Fraction) -> float:
        return 1 + (self.width - 16) * float(value / self.top)


def bars(figure: RadarFigure) -> Svg:
    rail = _Rail(360, 12, figure.top, in_page)
    box = f"0 0 360 {number(_height(figure))}"
    return element("svg", {"viewBox": box, "role": "img", "aria-label": figure.frame.label}, *_drawn(figure, rail))


def bars_file(figure: RadarFigure) -> Svg:
    rail = _Rail(INNER, 14, figure.top, in_file)
    return framed(figure.frame, figure.key, _height(figure), group(*_drawn(figure, rail)))


def _height(figure: RadarFigure) -> float:
    return _ROW * len(figure.axes) + _FOOT


def _drawn(figure: RadarFigure, rail: _Rail) -> tuple[Svg, ...]:
    return (
        _scale(figure, rail),
        *(_row(rail, place, axis, figure.series) for place, axis in enumerate(figure.axes)),
    )


def _scale(figure: RadarFigure, rail: _Rail) -> Svg:
    bottom = _ROW * len(figure.axes)
    drawn = []
    for mark in figure.marks:
        x = rail.x(mark.at)
        drawn += [
            element("line", {**rail.paint("ring"), "x1": x, "x2": x, "y1": _ROW * row + 22, "y2": _ROW * row + 50})
            for row in range(len(figure.axes))
        ]
        anchor = "middle" if mark.at else "start"
        placed: dict[str, str | float] = {"x": x, "y": bottom + 16, "text-anchor": anchor}
        drawn.append(element("text", {**rail.paint("axis"), **placed}, mark.label))
    return group(*drawn)


def _row(rail: _Rail, place: int, axis: Axis, series: tuple[Series, ...]) -> Svg:
    top = _ROW * place
    name = shortened(axis.name, rail.width - 90, rail.font)
    return group(
        element("text", {**rail.paint("name"), "x": 1, "y": top + 15}, element("title", {}, axis.name), name),
        element("text", {**rail.paint("value"), "x": rail.width - 2, "y": top + 15, "text-anchor": "end"}, axis.label),
        *(_series(rail, one, one.values[place], top + 22) for one in sorted(series, key=_now_first)),
    )


def _now_first(series: Series) -> bool:
    return series.kind != "now"


def _series(rail: _Rail, series: Series, value: Fraction | None, top: float) -> Svg:
    if value is None:
        return Svg()
    title = element("title", {}, series.name)
    if series.kind == "now":
        shape = {"x": rail.x(Fraction()), "y": top + 4, "width": rail.x(value) - rail.x(Fraction()), "height": 20}
        return element("rect", {**rail.paint("now"), **shape}, title)
    x = rail.x(value)
    return element("line", {**rail.paint(series.kind), "x1": x, "x2": x, "y1": top, "y2": top + 28}, title)
