"""What the page for the board asks besides the figures of the dashboard: how old the results are, how many are missing.

Both look at every assessment of one cycle, and answer a line for each day, or one.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, and_, cast, func, literal, select

from app.db.base import table
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Unit
from app.db.tables.rollup import CountedResult
from app.queries.stages import asked

_counted, _agreed, _unit = table(CountedResult).c, table(AgreedResult).c, table(Unit).c


def agreed_on(
    connection: Connection, organisation_id: int, cycle_id: int, unit_path: str = ""
) -> Mapping[datetime.date, int]:
    """How many of the counted results were agreed on which day, in UTC. One statement."""
    day = _day(connection.dialect.name).label("day")
    of_result = and_(_agreed.organisation_id == _counted.organisation_id, _agreed.id == _counted.result_id)
    found = (
        select(day, func.count())
        .join_from(table(CountedResult), table(AgreedResult), of_result)
        .where(_counted.organisation_id == organisation_id, _counted.cycle_id == cycle_id)
        .group_by(day)
    )
    if unit_path:
        in_unit = and_(_unit.organisation_id == _counted.organisation_id, _unit.id == _counted.unit_id)
        found = found.join(table(Unit), in_unit).where(_unit.path.startswith(unit_path, autoescape=True))
    return dict(connection.execute(found).all())


def asked_in(
    connection: Connection,
    organisation_id: int,
    cycle_id: int,
    closed_at: datetime.datetime | None,
    unit_path: str = "",
) -> int:
    """How many assessments of the cycle have part in it. One statement."""
    every = asked(organisation_id, cycle_id, closed_at, unit_path, literal(1).label("one"))
    return connection.execute(select(func.count()).select_from(every)).scalar_one()


def _day(dialect: str) -> ColumnElement[Any]:
    """The day of the agreement; SQLite keeps moments without a zone, in UTC."""
    if dialect == "sqlite":
        return func.date(_agreed.agreed_at, type_=Date)
    return cast(func.timezone("UTC", _agreed.agreed_at), Date)
