"""Reading cycles, and how far the teams in them have come."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet
from app.db.tables.cycles import Cycle
from app.db.tables.org import MlSystem, Team, Unit
from app.domain import cycles
from app.domain.cycles import Mode, Schedule, Stage
from app.domain.errors import Invalid, Missing
from app.domain.people import Actor, Place
from app.queries.pages import PAGE, Key, Page, beyond, holds, page, words
from app.queries.placed import placed
from app.queries.rights import teams_seen
from app.queries.stages import stage as stage_column

_cycle, _assessment, _sheet = table(Cycle).c, table(Assessment).c, table(Sheet).c
_team, _unit, _system = table(Team).c, table(Unit).c, table(MlSystem).c


@dataclass(frozen=True, slots=True)
class CycleLine:
    """`unit` and `unit_path` are those of the unit whose managers look after it, empty for the whole organisation."""

    id: int
    name: str
    rubric_version_id: int
    mode: Mode
    opens_on: datetime.date
    due_on: datetime.date
    closed_at: datetime.datetime | None
    reminders: Mapping[str, Sequence[int]]
    reopened_on: datetime.date | None
    carried_from: int | None
    reminded_on: datetime.date | None
    unit_id: int | None
    unit: str
    unit_path: str

    @property
    def rules(self) -> cycles.Cycle:
        """The cycle as its rules see it."""
        schedule = Schedule(tuple(self.reminders["before"]), tuple(self.reminders["after"]))
        return cycles.Cycle(self.id, self.opens_on, self.due_on, schedule, self.closed_at, self.reopened_on)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one assessment of a cycle has come. `system` is the ML system that it is of, empty for the team."""

    assessment_id: int
    place: Place
    team: str
    unit: str
    system: str
    stage: Stage
    answered_at: datetime.datetime | None


def _lines(organisation_id: int) -> Select[*tuple[object, ...]]:
    return (
        select(
            _cycle.id,
            _cycle.name,
            _cycle.rubric_version_id,
            _cycle.mode,
            _cycle.opens_on,
            _cycle.due_on,
            _cycle.closed_at,
            _cycle.reminders,
            _cycle.reopened_on,
            _cycle.carried_from,
            _cycle.reminded_on,
            _cycle.unit_id,
            func.coalesce(_unit.name, ""),
            func.coalesce(_unit.path, ""),
        )
        .outerjoin_from(
            table(Cycle),
            table(Unit),
            and_(_unit.organisation_id == _cycle.organisation_id, _unit.id == _cycle.unit_id),
        )
        .where(_cycle.organisation_id == organisation_id)
    )


def cycle_line(connection: Connection, organisation_id: int, cycle_id: int) -> CycleLine:
    """One cycle; Missing where it is not this organisation's."""
    row = connection.execute(_lines(organisation_id).where(_cycle.id == cycle_id)).first()
    if row is None:
        raise Missing("There is no such cycle.")
    return _line(row)


def cycle_lines(connection: Connection, actor: Actor, after: Key | None = None, limit: int = PAGE) -> Page[CycleLine]:
    """The cycles in which the actor sees a team, or that are theirs to manage: the last due first.

    The key of a line is its due day and its number; Invalid where `after` is none.
    """
    found = _lines(actor.organisation_id).where(or_(_team_seen(actor), _manages(actor)))
    if after is not None:
        found = found.where(
            tuple_(_cycle.due_on, _cycle.id) < tuple_(_day(after[0]), literal(after[1], _cycle.id.type))
        )
    rows = connection.execute(found.order_by(_cycle.due_on.desc(), _cycle.id.desc()).limit(limit + 1))
    return page([_line(row) for row in rows], limit, lambda line: (line.due_on.isoformat(), line.id))


def cycles_looked_after(connection: Connection, actor: Actor, limit: int) -> Sequence[CycleLine]:
    """The cycles that are the actor's to look after and are not closed, the first due first."""
    if not (actor.may_manage_cycles() or actor.manages):
        return []
    mine = _lines(actor.organisation_id).where(_manages(actor), _cycle.closed_at.is_(None))
    return [_line(row) for row in connection.execute(mine.order_by(_cycle.due_on, _cycle.id).limit(limit))]


