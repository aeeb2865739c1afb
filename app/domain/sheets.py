"""What a mutation asks of a sheet, and how it meets what others changed since its author looked.

The author saw the sheet as it was at a version, the base. *Then* is an answer as of the base, *now* the answer as it
stands, *mine* the answer as the author means it. A part of an answer that nobody else changed since the base takes
mine; one that somebody changed to the same takes nothing; one that somebody changed to something else is a conflict,
and the author decides. The value and its reason are one part, the note is another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value
from app.domain.errors import Conflict, Invalid, Sentence
from app.domain.rubric import Rubric
from app.domain.text import plain


class Unset(Enum):
    """The mark of what a change does not touch; None as a value clears the answer."""

    UNSET = "unset"


UNSET: Literal[Unset.UNSET] = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one statement's answer: only what is set is touched."""

    value: Value | Unset | None = UNSET
    reason: str | Unset = UNSET
    note: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class Mutation:
    """`id` is made by the client, a UUID, and stays the same when it asks again; `base` is the version it looked at.

    `client` names the browser, whose own changes it has seen whatever the base. A `whole_form` says every answer it
    shows, most of them as they were.
    """

    id: str
    base: int
    changes: Mapping[str, Change]
    client: str | None = None
    whole_form: bool = False


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it stands. `version` is the sheet's when it last changed; without a value it is unanswered.

    `carried_from` is the cycle that a carried answer was last given or confirmed in, None for one of the present cycle;
    `look_again`: its statement was changed since. See `domain.carrying`.
    """

    value: Value | None = None
    reason: str = ""
    note: str = ""
    version: int = field(default=0, compare=False)
    carried_from: int | None = None
    look_again: bool = False

    @property
    def waits(self) -> bool:
        """Whether there is an answer that nobody has confirmed; a note alone needs no confirming."""
        return self.carried_from is not None and self.value is not None

    @property
    def counts(self) -> Value | None:
        """The value that scoring takes: none as long as nobody has confirmed it."""
        return None if self.carried_from is not None else self.value

    @property
    def verdict(self) -> tuple[Value | None, str]:
        return self.value, self.reason


NEVER_ANSWERED = SavedAnswer()


def values(answers: Mapping[str, SavedAnswer]) -> dict[str, Value]:
    """What scoring takes: the values of the statements that have one. What nobody has confirmed is left open."""
    return {statement: answer.counts for statement, answer in answers.items() if answer.counts is not None}


def confirmed(answer: SavedAnswer) -> SavedAnswer:
    """The answer after somebody has said that it still holds, its statement as it reads now."""
    return replace(answer, carried_from=None, look_again=False)


@dataclass(frozen=True, slots=True)
class Differing:
    statement: str
    theirs: SavedAnswer
    mine: SavedAnswer


class AnswerUnfit(Invalid):
    """An answer that cannot be as it is; the text says why, to whoever gave it."""

    def __init__(self, statement: str, why: str, /, **values: object) -> None:
        super().__init__(why, **values)
        self.statement = statement


class AnswersDiffer(Conflict):
    """Others changed these answers meanwhile, to something else. Nothing of the mutation was saved."""

    def __init__(self, conflicts: tuple[Differing, ...]) -> None:
        super().__init__(
            Sentence("Some of these answers were changed elsewhere meanwhile. Nothing was saved; choose which to keep.")
        )
        self.conflicts = conflicts


def checked(rubric: Rubric, changes: Mapping[str, Change]) -> dict[str, Change]:
    """The changes, their texts as they are stored; Invalid where a statement is not the rubric's or a text is unfit."""
    for statement in changes:
        if statement not in rubric.statements:
            raise Invalid(
                "The rubric %(rubric)s has no statement %(statement)s.",
                rubric=rubric.key,
                statement=ascii(statement[:100]),
            )
    return {statement: _checked(statement, change) for statement, change in changes.items()}


def _checked(statement: str, change: Change) -> Change:
    reason = (
        change.reason if change.reason is UNSET else _text(statement, Sentence("reason"), change.reason, REASON_LIMIT)
    )
    note = change.note if change.note is UNSET else _text(statement, Sentence("note"), change.note, NOTE_LIMIT)
    return Change(change.value, reason, note)


def _text(statement: str, part: Sentence, text: str, limit: int) -> str:
    try:
        return plain(text, limit)
    except Invalid as unfit:
        raise AnswerUnfit(statement, "The %(part)s cannot be kept: %(why)s", part=part, why=str(unfit)) from None


def touched(posted: Change, then: SavedAnswer) -> Change:
    """What a form really changes: it posts every field, and most are as they were when the form was made."""
    # A form posts the reason's field with any value; only not applicable has a reason.
    reason = posted.reason if posted.value is Value.NOT_APPLICABLE else ""
    untouched = (posted.value, reason) == then.verdict
    return Change(
        UNSET if untouched else posted.value,
        UNSET if untouched else posted.reason,
        UNSET if posted.note == then.note else posted.note,
    )


def own_parts(after: SavedAnswer, before: SavedAnswer, seen: SavedAnswer) -> SavedAnswer:
    """What the author of a change has seen of an answer then: the part that the change made, and else what they had
    seen already. The other part may be somebody's whose word met theirs on the server."""
    value, reason = after.verdict if after.verdict != before.verdict else seen.verdict
    return SavedAnswer(value, reason, after.note if after.note != before.note else seen.note, after.version)


def meant(statement: str, change: Change, then: SavedAnswer) -> SavedAnswer:
    """The answer as the author means it. Invalid where it does not apply and no reason says why.

    A reason belongs to not applicable alone: any other value clears it.
    """
    value = then.value if change.value is UNSET else change.value
    reason = then.reason if change.reason is UNSET else change.reason
    if value is not Value.NOT_APPLICABLE:
        if change.value is UNSET and change.reason is not UNSET and change.reason:
            raise AnswerUnfit(statement, "A reason is given only where the statement does not apply.")
        reason = ""
    elif not reason.strip():
        raise AnswerUnfit(statement, "Say why it does not apply: one sentence is enough.")
    return SavedAnswer(value, reason, then.note if change.note is UNSET else change.note)


def merge(statement: str, change: Change, now: SavedAnswer, then: SavedAnswer) -> SavedAnswer | Differing:
    """The answer after the change, or both answers where somebody changed the same part to something else.

    Whoever judges confirms, the same or another value; a new note alone confirms nothing.
    """
    mine = meant(statement, change, then)
    judges = change.value is not UNSET or change.reason is not UNSET
    # A note that reads as its author saw it is none of the author's making: a form sends it along.
    notes = change.note is not UNSET and mine.note != then.note
    if judges and now.verdict not in (mine.verdict, then.verdict):
        return Differing(statement, now, mine)
    if notes and now.note not in (mine.note, then.note):
        return Differing(statement, now, mine)
    value, reason = mine.verdict if judges else now.verdict
    before = confirmed(now) if judges else now
    return replace(before, value=value, reason=reason, note=mine.note if notes else now.note)
