"""What a new version of a rubric would do to results that there are, before it is published.

A result is scored again with the answers that mean the same in the new version (`carrying.same_question`): exactly what
a cycle that is moved to it would show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.answers import Value
from app.domain.carrying import same_question, what_changed
from app.domain.results import Result
from app.domain.rollup import Levels, levels
from app.domain.rubric import Rubric
from app.domain.scoring import score


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What two versions mean for whoever answered the first: the statements by their keys, in the rubric's order.

    `asked_again` are in both, and an answer to the one is none to the other. `look_again` says what changed of each
    whose answer is kept. `new` nobody has answered yet; answers to `gone` are counted no more.
    """

    asked_again: tuple[str, ...]
    look_again: Mapping[str, tuple[str, ...]]
    new: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One result by both versions; None where nothing of it applied. A points rubric has the places of its bands.

    `through` are the statements that make the difference: those that now hold a team down which has fallen, or that
    held one down which has risen. It is empty where the level stays, and for a points rubric.
    """

    before: Levels | None
    after: Levels | None
    through: tuple[str, ...]

    @property
    def step(self) -> int:
        """Levels gained overall, negative where it falls."""
        return self.after.overall - self.before.overall if self.before and self.after else 0


def version_change(old: Rubric, new: Rubric) -> VersionChange:
    """What changes between two versions of one rubric."""
    both = [key for key in new.statements if key in old.statements]
    asked_again = tuple(key for key in both if not same_question(old, new, key))
    return VersionChange(
        asked_again,
        {key: what for key, what in what_changed(old, new).items() if key not in asked_again},
        tuple(key for key in new.statements if key not in old.statements),
        tuple(key for key in old.statements if key not in new.statements),
    )


def kept(change: VersionChange, values: Mapping[str, Value]) -> dict[str, Value]:
    """The answers to the old version that count in the new one."""
    lost = {*change.asked_again, *change.gone}
    return {key: value for key, value in values.items() if key not in lost}


def effect(old: Rubric, new: Rubric, change: VersionChange, values: Mapping[str, Value]) -> Effect:
    """What the new version makes of these answers to the old one. `change` is the same for all of them."""
    return compared(old, score(old, values), new, score(new, kept(change, values)))


def compared(old: Rubric, was: Result, new: Rubric, now: Result) -> Effect:
    """Two results of the same answers, and what makes the difference between them."""
    before, after = levels(old, was), levels(new, now)
    if before is None or after is None or before.overall == after.overall:
        return Effect(before, after, ())
    return Effect(before, after, after.unmet if after.overall < before.overall else before.unmet)
