"""Answers carried forward from one cycle to the next, perhaps onto a newer version of the rubric.

A carried answer is what the team said last time. It counts as *carried* at once, and as *confirmed* when somebody has
said that it still holds: until then two results stand side by side, and the confirmed one is never above the carried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.results import Result
from app.domain.rubric import Rubric
from app.domain.rubric_change import difference
from app.domain.scoring import score
from app.domain.sheets import SavedAnswer, confirmed, values

WORDING = frozenset({"text", "help", "proof", "enough", "not_enough", "asked"})
"""The fields of a statement that say what is asked, and of whom; the others advise what to do about it."""
EARLIER = ("earlier",)
"""What changed between versions before the last one, as `look_again` names it."""


@dataclass(frozen=True, slots=True)
class CarriedAnswer:
    """An answer in a cycle. `since` is the cycle in which it was last given or confirmed; None is the present one.

    `look_again` names what changed about its statement since (`what_changed`); it is empty for a confirmed answer.
    """

    answer: SavedAnswer
    since: int | None = None
    look_again: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        return self.since is None

    @property
    def waits(self) -> bool:
        """Whether there is an answer that nobody has confirmed; a note alone needs no confirming."""
        return not self.confirmed and self.answer.value is not None


@dataclass(frozen=True, slots=True)
class TwoResults:
    """The same sheet read twice: every answer, and with those that nobody confirmed left open."""

    carried: Result
    confirmed: Result


def what_changed(old: Rubric, new: Rubric) -> dict[str, tuple[str, ...]]:
    """Of each statement in both versions that is another now: what makes it so.

    `category`, `kind`, `level`, `gate`: where it counts; the fields of WORDING: what it says; `answers`: the words that
    0, 1/2 and 1 have for it. Changes of advice, efforts and orders ask nobody to look again.
    """
    found: dict[str, list[str]] = {}
    changed = difference(old, new)
    for move in changed.moved:
        found.setdefault(move.statement, []).append(move.what)
    for text in changed.texts:
        what, _, rest = text.path.partition(".")
        statement, _, name = rest.partition(".")
        if what == "statements" and name in WORDING:
            found.setdefault(statement, []).append(name)
    for key in new.statements:
        if key in old.statements and old.words(old.statements[key]) != new.words(new.statements[key]):
            found.setdefault(key, []).append("answers")
    return {key: tuple(found[key]) for key in new.statements if key in found}


def same_question(old: Rubric, new: Rubric, statement: str) -> bool:
    """Whether answers to the statement mean the same in both versions, however its words and its gate were changed.

    A key is kept by what stays the same statement. Yet "in place" of a practice is not "overcome" of a gap: where the
    kind was changed, an answer to the one is none to the other.
    """
    before, after = old.statements.get(statement), new.statements.get(statement)
    return before is not None and after is not None and before.kind is after.kind


def carried_forward(
    new: Rubric, changed: Mapping[str, tuple[str, ...]], answers: Mapping[str, CarriedAnswer], cycle: int
) -> dict[str, CarriedAnswer]:
    """The answers of a sheet of that cycle as they begin the next one, none of them confirmed.

    `changed` is `what_changed` between the two rubric versions, the same for all teams. Answers go by the key of their
    statement: what the new version does not have is left behind, and where the kind changed only the note is kept
    (see `same_question`). What was not confirmed in that cycle either keeps its older one.
    """
    forward = {}
    for key in new.statements:
        if key not in answers:
            continue
        before, changes = answers[key], changed.get(key, ())
        answer = SavedAnswer(note=before.answer.note) if "kind" in changes else replace(before.answer, version=0)
        if answer != SavedAnswer():
            since = cycle if before.since is None else before.since
            again = (*before.look_again, *(each for each in changes if each not in before.look_again))
            forward[key] = CarriedAnswer(answer, since, again)
    return forward


def as_carried(saved: SavedAnswer) -> CarriedAnswer:
    """An answer as it was saved, whose marks say that something changed and not what."""
    return CarriedAnswer(confirmed(saved), saved.carried_from, EARLIER if saved.look_again else ())


def as_saved(carried: CarriedAnswer) -> SavedAnswer:
    """The answer as it is saved. A note alone needs no confirming, so it has no marks."""
    if not carried.waits:
        return carried.answer
    return replace(carried.answer, carried_from=carried.since, look_again=bool(carried.look_again))


def two_results(rubric: Rubric, answers: Mapping[str, CarriedAnswer]) -> TwoResults:
    """Both levels. What nobody confirmed counts as open in the second: as 0, and as possibly 1 in its upper bound."""
    kept = {key: each.answer for key, each in answers.items() if each.confirmed}
    return TwoResults(
        carried=score(rubric, values({key: each.answer for key, each in answers.items()})),
        confirmed=score(rubric, values(kept)),
    )
