"""What stands beside a result as long as answers of an earlier cycle are not confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.carrying import as_carried, two_results
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.domain.sheets import SavedAnswer


@dataclass(frozen=True, slots=True)
class Carried:
    """How many answers nobody has confirmed, and the result if all of them still hold."""

    waiting: int
    result: Result


def carried_of(rubric: Rubric, answers: Mapping[str, SavedAnswer]) -> Carried | None:
    """None where every answer is confirmed: the confirmed result is then the only one."""
    waiting = sum(answer.waits for answer in answers.values())
    if not waiting:
        return None
    read = two_results(rubric, {key: as_carried(answer) for key, answer in answers.items()})
    return Carried(waiting, read.carried)
