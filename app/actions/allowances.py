"""How often something may be done within an hour, from one address or by one person, exact over all processes."""

import datetime
import hashlib
import ipaddress
import math
from typing import Any

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.db.base import UtcTime, table
from app.db.tables.org import Allowance, Server
from app.domain.errors import Sentence, TooMany

HOUR = datetime.timedelta(hours=1)


class UsedUp(TooMany):
    """The allowance is used up until `until`."""

    def __init__(self, text: str, until: datetime.datetime, /, **values: object) -> None:
        super().__init__(text, **values)
        self.until = until


def _spend(dialect: Any) -> ReturningInsert[Any]:
    """Counts one more in the running hour, or begins a new hour, in one statement that nothing can come between."""
    row, over = table(Allowance).c, bindparam("over", type_=UtcTime())
    first = dialect.insert(table(Allowance)).values(
        key_digest=bindparam("key_digest"), window_start=bindparam("now"), used=1
    )
    statement: ReturningInsert[Any] = first.on_conflict_do_update(
        index_elements=["key_digest"],
        set_={
            "used": case((row.window_start <= over, 1), else_=row.used + 1),
            "window_start": case((row.window_start <= over, first.excluded.window_start), else_=row.window_start),
        },
    ).returning(row.used, row.window_start)
    return statement


SPEND = {"sqlite": _spend(sqlite), "postgresql": _spend(postgresql)}


def spend(session: Session, purpose: str, address: str, limit: int, now: datetime.datetime) -> None:
    """Count one use from this address; UsedUp beyond `limit` in the hour that began with the first one.

    The address is not kept, only a digest with this database's salt.
    """
    _count(
        session,
        purpose,
        network(address),
        limit,
        now,
        Sentence("No more than %(limit)s in an hour from one address.", limit=limit),
    )


def spend_own(session: Session, purpose: str, person_id: int, limit: int, now: datetime.datetime) -> None:
    """Count one use by this person, wherever they are. Else as `spend`."""
    _count(
        session,
        purpose,
        f"person {person_id}",
        limit,
        now,
        Sentence("No more than %(limit)s in an hour by one person.", limit=limit),
    )


def _count(session: Session, purpose: str, by: str, limit: int, now: datetime.datetime, beyond: str) -> None:
    connection = session.connection()
    salt = connection.execute(select(Server.salt)).scalar_one()
    key = hashlib.sha256(salt + f"{purpose}\n{by}".encode()).digest()
    row = connection.execute(SPEND[connection.dialect.name], {"key_digest": key, "now": now, "over": now - HOUR}).one()
    if row.used > limit:
        until = row.window_start + HOUR
        minutes = math.ceil((until - now) / datetime.timedelta(minutes=1))
        raise UsedUp("%(beyond)s Try again in %(minutes)s min.", until, beyond=beyond, minutes=minutes)


def network(address: str) -> str:
    """Whom an address stands for: a household or office has a whole /64 of IPv6 addresses to choose from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ascii(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed.packed, 64), strict=False))
    return str(parsed)


def purge_allowances(session: Session, now: datetime.datetime) -> None:
    """Forget whose hour is over."""
    session.execute(delete(Allowance).where(Allowance.window_start <= now - HOUR))
