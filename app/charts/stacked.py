"""Stacked bars: how many stand at each level, in one colour scale and always with the numbers.

In a page a bar is as wide as there is room, which only percentages can say, and its type stays as large as the page's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Piece, StackedBar, StackedFigure
from app.charts.standalone import INNER, framed
from app.charts.svg import Svg, element, group, in_file
from app.charts.text import shortened, width

_ROW = 46
_TOP, _THICK = 20, 18
"""Where a bar begins below the top of its row, and how thick it is."""
_NARROW = 300
"""Pixels of the narrowest page, for which the words have to do."""
_LABEL = 130
"""Pixels that are left to what stands at the end of a bar's name."""


@dataclass(frozen=True, slots=True)
class _Rail:
    """How wide pieces are written, how they are painted, and the pixels that words can count on."""

    at: Callable[[Fraction], str | float]
    bar: Callable[[int], dict[str, str]]
    ink: Callable[[int], dict[str, str]]
    word: Callable[[str], dict[str, str]]
    pixels: float
    font: float


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.2f}%"


_PAGE = _Rail(
    _percent,
    lambda tint: {"data-level": str(tint)},
    lambda tint: {"data-level": str(tint), "class": "in"},
    lambda paint: {"class": paint},
    _NARROW,
    13,
)
_FILE = _Rail(
    lambda share: float(share * INNER),
    lambda tint: dict(in_file(f"level-{tint}")),
    lambda tint: dict(in_file(f"level-{tint}-ink")),
    lambda paint: dict(in_file(paint)),
    INNER,
    14,
)


def stacked(figure: StackedFigure) -> Svg:
    """The figure for a page, painted by its style sheet."""
    size = {"width": "100%", "height": str(_height(figure))}
    return element("svg", {**size, "role": "img", "aria-label": figure.frame.label}, *_bars(figure, _PAGE))


def stacked_file(figure: StackedFigure) -> Svg:
    """The figure as a whole file."""
    return framed(figure.frame, figure.key, _height(figure), group(*_bars(figure, _FILE)))


def _height(figure: StackedFigure) -> int:
    return _ROW * len(figure.bars)


def _bars(figure: StackedFigure, rail: _Rail) -> list[Svg]:
    return [_bar(figure, rail, place, bar) for place, bar in enumerate(figure.bars)]


def _bar(figure: StackedFigure, rail: _Rail, place: int, bar: StackedBar) -> Svg:
    top, whole, reached = _ROW * place, figure.whole(bar), 0
    name = shortened(bar.name, rail.pixels - min(_LABEL, width(bar.label, rail.font)) - 8, rail.font)
    drawn = [
        element("text", {**rail.word("name"), "x": 0, "y": top + 14}, element("title", {}, bar.name), name),
        element(
            "text", {**rail.word("place"), "x": rail.at(Fraction(1)), "y": top + 14, "text-anchor": "end"}, bar.label
        ),
    ]
    for piece in bar.pieces:
        if piece.teams:
            drawn.append(_piece(figure, rail, piece, (Fraction(reached, whole), Fraction(piece.teams, whole)), top))
            reached += piece.teams
    if not reached:
        drawn.append(
            element("line", {**rail.word("hoop"), "x1": 0, "x2": rail.at(Fraction(1)), "y1": top + 29, "y2": top + 29})
        )
    return group(*drawn)


def _piece(figure: StackedFigure, rail: _Rail, piece: Piece, span: tuple[Fraction, Fraction], top: float) -> Svg:
    """A part of a bar, with its number where there is room for it."""
    tint, (left, share) = figure.tones[piece.tone].tint, span
    placed = {"x": rail.at(left), "y": top + _TOP, "width": rail.at(share), "height": _THICK}
    shape = element("rect", {**rail.bar(tint), **placed}, element("title", {}, piece.hover))
    number = str(piece.teams)
    if float(share) * rail.pixels < width(number, 12) + 6:
        return shape
    middle = {"x": rail.at(left + share / 2), "y": top + _TOP + 13.5, "text-anchor": "middle"}
    return group(shape, element("text", {**rail.ink(tint), **middle}, number))
