"""The staves: height is the index, water stands at the shortest, wood above it is there but does not count yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from app.charts.picture import Mark, Stave, StavesFigure
from app.charts.standalone import INNER, framed
from app.charts.svg import Svg, element, group, in_file, in_page
from app.charts.text import lines, shortened, width

HEIGHT = 288
"""Pixels, in a page and in a file; only the width follows the reader's screen."""

Naming = Literal["columns", "turns", "folds", "list"]

_MOST_NAMED = 6
_COLUMN = 84
_STACKED = 5
"""From so many staves on, an interval does not fit above one of them in one line."""

NARROW, WIDE = 4.0, 10.0
"""Percent of the width that the numbers of the scale take: one digit, or more."""
_ROOM_ABOVE = 20
_ROOM_STACKED = 34
_FOOT = 22  # The numbers of the staves; a page that shows names instead draws them up into it.
_LEAST_STEP = 13


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where numbers lie. Across, all is in percent of the picture; a file turns percent into pixels."""

    top: float
    count: int
    base: float
    room: float
    hoop_start: float
    first: float
    paint: Callable[..., Mapping[str, str]]
    wide: float | None

    def x(self, percent: float) -> str | float:
        return f"{percent:.2f}%" if self.wide is None else percent * self.wide / 100

    def y(self, value: Fraction) -> float:
        return self.base - (self.base - self.room) * float(value) / self.top

    @property
    def step(self) -> float:
        return (100 - self.first) / self.count

    def left(self, place: int) -> float:
        return self.first + place * self.step

    def middle(self, place: int) -> float:
        return self.left(place) + self.step / 2


def naming(figure: StavesFigure) -> Naming:
    """Where the names stand, for the page's `data-names`: the staves are numbered where the names are a list.

    "columns": under the staves. "turns": on a phone in two rows, in turn, because all are short. "folds": on a phone
    a list. "list": always a list, because there are many or one is very long.
    """
    count = len(figure.staves)
    if count > _MOST_NAMED or any(len(lines(stave.name, _COLUMN, 12, 4)) > 3 for stave in figure.staves):
        return "list"
    if count <= 3:
        return "columns"
    return "turns" if all(width(stave.name, 12) <= _COLUMN for stave in figure.staves) else "folds"


def staves(figure: StavesFigure, *, standalone: bool = False, height: int = HEIGHT) -> Svg:
    """The figure for a page (as wide as its place, painted by class), or as a whole file."""
    if standalone:
        return _file(figure, height)
    plane = _plane(figure, height, in_page, None)
    drawn = _drawn(figure, plane)
    asked = {"data-names": naming(figure), "data-scale": "wide" if plane.hoop_start > NARROW else "narrow"}
    spoken = {"role": "img", "aria-label": figure.frame.label}
    return element("svg", {"width": "100%", "height": height, **asked, **spoken}, *drawn)


def _file(figure: StavesFigure, height: int) -> Svg:
    plane = _plane(figure, height, in_file, INNER)
    names, below = _names(figure, plane, height)
    return framed(figure.frame, figure.key, height + below, group(*_drawn(figure, plane), names))


def _plane(figure: StavesFigure, height: int, paint: Callable[..., Mapping[str, str]], wide: float | None) -> _Plane:
    widest = max((width(mark.label, 12) for mark in figure.marks), default=0)
    hoop_start = NARROW if widest < 10 else WIDE
    stacked = len(figure.staves) >= _STACKED and any(stave.label_high for stave in figure.staves)
    return _Plane(
        top=float(figure.top),
        count=len(figure.staves),
        base=height - _FOOT,
        room=_ROOM_STACKED if stacked else _ROOM_ABOVE,
        hoop_start=hoop_start,
        first=hoop_start + 3,
        paint=paint,
        wide=wide,
    )


def _drawn(figure: StavesFigure, plane: _Plane) -> tuple[Svg, ...]:
    wood = (_wood(plane, place, stave) for place, stave in enumerate(figure.staves))
    water = (_water(plane, place, stave, figure.water) for place, stave in enumerate(figure.staves))
    values = (_value(plane, place, stave, figure.water) for place, stave in enumerate(figure.staves))
    numbered = plane.wide is None or naming(figure) == "list"
    numbers = (_number(plane, place, stave) for place, stave in enumerate(figure.staves) if numbered)
    return (
        _hoops(plane, figure.marks),
        *wood,
        *water,
        _surface(plane, figure.water),
        *values,
        *numbers,
    )


@lru_cache(64)
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
    classes = ("value", *(("tight",) if plane.count > 8 else ()), *(("short",) if stave.binds else ()))
    paint = plane.paint(*classes)
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
    return element("text", {**plane.paint("axis", "place"), **placed}, element("title", {}, stave.name), str(place + 1))


def _names(figure: StavesFigure, plane: _Plane, top: float) -> tuple[Svg, float]:
    """The names in a file, and the height they take: under the staves, or as a numbered list when there are many."""
    if naming(figure) == "list":
        return _listed(figure, top)
    top -= _FOOT - 4
    limit = plane.step * INNER / 100 - 8
    drawn, most = [], 0
    for place, stave in enumerate(figure.staves):
        broken = lines(stave.name, limit, 14, 3)
        most = max(most, len(broken))
        middle = plane.middle(place) * INNER / 100
        paint = in_file("name", *(("short",) if stave.binds else ()))
        drawn += [
            element("text", {**paint, "x": middle, "y": top + 16 + 18 * row, "text-anchor": "middle"}, line)
            for row, line in enumerate(broken)
        ]
    return group(*drawn), 18.0 * most + 10 - (_FOOT - 4)


def _listed(figure: StavesFigure, top: float) -> tuple[Svg, float]:
    rows = -(-len(figure.staves) // 2)
    drawn = (
        _entry(stave, place + 1, INNER / 2 * (place // rows), top + 24 + 20 * (place % rows))
        for place, stave in enumerate(figure.staves)
    )
    return group(*drawn), 20.0 * rows + 16


def _entry(stave: Stave, number: int, left: float, base: float) -> Svg:
    """Number and name apart, so that a name written from right to left does not carry the number away."""
    paint = in_file("name", *(("short",) if stave.binds else ()))
    return group(
        element("text", {**in_file("axis"), "x": left, "y": base}, str(number)),
        element("text", {**paint, "x": left + 24, "y": base}, shortened(stave.name, INNER / 2 - 40, 14)),
    )