def _day(text: str) -> ColumnElement[datetime.date]:
    try:
        return literal(datetime.date.fromisoformat(text), _cycle.due_on.type)
    except ValueError:
        raise Invalid("This list has no such page. Begin with the first one.") from None


def is_in(connection: Connection, actor: Actor, cycle_id: int) -> bool:
    """Whether the actor sees a team that the cycle asks."""
    seen = select(_cycle.id).where(
        _cycle.organisation_id == actor.organisation_id, _cycle.id == cycle_id, _team_seen(actor)
    )
    return connection.execute(seen).first() is not None


def _team_seen(actor: Actor) -> ColumnElement[bool]:
    return (
        select(_assessment.id)
        .select_from(placed())
        .where(
            _assessment.organisation_id == actor.organisation_id,
            _assessment.cycle_id == _cycle.id,
            teams_seen(actor),
        )
        .correlate(table(Cycle))
        .exists()
    )


def _manages(actor: Actor) -> ColumnElement[bool]:
    if actor.may_manage_cycles():
        return true()
    return or_(false(), *(_unit.path.startswith(path, autoescape=True) for path in actor.manages))


def counts(
    connection: Connection, organisation_id: int, cycle_ids: Collection[int]
) -> Mapping[int, Mapping[Stage, int]]:
    """How many assessments of teams have come how far, by cycle. One statement."""
    found = (
        select(_assessment.cycle_id, stage_column().label("stage"))
        .where(
            _assessment.organisation_id == organisation_id,
            _assessment.cycle_id.in_(list(cycle_ids)),
            _assessment.team_id.is_not(None),
        )
        .subquery()
    )
    counted = select(found.c.cycle_id, found.c.stage, func.count()).group_by(found.c.cycle_id, found.c.stage)
    known = {(cycle_id, Stage(name)): count for cycle_id, name, count in connection.execute(counted)}
    return {cycle_id: {each: known.get((cycle_id, each), 0) for each in Stage} for cycle_id in cycle_ids}


def standings(
    connection: Connection,
    actor: Actor,
    cycle_id: int,
    *,
    search: str = "",
    stage: Stage | None = None,
    unit_path: str = "",
    agreed: bool = True,
    after: Key | None = None,
    limit: int = PAGE,
) -> Page[Standing]:
    """The assessments of a cycle whose teams the actor sees, by the team's name.

    With `unit_path` those in this unit and below it; without `agreed` those that are waited for.
    """
    come = stage_column()
    answered = (
        select(func.max(_sheet.answered_at))
        .where(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id)
        .scalar_subquery()
    )
    statement = (
        select(
            _assessment.id,
            _team.id,
            _unit.path,
            _team.name,
            _unit.name,
            func.coalesce(_system.name, ""),
            come,
            answered,
        )
        .select_from(
            placed().outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
            )
        )
        .where(
            _assessment.organisation_id == actor.organisation_id, _assessment.cycle_id == cycle_id, teams_seen(actor)
        )
    )
    if found := words(search):
        statement = statement.where(holds(_team.name, found))
    if unit_path:
        statement = statement.where(_unit.path.startswith(unit_path, autoescape=True))
    if not agreed:
        statement = statement.where(come != Stage.AGREED.value, _team.archived_at.is_(None))
    if stage is not None:
        statement = statement.where(come == stage.value)
    if after is not None:
        statement = statement.where(beyond(_team.name, _assessment.id, after))
    rows = connection.execute(statement.order_by(_team.name, _assessment.id).limit(limit + 1))
    lines = [
        Standing(id, Place(team_id, path), team, unit, system, Stage(word), answered_at)
        for id, team_id, path, team, unit, system, word, answered_at in rows
    ]
    return page(lines, limit, lambda line: (line.team, line.assessment_id))


def _line(row: Sequence[object]) -> CycleLine:
    return CycleLine(*row)  # type: ignore[arg-type]
