"""From answers to levels and scores, exactly as docs/rubric-format.md says under "How each kind scores".

Scoring runs at every save: it counts whole halves and makes a fraction only of what is reported. `values` maps the
keys of statements to their answers; a statement without one is unanswered, and a key that the rubric does not know is
ignored, because whoever takes the answers in has checked them.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.domain.answers import MET, OPEN, Value
from app.domain.errors import Invalid
from app.domain.results import DRIFT, LadderCategory, LadderResult, PointsCategory, PointsResult, Result
from app.domain.rubric import Band, Category, Kind, Rubric, Statement, StatementKind, Unit

Values = Mapping[str, Value]
Gates = tuple[tuple[Statement, ...], ...]
Given = list[list[Value | None]]  # the answers gate by gate

_MET_OR_OPEN = (*MET, *OPEN)

# A member found in its class takes Python 3.11 ten times as long as a name of the module.
YES, HALF, UNKNOWN, NOT_APPLICABLE = Value.YES, Value.HALF, Value.UNKNOWN, Value.NOT_APPLICABLE
PRACTICE = StatementKind.PRACTICE


def score(rubric: Rubric, values: Values) -> Result:
    """What the answers come to: levels for a ladder, scores for a points rubric, each with its interval."""
    return score_ladder(rubric, values) if rubric.kind is Kind.LADDER else score_points(rubric, values)


def score_ladder(rubric: Rubric, values: Values) -> LadderResult:
    """The level of every category; the overall level is the least of them."""
    categories = tuple(_ladder_category(category, rubric.gates[category.key], values) for category in rubric.categories)
    levels = [category.level for category in categories]
    overall = min(levels)
    overall_high = min([category.level_high for category in categories])
    limiting = [category for category in categories if category.level == overall]
    return LadderResult(
        rubric=rubric.key,
        overall=overall,
        overall_high=overall_high,
        overall_index=min([category.index for category in limiting]),  # a category of a higher level has a higher index
        spread=max(levels) - overall,
        limiting=tuple([category.key for category in limiting]),
        binding=tuple([category.key for category in limiting if category.level_high == overall]),
        settled=overall == overall_high,
        complete=all(category.complete for category in categories),
        drifting=drifting(categories),
        categories=categories,
    )


def drifting(categories: Iterable[LadderCategory]) -> tuple[str, ...]:
    """The complete categories that stand so far above the lowest complete one that their lead is wasted."""
    complete = [category for category in categories if category.complete]
    lowest = min([category.level for category in complete], default=0)
    return tuple([category.key for category in complete if category.level - lowest >= DRIFT])


def _ladder_category(category: Category, gates: Gates, values: Values) -> LadderCategory:
    given = [[values.get(statement.key) for statement in gate] for gate in gates]
    level, level_high = _level(given, MET), _level(given, _MET_OR_OPEN)
    halves, whole = _halves(given, level, 0)
    halves_high, whole_high = _halves(given, level_high, 2)
    ahead = list(zip(gates[level], given[level], strict=True)) if level < len(gates) else []
    needed = [value for gate in given[: level + 1] for value in gate]
    everything = [value for gate in given for value in gate]
    return LadderCategory(
        key=category.key,
        level=level,
        level_high=level_high,
        progress=_ratio(halves, whole),
        index=_ratio(level * whole + halves, whole),
        index_high=_ratio(level_high * whole_high + halves_high, whole_high),
        blockers=tuple([statement.key for statement, value in ahead if value not in MET]),
        open_blockers=tuple([statement.key for statement, value in ahead if value in OPEN]),
        islands=_islands(category, level, values),
        answered=len(everything) - everything.count(None),
        needed=len(needed),
        needed_answered=len(needed) - needed.count(None),
        unknown=everything.count(UNKNOWN),
        not_applicable=everything.count(NOT_APPLICABLE),
        complete=None not in needed,
    )


def _level(given: Given, enough: tuple[Value | None, ...]) -> int:
    """The highest level up to which every statement has an answer that is enough; no level is skipped."""
    for level, gate in enumerate(given):
        for value in gate:
            if value not in enough:
                return level
    return len(given)


def _halves(given: Given, level: int, open_halves: int) -> tuple[int, int]:
    """The halves that the gate above the level has, and could have; what does not apply has all. At the top 0 of 1."""
    if level == len(given):
        return 0, 1
    gate = given[level]
    met = gate.count(YES) + gate.count(NOT_APPLICABLE)
    unknown = gate.count(None) + gate.count(UNKNOWN)
    return 2 * met + gate.count(HALF) + open_halves * unknown, 2 * len(gate)


# A sheet's fractions are few and come again with every save; to make one takes ten times as long as to find it.
_ratio = lru_cache(maxsize=4096)(Fraction)


def _islands(category: Category, level: int, values: Values) -> tuple[str, ...]:
    """The practices in place above a missing rung. What does not apply is met, but nothing is in place there."""
    return tuple(
        [
            statement.key
            for statement in category.statements
            if values.get(statement.key) == YES
            and statement.kind is PRACTICE
            and statement.gate is not None
            and statement.gate > level + 1
        ]
    )


def score_points(rubric: Rubric, values: Values) -> PointsResult:
    """The score of every category that anything applies to; the overall score is the least of them."""
    categories = tuple([_points_category(rubric, category, values) for category in rubric.categories])
    overall = min([category.score for category in categories if category.score is not None], default=None)
    overall_high = min(
        [category.score_high for category in categories if category.score_high is not None], default=None
    )
    limiting = [category for category in categories if category.score is not None and category.score == overall]
    reached = band(rubric, overall)
    return PointsResult(
        rubric=rubric.key,
        overall=overall,
        overall_high=overall_high,
        band=reached.name if reached else None,
        limiting=tuple([category.key for category in limiting]),
        binding=tuple([category.key for category in limiting if category.score_high == overall]),
        settled=overall == overall_high,
        complete=all(category.complete for category in categories),
        categories=categories,
    )


def _points_category(rubric: Rubric, category: Category, values: Values) -> PointsCategory:
    given = [values.get(statement.key) for statement in category.statements]
    unanswered, unknown = given.count(None), given.count(UNKNOWN)
    not_applicable = given.count(NOT_APPLICABLE)
    halves = 2 * given.count(YES) + given.count(HALF)
    worth = half_worth(rubric, len(given), len(given) - not_applicable)
    return PointsCategory(
        key=category.key,
        score=None if worth is None else halves * worth,
        score_high=None if worth is None else (halves + 2 * (unanswered + unknown)) * worth,
        answered=len(given) - unanswered,
        needed=len(given),
        needed_answered=len(given) - unanswered,
        unknown=unknown,
        not_applicable=not_applicable,
        complete=unanswered == 0,
    )


def half_worth(rubric: Rubric, statements: int, applicable: int) -> Fraction | None:
    """What half a point adds to the score of a category, in the rubric's unit; None where nothing applies."""
    if applicable == 0:
        return None
    most = 100 if rubric.unit is Unit.PERCENT else statements
    return Fraction(most, 2 * applicable)


