"""The staves: height is the index, water stands at the shortest, wood above it is there but does not count yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Mark, Stave, StavesFigure
from app.charts.standalone import INNER, framed
from app.charts.svg import Svg, element, group, in_file, in_page
from app.charts.text import lines, shortened, width

HEIGHT = 288
"""Pixels, in a page and in a file; only the width follows the reader's screen."""

NAMED = 6
"""Up to so many staves are wide enough on a phone to carry their names; more are numbered."""
_STACKED = 5
"""From so many staves on, an interval does not fit above one of them in one line."""

_ROOM_ABOVE = 34
_LEAST_STEP = 13


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where numbers lie. Across, all is in percent of the picture; a file turns percent into pixels."""

    top: Fraction
    count: int
    base: float
    hoop_start: float
    first: float
    paint: Callable[..., Mapping[str, str]]
    wide: float | None

    def x(self, percent: float) -> str | float:
        return f"{percent:.2f}%" if self.wide is None else percent * self.wide / 100

    def y(self, value: Fraction) -> float:
        return self.base - (self.base - _ROOM_ABOVE) * float(value / self.top)

    @property
    def step(self) -> float:
        return (100 - self.first) / self.count

    def left(self, place: int) -> float:
        return self.first + place * self.step

    def middle(self, place: int) -> float:
        return self.left(place) + self.step / 2


def staves(figure: StavesFigure, *, standalone: bool = False, height: int = HEIGHT) -> Svg:
    """The figure for a page (as wide as its place, painted by class), or as a whole file."""
    if standalone:
        return _file(figure, height)
    plane = _plane(figure, height, in_page, None)
    drawn = _drawn(figure, plane)
    return element("svg", {"width": "100%", "height": height, "role": "img", "aria-label": figure.frame.label}, *drawn)


def _file(figure: StavesFigure, height: int) -> Svg:
    plane = _plane(figure, height, in_file, INNER)
    names, below = _names(figure, plane, height)
    return framed(figure.frame, figure.key, height + below, group(*_drawn(figure, plane), names))


def _plane(figure: StavesFigure, height: int, paint: Callable[..., Mapping[str, str]], wide: float | None) -> _Plane:
    widest = max((width(mark.label, 12) for mark in figure.marks), default=0)
    hoop_start = 4.0 if widest < 10 else 10.0
    numbered = len(figure.staves) > NAMED
    return _Plane(
        top=figure.top,
        count=len(figure.staves),
        base=height - (22 if numbered else 4),
        hoop_start=hoop_start,
        first=hoop_start + 3,
        paint=paint,
        wide=wide,
    )


def _drawn(figure: StavesFigure, plane: _Plane) -> tuple[Svg, ...]:
    wood = (_wood(plane, place, stave) for place, stave in enumerate(figure.staves))
    water = (_water(plane, place, stave, figure.water) for place, stave in enumerate(figure.staves))
    values = (_value(plane, place, stave, figure.water) for place, stave in enumerate(figure.staves))
    numbers = (_number(plane, place, stave) for place, stave in enumerate(figure.staves))
    return (
        _hoops(plane, figure.marks),
        *wood,
        *water,
        _surface(plane, figure.water),
        *values,
        *(numbers if plane.count > NAMED else ()),
    )


def _hoops(plane: _Plane, marks: tuple[Mark, ...]) -> Svg:
    drawn: list[Svg] = []
    last = float("inf")
    for mark in marks:
        y = plane.y(mark.at)
        ends = {"x1": plane.x(plane.hoop_start), "x2": plane.x(100), "y1": y, "y2": y}
        drawn.append(element("line", {**plane.paint("hoop"), **ends}))
        if last - y >= _LEAST_STEP:  # Labels that would lie on each other help nobody; the line still stands.
            drawn.append(element("text", {**plane.paint("axis"), "x": 0, "y": y + 4}, mark.label))
            last = y
    return group(*drawn)


def _box(plane: _Plane, place: int, low: Fraction, high: Fraction) -> dict[str, str | float]:
    gap = min(0.6, plane.step / 12)
    y = plane.y(high)
    return {
        "x": plane.x(plane.left(place) + gap / 2),
        "width": plane.x(plane.step - gap),
        "y": y,
        "height": plane.y(low) - y,
    }


def _wood(plane: _Plane, place: int, stave: Stave) -> Svg:
    index, high = stave.index, stave.index_high
    if index is None:
        return Svg()
    drawn = []
    if high is not None and high > index:
        drawn.append(element("rect", {**plane.paint("maybe"), **_box(plane, place, index, high), "rx": 4}))
    if index:
        drawn.append(element("rect", {**plane.paint("wood"), **_box(plane, place, Fraction(), index), "rx": 4}))
    return group(*drawn)


def _water(plane: _Plane, place: int, stave: Stave, water: Fraction | None) -> Svg:
    if not water or stave.index is None:
        return Svg()
    return element("rect", {**plane.paint("water"), **_box(plane, place, Fraction(), min(water, stave.index))})


def _surface(plane: _Plane, water: Fraction | None) -> Svg:
    if water is None:
        return Svg()
    y = plane.y(water)
    ends = {"x1": plane.x(plane.hoop_start + 1), "x2": plane.x(100), "y1": y, "y2": y}
    return element("line", {**plane.paint("line"), **ends})


def _value(plane: _Plane, place: int, stave: Stave, water: Fraction | None) -> Svg:
    """The number above its stave: an interval in one line where there is room, else one end above the other."""
    high = stave.index_high if stave.index_high is not None else stave.index
    # A category without a score has no stave; its sign stands above the water, not in it.
    base = plane.y(high if high is not None else (water or Fraction())) - 7
    paint = plane.paint("value", "short") if stave.binds else plane.paint("value")
    placed = {**paint, "x": plane.x(plane.middle(place)), "text-anchor": "middle"}
    if not stave.label_high:
        return element("text", {**placed, "y": base}, stave.label)
    if plane.count < _STACKED:
        return element("text", {**placed, "y": base}, f"{stave.label}–{stave.label_high}")
    return group(
        element("text", {**placed, "y": base - 14}, f"{stave.label}–"),
        element("text", {**placed, "y": base}, stave.label_high),
    )


def _number(plane: _Plane, place: int, stave: Stave) -> Svg:
    """The stave's number below it; its name in full is told on pointing at it."""
    placed = {"x": plane.x(plane.middle(place)), "y": plane.base + 17, "text-anchor": "middle"}
    return element("text", {**plane.paint("axis"), **placed}, element("title", {}, stave.name), str(place + 1))


