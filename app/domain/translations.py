"""The texts of a rubric in further languages. Keys, gates and numbers stay, and what is not translated falls back.

Languages go by their BCP 47 tags in small letters. A text that `de-at` lacks is looked up in `de`, and then it is that
of the original. Nothing that scores looks at a text, so results compare across languages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from app.domain.rubric import Place, Rubric
from app.domain.yaml_text import decimal

TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
MOST_LANGUAGES = 12
"""Languages that a rubric has besides the one it is written in."""

TEXTS: Mapping[str, tuple[str, ...]] = {
    "": ("title", "summary"),
    "answers": ("name", "hint"),
    "gap_answers": ("name", "hint"),
    "levels": ("name", "summary", "focus", "outcome"),
    "actions": ("text",),
    "bands": ("name", "summary"),
    "categories": ("name", "question"),
    "statements": ("text", "do", "proof", "help", "enough", "not_enough"),
    "stories": ("text",),
}
"""What can be translated in each section of a rubric. Where it comes from, and who is quoted, are names."""

T = TypeVar("T")


def texts_of(rubric: Rubric) -> dict[Place, str]:
    """Every text that can be translated, by where it stands, in the order of the rubric."""
    return {(*at, name): text for at, entry in _entries(rubric) for name, text in _texts(at, entry) if text}


def missing(rubric: Rubric, tag: str) -> tuple[Place, ...]:
    """What is read in the original by whoever reads the rubric in this language, in the order of the rubric."""
    there = _known(rubric, tag)
    return tuple(place for place in texts_of(rubric) if place not in there)


def best(languages: Iterable[str], wishes: Iterable[str]) -> str:
    """The first wish that one of the languages meets; empty where none does, which is the original.

    A wish for `de-at` is met by `de`. One for `de` is not met by `de-at`, which may read oddly elsewhere.
    """
    known = frozenset(languages)
    return next((each for wish in wishes for each in _chain(wish) if each in known), "") if known else ""


def in_language(rubric: Rubric, tag: str) -> Rubric:
    """The rubric as it reads in a language, text by text. The same object where nothing is translated."""
    there = _known(rubric, tag)
    if not there:
        return rubric

    def read(entry: T, *at: str) -> T:
        given = {name: there[*at, name] for name in TEXTS[at[0] if at else ""] if (*at, name) in there}
        return replace(entry, **given) if given else entry  # type: ignore[type-var] # every entry is a dataclass

    return replace(
        read(rubric),
        answers=tuple(read(each, "answers", decimal(each.value)) for each in rubric.answers),
        gap_answers=tuple(read(each, "gap_answers", decimal(each.value)) for each in rubric.gap_answers),
        levels=tuple(
            replace(
                read(level, "levels", str(level.level)),
                actions=tuple(read(each, "actions", each.key) for each in level.actions),
            )
            for level in rubric.levels
        ),
        bands=tuple(read(each, "bands", decimal(each.above)) for each in rubric.bands),
        categories=tuple(
            replace(
                read(category, "categories", category.key),
                statements=tuple(read(each, "statements", each.key) for each in category.statements),
            )
            for category in rubric.categories
        ),
        stories=tuple(read(each, "stories", str(number)) for number, each in enumerate(rubric.stories, 1)),
    )


def _chain(tag: str) -> Iterator[str]:
    """The language itself, and those that it falls back to: `zh-hant-tw`, `zh-hant`, `zh`."""
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _known(rubric: Rubric, tag: str) -> dict[Place, str]:
    """The texts in a language, with those that it falls back to."""
    known: dict[Place, str] = {}
    for each in reversed([*_chain(tag)]):
        known |= rubric.translations.get(each, {})
    return known


def _entries(rubric: Rubric) -> Iterator[tuple[Place, Any]]:
    """Whatever has texts, with the section and the name that it goes by there."""
    yield (), rubric
    for section, words in (("answers", rubric.answers), ("gap_answers", rubric.gap_answers)):
        yield from (((section, decimal(word.value)), word) for word in words)
    for level in rubric.levels:
        yield ("levels", str(level.level)), level
        yield from ((("actions", action.key), action) for action in level.actions)
    yield from ((("bands", decimal(band.above)), band) for band in rubric.bands)
    for category in rubric.categories:
        yield ("categories", category.key), category
        yield from ((("statements", statement.key), statement) for statement in category.statements)
    yield from ((("stories", str(number)), story) for number, story in enumerate(rubric.stories, 1))


def _texts(at: Place, entry: Any) -> Iterator[tuple[str, str]]:
    return ((name, getattr(entry, name)) for name in TEXTS[at[0] if at else ""])
