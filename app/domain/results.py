"""What scoring makes of a sheet. Every tuple of keys is in the rubric's order; every number is exact.

The interval: a plain field takes each open statement as 0, its `_high` twin takes it as 1.
"""

from dataclasses import dataclass
from fractions import Fraction

DRIFT = 2


@dataclass(frozen=True, slots=True)
class LadderCategory:
    """Where one category of a ladder stands.

    `level` is the highest L for which every statement with gate <= L is met; `progress` the mean value of the
    statements with gate L + 1 (0 at the top); `index` is level + progress. `blockers` have gate L + 1 and are not met;
    `open_blockers` are those of them nobody has answered or knows; `islands` are practices in place above a missing
    rung. `needed` counts the statements with gate <= L + 1, which completeness takes; `needed_answered` those of them
    with any answer, `answered` all of the category.
    """

    key: str
    level: int
    level_high: int
    progress: Fraction
    index: Fraction
    index_high: Fraction
    blockers: tuple[str, ...]
    open_blockers: tuple[str, ...]
    islands: tuple[str, ...]
    answered: int
    needed: int
    needed_answered: int
    unknown: int
    not_applicable: int
    complete: bool


@dataclass(frozen=True, slots=True)
class PointsCategory:
    """The score of one category of a points rubric; None where nothing of it applies."""

    key: str
    score: Fraction | None
    score_high: Fraction | None
    answered: int
    needed: int
    needed_answered: int
    unknown: int
    not_applicable: int
    complete: bool


@dataclass(frozen=True, slots=True)
class LadderResult:
    """The overall level is the least of the category levels; `overall_high` the least of their upper bounds.

    `limiting` are the categories at the overall level; `binding` those of them that surely hold it down, whatever the
    open answers turn out to be.
    """

    rubric: str
    overall: int
    overall_high: int
    overall_index: Fraction
    spread: int
    limiting: tuple[str, ...]
    binding: tuple[str, ...]
    settled: bool
    complete: bool
    drifting: tuple[str, ...]
    categories: tuple[LadderCategory, ...]


@dataclass(frozen=True, slots=True)
class PointsResult:
    """The overall score is the least of the category scores; None where no category has one. `band` names it."""

    rubric: str
    overall: Fraction | None
    overall_high: Fraction | None
    band: str | None
    limiting: tuple[str, ...]
    binding: tuple[str, ...]
    settled: bool
    complete: bool
    categories: tuple[PointsCategory, ...]


Result = LadderResult | PointsResult
