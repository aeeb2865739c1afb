"""What to do next: the way to a level or score in waves, its first steps, and what is to be found out before.

Nothing here is English: pages, reports and the command line say it in their own words. An open statement counts as
unmet on the way, yet nobody is told to build what may be there already: it becomes a question first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from app.domain.answers import MET, OPEN, Value
from app.domain.errors import Invalid
from app.domain.least_effort import EFFORT, highest, least_effort
from app.domain.results import LadderResult, PointsResult, Result
from app.domain.rubric import Action, Rubric, Story
from app.domain.scoring import band, half_worth, number, score

STEPS = 3

Values = Mapping[str, Value]
Target = int | Fraction
Rank = Callable[[str], tuple[bool, bool, int, int]]


@dataclass(frozen=True, slots=True)
class Wave:
    """The statements to meet on the way to one level or score, in the order to do them in."""

    to: Target
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """From here to the target: for a ladder one wave for each level, for points one; none where it is reached.

    `target` is None only where nothing applies, so that there is no score.
    """

    target: Target | None
    waves: tuple[Wave, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do.

    `lifts_to` is the level, or the name of the band, that it helps to reach. `action` is a level-up action of the
    present level for the same category, `story` a fact that fits; neither need exist. With `find_out` the statement is
    open: the step is to find out, not to build. `organisation_wide`: no team can do it alone.
    """

    statement: str
    category: str
    lifts_to: int | str | None
    action: Action | None
    story: Story | None
    find_out: bool
    organisation_wide: bool


@dataclass(frozen=True, slots=True)
class Question:
    """An open statement to find out about.

    `decides`: its answer can change the overall level or score, the other open answers permitting. Where none does,
    because what is known holds the result down, questions are the open statements that would have to be met next.
    """

    statement: str
    category: str
    decides: bool


def next_steps(rubric: Rubric, values: Values, result: Result, target: Target | None = None) -> tuple[Step, ...]:
    """Up to three first steps on the way to the target; none only where the target is reached.

    They come in the order of `way`, and keep to what can be built at once: what is open, or needs what is open, waits.
    Where nothing else is left, the steps are to find out. Raises Invalid for a target that does not exist.
    """
    return _first_steps(rubric, values, result, _way(rubric, values, result, target))


def _first_steps(rubric: Rubric, values: Values, result: Result, on_the_way: Way) -> tuple[Step, ...]:
    if not on_the_way.waves:
        return ()
    wave = on_the_way.waves[0]
    keys = _buildable(rubric, values, wave.statements) or [key for key in wave.statements if values.get(key) in OPEN]
    actions = list(level_up_actions(rubric, result))
    return tuple([_step(rubric, values, key, wave.to, actions) for key in keys[:STEPS]])


def _buildable(rubric: Rubric, values: Values, ordered: Iterable[str]) -> list[str]:
    """Those that are known to be missing and whose needs are met or come before them."""
    built: list[str] = []
    for key in ordered:
        needs = rubric.statements[key].needs
        if values.get(key) not in OPEN and all(values.get(need) in MET or need in built for need in needs):
            built.append(key)
    return built


def _step(rubric: Rubric, values: Values, key: str, to: Target, actions: list[Action]) -> Step:
    """The step of one statement; it uses up the action it shows, so that no two steps show the same."""
    category = rubric.category_of[key].key
    find_out = values.get(key) in OPEN
    action = next((action for action in actions if category in action.categories and not find_out), None)
    if action:
        actions.remove(action)
    return Step(
        statement=key,
        category=category,
        lifts_to=_name(rubric, to),
        action=action,
        story=next((story for story in rubric.stories if key in story.statements), None),
        find_out=find_out,
        organisation_wide=rubric.statements[key].asked == "organisation",
    )


def _name(rubric: Rubric, target: Target) -> int | str | None:
    if rubric.levels:
        return int(target)
    reached = band(rubric, Fraction(target))
    return reached.name if reached else None


def level_up_actions(rubric: Rubric, result: Result) -> tuple[Action, ...]:
    """The level-up actions of the overall level for the limiting categories, in the rubric's order; none for points."""
    if not isinstance(result, LadderResult):
        return ()
    here = next(level for level in rubric.levels if level.level == result.overall)
    return tuple([action for action in here.actions if set(action.categories) & set(result.limiting)])


def open_questions(rubric: Rubric, values: Values, result: Result) -> tuple[Question, ...]:
    """What to find out, most decisive first.

    First come the open statements whose answers can move the overall level or score: by gate, since an unmet lower gate
    makes the higher ones idle, then those of the category that lacks the fewest answers there; in points, by the score
    of their category. Where none can, the open statements that hold the limiting categories too.
    """
    if isinstance(result, LadderResult):
        return _ladder_questions(rubric, values, result)
    return _points_questions(rubric, values, result)


def _ladder_questions(rubric: Rubric, values: Values, result: LadderResult) -> tuple[Question, ...]:
    if result.settled:
        held = [category for category in result.categories if category.key in result.limiting]
        return tuple([Question(key, category.key, False) for category in held for key in category.open_blockers])
    ranked: list[tuple[int, int, int, Question]] = []
    for category, gates in rubric.gates.items():
        for gate in range(result.overall, result.overall_high):
            found = [statement.key for statement in gates[gate] if values.get(statement.key) in OPEN]
            ranked += [(gate, len(found), rubric.position[key], Question(key, category, True)) for key in found]
    return tuple([question for *_, question in sorted(ranked, key=lambda rank: rank[:3])])


