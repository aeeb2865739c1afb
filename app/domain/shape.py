"""What a value in a file must look like, and the plain sentence that says so where it does not.

Every shape has `take`: it gives back the value, or UNREAD after noting the problem, so that one bad value never hides
the next. What was UNREAD already is passed over.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from app.domain.errors import Sentence
from app.domain.yaml_file import UNREAD, Path, YamlFile, shown
from app.domain.yaml_text import decimal

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LIMIT = 60
LIKENESS = 0.75  # "gaet" is that much like "gate"


class Shape(Protocol):
    def take(self, file: YamlFile, path: Path, value: Any) -> Any: ...


ONE_LINE = Sentence("must be one line, without line breaks and tabs (a folded text begins with >- and not with >).")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of 1 to `limit` characters, on one line unless `lines`; `blank` where there may be nothing in it."""

    limit: int
    lines: bool = False
    blank: bool = False

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        wrong = self.wrong(value)
        return refuse(file, path, wrong) if wrong else value

    def wrong(self, value: Any) -> str | None:
        if not isinstance(value, str):
            if not isinstance(value, bool | int | Fraction):
                return Sentence("must be text, not %(given)s.", given=called(value))
            given = called(value)
            return Sentence("must be text, not %(given)s; put it in quotes if it is meant as text.", given=given)
        if not self.blank and not value.strip():
            return Sentence("is empty.")
        if len(value) > self.limit:
            size, most = f"{len(value):,}", f"{self.limit:,}"
            return Sentence("has %(size)s characters; the limit is %(most)s.", size=size, most=most)
        if not self.lines and ("\n" in value or "\t" in value):
            return ONE_LINE
        return None


@dataclass(frozen=True, slots=True)
class Slug:
    """The key of something: small letters and digits in words joined by hyphens."""

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        wrong = self.wrong(value)
        return refuse(file, path, wrong) if wrong else value

    def wrong(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return Sentence("must be a key such as two-words, not %(given)s.", given=called(value))
        if len(value) > SLUG_LIMIT:
            size = f"{len(value):,}"
            return Sentence("has %(size)s characters; a key has at most %(most)s.", size=size, most=SLUG_LIMIT)
        if not SLUG.fullmatch(value):
            return Sentence(
                'is "%(given)s"; a key is small letters and digits, in words joined by single hyphens.',
                given=shown(value),
            )
        return None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return refuse(file, path, Sentence("must be a whole number, not %(given)s.", given=called(value)))
        if not self.least <= value <= self.most:
            bounds = {"least": self.least, "most": self.most}
            return refuse(
                file, path, Sentence("is %(given)s; it must be from %(least)s to %(most)s.", given=value, **bounds)
            )
        return value


@dataclass(frozen=True, slots=True)
class Exactly:
    """One whole number and nothing else."""

    number: int
    why: str

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or value != self.number:
            return refuse(file, path, f"must be {self.number}, {self.why}.")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """Any number, exactly, as a Fraction."""

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            return refuse(file, path, Sentence("must be a number, not %(given)s.", given=called(value)))
        return Fraction(value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if isinstance(value, str) and value in self.words:
            return value
        given = f'"{shown(value)}"' if isinstance(value, str) else called(value)
        return refuse(file, path, f"is {given}; it must be {listing(self.words)}{meant(value, self.words)}")


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of `least` to `most` elements, each different where they are `distinct`."""

    shape: Shape
    least: int = 0
    most: int | None = None
    distinct: bool = False

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, list):
            return refuse(file, path, f"must be a list, not {called(value)}.")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            file.found(path, self.wrong_number(len(value)))
        taken = [take(file, (*path, place), self.shape, element) for place, element in enumerate(value)]
        if self.distinct:
            self.refuse_twice(file, path, taken)
        return taken

    def wrong_number(self, number: int) -> Sentence:
        entries = Sentence("1 entry") if number == 1 else Sentence("%(number)s entries", number=f"{number:,}")
        if self.most is None:
            return Sentence("has %(entries)s; it must have at least %(least)s.", entries=entries, least=self.least)
        if self.least == self.most:
            return Sentence("has %(entries)s; it must have exactly %(most)s.", entries=entries, most=self.most)
        bounds = {"least": self.least, "most": self.most}
        return Sentence("has %(entries)s; it must have from %(least)s to %(most)s.", entries=entries, **bounds)

    def refuse_twice(self, file: YamlFile, path: Path, taken: list[Any]) -> None:
        seen = set()
        for place, element in enumerate(taken):
            if element is not UNREAD and element in seen:
                file.found((*path, place), Sentence('names "%(name)s" twice.', name=shown(str(element))))
            seen.add(element)


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping of at most `most` names to what has one shape. `name` is what every name must be; any without."""

    shape: Shape
    name: re.Pattern[str] | None = None
    such_as: str = ""
    most: int | None = None

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            return refuse(file, path, f"must be a mapping, not {called(value)}.")
        if self.most is not None and len(value) > self.most:
            file.found(path, f"has {len(value):,} entries; it must have at most {self.most}.")
        for name in value:
            if self.name and not self.name.fullmatch(name):
                file.found((*path, name), f'is "{shown(name)}"; it must be {self.such_as}.')
        taken = {name: take(file, (*path, name), self.shape, each) for name, each in value.items()}
        return {name: each for name, each in taken.items() if each is not UNREAD}


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. `elsewhere` says of keys that would be right in another place where that is."""

    required: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            keys = listing(tuple(self.required or self.optional), "and")
            return refuse(file, path, f"must be a mapping with the keys {keys}, not {called(value)}.")
        shapes = {**self.required, **self.optional}
        for key in value:
            if key not in shapes:
                self.refuse_unknown(file, (*path, key), key, tuple(shapes))
        for key in self.required:
            if key not in value:
                file.found((*path, key), Sentence("is missing."))
        taken = {key: take(file, (*path, key), shapes[key], value[key]) for key in shapes if key in value}
        return {key: each for key, each in taken.items() if each is not UNREAD}

    def refuse_unknown(self, file: YamlFile, path: Path, key: str, known: tuple[str, ...]) -> None:
        if key in self.elsewhere:
            file.found(path, f"does not belong here: {self.elsewhere[key]}.")
        else:
            file.found(path, f"is no key of the format{meant(key, known)}")


def take(file: YamlFile, path: Path, shape: Shape, value: Any) -> Any:
    return UNREAD if value is UNREAD else shape.take(file, path, value)


def refuse(file: YamlFile, path: Path, text: str) -> Any:
    file.found(path, text)
    return UNREAD


def records(taken: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those elements of a list that were read as records, each with its place."""
    return ((place, each) for place, each in enumerate(taken or ()) if isinstance(each, dict))


def meant(word: Any, known: tuple[str, ...]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or a full stop."""
    near = difflib.get_close_matches(word[:SLUG_LIMIT], known, 1, LIKENESS) if isinstance(word, str) else ()
    return f'; did you mean "{near[0]}"?' if near else "."


def listing(words: tuple[str, ...], last: str = "or") -> str:
    *others, final = words
    if not others:
        return final
    named = {"names": ", ".join(others), "last": final}
    return Sentence("%(names)s and %(last)s", **named) if last == "and" else Sentence("%(names)s or %(last)s", **named)


def called(value: Any, number: bool = False) -> str:
    """What a reader of the file would call the value; `number` where it helps to see which."""
    if value is None:
        return Sentence("nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Fraction):
        return decimal(Fraction(value)) if number else Sentence("a number")
    if isinstance(value, list):
        return Sentence("a list")
    return Sentence("a mapping") if isinstance(value, dict) else Sentence("text")
