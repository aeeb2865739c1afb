"""How ready an organisation is for a date: the share that has reached a level, at what pace, and what stands between.

Only what was agreed is looked at. The pace is a straight line through two cycles: it knows nothing of what is planned,
and it is never told from fewer than two.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.domain.investments import Investment, Needs, ranked
from app.domain.rollup import MOST_TOGETHER, Distribution, Overview, highest
from app.domain.rubric import Rubric

OLD_AFTER_DAYS = 180
"""Days after which an agreed result is called old."""
A_STEP = timedelta(days=182)
"""Between two due days, where there is only one."""
STEPS = 5
"""Days at which it is told how many had agreed by then."""


@dataclass(frozen=True, slots=True)
class Round:
    """A cycle to look at. `over`: it is closed. Until then some have not agreed, often not the ones like the others."""

    name: str
    due: date
    overall: Distribution
    over: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """What a cycle said: `ready` of `teams` stood at the level or above it. It counts for the day it was due."""

    name: str
    due: date
    ready: int
    teams: int
    over: bool = True

    @property
    def share(self) -> Fraction:
        return Fraction(self.ready, self.teams or 1)


@dataclass(frozen=True, slots=True)
class Pace:
    """From one cycle to a later one."""

    since: Measured
    until: Measured

    @property
    def days(self) -> int:
        """At least one."""
        return (self.until.due - self.since.due).days

    @property
    def change(self) -> Fraction:
        """What came to the share in these days; below 0 where it fell."""
        return self.until.share - self.since.share

    def expected(self, on: date) -> Fraction:
        """The share on that day if it went on alike, which is never below none of them or above all."""
        found = self.until.share + self.change * (on - self.until.due).days / self.days
        return min(max(found, Fraction(0)), Fraction(1))


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many have reached `level` in the last cycle of `trend`, the oldest first, and what follows for the day `on`.

    `pace` is None where the trend has no two cycles that are over and were due on different days. `expected` is None
    without a pace, and for a day that is not after these cycles: what is measured need not be guessed.
    """

    level: int
    on: date
    trend: tuple[Measured, ...]
    pace: Pace | None
    expected: Fraction | None

    @property
    def now(self) -> Measured:
        return self.trend[-1]


def level_to_reach(rubric: Rubric, overall: Distribution) -> int:
    """What to aim for where nobody has said: one level above the median, at most the top."""
    return min((overall.median or 0) + 1, highest(rubric))


def day_ahead(due: Collection[date], today: date) -> date:
    """The day to look at where nobody has named one: the last due day, as long as it lies ahead.

    From one that has passed it goes on in steps as long as the last one between two due days, until it lies ahead.
    """
    last = max(due)
    step = last - max((day for day in due if day < last), default=last - A_STEP)
    return last if last > today else last + step * ((today - last) // step + 1)


def readiness(rounds: Iterable[Round], level: int, on: date) -> Readiness | None:
    """From the cycles that somebody has a result in, whatever their order; None where there is none."""
    trend = tuple(
        Measured(each.name, each.due, each.overall.at_or_above(level), each.overall.teams, each.over)
        for each in sorted(rounds, key=lambda each: each.due)
        if each.overall.teams
    )
    if not trend:
        return None
    found = pace(trend)
    ahead = found is not None and on > found.until.due
    return Readiness(level, on, trend, found, found.expected(on) if found and ahead else None)


def pace(trend: Sequence[Measured]) -> Pace | None:
    """Of the last cycle that is over, and the last one before it that was due on an earlier day."""
    past = [each for each in trend if each.over]
    since = next((each for each in reversed(past) if each.due < past[-1].due), None)
    return Pace(since, past[-1]) if since else None


def below(overview: Overview, level: int) -> tuple[tuple[str, int], ...]:
    """The categories in which somebody stands below the level, with how many, most first, then by key.

    By the rule of the weakest category nobody reaches the level before all of these are there.
    """
    lacking = ((key, each.teams - each.at_or_above(level)) for key, each in overview.categories.items())
    return tuple(sorted(((key, teams) for key, teams in lacking if teams), key=lambda each: (-each[1], each[0])))


def towards(rubric: Rubric, needs: Needs, level: int) -> Needs:
    """Of the counted sets those of teams that are below the level: whose next level is at most this one."""
    known = {key for key, each in rubric.statements.items() if each.gate is not None and each.gate <= level}
    return {needed: teams for needed, teams in needs.items() if needed and known.issuperset(needed)}


def investments(rubric: Rubric, overview: Overview, level: int, most: int = 3) -> tuple[Investment, ...]:
    """What lifts most of those below the level: the best single statement, the best two and the best three.

    More statements are named only where they lift more than a part of them does. Places that are left go to what lifts
    most of the rest.
    """
    needs = towards(rubric, overview.needs, level)
    sizes = [ranked(needs, size, most) for size in range(1, MOST_TOGETHER + 1)]
    rest = sorted((each for of_size in sizes for each in of_size), key=_most_first)
    found: list[Investment] = []
    for each in [*(of_size[0] for of_size in sizes if of_size), *rest]:
        wasted = any(set(known.statements) <= set(each.statements) and known.teams >= each.teams for known in found)
        if len(found) < most and not wasted:
            found.append(each)
    return tuple(sorted(found, key=_most_first))


def _most_first(investment: Investment) -> tuple[int, int]:
    return -investment.teams, len(investment.statements)


def older(agreed_on: Mapping[date, int], today: date, days: int = OLD_AFTER_DAYS) -> int:
    """How many results were agreed more than so many days ago, from how many were agreed on each day."""
    return sum(count for day, count in agreed_on.items() if (today - day).days > days)


def agreed_by(
    agreed_on: Mapping[date, int], first: date, last: date, steps: int = STEPS
) -> tuple[tuple[date, int], ...]:
    """How many had agreed by some days from the first to the last, which are among them, evenly apart."""
    days = max((last - first).days, 0)
    ends = sorted({first + timedelta(days=days * step // (steps - 1)) for step in range(steps)})
    return tuple((end, sum(count for day, count in agreed_on.items() if day <= end)) for end in ends)
