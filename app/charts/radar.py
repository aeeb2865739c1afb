"""The radar: one axis for each category; now is filled, the other series differ by dash and not by colour alone."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from app.charts.bars import bars, bars_file
from app.charts.picture import Axis, Mark, RadarFigure, Series
from app.charts.standalone import INNER, framed
from app.charts.svg import Svg, element, group, in_file, in_page, number
from app.charts.text import lines, shortened, width

LEAST_AXES = 3
"""With fewer axes there is no area; bars say the same."""

UPRIGHT = 0.05
"""An axis that leans less than this share of the radius has its words centred above or below it."""

ORDER = ("next", "target", "best", "previous", "now")
"""What is drawn first lies below; now lies on top."""


@dataclass(frozen=True, slots=True)
class Dial:
    """The measures of a radar in pixels of its own coordinates; the centre is the origin."""

    count: int
    radius: float
    half_width: float
    font: float
    paint: Callable[..., Mapping[str, str]]

    @property
    def gap(self) -> float:
        """From the end of an axis to its words."""
        return self.font * 0.75

    def point(self, place: int, share: float) -> tuple[float, float]:
        """Where a share of the radius lies on an axis; the first axis points up, the others follow clockwise."""
        angle = 2 * math.pi * place / self.count
        return self.radius * share * math.sin(angle), -self.radius * share * math.cos(angle)


@dataclass(frozen=True, slots=True)
class Label:
    """The words at the end of an axis, broken to fit: where they lie, for drawing and for testing that none is cut."""

    lines: tuple[str, ...]
    value: str
    x: float
    top: float
    anchor: str
    font: float

    @property
    def step(self) -> float:
        return self.font * 1.25

    @property
    def high(self) -> float:
        return self.step * (len(self.lines) + 1)

    @property
    def bottom(self) -> float:
        return self.top + self.high

    @property
    def middle(self) -> float:
        return self.top + self.high / 2

    @property
    def sides(self) -> tuple[float, float]:
        """Left and right end, by the widths of a wide font."""
        wide = max(width(line, self.font) for line in (*self.lines, self.value))
        left = {"start": self.x, "middle": self.x - wide / 2, "end": self.x - wide}[self.anchor]
        return left, left + wide


def radar(figure: RadarFigure, *, standalone: bool = False) -> Svg:
    """The figure for a page (painted by class), or as a whole file; bars where there are only two axes."""
    if len(figure.axes) < LEAST_AXES:
        return bars_file(figure) if standalone else bars(figure)
    return _file(figure) if standalone else _in_page(figure)


def page_dial(axes: tuple[Axis, ...]) -> Dial:
    """Small enough that type is still read on a phone, where the whole is drawn at nine tenths of its size."""
    return _fitted(Dial(len(axes), radius=94, half_width=180, font=12, paint=in_page), axes, 76)


def file_dial(axes: tuple[Axis, ...]) -> Dial:
    return _fitted(Dial(len(axes), radius=170, half_width=INNER / 2, font=14, paint=in_file), axes, 140)


def _fitted(dial: Dial, axes: tuple[Axis, ...], least: float) -> Dial:
    """The dial, smaller where that saves a word at its side from being broken; a word too wide even so is broken."""
    radius = dial.radius
    for place, axis in enumerate(axes):
        side = abs(dial.point(place, 1)[0]) / dial.radius
        longest = max((width(word, dial.font) for word in axis.name.split()), default=0)
        needed = (dial.half_width - 2 - longest) / side - dial.gap if side > UPRIGHT else radius
        radius = min(radius, needed) if needed >= least else radius
    return replace(dial, radius=radius)


def _in_page(figure: RadarFigure) -> Svg:
    dial = page_dial(figure.axes)
    placed = labels(dial, figure.axes)
    top, bottom = extent(placed)
    box = (-dial.half_width, top, 2 * dial.half_width, bottom - top)
    return element(
        "svg",
        {"viewBox": " ".join(map(number, box)), "role": "img", "aria-label": figure.frame.label},
        *_drawn(figure, dial, placed),
    )


def _file(figure: RadarFigure) -> Svg:
    dial = file_dial(figure.axes)
    placed = labels(dial, figure.axes)
    top, bottom = extent(placed)
    body = element("g", {"transform": f"translate({number(INNER / 2)} {number(-top)})"}, *_drawn(figure, dial, placed))
    return framed(figure.frame, figure.key, bottom - top, body)


def extent(placed: tuple[Label, ...]) -> tuple[float, float]:
    """The top and the bottom of all that is drawn, with a little air."""
    return min(label.top for label in placed) - 4, max(label.bottom for label in placed) + 4


def labels(dial: Dial, axes: tuple[Axis, ...]) -> tuple[Label, ...]:
    """The words round the dial, by axis. They keep to the dial's width and do not touch each other."""
    placed = {place: _label(dial, place, axis) for place, axis in enumerate(axes)}
    for side in ("start", "end"):
        beside = sorted((place for place in placed if placed[place].anchor == side), key=lambda at: placed[at].middle)
        _part(placed, beside)
    return tuple(placed.values())


