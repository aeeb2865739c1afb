"""An example organisation: units, teams, ML systems, and what each team could well have answered. Pure, and by seed.

Most teams stand low, as most do. A team's categories lie close together, Strategy a little ahead and Governance
behind, and some drift apart. A level that is reached is met whole, the next one in part; what lies higher is mostly
missing, sometimes there already, and often not answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.example_names import DEPARTMENTS, REGIONS, SYSTEMS
from app.domain.rubric import Category, Kind, Rubric, Statement
from app.domain.sheets import SavedAnswer

T = TypeVar("T")

TEAMS = 10
LARGEST = 100_000
SEED = 1

FEW = sum(len(department.products) for department in DEPARTMENTS)
"""Teams up to which there is one for each product, and no region."""

# Chances: of the level that a team begins at, and of what is answered about one statement.
STANDING = ((0, 0.15), (1, 0.40), (2, 0.30), (3, 0.12), (4, 0.03))
SPREAD = 0.6
"""Standard deviation of a category's level about the team's."""
GROWTH = 0.45
"""Levels that a team gains from one cycle to the next, on the average."""
AHEAD = {"strategy": 0.4, "architecture": 0.2, "governance": -0.3}
REACHED = ((Value.YES, 0.995), (Value.UNKNOWN, 0.005))
NEXT_RUNG = ((Value.YES, 0.42), (Value.HALF, 0.22), (Value.UNKNOWN, 0.06), (Value.NO, 0.30))
ABOVE = ((Value.YES, 0.06), (Value.HALF, 0.06), (Value.NO, 0.48), (None, 0.40))
DOES_NOT_APPLY = 0.015
NOTED = 0.05

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
        raise Invalid(f"An example organisation has from 1 to {LARGEST} teams.")
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
    chance = _chance(seed, number, "systems")
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
    if rubric.kind is not Kind.LADDER:
        raise Invalid(f"The example has no answers for {rubric.key}: its statements have no levels.")
    chance = _chance(seed, team.number, "answers")
    standing = _of(STANDING, chance.random())
    found: dict[str, SavedAnswer] = {}
    for category in rubric.categories:
        # Drawn before anything that depends on the level, so that a cycle changes no other category's chances.
        own, drawn = _normal(chance), _chance(seed, team.number, category.key)
        wanted = standing + AHEAD.get(category.key, 0.0) + SPREAD * own + GROWTH * cycle
        found |= _of_category(category, min(rubric.top, max(0, round(wanted))), drawn)
    return found


def _of_category(category: Category, level: int, chance: Random) -> dict[str, SavedAnswer]:
    answered = {statement.key: _answer(statement, level, chance) for statement in category.statements}
    next_rung = [each.key for each in category.statements if each.gate == level + 1]
    missing = next_rung[int(chance.random() * len(next_rung))] if next_rung else None
    if missing and not any(answered[key].value in (Value.NO, Value.HALF) for key in next_rung):
        # By chance the next rung came out as met; then the level would be another one.
        answered[missing] = SavedAnswer(Value.NO)
    return {key: answer for key, answer in answered.items() if answer.value is not None}


def _answer(statement: Statement, level: int, chance: Random) -> SavedAnswer:
    """Always the same number of draws, so that one statement's answer moves no other's."""
    value_drawn, note_drawn, words_drawn = chance.random(), chance.random(), chance.random()
    gate = statement.gate or 0
    if gate <= level + 1 and value_drawn < DOES_NOT_APPLY:
        return SavedAnswer(Value.NOT_APPLICABLE, reason=REASONS[int(words_drawn * len(REASONS))])
    value = _of(REACHED if gate <= level else NEXT_RUNG if gate == level + 1 else ABOVE, value_drawn)
    words = NOTES.get(value, ())
    note = words[int(words_drawn * len(words))] if words and note_drawn < NOTED else ""
    return SavedAnswer(value, note=note)


def _of(choices: tuple[tuple[T, float], ...], drawn: float) -> T:
    for choice, likely in choices:
        drawn -= likely
        if drawn < 0:
            return choice
    return choices[-1][0]


def _normal(chance: Random) -> float:
    # The sum of twelve, as good as a normal distribution here, and the same in every release of Python.
    return sum(chance.random() for _ in range(12)) - 6


def _chance(seed: int, number: int, of: str) -> Random:
    """Of its own for each team and part, so that more teams, and more categories, change nothing of the others."""
    return Random(f"{seed} {number} {of}")  # noqa: S311 (an example, no secret)
