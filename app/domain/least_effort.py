"""The cheapest set of statements that brings every category of a points rubric to a target score.

A statement costs its effort: S 1, M 2, L 3, and M where none is given. One that is half done costs half of that, since
half of it is there. An open statement counts as nothing done. What a statement needs and is not met comes along and
is paid for. Of the sets that cost the same, the one with the fewest statements is taken, then the one with the fewest
open ones, then the one that stands earlier in the rubric.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from app.domain.answers import MET, OPEN, Value
from app.domain.results import PointsCategory, PointsResult
from app.domain.rubric import Effort, Rubric, Statement, Unit
from app.domain.scoring import half_worth

EFFORT: Mapping[Effort | None, int] = {Effort.S: 1, Effort.M: 2, Effort.L: 3, None: 2}

# Beyond so many half-made sets at a time the dearest are dropped. A rubric comes near only where dozens of needs cross
# each other; there the set still reaches the target, but may not be the very cheapest.
LIMIT = 1_000

Places = int  # a set of statements: the bit at a statement's place in the rubric is set
Cost = tuple[int, int, int, int]  # effort in halves, statements, open statements, sum of places
State = tuple[int, Places, Places]  # halves gained in this category; taken and needed later; owed: to be taken later
Ways = dict[State, tuple[Cost, Places]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A statement that may be done or left, met in the rubric's order."""

    here: Places
    halves: int
    cost: Cost
    needs_before: Places
    needs_after: Places
    wanted_later: Places


def least_effort(
    rubric: Rubric, values: Mapping[str, Value], result: PointsResult, target: Fraction
) -> tuple[str, ...]:
    """The statements to bring to 1, for the least effort, so that no category scores below the target.

    Keys in the rubric's order. `result` is what `values` score; the target is at most `highest(rubric, result)`. Choice
    after choice, the cheapest way to each state is kept, and a state remembers of the past only what a later choice
    depends on.
    """
    ways: Ways = {(0, 0, 0): ((0, 0, 0, 0), 0)}
    choices = _choices(rubric, values)
    for scored in result.categories:
        missing = _missing(rubric, scored, target)
        for choice in choices[scored.key]:
            ways = _fewer(_with_and_without(ways, choice, missing))
        ways = {(0, taken, owed): way for (gained, taken, owed), way in ways.items() if gained == missing}
    _, chosen = min(ways.values())
    return tuple(key for key, place in rubric.position.items() if chosen >> place & 1)


def highest(rubric: Rubric, result: PointsResult) -> Fraction:
    """The highest overall score that is possible, with what does not apply left out."""
    rated = [category for category in result.categories if category.score is not None] or result.categories
    return Fraction(100 if rubric.unit is Unit.PERCENT else min(category.needed for category in rated))


def _missing(rubric: Rubric, category: PointsCategory, target: Fraction) -> int:
    """The halves that the category lacks to reach the target; what nothing applies to lacks none."""
    worth = half_worth(rubric, category.needed, category.needed - category.not_applicable)
    if worth is None or category.score is None:
        return 0
    return max(0, ceil((target - category.score) / worth))


def _choices(rubric: Rubric, values: Mapping[str, Value]) -> dict[str, list[Choice]]:
    """What can be done in each category. Made from the last to the first, so that each knows what is wanted later."""
    choices: dict[str, list[Choice]] = {category.key: [] for category in rubric.categories}
    wanted = 0
    for statement in reversed(list(rubric.statements.values())):
        if values.get(statement.key) in MET:
            continue
        choice = _choice(rubric, values, statement, wanted)
        choices[rubric.category_of[statement.key].key].insert(0, choice)
        wanted |= choice.needs_before | choice.needs_after
    return choices


def _choice(rubric: Rubric, values: Mapping[str, Value], statement: Statement, wanted_later: Places) -> Choice:
    value, place = values.get(statement.key), rubric.position[statement.key]
    needs = {rubric.position[key] for key in statement.needs if values.get(key) not in MET}
    halves = 1 if value == Value.HALF else 2
    return Choice(
        here=1 << place,
        halves=halves,
        cost=(halves * EFFORT[statement.effort], 1, int(value in OPEN), place),
        needs_before=sum(1 << need for need in needs if need < place),
        needs_after=sum(1 << need for need in needs if need > place),
        wanted_later=wanted_later,
    )


def _with_and_without(ways: Ways, choice: Choice, missing: int) -> Ways:
    """Each way once without the statement, where nothing wants it, and once with it, where what it needs is taken."""
    found: Ways = {}
    for (gained, taken, owed), (cost, chosen) in ways.items():
        if not owed & choice.here:
            _keep(found, (gained, taken & choice.wanted_later, owed), cost, chosen)
        if not choice.needs_before & ~taken:
            now_taken = (taken | choice.here) & choice.wanted_later
            now_owed = (owed | choice.needs_after) & ~choice.here
            state = (min(missing, gained + choice.halves), now_taken, now_owed)
            _keep(found, state, _sum(cost, choice.cost), chosen | choice.here)
    return found


def _sum(one: Cost, other: Cost) -> Cost:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def _keep(ways: Ways, state: State, cost: Cost, chosen: Places) -> None:
    if state not in ways or cost < ways[state][0]:
        ways[state] = (cost, chosen)


def _fewer(ways: Ways) -> Ways:
    """At most LIMIT ways: the cheapest, and the one that has taken most, which can always be completed."""
    if len(ways) <= LIMIT:
        return ways
    cheapest = sorted(ways, key=lambda state: ways[state][0])[:LIMIT]
    fullest = max(ways, key=lambda state: (state[1].bit_count(), state[0]))
    return {state: ways[state] for state in (*cheapest, fullest)}
