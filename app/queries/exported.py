"""Reading what is taken away: a part's figures, and its agreed results, a portion at a time.

However many teams there are, no more than a portion of them is held at once. Each portion is two statements: a page of
the heat map by its index, and what was agreed of these teams by its key.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, select

from app.db.base import table
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Unit
from app.db.tables.rollup import CountedResult
from app.domain.errors import Missing
from app.domain.exported import ExportedPart, ExportedTeam
from app.domain.exports import Asked
from app.domain.frozen_answers import from_document
from app.domain.people import Actor
from app.domain.rollup import WHOLE, levels
from app.queries import dashboard, rubrics
from app.queries.dashboard import CycleChoice, seen_part
from app.queries.heat_map import HeatMap, HeatRow, Move, heat_map
from app.queries.organisations import organisation
from app.queries.units import UnitLine

AT_ONCE = 50
"""Teams of a portion. Writing what was read of them takes a second; PostgreSQL ends what rests for half a minute."""

_agreed, _counted, _unit = table(AgreedResult).c, table(CountedResult).c, table(Unit).c


@dataclass(frozen=True, slots=True)
class Part:
    """What was asked, found: whoever asks sees it. `before` is the cycle that is compared with."""

    cycle: CycleChoice
    before: CycleChoice | None
    unit: UnitLine | None


def found_part(connection: Connection, actor: Actor, asked: Asked) -> Part:
    """Missing where there is no such cycle, or where the unit is none that the actor sees."""
    cycles = {each.id: each for each in dashboard.cycle_choices(connection, actor.organisation_id)}
    cycle = cycles.get(asked.cycle_id or 0)
    if cycle is None:
        raise Missing("There is no such cycle.")
    before = cycles.get(asked.filters.since or 0)
    if before is not None and before.rubric != cycle.rubric:
        before = None
    return Part(cycle, before, seen_part(connection, actor, asked.unit_id))


def exported_part(
    connection: Connection, actor: Actor, asked: Asked, part: Part, now: datetime.datetime
) -> ExportedPart:
    """The figures, as the dashboard shows them, and what they are of."""
    organisation_id, cycle, unit_id = actor.organisation_id, part.cycle, part.unit.id if part.unit else WHOLE
    version = rubrics.published(connection, organisation_id, cycle.rubric_version_id, asked.wishes)
    moves = None
    if part.before:
        moves = dashboard.movement(connection, organisation_id, part.before.id, cycle.id, unit_id)
    return ExportedPart(
        organisation(connection, organisation_id).name,
        cycle.name,
        cycle.opens_on,
        cycle.due_on,
        part.before.name if part.before else "",
        part.unit.name if part.unit else "",
        version.rubric,
        version.number,
        now,
        dashboard.overview(connection, organisation_id, cycle.id, unit_id),
        moves,
        asked.filters,
        cycle.closed_at is not None,
    )


def exported_teams(
    connection: Connection, organisation_id: int, asked: Asked, part: Part, *, answers: bool
) -> Iterator[ExportedTeam]:
    """The agreed results that fit the filters, by the names of the teams."""
    filters = asked.filters
    wanted = HeatMap(
        part.cycle.id,
        part.unit.path if part.unit else "",
        search=filters.search,
        limiting=filters.limiting,
        level=filters.level,
        move=Move(filters.moved) if filters.moved and part.before else None,
        since=part.before.id if part.before else None,
        limit=AT_ONCE,
    )
    units = _unit_paths(connection, organisation_id)
    while True:
        page = heat_map(connection, organisation_id, wanted)
        yield from _exported(connection, organisation_id, page.rows, units, asked.wishes, answers=answers)
        if page.after is None:
            return
        wanted = replace(wanted, after=page.after)


def _exported(
    connection: Connection,
    organisation_id: int,
    rows: Sequence[HeatRow],
    units: Mapping[int, tuple[str, ...]],
    wishes: Sequence[str],
    *,
    answers: bool,
) -> Iterator[ExportedTeam]:
    columns: list[Any] = [_counted.assessment_id, _agreed.agreed_at, _agreed.rubric_version_id, _agreed.result]
    found = connection.execute(
        select(*columns, *([_agreed.answers] if answers else []))
        .join_from(
            table(CountedResult),
            table(AgreedResult),
            and_(_agreed.organisation_id == _counted.organisation_id, _agreed.id == _counted.result_id),
        )
        .where(
            _counted.organisation_id == organisation_id,
            _counted.assessment_id.in_([row.assessment_id for row in rows]),
        )
    )
    agreed = {row.assessment_id: row for row in found}
    for row in rows:
        one = agreed.pop(row.assessment_id)
        version = rubrics.published(connection, organisation_id, one.rubric_version_id, wishes)
        of = levels(version.rubric, one.result)
        yield ExportedTeam(
            row.team_id,
            row.name,
            row.system,
            units[row.unit_id],
            row.overall,
            row.levels,
            row.limiting,
            row.then,
            one.agreed_at,
            version.rubric,
            version.number,
            of.unmet if of else (),
            from_document(one.answers).answers if answers else {},
        )


def _unit_paths(connection: Connection, organisation_id: int) -> Mapping[int, tuple[str, ...]]:
    """The names of each unit and of those above it, from the top. Archived ones too: what was is not rewritten."""
    rows = connection.execute(select(_unit.id, _unit.name, _unit.path).where(_unit.organisation_id == organisation_id))
    units = {id: (name, path) for id, name, path in rows}
    return {id: tuple(units[int(each)][0] for each in path.strip("/").split("/")) for id, (_, path) in units.items()}
