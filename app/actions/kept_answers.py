"""Idempotency keys: what was asked once with a key is done once, and sending it again gets the same answer.

The key is claimed in a transaction of its own before the work begins, so that a second request is told that the first
one is at work; the answer is kept in the transaction of the work, so that one is never there without the other.
"""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.db.base import table
from app.db.tables.signing_in import KeptAnswer
from app.domain.errors import Conflict, Invalid
from app.queries.tokens import KnownToken

KEPT = datetime.timedelta(hours=24)
LEASE = datetime.timedelta(minutes=1)
"""How long a claim stands whose process may have died at work; no request takes so long."""

_kept = table(KeptAnswer).c


def _claim(dialect: Any) -> ReturningInsert[Any]:
    statement: ReturningInsert[Any] = (
        dialect.insert(table(KeptAnswer)).on_conflict_do_nothing().returning(_kept.claimed_at)
    )
    return statement


CLAIM = {"sqlite": _claim(sqlite), "postgresql": _claim(postgresql)}


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is this request's until its answer is kept, or it is let go."""

    organisation_id: int
    token_id: int
    key_digest: bytes
    claimed_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered: a status, headers and a body that can be written as JSON."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class StillAtWork(Conflict):
    """The first request with this key has not been answered yet."""


def claim(session: Session, token: KnownToken, key: str, request: bytes, now: datetime.datetime) -> Claim | Answer:
    """The key for a request, told by a digest; or the answer that was kept for the same request.

    Invalid where the key was another request's; StillAtWork while that one has no answer.
    """
    claimed = Claim(token.organisation_id, token.id, hashlib.sha256(key.encode()).digest(), now)
    row = {
        "organisation_id": claimed.organisation_id,
        "token_id": claimed.token_id,
        "key_digest": claimed.key_digest,
        "request_digest": request,
        "claimed_at": now,
    }
    connection = session.connection()
    if connection.execute(CLAIM[connection.dialect.name], row).first() is not None:
        return claimed
    kept = connection.execute(select(table(KeptAnswer)).where(_same(claimed)).with_for_update()).one()
    if kept.claimed_at <= now - (LEASE if kept.status is None else KEPT):
        anew = {"request_digest": request, "claimed_at": now, "status": None, "headers": None, "body": None}
        connection.execute(update(table(KeptAnswer)).where(_same(claimed)).values(anew))
        return claimed
    if kept.request_digest != request:
        raise Invalid("This idempotency key was used for another request. Take a new one.")
    if kept.status is None:
        raise StillAtWork("The first request with this idempotency key is still at work. Ask again in a moment.")
    return Answer(kept.status, kept.headers, kept.body)


def keep(session: Session, claimed: Claim, answer: Answer) -> None:
    """Keep the answer, in the transaction of the work; Conflict where somebody else took the key meanwhile."""
    session.flush()
    kept = session.connection().execute(
        update(table(KeptAnswer))
        .where(_ours(claimed))
        .values(status=answer.status, headers=dict(answer.headers), body=dict(answer.body))
    )
    if not isinstance(kept, CursorResult) or kept.rowcount != 1:
        raise Conflict("This request took too long, and was sent again meanwhile. Nothing of it was saved.")


def let_go(session: Session, claimed: Claim) -> None:
    """Nothing was done: the key may be used again."""
    session.connection().execute(delete(table(KeptAnswer)).where(_ours(claimed)))


def purge_kept_answers(session: Session, now: datetime.datetime) -> None:
    """Forget answers after a day."""
    session.connection().execute(delete(table(KeptAnswer)).where(_kept.claimed_at <= now - KEPT))


def _same(claimed: Claim) -> ColumnElement[bool]:
    return and_(
        _kept.organisation_id == claimed.organisation_id,
        _kept.token_id == claimed.token_id,
        _kept.key_digest == claimed.key_digest,
    )


def _ours(claimed: Claim) -> ColumnElement[bool]:
    return _same(claimed) & (_kept.claimed_at == claimed.claimed_at) & _kept.status.is_(None)
