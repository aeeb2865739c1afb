"""Answers carried forward: from which cycle, and what stands beside a result until they are confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.carrying import as_carried, two_results
from app.domain.errors import Invalid
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.domain.sheets import SavedAnswer
from app.queries.carrying import earlier_cycles
from app.web.deps import Db

LAST = "last"
"""In place of a cycle's number: the last closed one of the same rubric and unit, where there is one."""


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


def earlier(db: Db, organisation_id: int, chosen: str, rubric: str, unit_id: int | None) -> int | None:
    """The number of the cycle to carry forward from; `chosen` is LAST, a number, or empty for none."""
    if chosen == LAST:
        fits = [
            each
            for each in earlier_cycles(db.connection(), organisation_id)
            if each.closed and (each.rubric, each.unit_id) == (rubric, unit_id)
        ]
        return fits[0].id if fits else None
    if not chosen:
        return None
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18):
        raise Invalid("Choose one of the cycles to carry answers forward from.")
    return int(chosen)


def earlier_choices(
    db: Db, organisation_id: int, titles: Mapping[str, str], scopes: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    """The cycles to choose from: those of the parts of the organisation in `scopes`, each with its rubric."""
    return [
        (str(each.id), f"{each.name} ({titles.get(each.rubric, each.rubric)})")
        for each in earlier_cycles(db.connection(), organisation_id)
        if str(each.unit_id or "") in scopes
    ]