def band(rubric: Rubric, score: Fraction | None) -> Band | None:
    """The last band whose `above` is strictly below the score; None for no score and for a ladder."""
    if score is None:
        return None
    return next((band for band in reversed(rubric.bands) if band.above < score), None)


def pick(category: Category, level: int) -> dict[str, Value]:
    """The answers that a quick pick of a level gives to the whole category: gate <= level is 1, the rest 0.

    Raises Invalid where the ladder has no such level, or where the category is not one of a ladder.
    """
    gates = {statement.key: statement.gate or 0 for statement in category.statements}
    top = max(gates.values())
    if top == 0:
        raise Invalid(
            "Levels are picked in a ladder only; %(category)s is part of a points rubric.", category=category.key
        )
    if not 0 <= level <= top:
        raise Invalid(
            "Level %(level)s does not exist in %(category)s; its levels go from 0 to %(top)s.",
            level=level,
            category=category.key,
            top=top,
        )
    return {key: YES if gate <= level else Value.NO for key, gate in gates.items()}


@lru_cache(maxsize=4096)
def number(exact: Fraction | int | None) -> int | float | None:
    """An exact number as JSON shows it: whole as a whole number, else rounded to 6 places; no score is None."""
    if exact is None:
        return None
    return int(exact) if exact == int(exact) else float(round(exact, 6))


def result_json(rubric: Rubric, result: Result) -> dict[str, Any]:
    """The object that `score --json` prints; its shape is part of the product's interface."""
    shared = {
        "rubric": rubric.key,
        "kind": rubric.kind.value,
        "overall": number(result.overall),
        "overall_high": number(result.overall_high),
        "settled": result.settled,
        "complete": result.complete,
        "limiting": list(result.limiting),
        "binding": list(result.binding),
    }
    if isinstance(result, LadderResult):
        own = {"overall_index": number(result.overall_index), "spread": result.spread}
        return shared | own | {"categories": {each.key: _ladder_json(each) for each in result.categories}}
    return shared | {"band": result.band, "categories": {each.key: _points_json(each) for each in result.categories}}


def _ladder_json(category: LadderCategory) -> dict[str, Any]:
    return {
        "level": category.level,
        "level_high": category.level_high,
        "progress": number(category.progress),
        "index": number(category.index),
        "blockers": list(category.blockers),
        "open_blockers": list(category.open_blockers),
        "islands": list(category.islands),
        **_counts(category),
    }


def _points_json(category: PointsCategory) -> dict[str, Any]:
    return {"score": number(category.score), "score_high": number(category.score_high), **_counts(category)}


def _counts(category: LadderCategory | PointsCategory) -> dict[str, Any]:
    return {
        "answered": category.answered,
        "unknown": category.unknown,
        "not_applicable": category.not_applicable,
        "complete": category.complete,
    }
