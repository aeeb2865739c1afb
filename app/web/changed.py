"""What changed from one agreed result to the next, ready to be made sentences of."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.progress import CategoryProgress, Height, Progress, progress
from app.domain.results import LadderCategory, PointsCategory
from app.domain.rubric import Rubric, StatementKind
from app.queries.agreed import TeamResult

MOST = 3
"""Statements that a sentence names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Named:
    """Statements of which some are named by their texts, each with whether it is a gap, and `more` are counted."""

    texts: tuple[tuple[str, bool], ...]
    more: int


@dataclass(frozen=True, slots=True)
class ChangedCategory:
    """`missing` leaves out what was lost, which is missing too."""

    name: str
    before: Height | None
    after: Height | None
    moved: bool
    overcome: Named
    set_aside: Named
    lost: Named
    missing: Named
    new: int


@dataclass(frozen=True, slots=True)
class Changed:
    """`gone`: how many statements only the older version of the rubric asks."""

    before: TeamResult
    after: TeamResult
    categories: tuple[ChangedCategory, ...]
    gone: int

    @property
    def rubric(self) -> Rubric:
        return self.after.rubric

    @property
    def moved(self) -> Sequence[ChangedCategory]:
        return [each for each in self.categories if each.moved]

    @property
    def stayed(self) -> Sequence[ChangedCategory]:
        return [each for each in self.categories if not each.moved]


def changed(before: TeamResult, after: TeamResult) -> Changed:
    """Invalid where the results are of different rubrics."""
    found: Progress = progress(before.standing, after.standing)
    categories = tuple(_category(after.rubric, each) for each in found.categories)
    return Changed(before, after, categories, len(found.gone))


def _category(rubric: Rubric, found: CategoryProgress) -> ChangedCategory:
    def named(keys: tuple[str, ...]) -> Named:
        found = [rubric.statements[key] for key in keys]
        texts = tuple((each.text.rstrip("."), each.kind is StatementKind.GAP) for each in found[:MOST])
        return Named(texts, max(len(keys) - MOST, 0))

    return ChangedCategory(
        rubric.category_by_key[found.key].name,
        found.before,
        found.after,
        found.moved,
        named(found.overcome),
        named(found.set_aside),
        named(found.lost),
        named(tuple(key for key in found.missing if key not in found.lost)),
        len(found.new),
    )


def height(category: LadderCategory | PointsCategory | None) -> Height | None:
    """What a category stands at: its level, or its score."""
    if isinstance(category, LadderCategory):
        return category.level
    return category.score if category else None
