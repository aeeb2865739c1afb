"""Elements of SVG, escaped where they are made, so that no text can become markup."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Self

from app.charts.style import FONT, LIGHT, PAINT

# What XML 1.0 cannot say at all, escaped or not.
_UNSAYABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\"'\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class Svg(str):
    """Finished markup. A template takes it as it is; every other text is escaped when it becomes part of an element."""

    __slots__ = ()

    def __html__(self) -> Self:
        return self


def escaped(text: str) -> Svg:
    """The text as XML; finished markup stays what it is."""
    if isinstance(text, Svg):
        return text
    # Nearly every text needs nothing; to look is five times cheaper than to translate.
    return Svg(sayable(text).translate(_ENTITIES) if _SPECIAL.search(text) else text)


def sayable(text: str) -> str:
    """The text without what no XML and no JSON can carry: control characters and lone surrogates."""
    return _UNSAYABLE.sub("\ufffd", text)


def number(value: float) -> str:
    """A coordinate to a hundredth of a pixel, without trailing zeros."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def element(name: str, attributes: Mapping[str, str | float], *children: str) -> Svg:
    """One element. A child that is not `Svg` is text."""
    written = "".join([f' {key}="{_attribute(value)}"' for key, value in attributes.items()])
    if not children:
        return Svg(f"<{name}{written}/>")
    return Svg(f"<{name}{written}>{''.join([escaped(child) for child in children])}</{name}>")


def group(*children: Svg) -> Svg:
    """Several elements as one piece, without an element round them."""
    return Svg("".join(children))


# By type too: finished markup must not lend its look to a text of the same letters.
@lru_cache(4096, typed=True)
def _attribute(value: str | float) -> str:
    return escaped(value) if isinstance(value, str) else number(value)


@lru_cache(64)
def in_page(*names: str) -> Mapping[str, str]:
    """How a page paints: by class names, which its style sheet knows."""
    return {"class": " ".join(names)}


@lru_cache(64)
def in_file(*names: str) -> Mapping[str, str]:
    """How a file paints: every value written out, because no style sheet goes with it."""
    return {key: value for name in names for key, value in PAINT[name].items()}


def file(width: float, height: float, label: str, *children: Svg) -> Svg:
    """A whole SVG file on paper white, with a text alternative."""
    return element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "role": "img",
            "aria-label": label,
            "font-family": FONT,
        },
        element("rect", {"width": width, "height": height, "fill": LIGHT.paper}),
        *children,
    )
