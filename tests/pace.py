"""Bounds on time that hold on a slow machine as well: processor seconds, as a quick machine would have spent them.

The same machine may be four times slower from one minute to the next where others share it. So a known piece of work
is timed before and after what is bounded, and the slower of the two says how slow the machine is just then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

USUAL = 0.012
"""Processor seconds of `_known` where our bounds were set."""
ROUNDS = 60_000


class Spent:
    """What `spent` measured; nothing before its end."""

    seconds: float


@contextmanager
def spent() -> Iterator[Spent]:
    """`with spent() as time: …`, and then `time.seconds`: processor seconds of this process at the usual pace."""
    time, before = Spent(), _known()
    begun = process_time()
    yield time
    seconds = process_time() - begun
    time.seconds = seconds / max(1, before / USUAL, _known() / USUAL)


def _known() -> float:
    """Processor seconds that a fixed piece of work takes: texts, a table, numbers."""
    begun = process_time()
    table = {f"key {number}": (number, number % 7) for number in range(ROUNDS)}
    sum(len(key) + first * second for key, (first, second) in table.items())
    return process_time() - begun
