"""The skeleton of a rubric that nobody wrote yet: the places to fill in, and nothing in them.

What is empty is a problem of the draft, so that its author is led from one place to the next.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from app.domain.errors import Invalid
from app.domain.rubric import Kind, Unit
from app.domain.rubric_file import Document
from app.domain.rubric_rules import FIRST_ABOVE
from app.domain.rubric_shape import CATEGORIES, FORMAT, HIGHEST_LEVEL
from app.domain.yaml_text import decimal

LOWEST_TOP = 2
FEWEST_LEVELS, MOST_LEVELS = LOWEST_TOP, HIGHEST_LEVEL
FEWEST_CATEGORIES, MOST_CATEGORIES = CATEGORIES
USUAL_MINUTES = 15
MOST_BANDS = 20
BAND = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)\s+(\S.*)")
WORDS = (("Not yet", 0), ("Partly", "0.5"), ("In place", 1))
GAP_WORDS = (("Still true", 0), ("Partly overcome", "0.5"), ("Overcome", 1))


def new_ladder(
    key: str, title: str, categories: Sequence[tuple[str, str]], top: int, names: Sequence[str] = ()
) -> Document:
    """Levels 0 to `top`, and in each category one practice for each level above 0. `categories`: keys and names.

    `names` are those of the levels. Raises Invalid where there are some, and not one for each level.
    """
    if names and len(names) != top + 1:
        raise Invalid(
            "The levels from 0 to %(top)s are %(count)s. Name each of them, one in each line, or none.",
            top=top,
            count=top + 1,
        )
    return {
        **_beginning(key, title, Kind.LADDER),
        "gap_answers": _words(GAP_WORDS),
        "levels": [
            {
                "level": level,
                "name": names[level] if names else "",
                "summary": "",
                "focus": "",
                "outcome": "",
                "actions": [],
            }
            for level in range(top + 1)
        ],
        "categories": [
            {"key": category, "name": name, "question": "", "statements": _practices(category, top)}
            for category, name in categories
        ],
    }


def new_points(
    key: str, title: str, categories: Sequence[tuple[str, str]], unit: Unit, bands: Sequence[tuple[Fraction, str]] = ()
) -> Document:
    """One statement in each category, and these bands; without any, one that takes every score.

    Raises Invalid where the first does not begin above -1, or one does not begin above the one before it.
    """
    starts = [above for above, _ in bands] or [Fraction(FIRST_ABOVE)]
    if starts[0] != FIRST_ABOVE:
        raise Invalid(
            "The first band begins above %(first)s, so that it takes a score of exactly 0.", first=FIRST_ABOVE
        )
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise Invalid("Each band begins above the one before it.")
    return {
        **_beginning(key, title, Kind.POINTS),
        "bands": [
            {"above": _number(above), "name": name, "summary": ""}
            for above, name in bands or [(Fraction(FIRST_ABOVE), "")]
        ],
        "unit": unit.value,
        "categories": [
            {"key": category, "name": name, "question": "", "statements": [_statement(f"{category}-1")]}
            for category, name in categories
        ],
    }


def bands_in(text: str) -> Sequence[tuple[Fraction, str]]:
    """The bands that lines such as `2.5 Reasonably tested` name: above which score, and what it is called."""
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    found = [BAND.fullmatch(each) for each in lines]
    if len(lines) > MOST_BANDS or not all(found):
        raise Invalid("Name up to %(most)s bands, one in each line, as in: 2.5 Reasonably tested", most=MOST_BANDS)
    return [(Fraction(each[1]), each[2]) for each in found if each]


def _number(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else decimal(value)


def _beginning(key: str, title: str, kind: Kind) -> Document:
    return {
        "format": FORMAT,
        "key": key,
        "title": title,
        "kind": kind.value,
        "summary": "",
        "minutes": USUAL_MINUTES,
        "subject": "team",
        "source": {"work": "", "author": "", "publisher": "", "year": 2000},
        "answers": _words(WORDS),
    }


def _words(words: Sequence[tuple[str, int | str]]) -> list[Document]:
    return [{"value": value, "name": name} for name, value in words]


def _practices(category: str, top: int) -> list[Document]:
    return [
        {**_statement(f"{category}-{level}"), "kind": "practice", "level": level, "gate": level}
        for level in range(1, top + 1)
    ]


def _statement(key: str) -> Document:
    return {"key": key, "text": "", "do": "", "proof": ""}
