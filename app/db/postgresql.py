"""What PostgreSQL needs beyond SQLAlchemy's defaults: short timeouts, and the truth about lost servers and commits."""

import time
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

GONE = {"25006", "57P01", "57P02", "57P03"}
"""SQLSTATEs of a server that was demoted (it only reads now), shut down, or is not up yet: another one may answer."""

RESTED = 1.0
"""Seconds that a connection may lie unused before the server is asked whether it is still there."""

TIMEOUTS = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"


class UnconfirmedCommit(psycopg.OperationalError):
    """The primary committed and its synchronous standby did not confirm: the work may be lost.

    Nobody is told that it is saved; retrying with the same mutation id is safe.
    """


class GuardedConnection(psycopg.Connection[Any]):
    """A cancelled COMMIT on a synchronous cluster returns normally, with only a notice. This one raises instead."""

    unconfirmed = False

    def commit(self) -> None:
        super().commit()
        if self.unconfirmed:
            self.close()
            raise UnconfirmedCommit("The commit was not confirmed by the synchronous standby.")

    def hear(self, notice: psycopg.errors.Diagnostic) -> None:
        if "synchronous replication" in (notice.message_primary or ""):
            self.unconfirmed = True


def settings(*, bouncer: bool) -> dict[str, Any]:
    """The parameters of a connection. Seconds for connecting, milliseconds for `tcp_user_timeout`."""
    network: dict[str, Any] = {
        "connect_timeout": 3,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 6000,
    }
    return network | ({"prepare_threshold": None} if bouncer else {"options": TIMEOUTS})


def connect(_dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> GuardedConnection:
    connection = GuardedConnection.connect(*arguments, **parameters)
    connection.add_notice_handler(connection.hear)
    return connection


def note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["resting since"] = time.monotonic()


def ask_after_rest(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Asks the server whether it is still there, unless it answered a second ago; a round trip of its own otherwise.

    Raises InvalidatePoolError, upon which SQLAlchemy forgets all connections and makes a new one.
    """
    since = record.info.get("resting since")
    if since is None or time.monotonic() - since < RESTED:
        return
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def begin(connection: Connection) -> None:
    # psycopg sends it with the BEGIN of the first statement, so it costs no round trip.
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.read_only = connection.get_execution_options().get("reads", False)


def recognise_disconnect(context: ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) in GONE:
        context.is_disconnect = True
