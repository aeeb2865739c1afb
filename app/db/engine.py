"""The one place that opens databases, and the two ways to use one: `reading` and `writing`."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.db import postgresql, sqlite

POOL_SIZE = 9
"""Connections of one process. The admission door of the web lets in fewer requests, so nobody waits here."""
WAIT = 10
"""Seconds after which waiting for a connection is given up."""


JSON = {
    "json_serializer": lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode(),
    "json_deserializer": orjson.loads,
}
"""How documents are written; an agreed result costs a tenth of its transaction less than with Python's own."""


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
    # It ends with a commit too: after a rollback psycopg forgets every statement that it prepared.
    with Session(engine) as session, session.begin():
        session.connection(execution_options={"reads": True})
        yield session


@contextmanager
def reading_at_once(engine: Engine) -> Iterator[Session]:
    """The same, and all its statements see the database as it was at the first, so that long readings agree."""
    # SQLite's transactions always do.
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with Session(engine) as session, session.begin():
        session.connection(execution_options={"reads": True, **options})
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that writes, in one transaction: committed at the end, rolled back when an error leaves it.

    Nothing is sent, and no turn is taken, before its first statement.
    """
    with Session(engine) as session, session.begin():
        yield session


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        **JSON,
        # An error's text goes into the log; answers, notes and digests of secrets do not.
        hide_parameters=True,
        pool_timeout=WAIT,
        pool_recycle=sqlite.REOPENED_AFTER,
        # isolation_level None: Python's driver begins nothing by itself, `Turns.begin` does.
        connect_args={"isolation_level": None, "timeout": sqlite.WAIT, "check_same_thread": False},
    )
    turns = sqlite.Turns()
    event.listen(engine, "connect", sqlite.prepare)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "checkin", turns.give_back)
    return engine


def _postgresql(url: URL, *, bouncer: bool) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=0,
        **JSON,
        # An error's text goes into the log; answers, notes and digests of secrets do not.
        hide_parameters=True,
        pool_timeout=WAIT,
        pool_recycle=600,
        isolation_level="READ COMMITTED",
        connect_args=postgresql.settings(bouncer=bouncer),
    )
    event.listen(engine, "do_connect", postgresql.connect)
    event.listen(engine, "checkin", postgresql.note_rest)
    event.listen(engine, "checkout", postgresql.ask_after_rest)
    event.listen(engine, "begin", postgresql.begin)
    event.listen(engine, "handle_error", postgresql.recognise_disconnect)
    return engine
