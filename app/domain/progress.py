"""What changed from one result of a team to its next: data that a page makes sentences of.

"Processes 1 to 2: CI/CD for models overcome; still missing ..." is one `CategoryProgress`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.domain.answers import MET, Value
from app.domain.carrying import same_question
from app.domain.errors import Invalid
from app.domain.results import LadderCategory, PointsCategory, Result
from app.domain.rubric import Category, Rubric
from app.domain.scoring import Values

Height = int | Fraction
"""A level of a ladder or a score of a points rubric."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One result with the rubric version and the answers that it was made of, as they were frozen."""

    rubric: Rubric
    values: Values
    result: Result


@dataclass(frozen=True, slots=True)
class CategoryProgress:
    """One category of the newer version; the statements are its own, by key, in the rubric's order.

    `before` is None where the older version has no such category, and either height where nothing of it applies.
    `overcome`: not met then, met now. `set_aside`: not met then, and said not to apply now, which counts as met in a
    ladder and is not overcome. `lost`: met then, not now. `missing`: what the next level still takes, and in a points
    rubric all that is not met. Statements that the older version did not ask, or asked as another kind, are `new`, and
    neither overcome nor lost.
    """

    key: str
    before: Height | None
    after: Height | None
    overcome: tuple[str, ...]
    set_aside: tuple[str, ...]
    lost: tuple[str, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def moved(self) -> bool:
        """Whether there is anything to say of it but that it stands where it stood."""
        return self.before != self.after or bool(self.overcome or self.set_aside or self.lost)


@dataclass(frozen=True, slots=True)
class Progress:
    """From one result to the other: overall, and by category of the newer version.

    `gone` are the statements that only the older version asks, in its order.
    """

    before: Height | None
    after: Height | None
    categories: tuple[CategoryProgress, ...]
    gone: tuple[str, ...]


def progress(before: Standing, after: Standing) -> Progress:
    """What changed. Invalid where the results are of different rubrics, or of kinds that cannot be compared."""
    if (before.rubric.key, before.rubric.kind) != (after.rubric.key, after.rubric.kind):
        raise Invalid("Only results of the same rubric can be compared.")
    return Progress(
        before=before.result.overall,
        after=after.result.overall,
        categories=tuple(_category(before, after, category) for category in after.rubric.categories),
        gone=tuple(key for key in before.rubric.statements if key not in after.rubric.statements),
    )


def _category(before: Standing, after: Standing, category: Category) -> CategoryProgress:
    keys = [each.key for each in category.statements]
    both = [key for key in keys if same_question(before.rubric, after.rubric, key)]

    def those(fits: Callable[[Value | None, Value | None], bool]) -> tuple[str, ...]:
        return tuple(key for key in both if fits(before.values.get(key), after.values.get(key)))

    return CategoryProgress(
        key=category.key,
        before=_height(before.result, category.key),
        after=_height(after.result, category.key),
        overcome=those(lambda then, now: then not in MET and now is Value.YES),
        set_aside=those(lambda then, now: then not in MET and now is Value.NOT_APPLICABLE),
        lost=those(lambda then, now: then in MET and now not in MET),
        missing=_missing(after, category),
        new=tuple(key for key in keys if key not in both),
    )


def _found(result: Result, category: str) -> LadderCategory | PointsCategory | None:
    return next((each for each in result.categories if each.key == category), None)


def _height(result: Result, category: str) -> Height | None:
    found = _found(result, category)
    if isinstance(found, LadderCategory):
        return found.level
    return None if found is None else found.score


def _missing(standing: Standing, category: Category) -> tuple[str, ...]:
    found = _found(standing.result, category.key)
    if isinstance(found, LadderCategory):
        return found.blockers
    return tuple(each.key for each in category.statements if standing.values.get(each.key) not in MET)
