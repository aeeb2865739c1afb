"""What the parts of an example organisation share while it is written: where it goes, and what was counted so far."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.db.tables.org import Unit
from app.domain.example import ALIKE, ExampleTeam
from app.domain.example_cycles import Round, Stages, left_after
from app.domain.rollup import Counted
from app.domain.rubric import Rubric
from app.domain.tallies import TallyKey, order, tallies

Row = dict[str, Any]

MORNING = datetime.time(8, tzinfo=datetime.UTC)
A_MONTH = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Made:
    """A team that was written, with its unit and how far it came in each cycle."""

    team: ExampleTeam
    id: int
    unit: Unit
    part: Stages


@dataclass(frozen=True, slots=True)
class Filling:
    """What all rows of one example share. `whole`: with answers and people, not results alone.

    `counted` are the results that were written so far, by how many teams came to just the same.
    """

    connection: Connection
    organisation_id: int
    rubric_version_id: int
    rubric: Rubric
    seed: int
    now: datetime.datetime
    rounds: Sequence[Round]
    whole: bool
    teams: int
    counted: dict[int, list[Counted]] = field(default_factory=dict)

    def keep(self, statement: Any, rows: Iterable[Row]) -> dict[Any, int]:
        """Write the rows of one table; what it returns, as a mapping, where that is two columns."""
        ours = [{"organisation_id": self.organisation_id} | row for row in rows]
        written = self.connection.execute(statement, ours).all() if ours else []
        return {row[0]: row[-1] for row in written}

    def alike(self, number: int) -> int:
        """How many teams come to just what the one of this number does, itself among them."""
        return 1 if self.whole else len(range(number, self.teams, ALIKE))

    def count(self, results: Mapping[int, Sequence[Counted]]) -> None:
        """Remember what some teams agreed in all cycles, by how many teams are like each of them."""
        for teams, of_one in results.items():
            self.counted.setdefault(teams, []).extend(of_one)

    def tallied(self) -> Mapping[TallyKey, int]:
        """All that it comes to, in the order of keys. Counted together, since most of it is the same key again."""
        every: Counter[TallyKey] = Counter()
        for teams, results in self.counted.items():
            every.update({key: count * teams for key, count in tallies(results).items()})
        return {key: every[key] for key in sorted(every, key=order)}

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
