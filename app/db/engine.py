"""The one place that opens databases, and the two ways to use one: `reading` and `writing`.

SQLite takes one writer at a time. Each writing transaction begins with BEGIN IMMEDIATE, so that it never fails half way
for a lock it could not upgrade, and waits for its turn at a lock of this process, which is fairer than SQLite's own
retrying. PostgreSQL needs neither.
"""

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.db import postgresql

POOL_SIZE = 8
"""Connections of one process. The admission door of the web lets in as many requests, so nobody waits here."""
WAIT = 10
"""Seconds after which waiting for a connection or for the turn to write is given up."""

_turns: MutableMapping[Engine, threading.Lock] = WeakKeyDictionary()


def make_engine(url: str | URL, *, bouncer: bool = False) -> Engine:
    """An engine for `sqlite:///FILE`, `postgresql://...` or `postgresql+psycopg://...`.

    `bouncer`: PgBouncer in transaction mode stands before the server. It keeps neither prepared statements nor settings
    of a connection, so the timeouts have to be set for the role there.
    """
    address = make_url(url)
    return _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address, bouncer=bouncer)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads, in one transaction; writing in it is an error on both databases."""
    with Session(engine) as session:
        session.connection(execution_options={"reads": True})
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that writes, in one transaction: committed at the end, rolled back when an error leaves it."""
    with _turn(engine), Session(engine) as session, session.begin():
        yield session


def _turn(engine: Engine) -> AbstractContextManager[Any]:
    lock = _turns.get(engine)
    return nullcontext() if lock is None else _waiting(lock)


@contextmanager
def _waiting(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=WAIT):
        raise WaitedTooLong("Other transactions kept the database for too long.")
    try:
        yield
    finally:
        lock.release()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        # An error's text goes into the log; answers, notes and digests of secrets do not.
        hide_parameters=True,
        pool_timeout=WAIT,
        # isolation_level None: Python's driver begins nothing by itself, `_begin` below does.
        connect_args={"isolation_level": None, "timeout": WAIT, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    _turns[engine] = threading.Lock()
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL loses acknowledged answers when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA query_only = ON" if reads else "PRAGMA query_only = OFF")
    cursor.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
    cursor.close()


def _postgresql(url: URL, *, bouncer: bool) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=0,
        # An error's text goes into the log; answers, notes and digests of secrets do not.
        hide_parameters=True,
        pool_timeout=WAIT,
        pool_pre_ping=True,
        pool_recycle=600,
        isolation_level="READ COMMITTED",
        connect_args=postgresql.settings(bouncer=bouncer),
    )
    event.listen(engine, "do_connect", postgresql.connect)
    event.listen(engine, "begin", postgresql.begin)
    event.listen(engine, "handle_error", postgresql.recognise_disconnect)
    return engine
