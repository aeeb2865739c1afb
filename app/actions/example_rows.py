"""What the parts of an example organisation share while it is written: where it goes, and what was counted so far."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table

from app.db.filling import put_numbered, put_rows
from app.db.tables.org import Unit
from app.domain import example
from app.domain.example import ExampleTeam
from app.domain.example_cycles import Round, Stages, left_after
from app.domain.example_played import Played
from app.domain.rollup import Counted
from app.domain.rubric import Rubric
from app.domain.tallies import TallyKey, tallies

Row = dict[str, Any]

MORNING = datetime.time(8, tzinfo=datetime.UTC)
A_MONTH = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Made:
    """A team that was written, with its unit."""

    played: Played
    id: int
    unit: Unit

    @property
    def team(self) -> ExampleTeam:
        return self.played.team

    @property
    def part(self) -> Stages:
        """How far it came in each cycle."""
        return self.played.part


@dataclass(frozen=True, slots=True)
class Filling:
    """What all rows of one example share.

    `counted` are the results that were written so far, by how many teams came to just the same.
    """

    connection: Connection
    organisation_id: int
    rubric_version_id: int
    rubric: Rubric
    seed: int
    now: datetime.datetime
    rounds: Sequence[Round]
    teams: int
    counted: dict[int, list[Counted]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether it has answers and people, and not results alone."""
        return self.teams <= example.MOST_ANSWERED

    def number(self, into: Table, rows: Iterable[Row]) -> Sequence[int]:
        """Write the rows of one table; their ids, in the order of the rows."""
        return put_numbered(self.connection, into, [{"organisation_id": self.organisation_id, **row} for row in rows])

    def put(self, into: Table, rows: Iterable[Row]) -> None:
        """Write the rows of one table that have no ids."""
        put_rows(self.connection, into, ({"organisation_id": self.organisation_id, **row} for row in rows))

    def alike(self, number: int) -> int:
        """How many teams come to just what the one of this number does, itself among them."""
        return 1 if self.whole else len(range(number, self.teams, example.ALIKE))

    def has_history(self, cycle: int) -> bool:
        """Whether it is kept how each answer of this cycle came about."""
        return self.teams <= example.MOST_WITH_HISTORY or self.rounds[cycle].closed_on is None

    def count(self, results: Mapping[int, Sequence[Counted]]) -> None:
        """Remember what some teams agreed in all cycles, by how many teams are like each of them."""
        for teams, of_one in results.items():
            self.counted.setdefault(teams, []).extend(of_one)

    def tallied(self) -> Mapping[TallyKey, int]:
        """All that it comes to, in the order of keys. Counted together, since most of it is the same key again."""
        every: Counter[TallyKey] = Counter()
        for teams, results in self.counted.items():
            every.update({key: count * teams for key, count in tallies(results).items()})
        return {key: every[key] for key in sorted(every)}

    def opened(self, cycle: int) -> datetime.datetime:
        return self._at(self.rounds[cycle].opens_on)

    def agreed(self, cycle: int, number: int) -> datetime.datetime:
        """Some day while it was open, in the second half of the time."""
        opens, due = self.rounds[cycle].opens_on, self.rounds[cycle].due_on
        days = (due - opens).days
        return self._at(opens + datetime.timedelta(days=days // 2 + number % (days // 2)))

    def closed(self, cycle: int) -> datetime.datetime | None:
        day = self.rounds[cycle].closed_on
        return None if day is None else self._at(day)

    def archived_at(self, part: Stages) -> datetime.datetime | None:
        """A month after the last cycle of a team that left, so that it still counts in that one."""
        last = left_after(part)
        closed = None if last is None else self.closed(last)
        return None if closed is None else closed + A_MONTH

    def _at(self, day: datetime.date) -> datetime.datetime:
        return datetime.datetime.combine(day, MORNING)


def team_row(filling: Filling, units: Mapping[tuple[str, ...], Unit], team: ExampleTeam, part: Stages) -> Row:
    return {"unit_id": units[team.units].id, "name": team.name, "archived_at": filling.archived_at(part)}
