"""Doing things at the same time, each in a transaction of its own, as requests do."""

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.engine import writing
from app.domain.errors import DomainError

Deed = Callable[[Session], object]


def together(engine: Engine, deeds: Sequence[Deed]) -> list[object]:
    """What each returned, or the product's error that it raised, in the order of the deeds."""
    start = threading.Barrier(len(deeds))
    outcomes: list[object] = [None] * len(deeds)

    def attempt(number: int, deed: Deed) -> None:
        start.wait()
        try:
            with writing(engine) as session:
                outcomes[number] = deed(session)
        except DomainError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=attempt, args=(number, deed)) for number, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
