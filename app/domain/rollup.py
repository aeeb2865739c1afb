"""The organisation at a glance: what the agreed results of one cycle, or of two, come to.

Everything that a dashboard shows of results is defined here, on the results themselves. What is kept counted in the
database (`domain.tallies`) gives the same figures without looking at them.

A points rubric has no levels: the places of its bands, from 0 for the lowest, stand for them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.domain.results import Result
from app.domain.rubric import Kind, Rubric
from app.domain.scoring import band, result_json

WHOLE = 0
"""Stands for the whole organisation where a unit is named by its number."""
MOST_TOGETHER = 3
"""Statements that an investment has at most."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What is counted of one result.

    `levels` has the categories that something applies to, in the rubric's order. `unmet` are the statements that the
    next overall level takes and that are not met, whether the answer is no, partly, unknown or missing: the blockers of
    the limiting categories. It is empty at the top, and for a points rubric.
    """

    overall: int
    levels: Mapping[str, int]
    limiting: tuple[str, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """An agreed result as it is counted: of a team, or of one ML system of it, in one cycle.

    `units` are those that the team is in today, from WHOLE down to its own: a team's past counts where the team is now.
    """

    team: int
    ml_system: int | None
    cycle: int
    units: tuple[int, ...]
    of: Levels

    @property
    def subject(self) -> tuple[int, int | None]:
        """Who is assessed: the same in every cycle."""
        return self.team, self.ml_system


def levels(rubric: Rubric, result: Result | Mapping[str, Any]) -> Levels | None:
    """What is counted of a result, or of its stored form (`scoring.result_json`); None where nothing applied at all."""
    stored = result if isinstance(result, Mapping) else result_json(rubric, result)
    return _ladder_levels(stored) if rubric.kind is Kind.LADDER else _points_levels(rubric, stored)


def _ladder_levels(stored: Mapping[str, Any]) -> Levels:
    categories, limiting = stored["categories"], tuple(stored["limiting"])
    return Levels(
        overall=stored["overall"],
        levels={key: category["level"] for key, category in categories.items()},
        limiting=limiting,
        unmet=tuple(blocker for key in limiting for blocker in categories[key]["blockers"]),
    )


def _points_levels(rubric: Rubric, stored: Mapping[str, Any]) -> Levels | None:
    scores = {key: category["score"] for key, category in stored["categories"].items()}
    places = {key: _place(rubric, score) for key, score in scores.items() if score is not None}
    if stored["overall"] is None:
        return None
    return Levels(_place(rubric, stored["overall"]), places, tuple(stored["limiting"]), ())


def _place(rubric: Rubric, score: float) -> int:
    reached = band(rubric, Fraction(score))
    return rubric.bands.index(reached) if reached else 0


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many stand at each level. `counts` has the levels at which somebody stands, the lowest first."""

    counts: Mapping[int, int]

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> "Distribution":
        """From counts in any order, zeros among them."""
        return cls({level: counts[level] for level in sorted(counts) if counts[level]})

    @property
    def teams(self) -> int:
        return sum(self.counts.values())

    @property
    def floor(self) -> int | None:
        """The lowest level at which somebody stands; None for nobody."""
        return self.quantile(Fraction(0))

    @property
    def median(self) -> int | None:
        return self.quantile(Fraction(1, 2))

    @property
    def upper_quartile(self) -> int | None:
        return self.quantile(Fraction(3, 4))

    def quantile(self, share: Fraction) -> int | None:
        """The least level that at least this share of the teams stands at or below; None for nobody.

        This is the nearest rank, the inverse of the empirical distribution (Hyndman and Fan 1996, type 1): of n teams
        the one of rank ceil(share * n), at least the first. So it is always a level that somebody stands at, and the
        median of two teams is the lower one.
        """
        rank, reached = share * self.teams, 0
        for level, teams in self.counts.items():
            reached += teams
            if reached >= rank:
                return level
        return None

    def at(self, level: int) -> int:
        return self.counts.get(level, 0)

    def at_or_above(self, level: int) -> int:
        return sum(teams for each, teams in self.counts.items() if each >= level)

    def at_or_below(self, level: int) -> int:
        return self.teams - self.at_or_above(level + 1)

    def share(self, level: int) -> Fraction:
        """The share of those at the level; 0 for nobody."""
        return Fraction(self.at(level), self.teams or 1)

    def share_at_or_above(self, level: int) -> Fraction:
        """The share of those at the level or a higher one; 0 for nobody."""
        return Fraction(self.at_or_above(level), self.teams or 1)


NOBODY = Distribution({})


def sharing_first(ranked: Sequence[tuple[object, int]]) -> int:
    """How many of what is ranked by teams have as many as the first."""
    return sum(teams == ranked[0][1] for _, teams in ranked)


