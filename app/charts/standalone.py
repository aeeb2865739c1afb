"""What stands round a picture in a file of its own: title above, key and source below."""

from collections.abc import Callable

from app.charts.picture import Frame, KeyEntry, KeyKind
from app.charts.svg import Svg, element, file, group, in_file
from app.charts.text import lines, shortened, width

WIDTH = 720
"""Pixels; PNG are made at a multiple of it."""
MARGIN = 32
INNER = WIDTH - 2 * MARGIN

_TITLE = 20
_CAPTION = 12
_SAMPLE = 24
_AREAS = frozenset({"water", "wood", "maybe"})
_LEVEL = "level-"


def framed(frame: Frame, key: tuple[KeyEntry, ...], height: float, body: Svg) -> Svg:
    """The body, `INNER` pixels wide and `height` high with its origin at the top left, in a file with its words."""
    above, top = _stacked(lines(frame.title, INNER * 0.92, _TITLE, 3) if frame.title else (), "title", MARGIN, 28)
    body = element("g", {"transform": f"translate({MARGIN} {top})"}, body)
    signs, top = _key(key, top + height + 12)
    below, top = _stacked(lines(frame.source, INNER, _CAPTION, 2) if frame.source else (), "caption", top, 18)
    return file(WIDTH, top + MARGIN / 2, frame.label, above, body, signs, below)


def _stacked(texts: tuple[str, ...], paint: str, top: float, step: float) -> tuple[Svg, float]:
    """Lines of text one under the other, and where they end."""
    drawn = (
        element("text", {**in_file(paint), "x": MARGIN, "y": top + (place + 0.7) * step}, text)
        for place, text in enumerate(texts)
    )
    return group(*drawn), top + len(texts) * step + (12 if texts else 0)


def _key(key: tuple[KeyEntry, ...], top: float) -> tuple[Svg, float]:
    """The entries side by side, on as many rows as they need, and where they end."""
    drawn: list[Svg] = []
    left: float = MARGIN
    for entry in key:
        name = shortened(entry.name, INNER - 2 * _SAMPLE, _CAPTION)
        wide = _SAMPLE + 8 + width(name, _CAPTION) + 12
        if left > MARGIN and left + wide > WIDTH - MARGIN:
            left, top = MARGIN, top + 22
        drawn += (sample(entry.kind, left, top + 5), _caption(name, left + _SAMPLE + 8, top + 15))
        left += wide
    return group(*drawn), top + (34 if key else 0)


def _caption(text: str, left: float, base: float) -> Svg:
    return element("text", {**in_file("caption"), "x": left, "y": base}, text)


def sample(kind: KeyKind, left: float, top: float) -> Svg:
    """A swatch of 24 by 12 pixels, as the picture itself is painted."""
    draw: Callable[[KeyKind, float, float], Svg] = _swatch if kind in _AREAS or kind.startswith(_LEVEL) else _stroke
    return draw(kind, left, top)


def _swatch(kind: KeyKind, left: float, top: float) -> Svg:
    return element("rect", {**in_file(kind), "x": left, "y": top, "width": _SAMPLE, "height": 12})


def _stroke(kind: KeyKind, left: float, top: float) -> Svg:
    ends = {"x1": left, "x2": left + _SAMPLE, "y1": top + 6, "y2": top + 6}
    return element("line", {**in_file(kind), **ends})
