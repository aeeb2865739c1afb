"""Failures to sign in, counted for each address, known or not, exactly over any number of processes."""

import datetime
import hashlib
import math
from typing import Any

from sqlalchemy import bindparam, case, delete, null, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.actions.allowances import UsedUp
from app.db.base import UtcTime, table
from app.db.tables.org import Server
from app.db.tables.signing_in import LockOut

FAILURES = 10
LASTS = datetime.timedelta(minutes=15)
"""So long an address is locked, and so long after the first one failures are counted together."""


def _fail(dialect: Any) -> ReturningInsert[Any]:
    """Counts one more, or begins anew where the time is over, in one statement that nothing can come between."""
    row, over = table(LockOut).c, bindparam("over", type_=UtcTime())
    first = dialect.insert(table(LockOut)).values(
        email_digest=bindparam("email_digest"), failures=1, first_failed_at=bindparam("now"), locked_until=null()
    )
    locked = row.locked_until > first.excluded.first_failed_at
    anew = or_(row.locked_until.is_not(None), row.first_failed_at <= over)
    statement: ReturningInsert[Any] = first.on_conflict_do_update(
        index_elements=["email_digest"],
        set_={
            "failures": case((locked, row.failures), (anew, 1), else_=row.failures + 1),
            "first_failed_at": case(
                (locked, row.first_failed_at), (anew, first.excluded.first_failed_at), else_=row.first_failed_at
            ),
            "locked_until": case(
                (locked, row.locked_until),
                (anew, null()),
                (row.failures + 1 >= FAILURES, bindparam("until", type_=UtcTime())),
                else_=row.locked_until,
            ),
        },
    ).returning(row.failures)
    return statement


FAIL = {"sqlite": _fail(sqlite), "postgresql": _fail(postgresql)}


def fail(session: Session, email: str, now: datetime.datetime) -> None:
    """Count a failure under this address. It has to be committed, so whoever counts it raises nothing."""
    connection = session.connection()
    parameters = {"email_digest": _digest(session, email), "now": now, "over": now - LASTS, "until": now + LASTS}
    connection.execute(FAIL[connection.dialect.name], parameters).close()


def check(session: Session, email: str, now: datetime.datetime) -> None:
    """UsedUp, with the time when it is over, where the address is locked."""
    locked = select(LockOut.locked_until).where(LockOut.email_digest == _digest(session, email))
    # Waits for a failure that is just being counted.
    until = session.scalar(locked.with_for_update())
    if until is not None and until > now:
        minutes = math.ceil((until - now) / datetime.timedelta(minutes=1))
        raise UsedUp(
            "Too many attempts to sign in under this address. Try again in %(minutes)s min.", until, minutes=minutes
        )


def clear(session: Session, email: str) -> None:
    """Forget the failures: its holder came in."""
    session.execute(delete(LockOut).where(LockOut.email_digest == _digest(session, email)))


def purge_lock_outs(session: Session, now: datetime.datetime) -> None:
    """Forget what no longer counts."""
    over = LockOut.first_failed_at <= now - LASTS
    session.execute(delete(LockOut).where(over, or_(LockOut.locked_until.is_(None), LockOut.locked_until <= now)))


def _digest(session: Session, email: str) -> bytes:
    salt = session.execute(select(Server.salt)).scalar_one()
    return hashlib.sha256(salt + b"sign in\n" + email.encode("utf-8", "surrogatepass")).digest()
