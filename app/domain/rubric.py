"""The measuring instrument as a value.

A YAML file, a stored document and the API are read into it, and scoring takes it.
The format and its rules: docs/rubric-format.md. Everything here is already valid; `rubric_file` is where it is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Literal

DEFAULT = "gigaom-mlops"
"""The key of the rubric that is meant where none is named."""


Place = tuple[str, ...]
"""Where a text of a rubric stands, by keys that stay when things move: `statements`, `audit-trail`, `text`."""


class Kind(StrEnum):
    LADDER = "ladder"
    POINTS = "points"


class StatementKind(StrEnum):
    """A practice must be in place; a gap describes what is wrong and must be overcome."""

    PRACTICE = "practice"
    GAP = "gap"


class Subject(StrEnum):
    TEAM = "team"
    MODEL = "model"


class Effort(StrEnum):
    S = "S"
    M = "M"
    L = "L"


class Unit(StrEnum):
    """What the numbers of a points rubric are: sums, or percent of the sum that is possible."""

    POINTS = "points"
    PERCENT = "percent"


Criterion = Literal["reproducibility", "reusability", "manageability", "automation"]


@dataclass(frozen=True, slots=True)
class Source:
    work: str
    author: str
    publisher: str
    year: int


@dataclass(frozen=True, slots=True)
class AnswerWord:
    """The rubric's own words for one of the values 0, 1/2 and 1."""

    value: Fraction
    name: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A level-up action: what whoever stands at the level does next, tagged with the categories it helps."""

    key: str
    text: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    level: int
    name: str
    summary: str
    focus: str
    outcome: str
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """The name of all scores above `above`, up to the next band."""

    above: Fraction
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact about the subject. A points rubric has no `kind`, `level` and `gate`; empty texts were not given."""

    key: str
    text: str
    do: str
    proof: str
    kind: StatementKind | None = None
    level: int | None = None
    gate: int | None = None
    help: str = ""
    enough: str = ""
    not_enough: str = ""
    asked: Literal["organisation"] | None = None
    effort: Effort | None = None
    needs: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    key: str
    name: str
    question: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A fact to show beside advice on any of its statements."""

    text: str
    source: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bearing:
    """One of this rubric's categories is evidence for these statements of another rubric."""

    rubric: str
    category: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """A whole rubric. Not slotted: the look-ups below are made once, on first use."""

    key: str
    title: str
    kind: Kind
    summary: str
    minutes: int
    subject: Subject
    source: Source
    answers: tuple[AnswerWord, ...]
    categories: tuple[Category, ...]
    gap_answers: tuple[AnswerWord, ...] = ()
    levels: tuple[Level, ...] = ()
    bands: tuple[Band, ...] = ()
    unit: Unit | None = None
    stories: tuple[Story, ...] = ()
    bears_on: tuple[Bearing, ...] = ()
    translations: Mapping[str, Mapping[Place, str]] = field(default_factory=dict, hash=False)
    """What is translated of its texts, by language (`domain.translations`)."""

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The further languages that it can be read in."""
        return tuple(sorted(self.translations))

    @cached_property
    def top(self) -> int:
        """The top level N of a ladder; 0 for a points rubric."""
        return self.levels[-1].level if self.levels else 0

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        """Every statement by its key, in the rubric's order."""
        return {statement.key: statement for category in self.categories for statement in category.statements}

    @cached_property
    def category_by_key(self) -> Mapping[str, Category]:
        return {category.key: category for category in self.categories}

    @cached_property
    def category_of(self) -> Mapping[str, Category]:
        """The category of every statement, by the statement's key."""
        return {statement.key: category for category in self.categories for statement in category.statements}

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where every statement stands in the rubric's order, by its key."""
        return {key: place for place, key in enumerate(self.statements)}

    @cached_property
    def gates(self) -> Mapping[str, tuple[tuple[Statement, ...], ...]]:
        """Of each category, by its key: the statements with gate 1, with gate 2 and so on to the top level.

        Scoring runs at every save, so it finds them sorted. Empty for a points rubric.
        """
        return {
            category.key: tuple(
                tuple(statement for statement in category.statements if statement.gate == gate)
                for gate in range(1, self.top + 1)
            )
            for category in self.categories
        }

    def words(self, statement: Statement) -> tuple[AnswerWord, ...]:
        """The three answers as they are worded for this statement: gaps have their own."""
        return self.gap_answers if statement.kind is StatementKind.GAP else self.answers