@dataclass(frozen=True, slots=True)
class Overview:
    """What one cycle comes to, in the organisation or in one unit.

    `limits` has for each category the teams that it limits (it stands at their overall level), by that level. `blocks`
    has for each statement the teams that it keeps from their next overall level, alone or with others. `needs` counts
    the teams by the whole set of their unmet statements, in the order of keys; sets above MOST_TOGETHER are left out.
    """

    overall: Distribution
    categories: Mapping[str, Distribution]
    limits: Mapping[str, Distribution]
    blocks: Mapping[str, int]
    needs: Mapping[tuple[str, ...], int]

    @property
    def teams(self) -> int:
        return self.overall.teams

    def ranked_limits(self) -> tuple[tuple[str, int], ...]:
        """The categories by the number of teams that they limit, most first, then by key."""
        return tuple(sorted(((key, each.teams) for key, each in self.limits.items()), key=_most_first))

    def ranked_blocks(self) -> tuple[tuple[str, int], ...]:
        """The statements by the number of teams that they block, most first, then by key."""
        return tuple(sorted(self.blocks.items(), key=_most_first))


def _most_first(ranked: tuple[str, int]) -> tuple[int, str]:
    return -ranked[1], ranked[0]


def rollup(results: Iterable[Counted]) -> Overview:
    """What the results of one cycle come to."""
    found = [each.of for each in results]
    keys = dict.fromkeys(key for each in found for key in each.levels)
    limiting = dict.fromkeys(key for each in found for key in each.limiting)
    sets = [need(each.unmet) for each in found]
    return Overview(
        overall=Distribution.of(Counter(each.overall for each in found)),
        categories={
            key: Distribution.of(Counter(each.levels[key] for each in found if key in each.levels)) for key in keys
        },
        limits={
            key: Distribution.of(Counter(each.overall for each in found if key in each.limiting)) for key in limiting
        },
        blocks=Counter(statement for each in found for statement in each.unmet),
        needs=Counter(each for each in sets if each),
    )


def need(unmet: Iterable[str]) -> tuple[str, ...]:
    """The set of unmet statements as it is counted: in the order of keys, and empty where it is too large."""
    ordered = tuple(sorted(unmet))
    return ordered if len(ordered) <= MOST_TOGETHER else ()


@dataclass(frozen=True, slots=True)
class Movement:
    """From one cycle to another. `flows` counts those with a result in both, by the overall level then and now.

    `joined` are those with a result in the later one alone, by their level there; `left` those with one in the earlier
    one alone, by their level then.
    """

    flows: Mapping[tuple[int, int], int]
    joined: Distribution
    left: Distribution

    @property
    def rose(self) -> int:
        return sum(teams for (then, now), teams in self.flows.items() if now > then)

    @property
    def fell(self) -> int:
        return sum(teams for (then, now), teams in self.flows.items() if now < then)

    @property
    def stayed(self) -> int:
        return sum(teams for (then, now), teams in self.flows.items() if now == then)


def movement(before: Iterable[Counted], after: Iterable[Counted]) -> Movement:
    """What moved between the results of two cycles."""
    then = {each.subject: each.of.overall for each in before}
    now = {each.subject: each.of.overall for each in after}
    flows = Counter((level, now[subject]) for subject, level in then.items() if subject in now)
    return moved(Distribution.of(Counter(then.values())), Distribution.of(Counter(now.values())), flows)


def moved(before: Distribution, after: Distribution, flows: Mapping[tuple[int, int], int]) -> Movement:
    """The same from the two distributions and the flows: who is in no flow joined or left."""
    joined, left = Counter(after.counts), Counter(before.counts)
    for (then, now), teams in flows.items():
        left[then] -= teams
        joined[now] -= teams
    return Movement(
        {each: flows[each] for each in sorted(flows) if flows[each]}, Distribution.of(joined), Distribution.of(left)
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """What the page says first: "34 of 60 teams are at level 1; Governance limits 21 of them; 9 rose, 2 fell".

    `level` is the one with most teams, of several the lowest; `limiting` the category that limits most of these teams,
    of several the first in the rubric's order, None at the top of a ladder.
    """

    teams: int
    level: int
    at_level: int
    limiting: str | None
    limited: int
    rose: int
    fell: int


def headline(rubric: Rubric, overview: Overview, moves: Movement | None = None) -> Headline | None:
    """The figures of the first sentence; None where nothing is agreed yet."""
    counts = overview.overall.counts
    if not counts:
        return None
    level = max(counts, key=lambda each: (counts[each], -each))
    at_level = {key: overview.limits[key].at(level) for key in rubric.category_by_key if key in overview.limits}
    limiting = max(at_level, key=lambda key: at_level[key], default=None) if level < highest(rubric) else None
    return Headline(
        teams=overview.teams,
        level=level,
        at_level=counts[level],
        limiting=limiting,
        limited=at_level[limiting] if limiting else 0,
        rose=moves.rose if moves else 0,
        fell=moves.fell if moves else 0,
    )


def highest(rubric: Rubric) -> int:
    """The highest level of a ladder, or the place of the highest band."""
    return rubric.top if rubric.kind is Kind.LADDER else max(len(rubric.bands) - 1, 0)


def level_names(rubric: Rubric) -> Mapping[int, str]:
    """The levels of a ladder, or the places of the bands, with their names."""
    if rubric.kind is Kind.LADDER:
        return {level.level: level.name for level in rubric.levels}
    return {place: band.name for place, band in enumerate(rubric.bands)}
