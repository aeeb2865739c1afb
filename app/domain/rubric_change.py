"""What differs between two versions of a rubric: by key, and texts word by word.

Everything is data, no mark-up: a page or the command line escapes and renders it. Two rubrics are equal exactly when
their difference is empty.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.domain.rubric import Rubric, Statement
from app.domain.translations import texts_of
from app.domain.yaml_text import decimal

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
PLACE = ("category", "kind", "level", "gate")  # what decides where a statement counts; a change of it changes results


class Turn(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words. Same and removed pieces make the old text, same and added ones the new."""

    turn: Turn
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    category: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Move:
    """A statement in both versions that stands elsewhere now; `what` is category, kind, level or gate."""

    statement: str
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TextChange:
    """Any other field. `path` names keys (`statements.audit-trail.text`); None where a version does not have it."""

    path: str
    old: str | None
    new: str | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What both versions have in a list, in the order of each."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """In the order of the new version; what only the old one has, in its order."""

    added: tuple[Placed, ...]
    removed: tuple[Placed, ...]
    moved: tuple[Move, ...]
    texts: tuple[TextChange, ...]
    orders: tuple[OrderChange, ...]

    def __bool__(self) -> bool:
        return any((self.added, self.removed, self.moved, self.texts, self.orders))


def difference(old: Rubric, new: Rubric) -> Difference:
    """What one has to know to go from the old version to the new."""
    return Difference(
        added=tuple(placed(new, key) for key in new.statements if key not in old.statements),
        removed=tuple(placed(old, key) for key in old.statements if key not in new.statements),
        moved=tuple(moves(old, new)),
        texts=tuple(text_changes(old, new)),
        orders=tuple(order_changes(old, new)),
    )


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The two texts laid over each other, word by word."""
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    laid: list[Piece] = []
    for tag, start, end, begin, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            laid.append(Piece(Turn.SAME, "".join(before[start:end])))
            continue
        laid.append(Piece(Turn.REMOVED, "".join(before[start:end])))
        laid.append(Piece(Turn.ADDED, "".join(after[begin:stop])))
    return tuple(piece for piece in laid if piece.text)


def placed(rubric: Rubric, key: str) -> Placed:
    return Placed(rubric.category_of[key].key, rubric.statements[key])


def moves(old: Rubric, new: Rubric) -> Iterator[Move]:
    for key in new.statements:
        if key in old.statements:
            before, after = place(old, key), place(new, key)
            yield from (Move(key, what, before[what], after[what]) for what in PLACE if before[what] != after[what])


def place(rubric: Rubric, key: str) -> dict[str, str]:
    statement = rubric.statements[key]
    return {"category": rubric.category_of[key].key} | {name: shown(getattr(statement, name)) for name in PLACE[1:]}


def text_changes(old: Rubric, new: Rubric) -> Iterator[TextChange]:
    before, after = fields(old), fields(new)
    both = old.statements.keys() & new.statements.keys()
    for path in (*after, *(path for path in before if path not in after)):
        was, now = before.get(path), after.get(path)
        key = statement_of(path)
        if was != now and (key is None or key in both):
            yield TextChange(".".join(path), was, now, pieces(was or "", now or ""))


def statement_of(path: tuple[str, ...]) -> str | None:
    """The statement that a field belongs to, in the original or in a translation."""
    at = path[2:] if path[0] == "translations" else path
    return at[1] if at and at[0] == "statements" else None


def order_changes(old: Rubric, new: Rubric) -> Iterator[OrderChange]:
    before, after = orders(old), orders(new)
    for path, now in after.items():
        was = before.get(path, ())
        old_order, new_order = tuple(each for each in was if each in now), tuple(each for each in now if each in was)
        if old_order != new_order:
            yield OrderChange(path, old_order, new_order)


Path = tuple[str, ...]


def fields(rubric: Rubric) -> dict[Path, str]:
    """Every field that was given, by a path of keys that does not change when things move."""
    named = {path: shown(value) for path, value in every_field(rubric)}
    return {path: text for path, text in named.items() if text}


def every_field(rubric: Rubric) -> Iterator[tuple[Path, Any]]:
    yield from each(rubric, (), "key", "title", "kind", "summary", "minutes", "subject", "unit")
    yield from each(rubric.source, ("source",), "work", "author", "publisher", "year")
    for name in ("answers", "gap_answers"):
        for word in getattr(rubric, name):
            yield from each(word, (name, decimal(word.value)), "name", "hint")
    for level in rubric.levels:
        yield from each(level, ("levels", str(level.level)), "name", "summary", "focus", "outcome")
        for action in level.actions:
            yield ("actions", action.key, "level"), level.level
            yield from each(action, ("actions", action.key), "text", "categories")
    for band in rubric.bands:
        yield from each(band, ("bands", decimal(band.above)), "name", "summary")
    for category in rubric.categories:
        yield from each(category, ("categories", category.key), "name", "question")
    for key, statement in rubric.statements.items():
        names = ("text", "do", "proof", "help", "enough", "not_enough", "asked", "effort", "needs", "criteria")
        yield from each(statement, ("statements", key), *names)
    for name in ("stories", "bears_on"):
        for unkeyed in listed(rubric, name):
            yield (name, unkeyed), unkeyed
    yield ("languages",), rubric.languages
    for language in rubric.languages:
        texts = rubric.translations[language]
        yield from ((("translations", language, *at), texts[at]) for at in texts_of(rubric) if at in texts)


def orders(rubric: Rubric) -> Mapping[str, Sequence[str]]:
    """Every list whose order people see, by its path."""
    return {
        "categories": [category.key for category in rubric.categories],
        **{f"categories.{category.key}": [each.key for each in category.statements] for category in rubric.categories},
        **{f"levels.{level.level}.actions": [action.key for action in level.actions] for level in rubric.levels},
        **{name: listed(rubric, name) for name in ("stories", "bears_on")},
    }


def listed(rubric: Rubric, name: str) -> list[str]:
    """The stories or bearings, which have no keys: each goes by all it says, and by how often it was said before."""
    said: Counter[str] = Counter()
    names = []
    for entry in getattr(rubric, name):
        text = " · ".join(shown(getattr(entry, field)) for field in entry.__slots__)
        said[text] += 1
        names.append(text if said[text] == 1 else f"{text} ({said[text]})")
    return names


def each(values: object, path: Path, *names: str) -> Iterator[tuple[Path, Any]]:
    return (((*path, name), getattr(values, name)) for name in names)


def shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, Fraction):
        return decimal(value)
    return "" if value is None else str(value)
