"""PNG of our own pictures, drawn by resvg: no browser and no system library, but it writes with the machine's fonts."""

import re
from functools import cache

import resvg_py

from app.domain.errors import DomainError, Sentence

WIDEST = 4096
"""Pixels; wider pictures would let one request take a large part of the memory."""


_FAMILIES = re.compile(r'font-family="([^"]*)"')


class NoFonts(DomainError):
    """The machine has none of the fonts that our pictures name, and resvg would leave out all text without a word."""

    def __init__(self) -> None:
        super().__init__(
            Sentence(
                "This server has no font to write with, so the picture would have no words. Save it as SVG instead, "
                "or have the fonts DejaVu or Liberation installed on the server (Debian: fonts-dejavu-core)."
            )
        )


def png(svg: str, width: int, *, system_fonts: bool = True) -> bytes:
    """One of our standalone pictures, `width` pixels wide. Raises NoFonts where its text could not be drawn."""
    if not 1 <= width <= WIDEST:
        raise ValueError(f"a picture is 1 to {WIDEST} pixels wide, not {width}")
    families = _FAMILIES.search(svg)
    if families and not can_write(families[1], system_fonts=system_fonts):
        raise NoFonts
    return resvg_py.svg_to_bytes(svg_string=svg, width=width)


@cache
def can_write(families: str, *, system_fonts: bool = True) -> bool:
    """Whether text in these families becomes visible on this machine; asked once, because all fonts are read for it."""
    return _drawn("H", families, system_fonts) != _drawn("", families, system_fonts)


def _drawn(letter: str, families: str, system_fonts: bool) -> bytes:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">'
        f'<text y="14" font-size="16" font-family="{families}">{letter}</text></svg>'
    )
    return resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=not system_fonts)
