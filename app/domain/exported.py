"""What is taken away of a part of the organisation, as values that every format is written from.

The figures of the whole part are those of the dashboard (`domain.rollup`); what is listed are agreed results, each as
it was agreed, by the rubric version that it was agreed with.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.answers import Value
from app.domain.errors import Sentence, together
from app.domain.exports import Filters
from app.domain.investments import Investment, ranked
from app.domain.rollup import MOST_TOGETHER, Distribution, Headline, Movement, Overview, headline
from app.domain.rubric import Category, Kind, Rubric, Statement
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer

WHOLE_WORDS = Sentence("the whole organisation")
SO_FAR = Sentence("The cycle is not closed: this is what is agreed so far.")
SPECIAL = {Value.UNKNOWN: Sentence("don’t know"), Value.NOT_APPLICABLE: Sentence("not applicable")}
OPEN_WORDS = Sentence("not answered")
UNCONFIRMED = Sentence("not confirmed")


@dataclass(frozen=True)
class ExportedPart:
    """A cycle in a unit, or in the organisation (`unit` is empty), with its figures, which no filter changes.

    `rubric` is the cycle's, of this version. `before` is the cycle that is compared with, empty without one. `closed`:
    nobody will agree on anything any more. Not slotted: investments are ranked once, when they are first asked for.
    """

    organisation: str
    cycle: str
    opens_on: datetime.date
    due_on: datetime.date
    before: str
    unit: str
    rubric: Rubric
    version: int
    made_at: datetime.datetime
    overview: Overview
    moves: Movement | None
    filters: Filters
    closed: bool = True

    @property
    def so_far(self) -> str:
        """Words for a cycle in which some may still agree; empty once it is closed."""
        return "" if self.closed else SO_FAR

    @property
    def whole(self) -> str:
        """The unit's name, or words for the whole organisation."""
        return self.unit or WHOLE_WORDS

    @property
    def headline(self) -> Headline | None:
        return headline(self.rubric, self.overview, self.moves)

    @property
    def level_names(self) -> Mapping[int, str]:
        """The levels of a ladder, or the places of the bands, with their names."""
        if self.rubric.kind is Kind.LADDER:
            return {level.level: level.name for level in self.rubric.levels}
        return {place: band.name for place, band in enumerate(self.rubric.bands)}

    @cached_property
    def investments(self) -> tuple[Investment, ...]:
        """What would lift most teams: single statements, then pairs, then threes; those still in the rubric."""
        return tuple(
            each
            for size in range(1, MOST_TOGETHER + 1)
            for each in ranked(self.overview.needs, size)
            if all(key in self.rubric.statements for key in each.statements)
        )

    def distributions(self) -> Iterator[tuple[Category | None, Distribution]]:
        """Overall (None), and then of every category in the rubric's order."""
        yield None, self.overview.overall
        for category in self.rubric.categories:
            yield category, self.overview.categories.get(category.key, Distribution({}))

    def limits(self) -> list[tuple[Category, int]]:
        """The categories by the teams that they limit, most first; those still in the rubric."""
        known = self.rubric.category_by_key
        return [(known[key], teams) for key, teams in self.overview.ranked_limits() if key in known]

    def blocks(self) -> list[tuple[Statement, int]]:
        """The statements by the teams that they block, most first; those still in the rubric."""
        known = self.rubric.statements
        return [(known[key], teams) for key, teams in self.overview.ranked_blocks() if key in known]


@dataclass(frozen=True, slots=True)
class ExportedTeam:
    """An agreed result of a team, or of an ML system of it. `units` are the names of its units, from the top.

    `then` is the overall level in the cycle that is compared with, None for who has no result there. `unmet` are the
    statements that keep it from its next overall level. `answers` is empty where nobody asked for them.
    """

    team_id: int
    team: str
    system: str
    units: tuple[str, ...]
    overall: int
    levels: Mapping[str, int]
    limiting: Sequence[str]
    then: int | None
    agreed_at: datetime.datetime
    rubric: Rubric
    version: int
    unmet: tuple[str, ...]
    answers: Mapping[str, SavedAnswer]

    @property
    def unit_path(self) -> str:
        return " / ".join(self.units)

    @property
    def moved(self) -> int | None:
        """Levels up or down since the cycle that is compared with."""
        return None if self.then is None else self.overall - self.then

    def statements(self) -> Iterator[tuple[Category, Statement, SavedAnswer]]:
        """Every statement of its rubric version with its answer, an empty one where nobody gave any."""
        for category in self.rubric.categories:
            for statement in category.statements:
                yield category, statement, self.answers.get(statement.key, NEVER_ANSWERED)

    def blockers(self) -> Iterator[tuple[Category, Statement]]:
        for key in self.unmet:
            yield self.rubric.category_of[key], self.rubric.statements[key]


@dataclass(frozen=True, slots=True)
class Exported:
    """A part with a way to read its teams, anew each time, a portion at a time; with their answers where asked."""

    part: ExportedPart
    teams: Callable[[bool], Iterable[ExportedTeam]]


def in_words(rubric: Rubric, statement: Statement, answer: SavedAnswer) -> str:
    """An answer in the rubric's own words for it."""
    if answer.value is None:
        return OPEN_WORDS
    if answer.waits:
        return UNCONFIRMED
    if special := SPECIAL.get(answer.value):
        return special
    return rubric.words(statement)[answer.value.halves or 0].name


def headline_words(part: ExportedPart) -> Sentence:
    """What is said first, in sentences."""
    head = part.headline
    if head is None:
        return Sentence("Nothing is agreed here yet.")
    at_level = {"number": head.at_level, "level": head.level}
    if head.teams == 1:
        said = [Sentence("%(number)s of 1 team is at level %(level)s.", **at_level)]
    else:
        said = [Sentence("%(number)s of %(teams)s teams are at level %(level)s.", teams=head.teams, **at_level)]
    if head.limiting:
        category = part.rubric.category_by_key[head.limiting].name
        said.append(Sentence("%(category)s limits %(number)s of them.", category=category, number=head.limited))
    if part.moves:
        moved = {"rose": head.rose, "fell": head.fell}
        said.append(Sentence("Since %(cycle)s %(rose)s rose and %(fell)s fell.", cycle=part.before, **moved))
    return together(said)
