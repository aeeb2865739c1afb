"""The answers of an agreed result as a document, and read back: the team's own, and those that it had taken over."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.answers import Value
from app.domain.asked_once import GivenAbove, with_taken
from app.domain.sheets import SavedAnswer


@dataclass(frozen=True, slots=True)
class Frozen:
    """`own` are the team's answers, also where one from above was taken over; `taken` are those, by statement."""

    own: Mapping[str, SavedAnswer]
    taken: Mapping[str, GivenAbove]

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        """What was agreed."""
        return with_taken(self.own, self.taken)


def document(frozen: Frozen) -> dict[str, Any]:
    """Value, reason and note by statement; what nobody confirmed is marked, and counts as open.

    `above` says whose the answer is where it was taken over, and what the team itself had answered.
    """
    written: dict[str, Any] = {statement: _written(answer) for statement, answer in frozen.answers.items()}
    for statement, above in frozen.taken.items():
        own = frozen.own.get(statement)
        written[statement]["above"] = {
            "path": above.path,
            "unit": above.unit,
            "by": above.by,
            "at": above.at.isoformat() if above.at else None,
            "own": _written(own) if own else None,
        }
    return written


def from_document(written: Mapping[str, Any]) -> Frozen:
    """What `document` wrote; a result that was agreed before anything was asked once has nothing taken over."""
    own, taken = {}, {}
    for statement, one in written.items():
        answer, above = _read(one), one.get("above")
        if above is None:
            own[statement] = answer
            continue
        if above["own"] is not None:
            own[statement] = _read(above["own"])
        at = datetime.datetime.fromisoformat(above["at"]) if above["at"] else None
        taken[statement] = GivenAbove(above["path"], answer, above["unit"], above["by"], at)
    return Frozen(own, taken)


def _written(answer: SavedAnswer) -> dict[str, Any]:
    plain = {"value": answer.value, "reason": answer.reason, "note": answer.note}
    if not answer.waits:
        return plain
    return plain | {"carried_from": answer.carried_from, "look_again": answer.look_again}


def _read(one: Mapping[str, Any]) -> SavedAnswer:
    return SavedAnswer(
        Value(one["value"]) if one["value"] else None,
        one["reason"],
        one["note"],
        carried_from=one.get("carried_from"),
        look_again=one.get("look_again", False),
    )
