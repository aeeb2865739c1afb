"""An example organisation: units, teams, ML systems, and what each team could well have answered. Pure, and by seed.

Most teams stand low, as most do. A team's categories lie close together, Strategy a little ahead and Governance
behind, and some drift apart. A level that is reached is met whole, the next one in part; what lies higher is mostly
missing, sometimes there already, and often not answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import TypeVar

from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.example_names import DEPARTMENTS, REGIONS, SYSTEMS
from app.domain.rubric import Category, Kind, Rubric
from app.domain.sheets import SavedAnswer

T = TypeVar("T")

TEAMS = 10
LARGEST = 100_000
MOST_ANSWERED = 10_000
"""Teams up to which every one has its people and answers; with more there are results alone."""
MOST_WITH_HISTORY = 1_000
"""Teams up to which closed cycles keep their answers' history too; with more only the running cycle has one."""
SEED = 1

FEW = sum(len(department.products) for department in DEPARTMENTS)
"""Teams up to which there is one for each product, and no region."""
ALIKE = 10 * FEW * len(REGIONS)
"""Of more than MOST_ANSWERED, teams whose numbers differ by this are in the same unit and came to the same results."""

# Chances: of the level that a team begins at, and of what is answered about one statement.
STANDING = ((0, 0.15), (1, 0.40), (2, 0.30), (3, 0.12), (4, 0.03))
SPREAD = 0.6
"""Standard deviation of a category's level about the team's."""
GROWTH = 0.25
"""Levels that a team gains from one cycle to the next, on the average."""
STIR, STIR_OF_CATEGORY = 0.45, 0.25
"""Standard deviations of what a team, and each of its categories, gains or loses beside that."""
AHEAD = {"strategy": 0.4, "architecture": 0.2, "governance": -0.3}
REACHED = ((Value.YES, 0.995), (Value.UNKNOWN, 0.005))
NEXT_RUNG = ((Value.YES, 0.42), (Value.HALF, 0.22), (Value.UNKNOWN, 0.06), (Value.NO, 0.30))
ABOVE = ((Value.YES, 0.06), (Value.HALF, 0.06), (Value.NO, 0.48), (None, 0.40))
DOES_NOT_APPLY = 0.015
NOTED = 0.05
SEEN_OTHERWISE = 0.12
"""Of a statement: that somebody who answers alone sees it otherwise than the team."""

REASONS = (
    "Everything here is bought in, and its maker does this.",
    "Our models are rules that a person approves one by one.",
    "No personal data is used in this team.",
)
NOTES: Mapping[Value | None, tuple[str, ...]] = {
    Value.YES: ("In place since the last release.", "The runbook says how.", "Shown in the last review."),
    Value.HALF: ("For the newest model only.", "Done by hand, before each release.", "Begun, and not finished."),
    Value.NO: ("Planned for the coming half-year.", "Nobody has been asked to do it yet."),
    Value.UNKNOWN: ("Ask the platform people.", "Two of us remember it differently."),
}
MISSING = (Value.NO, Value.HALF)
OTHERWISE: Mapping[Value | None, Value] = {
    Value.YES: Value.HALF,
    Value.HALF: Value.YES,
    Value.NO: Value.HALF,
    Value.UNKNOWN: Value.NO,
}


@dataclass(frozen=True, slots=True)
class ExampleTeam:
    """`number` counts from 0. `units` are the names from the top unit down to the team's own."""

    number: int
    name: str
    units: tuple[str, ...]
    systems: tuple[str, ...]


def teams(count: int, seed: int = SEED) -> Iterator[ExampleTeam]:
    """The teams, each name once; the first ones are the same however many follow, up to `FEW` and beyond it.

    Invalid for fewer than one and more than `LARGEST`.
    """
    if not 1 <= count <= LARGEST:
        raise Invalid("An example organisation has from 1 to %(most)s teams.", most=LARGEST)
    return (_team(number, seed, regions=count > FEW) for number in range(count))


def units(of: Iterable[ExampleTeam]) -> tuple[tuple[str, ...], ...]:
    """Every unit that these teams are in or below, by its names from the top, the upper ones first."""
    paths = {team.units[:depth] for team in of for depth in range(1, len(team.units) + 1)}
    return tuple(sorted(paths, key=lambda path: (len(path), path)))


def _team(number: int, seed: int, *, regions: bool) -> ExampleTeam:
    # One of each department in turn, so that a small organisation has some of everything.
    further, place = divmod(number, FEW)
    again, region = divmod(further, len(REGIONS))
    row, column = divmod(place, len(DEPARTMENTS))
    department = DEPARTMENTS[column]
    where = (REGIONS[region],) if regions else ()
    of_product = department.products[row]
    name = ", ".join((of_product, *where)) + (f" {again + 1}" if again else "")
    chance = chance_of(seed, number, "systems")
    systems = tuple(
        f"{of_product} {system}"
        for system, likely in zip(SYSTEMS, (1.0, 0.4, 0.25), strict=True)
        if chance.random() < likely
    )
    return ExampleTeam(number, name, (*where, department.division, department.name), systems)


