"""The skeleton of a rubric that nobody wrote yet: the places to fill in, and nothing in them.

What is empty is a problem of the draft, so that its author is led from one place to the next.
"""

from collections.abc import Sequence

from app.domain.rubric import Kind, Unit
from app.domain.rubric_file import Document
from app.domain.rubric_shape import CATEGORIES, FORMAT, HIGHEST_LEVEL

LOWEST_TOP = 2
FEWEST_LEVELS, MOST_LEVELS = LOWEST_TOP, HIGHEST_LEVEL
FEWEST_CATEGORIES, MOST_CATEGORIES = CATEGORIES
USUAL_MINUTES = 15
WORDS = (("Not yet", 0), ("Partly", "0.5"), ("In place", 1))
GAP_WORDS = (("Still true", 0), ("Partly overcome", "0.5"), ("Overcome", 1))


def new_ladder(key: str, title: str, categories: Sequence[tuple[str, str]], top: int) -> Document:
    """Levels 0 to `top`, and in each category one practice for each level above 0. `categories`: keys and names."""
    return {
        **_beginning(key, title, Kind.LADDER),
        "gap_answers": _words(GAP_WORDS),
        "levels": [
            {"level": level, "name": "", "summary": "", "focus": "", "outcome": "", "actions": []}
            for level in range(top + 1)
        ],
        "categories": [
            {"key": category, "name": name, "question": "", "statements": _practices(category, top)}
            for category, name in categories
        ],
    }


def new_points(key: str, title: str, categories: Sequence[tuple[str, str]], unit: Unit) -> Document:
    """One band that takes every score, and one statement in each category."""
    return {
        **_beginning(key, title, Kind.POINTS),
        "bands": [{"above": -1, "name": "", "summary": ""}],
        "unit": unit.value,
        "categories": [
            {"key": category, "name": name, "question": "", "statements": [_statement(f"{category}-1")]}
            for category, name in categories
        ],
    }


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
