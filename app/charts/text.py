"""How wide a text will be, and how to break it, without knowing the reader's font.

The widths are those of a wide sans-serif (DejaVu Sans), so that a narrower one always fits.
"""

import unicodedata
from functools import lru_cache

_NARROW = frozenset("ijlIt.,;:'|!()[]-·fr ")
_WIDE = frozenset("mwMW@%&–—…")
ELLIPSIS = "…"


@lru_cache(4096)
def width(text: str, size: float) -> float:
    """The width in pixels at a font size in pixels, rather too large than too small."""
    return size * sum(map(_em, text))


@lru_cache(4096)
def _em(sign: str) -> float:
    if _joins(sign):
        return 0.0
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.25 if ord(sign) > 0xFFFF else 1.0
    if sign in _NARROW:
        return 0.4
    if sign in _WIDE:
        return 0.95
    return 0.7 if sign.isupper() else 0.62


def _joins(sign: str) -> bool:
    """It belongs to the sign before it: accents, emoji selectors, joiners."""
    return bool(unicodedata.combining(sign)) or unicodedata.category(sign) in {"Mn", "Me", "Cf"}


# The names of a rubric are broken anew for every result, and are always the same.
@lru_cache(2048)
def lines(text: str, limit: float, size: float, most: int) -> tuple[str, ...]:
    """The text in at most `most` lines of at most `limit` pixels, broken at blanks; what does not fit ends in "…"."""
    found: list[str] = []
    rest = " ".join(text.split())
    while rest and len(found) < most:
        line, rest = _first_line(rest, limit, size)
        found.append(line)
    if rest:
        found[-1] = shortened(f"{found[-1]} {rest}", limit, size)
    return tuple(found) or ("",)


def _first_line(text: str, limit: float, size: float) -> tuple[str, str]:
    if width(text, size) <= limit:
        return text, ""
    words = text.split(" ")
    taken = len(words)
    while taken and width(" ".join(words[:taken]), size) > limit:
        taken -= 1
    if taken:
        return " ".join(words[:taken]), " ".join(words[taken:])
    # A single word that is wider than the line is broken inside: better than to lose all of it.
    end = _fitting(text, limit, size)
    return text[:end], text[end:]


def shortened(text: str, limit: float, size: float) -> str:
    """The text, cut to the width with "…" where it is wider."""
    if width(text, size) <= limit:
        return text
    return text[: _fitting(text, limit - width(ELLIPSIS, size), size)].rstrip() + ELLIPSIS


def _fitting(text: str, limit: float, size: float) -> int:
    """How many signs fit, at least one, never parting a sign from what joins it."""
    end = 1
    while end < len(text) and (_joins(text[end]) or width(text[: end + 1], size) <= limit):
        end += 1
    return end