def _names(figure: StavesFigure, plane: _Plane, top: float) -> tuple[Svg, float]:
    """The names in a file, and the height they take: under the staves, or as a numbered list when there are many."""
    if plane.count > NAMED:
        return _listed(figure, top)
    limit = plane.step * INNER / 100 - 8
    drawn, most = [], 0
    for place, stave in enumerate(figure.staves):
        broken = lines(stave.name, limit, 14, 3)
        most = max(most, len(broken))
        middle = plane.middle(place) * INNER / 100
        paint = in_file("short" if stave.binds else "name")
        drawn += [
            element("text", {**paint, "x": middle, "y": top + 16 + 18 * row, "text-anchor": "middle"}, line)
            for row, line in enumerate(broken)
        ]
    return group(*drawn), 18.0 * most + 10


def _listed(figure: StavesFigure, top: float) -> tuple[Svg, float]:
    rows = -(-len(figure.staves) // 2)
    drawn = (
        element(
            "text",
            {
                **in_file("short" if stave.binds else "name"),
                "x": INNER / 2 * (place // rows),
                "y": top + 24 + 20 * (place % rows),
            },
            shortened(f"{place + 1}  {stave.name}", INNER / 2 - 16, 14),
        )
        for place, stave in enumerate(figure.staves)
    )
    return group(*drawn), 20.0 * rows + 16
