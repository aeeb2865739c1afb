"""What happens in an example organisation from cycle to cycle: when they are, and how far each team comes in them.

The cycles follow each other every half-year, and the newest one runs: it was due two days ago, and some teams are late.
Some teams join with a later cycle, some leave before the newest, and in each some never finish. Pure, and by seed.
"""

import datetime
from dataclasses import dataclass

from app.domain.cycles import Stage
from app.domain.errors import Invalid
from app.domain.example import chance_of, one_of

CYCLES = 3
MOST_CYCLES = 12
MONTHS_APART = 6
DAYS_OPEN = 28
DAYS_LATE = 2
DAYS_TO_CLOSING = 7

# Chances.
JOINS_LATER = 0.20
LEAVES = 0.12
PAST = ((Stage.AGREED, 0.95), (Stage.BEGUN, 0.03), (Stage.NOT_BEGUN, 0.02))
RUNNING = ((Stage.AGREED, 0.66), (Stage.SUBMITTED, 0.12), (Stage.BEGUN, 0.12), (Stage.NOT_BEGUN, 0.10))


Stages = tuple[Stage | None, ...]
"""How far a team comes in each cycle, the oldest first; None where it is not asked."""


@dataclass(frozen=True, slots=True)
class Round:
    """A cycle of the example. `closed_on` is None for the newest, which runs."""

    name: str
    opens_on: datetime.date
    due_on: datetime.date
    closed_on: datetime.date | None


def rounds(count: int, today: datetime.date) -> tuple[Round, ...]:
    """The cycles, the oldest first. Invalid for fewer than one and more than MOST_CYCLES."""
    if not 1 <= count <= MOST_CYCLES:
        raise Invalid("An example organisation has from 1 to %(most)s cycles.", most=MOST_CYCLES)
    newest = today - datetime.timedelta(days=DAYS_OPEN + DAYS_LATE)
    return tuple(_round(_earlier(newest, MONTHS_APART * back), running=not back) for back in reversed(range(count)))


def _round(opens_on: datetime.date, *, running: bool) -> Round:
    due_on = opens_on + datetime.timedelta(days=DAYS_OPEN)
    season = "Spring" if opens_on.month <= MONTHS_APART else "Autumn"
    return Round(
        f"{season} {opens_on.year}",
        opens_on,
        due_on,
        None if running else due_on + datetime.timedelta(days=DAYS_TO_CLOSING),
    )


def _earlier(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    # Every month has a day of this number.
    return datetime.date(year, month + 1, min(day.day, 28))


def stages(number: int, seed: int, cycles: int) -> Stages:
    """How far the team of this number comes. It is not asked before it joins and after it left, and whoever leaves has
    no part in the newest cycle."""
    chance = chance_of(seed, number, "history")
    joins, leaves = chance.random(), chance.random()
    first = 1 + int(joins / JOINS_LATER * (cycles - 1)) if cycles > 1 and joins < JOINS_LATER else 0
    last = int(leaves / LEAVES * (cycles - 1)) if cycles > 1 and leaves < LEAVES else cycles - 1
    if last < first:
        last = cycles - 1
    drawn = [chance.random() for _ in range(cycles)]
    return tuple(
        None if not first <= cycle <= last else one_of(RUNNING if cycle == cycles - 1 else PAST, drawn[cycle])
        for cycle in range(cycles)
    )


def left_after(part: Stages) -> int | None:
    """The place of the last cycle of a team that left; None for whoever is still there."""
    return None if part[-1] is not None else max(place for place, stage in enumerate(part) if stage is not None)
