"""Which groups of teams a benchmark may show, so that nobody reads off it how a small group stands.

Who compares their team with others looks at the figures of groups that they have no right to look into: of units, and
of the whole organisation, one inside the other. A group of fewer than k teams says too much about each of them. So does
what is left of a larger group when those shown inside it are taken away: whoever can subtract has its figures too.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from app.domain.errors import Invalid
from app.domain.rollup import WHOLE, Distribution

DEFAULT_LEAST = 5
LOWEST_LEAST, HIGHEST_LEAST = 3, 50


class Hidden(StrEnum):
    """Why the figures of a group are not shown.

    `few`: fewer than k teams are in it. `rest`: with it, what is left of a group around it would be less than k teams.
    """

    FEW = "few"
    REST = "rest"


def checked_least(teams: int) -> int:
    """The least number of teams, k, that a group shows figures of; Invalid for one that is out of bounds."""
    if not LOWEST_LEAST <= teams <= HIGHEST_LEAST:
        raise Invalid(
            "A group has at least %(least)s teams before it is shown, and at most %(most)s.",
            least=LOWEST_LEAST,
            most=HIGHEST_LEAST,
        )
    return teams


def hidden(teams: Mapping[int, int], above: Mapping[int, int], least: int) -> Mapping[int, Hidden]:
    """The groups that show nothing, with the reason; all others may be shown, to anybody, and all at once.

    `teams` has the number of teams in each unit with all below it, WHOLE among them; `above` the unit right above each,
    WHOLE at the top. A unit that is not in `above` is WHOLE itself.

    From the top down, of each group that is shown: the units right below it that are too small are hidden, and as long
    as what is left of it then has 1 to k - 1 teams, the smallest unit that is still shown is hidden as well, of equals
    the one with the lowest number. What lies below a hidden unit is hidden. So what is left of any shown group without
    those shown inside it is nobody, or at least k teams; and since groups lie inside each other or apart, nothing that
    sums and differences of views can tell is about fewer.
    """
    below: dict[int, list[int]] = {}
    for unit in sorted(above):
        below.setdefault(above[unit], []).append(unit)
    shown: set[int] = set()
    waiting = [WHOLE] if teams.get(WHOLE, 0) >= least else []
    while waiting:
        group = waiting.pop()
        shown.add(group)
        waiting += _shown_below(group, below.get(group, ()), teams, least)
    return {
        unit: Hidden.FEW if teams.get(unit, 0) < least else Hidden.REST for unit in (WHOLE, *above) if unit not in shown
    }


def _shown_below(group: int, units: Sequence[int], teams: Mapping[int, int], least: int) -> list[int]:
    kept = sorted((unit for unit in units if teams.get(unit, 0) >= least), key=lambda unit: (teams[unit], unit))
    while kept and 0 < teams[group] - sum(teams[unit] for unit in kept) < least:
        del kept[0]
    return kept


def at_or_below(level: int, of: Distribution) -> int:
    """The percentage of a group that a level is as high as, or higher than; rounded down, so that 100 means all."""
    return _percent(of.at_or_below(level), of)


def below(level: int, of: Distribution) -> int:
    """The percentage of a group that stands lower; rounded down."""
    return _percent(of.at_or_below(level - 1), of)


def above(level: int, of: Distribution) -> int:
    """The percentage of a group that stands higher; rounded down."""
    return _percent(of.at_or_above(level + 1), of)


def _percent(teams: int, of: Distribution) -> int:
    return int(Fraction(100 * teams, of.teams or 1))
