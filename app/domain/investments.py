"""The single investments that lift most teams: statements, and combinations of them, to be met everywhere.

A team rises by a level overall exactly where its whole set of unmet statements for the next overall level lies within
the combination: by the rule of the weakest category, and not by averages. So the counted sets alone decide, and there
are at most as many of them as the rubric allows, however many teams there are.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappush, heappushpop
from itertools import combinations

from app.domain.rollup import MOST_TOGETHER
from app.domain.rubric import Rubric, Statement

MOST = 10
"""Investments of one size that a ranking has, unless more are asked for."""

Needs = Mapping[tuple[str, ...], int]
"""Teams by the whole set of their unmet statements; sets of more than MOST_TOGETHER may be left out."""


@dataclass(frozen=True, slots=True)
class Investment:
    """`statements` are in the order of keys; `teams` would rise by a level overall if all of them were met."""

    statements: tuple[str, ...]
    teams: int


def in_order(rubric: Rubric, investment: Investment) -> list[Statement]:
    """Its statements in the order of the rubric."""
    return [each for key, each in rubric.statements.items() if key in investment.statements]


def rising(needs: Needs, statements: Collection[str]) -> int:
    """How many teams would rise by a level overall if these statements were met everywhere.

    `needs` has to hold all sets of at most as many statements as these.
    """
    return sum(teams for needed, teams in needs.items() if needed and set(needed) <= set(statements))


def ranked(needs: Needs, size: int, most: int = MOST) -> tuple[Investment, ...]:
    """The best combinations of exactly so many statements, 1 to MOST_TOGETHER; those that lift most teams first.

    Of equals the first by their keys come first. What lifts no more teams than a part of it is no combination: each
    statement of it has to be needed for somebody.
    """
    return _ranked(frozenset(needs.items()), size, most)


@lru_cache(maxsize=256)
def _ranked(needs: frozenset[tuple[tuple[str, ...], int]], size: int, most: int) -> tuple[Investment, ...]:
    # Whoever filters a dashboard, or turns its pages, asks for the same ranking time and again.
    return _Ranking(dict(needs), most).of(size)


@dataclass(slots=True)
class _Ranking:
    """The counted sets by their size, pairs in both orders, and the best combinations found so far."""

    needs: Needs
    most: int
    alone: dict[str, int] = field(default_factory=dict)
    pairs: dict[tuple[str, ...], int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    best: list[tuple[int, "_Backwards"]] = field(default_factory=list)

    def of(self, size: int) -> tuple[Investment, ...]:
        if not 1 <= size <= MOST_TOGETHER:
            raise ValueError(f"Combinations have 1 to {MOST_TOGETHER} statements.")
        if self.most < 1:
            return ()
        for needed, teams in self.needs.items():
            if len(needed) == 1:
                self.alone[needed[0]] = teams
            elif len(needed) == 2:
                self.pairs[needed] = self.pairs[needed[::-1]] = teams
        self.keys = sorted({key for needed in self.needs if len(needed) <= size for key in needed})
        {1: self._singles, 2: self._twos, 3: self._threes}[size]()
        found = sorted(self.best, reverse=True)
        return tuple(Investment(backwards.keys, teams) for teams, backwards in found)

    def _singles(self) -> None:
        for key, teams in self.alone.items():
            self._consider((key,), teams)

    def _twos(self) -> None:
        least = self._least()
        for one, other in combinations(self.keys, 2):
            teams = self._two(one, other)
            # Each has to be needed: alone, or together with the other.
            if teams >= least and ((one, other) in self.pairs or (self.alone.get(one) and self.alone.get(other))):
                self._consider((one, other), teams)
                least = self._least()

    def _two(self, one: str, other: str) -> int:
        return self.alone.get(one, 0) + self.alone.get(other, 0) + self.pairs.get((one, other), 0)

    def _threes(self) -> None:
        """Those that somebody needs as a whole first, and exactly; of the others only those that can still matter."""
        whole = {needed: teams for needed, teams in self.needs.items() if len(needed) == 3}
        for (one, other, third), teams in whole.items():
            self._consider((one, other, third), teams + self._two(one, other) + self._added(third, one, other))
        gain = {key: self._most_gained(key) for key in self.keys}
        added, least = self._added, self._least()
        for one, other in sorted(combinations(self.keys, 2), key=lambda pair: -self._two(*pair)):
            two = self._two(one, other)
            # A third statement adds no more than the most that any adds to the one, and to the other.
            if two + gain[one] + gain[other] < least:
                continue
            for third in self.keys[bisect_right(self.keys, other) :]:
                teams = two + added(third, one, other)
                if teams < least or (one, other, third) in whole or not self._each_needed((one, other, third)):
                    continue
                self._consider((one, other, third), teams)
                least = self._least()

    def _least(self) -> int:
        """What a combination must lift at least to be among the best."""
        return self.best[0][0] if len(self.best) == self.most else 0

    def _most_gained(self, key: str) -> int:
        """The most that any other statement adds to this one."""
        others = (other for other in self.keys if other != key)
        return max((self.alone.get(other, 0) + self.pairs.get((key, other), 0) for other in others), default=0)

    def _added(self, third: str, one: str, other: str) -> int:
        """What a third statement adds to two, but for those teams that need all three."""
        pairs = self.pairs
        return self.alone.get(third, 0) + pairs.get((one, third), 0) + pairs.get((other, third), 0)

    def _each_needed(self, three: tuple[str, ...]) -> bool:
        return all(self.alone.get(key) or any((key, other) in self.pairs for other in three) for key in three)

    def _consider(self, keys: tuple[str, ...], teams: int) -> None:
        ranked = (teams, _Backwards(keys))
        if any(known == ranked for known in self.best):
            return
        if len(self.best) < self.most:
            heappush(self.best, ranked)
        else:
            heappushpop(self.best, ranked)


@dataclass(frozen=True, slots=True)
class _Backwards:
    """Keys in the wrong order, so that of equals the first is the greatest."""

    keys: tuple[str, ...]

    def __lt__(self, other: "_Backwards") -> bool:
        return self.keys > other.keys
