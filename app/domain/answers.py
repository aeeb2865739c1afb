"""Answers: what a person says of one statement."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

NOTE_LIMIT = 4000
REASON_LIMIT = 600


class Value(StrEnum):
    """The five answers. A statement that has none of them is unanswered."""

    NO = "0"
    HALF = "0.5"
    YES = "1"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def halves(self) -> int | None:
        """0, 1 or 2 halves; None for don't know and not applicable, which have no worth of their own."""
        return HALVES.get(self)

    @property
    def worth(self) -> Fraction | None:
        """0, 1/2 or 1, exactly; None for don't know and not applicable."""
        halves = self.halves
        return None if halves is None else Fraction(halves, 2)


HALVES: Mapping[Value, int] = {Value.NO: 0, Value.HALF: 1, Value.YES: 2}

# Tuples and not sets: the hash of an enum member costs more than comparing it with two others.
MET = (Value.YES, Value.NOT_APPLICABLE)  # met in a ladder, and nothing left to do in either kind of rubric
OPEN = (None, Value.UNKNOWN)  # not answered or not known: counts as 0, and could be 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """A link that speaks for or against a statement; from `expires` on it is out of date."""

    link: str
    date: datetime.date | None = None
    expires: datetime.date | None = None
    speaks_for: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One statement on one sheet. `reason` says why it does not apply; `value` is None where there is only a note."""

    value: Value | None = None
    reason: str = ""
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
