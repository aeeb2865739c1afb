"""Statements that are asked of the organisation: answered once above the teams, and taken over by them.

A path says where: "/" is the whole organisation, "/3/17/" the unit 17 below unit 3; a team has the path of its unit.
"""

import datetime
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.answers import NOTE_LIMIT, Value
from app.domain.errors import Invalid
from app.domain.rubric import Kind, Rubric, Unit
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer
from app.domain.text import plain

ORGANISATION = "/"
"""The path of answers for the whole organisation."""


@dataclass(frozen=True, slots=True)
class GivenAbove:
    """The answer of a manager or an admin to one statement, for the organisation or for a unit and all below it.

    `unit` is the unit's name, empty for the organisation; `by` is who answered, empty where that is not known.
    """

    path: str
    answer: SavedAnswer
    unit: str = ""
    by: str = ""
    at: datetime.datetime | None = None

    @property
    def unit_id(self) -> int | None:
        """The last number of a path is its unit's; the organisation's path has none."""
        numbers = self.path.strip("/")
        return int(numbers.split("/")[-1]) if numbers else None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What counts for a team. `given` says whose answer it is; None where nobody above has answered, and it is its own.

    Until somebody above answers, the team's own answer stands: an open statement would hold its level down for ever,
    and whoever answers above sees what the teams believe.
    """

    answer: SavedAnswer
    given: GivenAbove | None


@dataclass(frozen=True, slots=True)
class Objection:
    """A team's note that an answer given above is not so for it. It changes no level: who answers above reads it."""

    statement: str
    against: GivenAbove
    note: str


@dataclass(frozen=True, slots=True)
class Counted:
    """One assessment, as far as one statement goes: what it is scored with, and the team's own answer to fall back on.

    `agreed`: its result is frozen.
    """

    assessment: int
    path: str
    value: Value | None
    own: SavedAnswer
    agreed: bool


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a change above: some assessments are scored anew, agreed ones are marked as differing."""

    rescored: tuple[int, ...]
    differing: tuple[int, ...]


def asked_of_organisation(rubric: Rubric) -> tuple[str, ...]:
    """The keys of its statements that are asked once, in its order."""
    return tuple(key for key, statement in rubric.statements.items() if statement.asked == "organisation")


def nearest(given: Iterable[GivenAbove], path: str) -> GivenAbove | None:
    """The answer that a team at that path takes over: of its own unit, else of the next one above that has answered.

    One without a value, a note alone, answers nothing, and what stands further above counts.
    """
    above = [each for each in given if path.startswith(each.path) and each.answer.value is not None]
    return max(above, key=lambda each: len(each.path), default=None)


def taken_over(own: SavedAnswer, given: Iterable[GivenAbove], path: str) -> TakenOver:
    """What counts for the team, and whose it is."""
    found = nearest(given, path)
    return TakenOver(found.answer if found else own, found)


def taken_by(rubric: Rubric, given: Mapping[str, Iterable[GivenAbove]], path: str) -> dict[str, GivenAbove]:
    """What a team at that path takes over, by statement. What is given to a statement asked of teams counts nothing."""
    found = {key: nearest(given[key], path) for key in asked_of_organisation(rubric) if key in given}
    return {key: above for key, above in found.items() if above}


def with_taken(own: Mapping[str, SavedAnswer], taken: Mapping[str, GivenAbove]) -> dict[str, SavedAnswer]:
    """A team's answers as they are scored: its own, and those taken over in their place."""
    return {**own, **{key: above.answer for key, above in taken.items()}}


def mark(taken: Mapping[str, GivenAbove]) -> str:
    """A short word for what a team takes over, another one once another value or reason counts, or is confirmed."""
    said = sorted((key, each.answer.value or "", each.answer.reason, each.answer.waits) for key, each in taken.items())
    return f"{zlib.crc32(repr(said).encode()):08x}"


def with_taken_over(
    rubric: Rubric, own: Mapping[str, SavedAnswer], given: Mapping[str, Iterable[GivenAbove]], path: str
) -> dict[str, SavedAnswer]:
    """The same, from all that is given above, by statement."""
    return with_taken(own, taken_by(rubric, given, path))


def asked_once_only(rubric: Rubric) -> Rubric:
    """The rubric as it is answered above: the statements that are asked once, and the categories that have some.

    It has no levels, since these statements alone make none.
    """
    left = (
        replace(category, statements=tuple(each for each in category.statements if each.asked == "organisation"))
        for category in rubric.categories
    )
    categories = tuple(category for category in left if category.statements)
    return replace(rubric, kind=Kind.POINTS, unit=Unit.PERCENT, levels=(), bands=(), categories=categories)


def consequence(given: Iterable[GivenAbove], counted: Iterable[Counted]) -> Consequence:
    """Which assessments hold another value than counts now, the answers above being as given.

    It goes by what stands, not by what was done: an answer that is changed back takes the mark away again. Only the
    value that scoring takes matters, since a reason or a note moves no level, and what nobody has confirmed is open.
    """
    stands = tuple(given)
    other = [each for each in counted if taken_over(each.own, stands, each.path).answer.counts is not each.value]
    return Consequence(
        rescored=tuple(each.assessment for each in other if not each.agreed),
        differing=tuple(each.assessment for each in other if each.agreed),
    )


def differing(
    rubric: Rubric,
    own: Mapping[str, SavedAnswer],
    taken: Mapping[str, GivenAbove],
    given: Mapping[str, Iterable[GivenAbove]],
    path: str,
) -> tuple[str, ...]:
    """The statements of an agreed result whose value would be another one now: `own` and `taken` are as agreed."""
    agreed = with_taken(own, taken)

    def as_counted(key: str) -> Counted:
        return Counted(0, path, agreed.get(key, NEVER_ANSWERED).counts, own.get(key, NEVER_ANSWERED), agreed=True)

    return tuple(
        key for key in asked_of_organisation(rubric) if consequence(given.get(key, ()), [as_counted(key)]).differing
    )


def objection(rubric: Rubric, statement: str, taken: TakenOver, note: str) -> Objection:
    """A team's objection. Invalid without a note, and where there is no answer from above to object to."""
    if statement not in asked_of_organisation(rubric) or taken.given is None:
        raise Invalid("Only an answer that was given for the organisation or a unit can be objected to.")
    said = plain(note, NOTE_LIMIT).strip()
    if not said:
        raise Invalid("Say what is different for your team: one sentence is enough.")
    return Objection(statement, taken.given, said)


def stands(objection: Objection, taken: TakenOver) -> bool:
    """Whether it is still about what the team takes over: not once another answer came, from there or from nearer."""
    given, against = taken.given, objection.against
    return given is not None and (given.path, given.answer.verdict) == (against.path, against.answer.verdict)
