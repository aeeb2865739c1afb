"""The colours, dashes and type of every picture that cannot ask the style sheet: files, PNG and Plotly.

The values are those of static/css/tokens.css. A picture inside a page takes none of them: there the style sheet paints
it, in light and dark, by the class names that are the keys of `PAINT`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

# Named families first: a renderer without fontconfig does not know what "sans-serif" is on its machine.
FONT = "'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme, light or dark. `levels` runs from 0 to 6 in one hue, ever further from the paper;
    `inks` is what is written on each."""

    paper: str
    line: str
    wood: str
    wood_line: str
    ink: str
    ink_soft: str
    ink_faint: str
    accent: str
    signal: str
    levels: tuple[str, ...]
    inks: tuple[str, ...]


LIGHT = Palette(
    paper="#ffffff",
    line="#dfe1df",
    wood="#e6e4df",
    wood_line="#918d84",
    ink="#16191b",
    ink_soft="#4a5053",
    ink_faint="#62696c",
    accent="#0b587c",
    signal="#9c3a12",
    levels=("#f0f2f2", "#cbe1ec", "#8cbdd5", "#2f7598", "#0c3f58", "#082b3d", "#041925"),
    inks=("#3d4446", "#0e2733", "#0a1f29", "#ffffff", "#ffffff", "#ffffff", "#ffffff"),
)
LEVEL_INKS = ("#3d4446", "#0e2733", "#0a1f29", "#ffffff", "#ffffff", "#ffffff", "#ffffff")
"""The letters on each level of the light scheme."""
DARK = Palette(
    paper="#151617",
    line="#313437",
    wood="#34353a",
    wood_line="#797c84",
    ink="#eceeee",
    ink_soft="#b4babd",
    ink_faint="#969da1",
    accent="#7cc6e8",
    signal="#f1a480",
    levels=("#22262a", "#173a4c", "#1f617f", "#55a6ca", "#b9e3f5", "#d3edf9", "#ebf7fc"),
    inks=("#c3c9cc", "#e4f2f9", "#ffffff", "#06202d", "#06202d", "#06202d", "#06202d"),
)

TINTS = 4
"""The number of the darkest colour that a level of a dashboard has."""


def tint_of(top: int, level: int) -> int:
    """The colour of a level, of five; the levels or bands up to another top are spread over them."""
    return level if top == TINTS else round(Fraction(TINTS * level, top or 1))


WATER = 2
"""The level whose tint is the water."""
WASH = 0.38
"""How much of the water's tint fills the radar's "now", so that rings and other lines show through."""

DASHES: Mapping[str, str] = MappingProxyType(
    {"previous": "2 3", "target": "9 4", "best": "8 3 1.5 3", "next": "5 4", "maybe": "3 3"}
)


def _line(colour: str, width: float, dash: str = "") -> Mapping[str, str]:
    drawn = {"fill": "none", "stroke": colour, "stroke-width": f"{width:g}"}
    return MappingProxyType(drawn | {"stroke-dasharray": DASHES[dash]} if dash else drawn)


def _text(colour: str, size: float, weight: int = 400) -> Mapping[str, str]:
    return MappingProxyType({"fill": colour, "font-size": f"{size:g}", "font-weight": str(weight)})


def _level(tint: int) -> Mapping[str, str]:
    """The palest level needs an edge to be seen on paper."""
    edge = {"stroke": LIGHT.ink_faint, "stroke-width": "0.75"} if tint == 0 else {}
    return MappingProxyType({"fill": LIGHT.levels[tint]} | edge)


PAINT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **{f"level-{tint}": _level(tint) for tint in range(len(LIGHT.levels))},
        **{f"level-{tint}-ink": _text(ink, 12, 700) for tint, ink in enumerate(LIGHT.inks)},
        "wood": MappingProxyType({"fill": LIGHT.wood, "stroke": LIGHT.wood_line, "stroke-width": "1"}),
        "water": MappingProxyType({"fill": LIGHT.levels[WATER]}),
        "maybe": _line(LIGHT.ink_faint, 1, "maybe"),
        "hoop": _line(LIGHT.line, 1),
        "line": _line(LIGHT.accent, 2.5),
        "ring": _line(LIGHT.line, 1),
        "spoke": _line(LIGHT.line, 1),
        "now": MappingProxyType(
            {
                "fill": LIGHT.levels[WATER],
                "fill-opacity": f"{WASH:g}",
                "stroke": LIGHT.accent,
                "stroke-width": "2.25",
                "stroke-linejoin": "round",
            }
        ),
        "previous": _line(LIGHT.ink_soft, 1.5, "previous"),
        "target": _line(LIGHT.ink, 1.5, "target"),
        "best": _line(LIGHT.accent, 1.5, "best"),
        "next": _line(LIGHT.ink_soft, 1.5, "next"),
        "dot": MappingProxyType({"fill": LIGHT.accent, "stroke": LIGHT.paper, "stroke-width": "1.5"}),
        "axis": _text(LIGHT.ink_soft, 12),
        "name": _text(LIGHT.ink, 14),
        "value": _text(LIGHT.ink, 14, 700),
        "place": _text(LIGHT.ink_soft, 12),
        "tight": MappingProxyType({"font-size": "12"}),
        "short": MappingProxyType({"fill": LIGHT.signal, "font-weight": "700"}),
        "title": _text(LIGHT.ink, 20, 700),
        "caption": _text(LIGHT.ink_soft, 12),
    }
)
"""What the style sheet gives each class in a page, for a file that has no style sheet. Light: files are printed."""
