"""Reading what became of an organisation's mail. Texts are not read: they hold secret links."""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from app.db.base import table
from app.db.tables.mail import Delivery, DeliveryState
from app.queries.pages import PAGE, holds, words

_delivery = table(Delivery).c


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """`has_text`: it can be sent again."""

    id: int
    to_address: str
    subject: str
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime.datetime
    sent_at: datetime.datetime | None
    has_text: bool


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`before`: the number of the last line where older ones follow, else None."""

    lines: tuple[DeliveryLine, ...]
    before: int | None


def newest_deliveries(
    connection: Connection,
    organisation_id: int,
    search: str = "",
    state: str = "",
    before: int | None = None,
) -> DeliveryPage:
    """A page of deliveries, newest first. Invalid for a search that no text could hold."""
    columns = [_delivery[name] for name in DeliveryLine.__dataclass_fields__ if name != "has_text"]
    query = select(*columns, (_delivery.text != "").label("has_text")).where(
        _delivery.organisation_id == organisation_id
    )
    if sought := words(search):
        texts = (_delivery.to_address, _delivery.subject, _delivery.last_error)
        query = query.where(or_(*(holds(text, sought) for text in texts)))
    if state:
        query = query.where(_delivery.state == DeliveryState(state))
    if before is not None:
        query = query.where(_delivery.id < before)
    rows = connection.execute(query.order_by(_delivery.id.desc()).limit(PAGE + 1)).all()
    lines = tuple(DeliveryLine(**row._mapping) for row in rows[:PAGE])
    return DeliveryPage(lines, lines[-1].id if len(rows) > PAGE else None)
