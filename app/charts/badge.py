"""A badge: a small picture with a name and a level, for the page of a team or a repository."""

from app.charts.style import FONT, LEVEL_INKS, LIGHT
from app.charts.svg import Svg, element, number
from app.charts.text import shortened, width

HIGH, SIZE, AIR = 22, 12, 8
LONGEST = 260
"""Pixels of the longest name."""


def badge(name: str, value: str, tint: int) -> Svg:
    """The whole file. Its text is read out, and as wide as it is in a wide font, so that nothing is cut."""
    name, value = shortened(name, LONGEST, SIZE), shortened(value, LONGEST, SIZE)
    left, right = (round(width(each, SIZE)) + 2 * AIR for each in (name, value))
    whole = left + right
    said = f"{name}: {value}"
    frame = {"x": 0.5, "y": 0.5, "width": whole - 1, "height": HIGH - 1, "rx": 3}
    return element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": whole,
            "height": HIGH,
            "viewBox": f"0 0 {number(whole)} {HIGH}",
            "role": "img",
            "aria-label": said,
            "font-family": FONT,
            "font-size": SIZE,
        },
        element("title", {}, said),
        element("rect", {**frame, "fill": LIGHT.paper}),
        element(
            "path",
            {"d": f"M{left} .5h{right - 3.5}a3 3 0 0 1 3 3v15a3 3 0 0 1-3 3h-{right - 3.5}z"}
            | {"fill": LIGHT.levels[tint]},
        ),
        element("rect", {**frame, "fill": "none", "stroke": LIGHT.wood_line}),
        _text(name, left / 2, LIGHT.ink),
        _text(value, left + right / 2, LEVEL_INKS[tint], bold=True),
    )


def _text(text: str, middle: float, colour: str, *, bold: bool = False) -> Svg:
    placed: dict[str, str | float] = {"x": middle, "y": 15, "text-anchor": "middle", "fill": colour}
    return element("text", placed | ({"font-weight": "700"} if bold else {}), text)