def answers(rubric: Rubric, team: ExampleTeam, seed: int = SEED, cycle: int = 0) -> dict[str, SavedAnswer]:
    """What the team answered in a cycle, by statement; what is left out is not answered. `cycle` counts from 0.

    Invalid for a rubric that is no ladder.
    """
    return history(rubric, team, seed, cycle + 1)[cycle]


def history(rubric: Rubric, team: ExampleTeam, seed: int = SEED, cycles: int = 1) -> list[dict[str, SavedAnswer]]:
    """What the team answered in each cycle, the oldest first; more cycles change nothing of the first ones."""
    if rubric.kind is not Kind.LADDER:
        raise Invalid("The example has no answers for %(rubric)s: its statements have no levels.", rubric=rubric.key)
    chance = chance_of(seed, team.number, "answers")
    standing = one_of(STANDING, chance.random())
    moves = _moves(seed, team, "moves", STIR, cycles)
    found: list[dict[str, SavedAnswer]] = [{} for _ in range(cycles)]
    for category in rubric.categories:
        # Drawn before anything that depends on the level, so that a cycle changes no other category's chances.
        own, drawn = _normal(chance), _drawn(category, chance_of(seed, team.number, category.key))
        wanted = standing + AHEAD.get(category.key, 0.0) + SPREAD * own
        own_moves = _moves(seed, team, f"{category.key} moves", STIR_OF_CATEGORY, cycles)
        at_level: dict[int, dict[str, SavedAnswer]] = {}
        for cycle in range(cycles):
            level = min(rubric.top, max(0, round(wanted + GROWTH * cycle + moves[cycle] + own_moves[cycle])))
            if level not in at_level:
                at_level[level] = _of_category(category, level, drawn)
            found[cycle] |= at_level[level]
    return found


def seen_alone(team: ExampleTeam, agreed: Mapping[str, SavedAnswer], seed: int = SEED) -> dict[str, SavedAnswer]:
    """What one of the team would have answered alone: the same for the most part, and otherwise here and there."""
    chance = chance_of(seed, team.number, "alone")
    return {
        key: _saved(OTHERWISE[answer.value], "", "")
        if chance.random() < SEEN_OTHERWISE and answer.value in OTHERWISE
        else _saved(answer.value, answer.reason, "")
        for key, answer in agreed.items()
    }


Drawn = tuple[float, float, float]
"""By chance, for one statement: its value, whether there is a note, and which one."""


def _drawn(category: Category, chance: Random) -> tuple[list[Drawn], float]:
    """Always the same number of draws, so that one statement's answer moves no other's."""
    of_statements = [(chance.random(), chance.random(), chance.random()) for _ in category.statements]
    return of_statements, chance.random()


def _moves(seed: int, team: ExampleTeam, of: str, deviation: float, cycles: int) -> list[float]:
    """What was gained or lost up to each cycle; nothing up to the first."""
    if cycles == 1:
        return [0.0]
    chance = chance_of(seed, team.number, of)
    return list(accumulate((deviation * _normal(chance) for _ in range(cycles - 1)), initial=0.0))


def _of_category(category: Category, level: int, drawn: tuple[list[Drawn], float]) -> dict[str, SavedAnswer]:
    of_statements, which = drawn
    answered = {
        statement.key: _answer(statement.gate or 0, level, each)
        for statement, each in zip(category.statements, of_statements, strict=True)
    }
    next_rung = [each.key for each in category.statements if each.gate == level + 1]
    missing = next_rung[int(which * len(next_rung))] if next_rung else None
    if missing and not any(answered[key].value in MISSING for key in next_rung):
        # By chance the next rung came out as met; then the level would be another one.
        answered[missing] = _saved(Value.NO, "", "")
    return {key: answer for key, answer in answered.items() if answer.value is not None}


def _answer(gate: int, level: int, drawn: Drawn) -> SavedAnswer:
    value_drawn, note_drawn, words_drawn = drawn
    if gate <= level + 1 and value_drawn < DOES_NOT_APPLY:
        return _saved(Value.NOT_APPLICABLE, REASONS[int(words_drawn * len(REASONS))], "")
    value = one_of(REACHED if gate <= level else NEXT_RUNG if gate == level + 1 else ABOVE, value_drawn)
    if note_drawn >= NOTED:
        return _saved(value, "", "")
    words = NOTES.get(value, ())
    return _saved(value, "", words[int(words_drawn * len(words))] if words else "")


@cache
def _saved(value: Value | None, reason: str, note: str) -> SavedAnswer:
    """There are few different ones among the millions of a large example."""
    return SavedAnswer(value, reason, note)


def one_of(choices: tuple[tuple[T, float], ...], drawn: float) -> T:
    """The choice that a number from 0 to 1 falls on, by their chances."""
    for choice, likely in choices:
        drawn -= likely
        if drawn < 0:
            return choice
    return choices[-1][0]


def _normal(chance: Random) -> float:
    # The sum of twelve, as good as a normal distribution here, and the same in every release of Python.
    return sum([chance.random() for _ in range(12)]) - 6


def chance_of(seed: int, number: int, of: str) -> Random:
    """Of its own for each team and part, so that more teams, and more categories, change nothing of the others."""
    return Random(f"{seed} {number} {of}")  # noqa: S311 (an example, no secret)
