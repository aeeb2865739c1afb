"""What a writer of an export works with: the transaction that it reads in, and how it says how far it is."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from app.domain.exports import Asked
from app.domain.people import Actor

SAID_EVERY = datetime.timedelta(seconds=1)
"""How often it is written down how far an export is."""
Clock = Callable[[], datetime.datetime]


@dataclass(frozen=True, slots=True)
class Seen:
    """The one transaction that an export reads in, and who asked for it, with the rights that they have in it."""

    connection: Connection
    actor: Actor


Reading = Callable[[], AbstractContextManager[Seen]]
"""Begins that transaction: all that is read in it agrees. A writer ends it before it works on without reading."""


class Stopped(Exception):
    """The export was cancelled or removed: its writer lets this pass."""


class Ending(Exception):
    """The process ends, and the export is begun anew by another one: its writer lets this pass too."""


@dataclass(slots=True)
class Progress:
    """How far a writer is. It says so after each portion of its work, for as long as that takes a second or less."""

    report: Callable[[int, int], bool]
    clock: Clock
    ending: Callable[[], bool] = lambda: False
    total: int = 0
    done: int = 0
    said: datetime.datetime | None = None

    def of(self, total: int) -> None:
        """There are so many steps in all. Raises Stopped like `step`."""
        self.total = total
        self._say()

    def step(self, steps: int = 1) -> None:
        """So many more are done. Raises Stopped where nobody wants the export any more, Ending where the process ends.

        Both pass through the writer.
        """
        if self.ending():
            raise Ending
        self.done = min(self.done + steps, self.total)
        if self.said is None or self.clock() - self.said >= SAID_EVERY:
            self._say()

    def _say(self) -> None:
        self.said = self.clock()
        if not self.report(self.done, self.total):
            raise Stopped


Writer = Callable[[Reading, Asked, Path, Progress], None]
"""Writes the whole file to the path. It raises a DomainError with a sentence for the person, or lets Stopped pass."""
