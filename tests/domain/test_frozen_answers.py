"""The answers of an agreed result, written and read back."""

import datetime
import json

from app.domain.answers import Value
from app.domain.asked_once import GivenAbove
from app.domain.frozen_answers import Frozen, document, from_document
from app.domain.sheets import SavedAnswer

AT = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
BOARD = GivenAbove("/", SavedAnswer(Value.YES, "", "The board said so."), "", "Admin", AT)
UNIT = GivenAbove("/3/", SavedAnswer(Value.NOT_APPLICABLE, "Nothing is bought here."), "Models")


def test_it_works() -> None:
    own = {
        "hired": SavedAnswer(Value.HALF, "", "Two of four."),
        "sponsor": SavedAnswer(Value.NO, "", "We know of none."),
        "carried": SavedAnswer(Value.YES, carried_from=7, look_again=True),
    }
    frozen = Frozen(own, {"sponsor": BOARD, "bought": UNIT})

    assert from_document(json.loads(json.dumps(document(frozen)))) == frozen
    assert frozen.answers == own | {"sponsor": BOARD.answer, "bought": UNIT.answer}


def test_a_result_of_before_anything_was_asked_once() -> None:
    written = {"hired": {"value": "1", "reason": "", "note": ""}, "noted": {"value": None, "reason": "", "note": "?"}}

    assert from_document(written) == Frozen({"hired": SavedAnswer(Value.YES), "noted": SavedAnswer(note="?")}, {})
