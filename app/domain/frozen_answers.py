"""The answers of an agreed result as a document, and read back: the team's own, and those that it had taken over."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.answers import Value
from app.domain.asked_once import GivenAbove, with_taken
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer


@dataclass(frozen=True, slots=True)
class Frozen:
    """`own` are the team's answers, also where one from above was taken over; `taken` are those, by statement.

    Of an own answer that did not count only the value is kept.
    """

    own: Mapping[str, SavedAnswer]
    taken: Mapping[str, GivenAbove]

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        """What was agreed."""
        return with_taken(self.own, self.taken)


def document(frozen: Frozen) -> dict[str, Any]:
    """Value, reason and note by statement; `above` says whose the answer is where it was taken over."""
    written: dict[str, Any] = {statement: _answer(answer) for statement, answer in frozen.answers.items()}
    for statement, above in frozen.taken.items():
        written[statement]["above"] = {
            "path": above.path,
            "unit": above.unit,
            "by": above.by,
            "at": above.at.isoformat() if above.at else None,
            "own": frozen.own.get(statement, NEVER_ANSWERED).value,
        }
    return written


def from_document(written: Mapping[str, Any]) -> Frozen:
    """What `document` wrote."""
    own, taken = {}, {}
    for statement, one in written.items():
        answer = SavedAnswer(_value(one["value"]), one["reason"], one["note"])
        above = one.get("above")
        if above is None:
            own[statement] = answer
            continue
        at = datetime.datetime.fromisoformat(above["at"]) if above["at"] else None
        own[statement] = SavedAnswer(_value(above["own"]))
        taken[statement] = GivenAbove(above["path"], answer, above["unit"], above["by"], at)
    return Frozen(own, taken)


def _answer(answer: SavedAnswer) -> dict[str, Any]:
    return {"value": answer.value, "reason": answer.reason, "note": answer.note}


def _value(word: str | None) -> Value | None:
    return Value(word) if word else None
