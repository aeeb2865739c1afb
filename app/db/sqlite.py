"""What SQLite needs beyond SQLAlchemy's defaults: acknowledged work that lasts, and one writer at a time.

Each writing transaction begins with BEGIN IMMEDIATE, so that it never fails half way for a lock that it could not
upgrade, and waits for its turn at a lock of this process, which is fairer than SQLite's own retrying.
"""

import threading
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as WaitedTooLong

WAIT = 10
"""Seconds after which waiting for the turn to write is given up."""
REOPENED_AFTER = 3600
"""Seconds after which a connection is opened anew: only then does it know what another one learned."""
LOOKED_AT = 400
"""Entries of an index that are looked at, wherever it begins anew; SQLite advises between a hundred and a thousand."""


def prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL loses acknowledged answers when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def learn(connection: Connection) -> None:
    """Look how many rows of each index are alike, which SQLite does not do by itself.

    Before it has, it takes the number of an organisation, which all its rows share, for as good as a key, and may read
    all of them for a few. It takes well below a second however large the tables are.
    """
    connection.exec_driver_sql(f"PRAGMA analysis_limit = {LOOKED_AT}")
    connection.exec_driver_sql("ANALYZE")


class Turns:
    """The turn to write is taken with the first statement of a transaction, and given back with its connection.

    Not earlier: a request that waits for its turn before its handler runs would keep a thread from the one that has it.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def begin(self, connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        if not reads:
            self._take(connection.connection.record_info)
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA query_only = ON" if reads else "PRAGMA query_only = OFF")
        cursor.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
        cursor.close()

    def _take(self, held_by: dict[Any, Any] | None) -> None:
        # A connection may begin several transactions before it is given back.
        if held_by is None or held_by.get("turn"):
            return
        if not self.lock.acquire(timeout=WAIT):
            raise WaitedTooLong("Other transactions kept the database for too long.")
        held_by["turn"] = True

    def give_back(self, _connection: Any, record: Any) -> None:
        if record.record_info.pop("turn", False):
            self.lock.release()