def _points_questions(rubric: Rubric, values: Values, result: PointsResult) -> tuple[Question, ...]:
    if result.overall is None or result.overall_high is None:
        return ()
    rated = [(each.score, each.key) for each in result.categories if each.score is not None]
    lowest_first = sorted(rated, key=lambda pair: pair[0])
    return tuple(
        [
            Question(statement.key, key, score < result.overall_high)
            for score, key in lowest_first
            if score < result.overall_high or (result.settled and score == result.overall)
            for statement in rubric.category_by_key[key].statements
            if values.get(statement.key) in OPEN
        ]
    )


def way(rubric: Rubric, values: Values, target: Target | None = None) -> Way:
    """The way to the target: by default one level up, or the least score that reaches the next band.

    Above the last band the default is the highest score. Each wave is ordered: no statement before what it needs; then
    those of binding categories, of limiting ones, of less effort, and in the rubric's order. Raises Invalid for a
    target that the rubric does not have.
    """
    return _way(rubric, values, score(rubric, values), target)


def _way(rubric: Rubric, values: Values, result: Result, target: Target | None) -> Way:
    rank = _rank(rubric, result)
    if isinstance(result, LadderResult):
        return _ladder_way(rubric, values, result, target, rank)
    return _points_way(rubric, values, result, target, rank)


def _ladder_way(rubric: Rubric, values: Values, result: LadderResult, target: Target | None, rank: Rank) -> Way:
    level = min(result.overall + 1, rubric.top) if target is None else _checked_level(rubric, target)
    waves = []
    for to in range(result.overall + 1, level + 1):
        gates = range(1, to + 1) if to == result.overall + 1 else (to,)
        statements = [each for key in rubric.gates for gate in gates for each in rubric.gates[key][gate - 1]]
        unmet = [statement.key for statement in statements if values.get(statement.key) not in MET]
        waves.append(Wave(to, needs_first(rubric, unmet, rank)))
    return Way(level, tuple(waves))


def _checked_level(rubric: Rubric, target: Target) -> int:
    if target != int(target) or not 0 <= target <= rubric.top:
        raise Invalid(
            "The target %(target)s is not a level of %(rubric)s; give a level from 0 to %(top)s.",
            target=number(target),
            rubric=rubric.key,
            top=rubric.top,
        )
    return int(target)


def _points_way(rubric: Rubric, values: Values, result: PointsResult, target: Target | None, rank: Rank) -> Way:
    best = highest(rubric, result)
    if target is not None and not 0 <= target <= best:
        raise Invalid(
            "The target %(target)s is out of reach in %(rubric)s; give a score from 0 to %(best)s.",
            target=number(target),
            rubric=rubric.key,
            best=number(best),
        )
    if result.overall is None:
        return Way(target, ())
    wanted = _next_band(rubric, result, result.overall, best) if target is None else Fraction(target)
    if wanted <= result.overall:
        return Way(wanted, ())
    statements = least_effort(rubric, values, result, wanted)
    return Way(wanted, (Wave(wanted, needs_first(rubric, statements, rank)),))


def _next_band(rubric: Rubric, result: PointsResult, overall: Fraction, best: Fraction) -> Fraction:
    """The least score that some category can have above the present band; the highest score where no band is left."""
    above = next((band.above for band in rubric.bands if band.above >= overall), best)
    steps = [half_worth(rubric, each.needed, each.needed - each.not_applicable) for each in result.categories]
    return min(best, *[(floor(above / step) + 1) * step for step in steps if step is not None])


def _rank(rubric: Rubric, result: Result) -> Rank:
    def rank(key: str) -> tuple[bool, bool, int, int]:
        category = rubric.category_of[key].key
        effort = EFFORT[rubric.statements[key].effort]
        return (category not in result.binding, category not in result.limiting, effort, rubric.position[key])

    return rank


def needs_first(rubric: Rubric, keys: Iterable[str], rank: Rank) -> tuple[str, ...]:
    """The keys by rank, each as soon as all that it needs of them has come."""
    waiting = sorted(keys, key=rank)
    ordered: list[str] = []
    while waiting:
        left = set(waiting)
        first = next(key for key in waiting if left.isdisjoint(rubric.statements[key].needs))
        waiting.remove(first)
        ordered.append(first)
    return tuple(ordered)


def advice_json(rubric: Rubric, values: Values, target: Target | None = None) -> dict[str, Any]:
    """The object that `advise --json` prints. Raises Invalid for a target that the rubric does not have."""
    result = score(rubric, values)
    on_the_way = _way(rubric, values, result, target)
    return {
        "overall": number(result.overall),
        "target": number(on_the_way.target),
        "waves": [{"to": number(wave.to), "statements": list(wave.statements)} for wave in on_the_way.waves],
        "next": [step.statement for step in _first_steps(rubric, values, result, on_the_way)],
    }
