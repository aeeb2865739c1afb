"""How far the people who answered alone agree: over the whole assessment, and statement by statement.

Only submitted sheets come in here; who may see what is made of them is `reveal`'s business.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from app.domain.answers import HALVES, Value
from app.domain.rubric import Rubric
from app.domain.scoring import Values

RELIABLE_FROM = Fraction(800, 1000)
TENTATIVE_FROM = Fraction(667, 1000)
PLACES = 3
"""Decimal places of alpha where people read it, and of the thresholds as they were published."""


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """What one respondent submitted. `categories` are those that the person was asked for; None is all of them."""

    respondent: int
    values: Values
    categories: frozenset[str] | None = None

    def asks(self, category: str) -> bool:
        return self.categories is None or category in self.categories


class Undefined(StrEnum):
    """Why there is no alpha: one respondent, no statement that two have judged, or no two judgements that differ.

    Without variation alpha is 0/0. That everybody gave the same answer to everything is agreement, yet no sign that the
    answers tell statements apart (Krippendorff, Content Analysis, 2nd edition 2004, chapter 11).
    """

    ONE_RESPONDENT = "one_respondent"
    NOTHING_SHARED = "nothing_shared"
    NO_VARIATION = "no_variation"


class Strength(StrEnum):
    """How much to make of an alpha.

    Krippendorff (Content Analysis, 2nd edition 2004, page 241): rely only on what reaches 0.800; from 0.667 up to
    there draw tentative conclusions only. At 0 people agree as if they had thrown dice, below it less than that.
    """

    RELIABLE = "reliable"
    TENTATIVE = "tentative"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha of an assessment, at most 1, exactly; None where `undefined` says why there is none.

    `respondents` submitted a sheet; `statements` are those that at least two of them judged, which alone count.
    """

    alpha: Fraction | None
    undefined: Undefined | None
    respondents: int
    statements: int


@dataclass(frozen=True, slots=True)
class StatementComparison:
    """What the respondents say of one statement.

    `values` are the answers of those who were asked for it, by respondent; None is no answer. `spread` is the greatest
    definite value less the least, 0 where fewer than two are definite; `apart` counts who answered something else than
    most did. `unanimous`: all who were asked gave the same answer, and `proposal` is that answer, else None.
    """

    statement: str
    category: str
    values: Mapping[int, Value | None]
    spread: Fraction
    apart: int
    unanimous: bool
    proposal: Value | None

    @property
    def share_answered(self) -> Fraction:
        """How many of those asked gave any answer; 0 where nobody was asked."""
        given = sum(value is not None for value in self.values.values())
        return Fraction(given, len(self.values)) if self.values else Fraction(0)


def agreement(rubric: Rubric, sheets: Sequence[OwnSheet]) -> Agreement:
    """Alpha over the statements of the rubric; don't know and not applicable are missing data, as is no answer."""
    units = [_judgements(_values(rubric, statement, sheets).values()) for statement in rubric.statements]
    shared = [unit for unit in units if len(unit) > 1]
    undefined = _undefined(sheets, shared)
    alpha = None if undefined else ordinal_alpha(shared)
    return Agreement(alpha, undefined, len(sheets), len(shared))


def _judgements(values: Iterable[Value | None]) -> list[int]:
    return [HALVES[value] for value in values if value is not None and value in HALVES]


def _undefined(sheets: Sequence[OwnSheet], shared: Sequence[Sequence[int]]) -> Undefined | None:
    if len(sheets) < 2:
        return Undefined.ONE_RESPONDENT
    if not shared:
        return Undefined.NOTHING_SHARED
    return None if len({value for unit in shared for value in unit}) > 1 else Undefined.NO_VARIATION


def ordinal_alpha(units: Iterable[Sequence[int]]) -> Fraction | None:
    """Krippendorff's alpha for ordinal data, exactly: 1 less the observed over the expected disagreement.

    Each unit holds the judgements that were made of it, in any order, the missing ones left out; numbers say no more
    than the order of the values. A unit with fewer than two judgements says nothing. None where no two of all the
    judgements that count differ. Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D;
    the distance of two values is the number of judgements from one to the other, both ends counted half, squared.
    """
    pairable = [Counter(unit) for unit in units if len(unit) > 1]
    totals = sum(pairable, Counter[int]())
    observed = expected = Fraction(0)
    for low, high in combinations(sorted(totals), 2):
        distance = _distance(totals, low, high)
        observed += distance * sum(Fraction(unit[low] * unit[high], unit.total() - 1) for unit in pairable)
        expected += distance * totals[low] * totals[high]
    return 1 - (totals.total() - 1) * observed / expected if expected else None


def _distance(totals: Counter[int], low: int, high: int) -> Fraction:
    between = sum(count for value, count in totals.items() if low <= value <= high)
    return (between - Fraction(totals[low] + totals[high], 2)) ** 2


def in_words(alpha: Fraction | None) -> Strength | None:
    """How strong the agreement is; None where there is no alpha. It goes by what is read: alpha to three places."""
    if alpha is None:
        return None
    read = round(alpha, PLACES)
    if read >= RELIABLE_FROM:
        return Strength.RELIABLE
    if read >= TENTATIVE_FROM:
        return Strength.TENTATIVE
    return Strength.WEAK if read > 0 else Strength.NONE


def compared(rubric: Rubric, sheets: Sequence[OwnSheet]) -> tuple[StatementComparison, ...]:
    """Every statement, those first that people disagree most about: by spread, by people apart, in rubric order."""
    comparisons = [_compared(rubric, statement, sheets) for statement in rubric.statements]
    return tuple(sorted(comparisons, key=lambda each: (-each.spread, -each.apart)))


def _compared(rubric: Rubric, statement: str, sheets: Sequence[OwnSheet]) -> StatementComparison:
    values = _values(rubric, statement, sheets)
    given = Counter(value for value in values.values() if value is not None)
    halves = _judgements(values.values())
    unanimous = bool(values) and len(set(values.values())) == 1 and bool(given)
    return StatementComparison(
        statement=statement,
        category=rubric.category_of[statement].key,
        values=values,
        spread=Fraction(max(halves) - min(halves), 2) if halves else Fraction(0),
        apart=given.total() - max(given.values(), default=0),
        unanimous=unanimous,
        proposal=next(iter(given)) if unanimous else None,
    )


def _values(rubric: Rubric, statement: str, sheets: Iterable[OwnSheet]) -> dict[int, Value | None]:
    category = rubric.category_of[statement].key
    return {sheet.respondent: sheet.values.get(statement) for sheet in sheets if sheet.asks(category)}
