"""Reading the tree of units."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, literal, select

from app.db.base import table
from app.db.tables.org import Team, Unit
from app.domain.errors import Missing
from app.domain.people import Actor
from app.queries.rights import units_seen

_unit, _team = table(Unit).c, table(Team).c


@dataclass(frozen=True, slots=True)
class UnitLine:
    """`depth` is 0 at the top of what is seen; `teams` are in the unit itself, `teams_below` those and all below it."""

    id: int
    parent_id: int | None
    name: str
    path: str
    archived_at: datetime.datetime | None
    teams: int = 0
    teams_below: int = 0
    depth: int = 0


def unit(connection: Connection, organisation_id: int, unit_id: int) -> UnitLine:
    """One unit, without counts; Missing where it is not this organisation's."""
    row = connection.execute(
        select(_unit.id, _unit.parent_id, _unit.name, _unit.path, _unit.archived_at).where(
            _unit.organisation_id == organisation_id, _unit.id == unit_id
        )
    ).first()
    if row is None:
        raise Missing("There is no such unit.")
    return UnitLine(*row)


def unit_lines(
    connection: Connection, actor: Actor, *, archived: bool = False, counted: bool = True
) -> tuple[UnitLine, ...]:
    """The units that the actor sees, as a tree: each right before those below it, and by name beside each other.

    Not `counted`, they are read without looking at their teams, of which there may be very many.
    """
    teams = (
        select(_team.unit_id, func.count().label("teams"))
        .where(_team.organisation_id == actor.organisation_id, _team.archived_at.is_(None))
        .group_by(_team.unit_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            _unit.id,
            _unit.parent_id,
            _unit.name,
            _unit.path,
            _unit.archived_at,
            func.coalesce(teams.c.teams, 0) if counted else literal(0),
        )
        .select_from(table(Unit).outerjoin(teams, teams.c.unit_id == _unit.id) if counted else table(Unit))
        .where(
            _unit.organisation_id == actor.organisation_id,
            units_seen(actor),
            _unit.archived_at.is_(None) | archived,
        )
        .order_by(_unit.name, _unit.id)
    )
    return tuple(_tree([UnitLine(*row) for row in rows]))


def _tree(lines: list[UnitLine]) -> Iterator[UnitLine]:
    seen = {line.id for line in lines}
    below: dict[int | None, list[UnitLine]] = {}
    for line in lines:
        below.setdefault(line.parent_id if line.parent_id in seen else None, []).append(line)
    totals = _totals(lines)
    waiting = [(line, 0) for line in reversed(below.get(None, ()))]
    while waiting:
        line, depth = waiting.pop()
        yield replace(line, depth=depth, teams_below=totals[line.id])
        waiting.extend((child, depth + 1) for child in reversed(below.get(line.id, ())))


def _totals(lines: Iterable[UnitLine]) -> dict[int, int]:
    totals: dict[int, int] = {}
    for line in lines:
        for above in line.path.strip("/").split("/"):
            totals[int(above)] = totals.get(int(above), 0) + line.teams
    return totals
