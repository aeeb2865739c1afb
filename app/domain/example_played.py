"""What a team of the example does in all cycles: how far it comes, what it answers, and what it agrees on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.cycles import Stage
from app.domain.example import ExampleTeam, history
from app.domain.example_cycles import Stages, stages
from app.domain.frozen_answers import Frozen, document
from app.domain.rollup import Levels, levels
from app.domain.rubric import Rubric
from app.domain.scoring import result_json, score
from app.domain.sheets import SavedAnswer, values

Answers = Mapping[str, SavedAnswer]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed in one cycle: the answers and the result as documents, and its levels."""

    answers: Mapping[str, Any]
    result: Mapping[str, Any]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Played:
    """`part` and `answers` have an entry for each cycle; `agreed` one for those in which the team agreed."""

    team: ExampleTeam
    part: Stages
    answers: list[Answers]
    agreed: Mapping[int, Agreed]


def played(rubric: Rubric, team: ExampleTeam, seed: int, cycles: int, *, whole: bool) -> Played:
    """Not `whole`: what was agreed holds only the answers that decide the levels. Invalid for no ladder."""
    part = stages(team.number, seed, cycles)
    answers: list[Answers] = list(history(rubric, team, seed, cycles))
    agreed = {
        cycle: _agreed(rubric, answers[cycle] if whole else _needed(rubric, answers[cycle]))
        for cycle, stage in enumerate(part)
        if stage is Stage.AGREED
    }
    return Played(team, part, answers, agreed)


def _agreed(rubric: Rubric, answers: Answers) -> Agreed:
    result = result_json(rubric, score(rubric, values(answers)))
    of = levels(rubric, result)
    assert of is not None, "a ladder has levels whatever the answers"
    return Agreed(document(Frozen(answers, {})), result, of)


def _needed(rubric: Rubric, answers: Answers) -> Answers:
    """The answers that decide the levels: up to the rung that is missing. What lies above would only fill the disk."""
    result = score(rubric, values(answers))
    reached = {category.key: category.level for category in result.categories}  # type: ignore[union-attr]
    return {
        key: answer
        for key, answer in answers.items()
        if (rubric.statements[key].gate or 0) <= reached[rubric.category_of[key].key] + 1
    }
