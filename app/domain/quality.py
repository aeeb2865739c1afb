"""Which statements are worded unclearly, by what people answered: only figures from which nobody's answers are read.

What is counted comes cycle by cycle. A cycle in which fewer than k sheets answered a statement adds nothing to it: else
whoever looked before and after it was closed would have the figures of these few.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.domain.rubric import Rubric

WORTH_A_LOOK = Fraction(1, 5)
"""A share from which on a statement is named as one to look at."""
NAMED = 3
FEWEST_COMPARED = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """What a cycle says of a statement, in sheets; `compared` and `differing` are assessments.

    `edited` are the sheets on which the answer became another one after it was first given by itself. `compared` are
    the assessments in which at least two who answered alone judged it, on `judged` sheets; in `differing` of them
    their values differ.
    """

    cycle: int
    statement: str
    answered: int
    unknown: int
    not_applicable: int
    edited: int
    judged: int
    compared: int
    differing: int


@dataclass(frozen=True, slots=True)
class Clarity:
    """The shares of a statement; None where too few sheets answered it. `sheets` is 0 then."""

    statement: str
    category: str
    sheets: int = 0
    unknown: Fraction | None = None
    not_applicable: Fraction | None = None
    edited: Fraction | None = None
    differing: Fraction | None = None

    @property
    def doubt(self) -> Fraction:
        """How unclear it is: the largest of its shares; -1 where there are none."""
        shares = (self.unknown, self.not_applicable, self.edited, self.differing)
        return max((each for each in shares if each is not None), default=Fraction(-1))


def clarity(rubric: Rubric, counted: Iterable[Counted], least: int) -> tuple[Clarity, ...]:
    """Every statement of the rubric, the least clear first, those without figures last; else in the rubric's order.

    `least` is k. Disagreement is shown where at least k sheets of at least two assessments were compared.
    """
    kept: dict[str, list[Counted]] = {}
    for each in counted:
        if each.answered >= least:
            kept.setdefault(each.statement, []).append(each)
    found = [_clarity(rubric, statement, kept.get(statement, []), least) for statement in rubric.statements]
    return tuple(sorted(found, key=lambda each: -each.doubt))


def first_to_look_at(found: Sequence[Clarity]) -> Sequence[Clarity]:
    """The least clear ones, as far as any stands out."""
    return [each for each in found[:NAMED] if each.doubt >= WORTH_A_LOOK]


def _clarity(rubric: Rubric, statement: str, counted: Sequence[Counted], least: int) -> Clarity:
    category = rubric.category_of[statement].key
    sheets = sum(each.answered for each in counted)
    if not sheets:
        return Clarity(statement, category)
    comparable = [each for each in counted if each.judged >= least and each.compared >= FEWEST_COMPARED]
    compared = sum(each.compared for each in comparable)
    return Clarity(
        statement,
        category,
        sheets,
        Fraction(sum(each.unknown for each in counted), sheets),
        Fraction(sum(each.not_applicable for each in counted), sheets),
        Fraction(sum(each.edited for each in counted), sheets),
        Fraction(sum(each.differing for each in comparable), compared) if compared else None,
    )
