"""What is kept counted of agreed results, so that no figure of the organisation needs to look at its teams.

A tally is a number of teams under a key. Each result is counted once for the organisation and once for every unit above
its team. Where something of a subject changes, its tallies before and after are compared, and the difference is added:
there is no other rule of what to add or take away.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.rollup import Counted, Distribution, Movement, Overview, moved, need

BETWEEN = " "
"""Between the parts of a key: no statement's key has a blank."""


class TallyKind(StrEnum):
    """What is counted, and what `key` and `level` are then.

    `overall`: an empty key, and the overall level. `category`: the category, and its level. `limits`: the category that
    limits, and the overall level. `blocks`: a statement, and 0. `needs`: a whole set of unmet statements, and 0.
    `flow`: the earlier cycle and the overall level in it, and the overall level now.
    """

    OVERALL = "overall"
    CATEGORY = "category"
    LIMITS = "limits"
    BLOCKS = "blocks"
    NEEDS = "needs"
    FLOW = "flow"


class TallyKey(NamedTuple):
    """What a tally counts: in the organisation (unit 0) or a unit, in a cycle. Their order is that to take locks in."""

    cycle: int
    unit: int
    kind: TallyKind
    key: str
    level: int


def tallies(results: Iterable[Counted]) -> Counter[TallyKey]:
    """All that these results count for.

    Whoever is counted has to be there with all cycles that they are counted in by the rubric: flows are between any
    two of them. The earlier cycle is the one with the lower number.
    """
    # Counted first for those in the same unit, and then for each unit above them: that takes far fewer keys.
    together: dict[tuple[int, ...], Counter[_Part]] = {}
    subjects: dict[tuple[int, int | None], list[Counted]] = {}
    for each in results:
        subjects.setdefault(each.subject, []).append(each)
        together.setdefault(each.units, Counter()).update(_parts(each))
    for cycles in subjects.values():
        cycles.sort(key=lambda each: each.cycle)
        for place, later in enumerate(cycles):
            together[later.units].update([_flow(earlier, later) for earlier in cycles[:place]])
    counts: Counter[TallyKey] = Counter()
    for units, parts in together.items():
        for (cycle, kind, key, level), teams in parts.items():
            for unit in units:
                counts[TallyKey(cycle, unit, kind, key, level)] += teams
    return counts


def difference(before: Iterable[Counted], after: Iterable[Counted]) -> dict[TallyKey, int]:
    """What has to be added to the tallies, in the order of their keys."""
    change = tallies(after)
    change.subtract(tallies(before))
    return {key: change[key] for key in sorted(change) if change[key]}


_Part = tuple[int, TallyKind, str, int]
"""Cycle, kind, key and level: a tally's key without its unit."""


def _parts(counted: Counted) -> list[_Part]:
    cycle, of = counted.cycle, counted.of
    parts = [(cycle, TallyKind.OVERALL, "", of.overall)]
    parts += [(cycle, TallyKind.CATEGORY, key, level) for key, level in of.levels.items()]
    parts += [(cycle, TallyKind.LIMITS, key, of.overall) for key in of.limiting]
    parts += [(cycle, TallyKind.BLOCKS, key, 0) for key in of.unmet]
    parts += [(cycle, TallyKind.NEEDS, BETWEEN.join(together), 0) for together in [need(of.unmet)] if together]
    return parts


def _flow(earlier: Counted, later: Counted) -> _Part:
    return later.cycle, TallyKind.FLOW, flow_key(earlier.cycle, earlier.of.overall), later.of.overall


def flow_key(cycle: int, level: int) -> str:
    """The key of those who stood at this level in an earlier cycle."""
    return f"{cycle}{BETWEEN}{level}"


Row = tuple[TallyKind, str, int, int]
"""Kind, key, level and number of teams: the tallies of one unit in one cycle, as they are read."""


def overview(rows: Iterable[Row]) -> Overview:
    """The figures of one unit in one cycle; flows among the rows are passed over."""
    found: dict[TallyKind, dict[str, dict[int, int]]] = {kind: {} for kind in TallyKind}
    for kind, key, level, teams in rows:
        if teams:
            found[kind].setdefault(key, {})[level] = teams
    return Overview(
        overall=Distribution.of(found[TallyKind.OVERALL].get("", {})),
        categories={key: Distribution.of(counts) for key, counts in found[TallyKind.CATEGORY].items()},
        limits={key: Distribution.of(counts) for key, counts in found[TallyKind.LIMITS].items()},
        blocks={key: counts[0] for key, counts in found[TallyKind.BLOCKS].items()},
        needs={tuple(key.split(BETWEEN)): counts[0] for key, counts in found[TallyKind.NEEDS].items()},
    )


def movement(earlier: int, before: Distribution, after: Distribution, rows: Iterable[Row]) -> Movement:
    """What moved since the earlier cycle, from the rows of the later one."""
    flows: dict[tuple[int, int], int] = {}
    for kind, key, level, teams in rows:
        cycle, _, then = key.partition(BETWEEN)
        if kind is TallyKind.FLOW and teams and int(cycle) == earlier:
            flows[int(then), level] = teams
    return moved(before, after, flows)


def merged(tallied: Mapping[TallyKey, int], unit: int, cycle: int) -> list[Row]:
    """The rows of one unit in one cycle, from tallies that are at hand."""
    return [
        (each.kind, each.key, each.level, teams)
        for each, teams in tallied.items()
        if each.unit == unit and each.cycle == cycle
    ]