def _part(placed: dict[int, Label], beside: list[int]) -> None:
    """Move the labels of one side apart, from its middle upwards and downwards."""
    upper = [place for place in beside if placed[place].middle <= 0]
    floor = math.inf
    for place in reversed(upper):
        floor = min(placed[place].top, floor - placed[place].high)
        placed[place] = replace(placed[place], top=floor)
    ceiling = placed[upper[-1]].bottom if upper else -math.inf
    for place in beside[len(upper) :]:
        placed[place] = replace(placed[place], top=max(placed[place].top, ceiling))
        ceiling = placed[place].bottom


def _label(dial: Dial, place: int, axis: Axis) -> Label:
    x, y = dial.point(place, 1 + dial.gap / dial.radius)
    upright = abs(x) < dial.radius * UPRIGHT
    anchor = "middle" if upright else "start" if x > 0 else "end"
    limit = _upright_room(dial) if upright else dial.half_width - abs(x) - 2
    broken = lines(axis.name, limit, dial.font, 2 if dial.count > 6 else 3)
    value = shortened(axis.label, limit, dial.font)
    high = dial.font * 1.25 * (len(broken) + 1)
    # Above the dial the words end at the axis, below it they begin there, at the sides they stand centred on it.
    down = y / math.hypot(x, y)
    return Label(broken, value, x, y - high * (1 - down) / 2, anchor, dial.font)


def _upright_room(dial: Dial) -> float:
    """Words above or below the dial must not reach those of the neighbouring axes."""
    return 1.84 * (dial.radius + dial.gap) * math.sin(2 * math.pi / max(dial.count, 4))


def _drawn(figure: RadarFigure, dial: Dial, placed: tuple[Label, ...]) -> tuple[Svg, ...]:
    series = sorted(figure.series, key=lambda one: ORDER.index(one.kind))
    return (
        _grid(dial, figure.marks, figure.top),
        *(_polygon(dial, one, figure.top) for one in series),
        *(_dots(dial, one, figure.top) for one in series if one.kind == "now"),
        _scale(dial, figure.marks, figure.top),
        *(_words(dial, label, axis) for label, axis in zip(placed, figure.axes, strict=True)),
    )


@lru_cache(64)
def _grid(dial: Dial, marks: tuple[Mark, ...], top: Fraction) -> Svg:
    """Rings and spokes, the same for every result of a rubric."""
    rings = (_ring(dial, mark, top) for mark in marks if mark.at)
    return group(*rings, *(_spoke(dial, place) for place in range(dial.count)))


def points(dial: Dial, values: tuple[Fraction | None, ...], top: Fraction) -> list[tuple[float, float]]:
    """The corners of a series; a category without a score has none, so that it does not look like a score of 0."""
    return [dial.point(place, float(value) / float(top)) for place, value in enumerate(values) if value is not None]


def _corners(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def _ring(dial: Dial, mark: Mark, top: Fraction) -> Svg:
    corners = points(dial, (mark.at,) * dial.count, top)
    return element("polygon", {**dial.paint("ring"), "points": _corners(corners)})


def _spoke(dial: Dial, place: int) -> Svg:
    x, y = dial.point(place, 1)
    return element("line", {**dial.paint("spoke"), "x1": 0, "y1": 0, "x2": x, "y2": y})


def _polygon(dial: Dial, series: Series, top: Fraction) -> Svg:
    shape = {**dial.paint(series.kind), "points": _corners(points(dial, series.values, top))}
    return element("polygon", shape, element("title", {}, series.name))


def _dots(dial: Dial, series: Series, top: Fraction) -> Svg:
    return group(
        *(
            element("circle", {**dial.paint("dot"), "cx": x, "cy": y, "r": dial.font * 0.28})
            for x, y in points(dial, series.values, top)
        )
    )


@lru_cache(64)
def _scale(dial: Dial, marks: tuple[Mark, ...], top: Fraction) -> Svg:
    """The numbers of the rings beside the first axis; from outside in, so that the top is always named."""
    drawn: list[Svg] = []
    last = float("-inf")
    for mark in reversed(marks):
        y = -dial.radius * float(mark.at) / float(top)
        if mark.at and y - last >= dial.font:
            drawn.append(element("text", {**dial.paint("axis"), "x": 5, "y": y + dial.font}, mark.label))
            last = y
    return group(*drawn)


def _words(dial: Dial, label: Label, axis: Axis) -> Svg:
    rows = [
        element("text", {**_placed(dial, "name", label, row)}, element("title", {}, axis.name), line)
        for row, line in enumerate(label.lines)
    ]
    value = element("text", _placed(dial, "value", label, len(label.lines)), label.value)
    return group(*rows, value)


def _placed(dial: Dial, paint: str, label: Label, row: int) -> dict[str, str | float]:
    base = label.top + label.step * (row + 0.8)
    return {**dial.paint(paint), "x": label.x, "y": base, "text-anchor": label.anchor}
