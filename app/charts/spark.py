"""The staves in the height of a line of text, for tables and headings."""

from fractions import Fraction

from app.charts.svg import Svg, element

_HIGH = 20
_STEP = 9


def spark(indexes: tuple[Fraction | None, ...], top: Fraction, label: str) -> Svg:
    """One stave for each index, water at the shortest. Painted by class; without a label it is decoration."""
    known = [index for index in indexes if index is not None]
    wide = _STEP * len(indexes) - 1
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    water = min(known, default=Fraction())
    y = _y(water, top)
    drawn = (_stave(place, index, water, top) for place, index in enumerate(indexes))
    line = element("line", {"class": "line", "x1": 0, "x2": wide, "y1": y, "y2": y})
    return element("svg", {"class": "spark", "viewBox": f"0 0 {wide} {_HIGH}", **spoken}, *drawn, line)


def _y(index: Fraction, top: Fraction) -> float:
    """One pixel stays free at both ends, so that level 0 is seen and the line at the top is whole."""
    return _HIGH - 1 - (_HIGH - 2) * float(index / top)


def _stave(place: int, index: Fraction | None, water: Fraction, top: Fraction) -> Svg:
    if index is None:
        return Svg()
    return Svg(_bar("wood", place, _y(index, top)) + _bar("water", place, _y(water, top)))


def _bar(name: str, place: int, y: float) -> Svg:
    return element("rect", {"class": name, "x": _STEP * place, "y": y, "width": _STEP - 1, "height": _HIGH - y})
