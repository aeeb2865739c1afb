"""Reading the exports that somebody asked for, and whether they may have them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.exports import Export
from app.db.tables.org import Team, Unit
from app.domain.errors import Missing, NotAllowed, Sentence
from app.domain.exports import UNDER_WAY, Asked, ExportState, read
from app.domain.people import Actor, Place
from app.domain.rollup import WHOLE
from app.queries.assessing import assessing
from app.queries.dashboard import seen_part

_export, _cycle = table(Export).c, table(Cycle).c
_team, _assessment = table(Team).c, table(Assessment).c
_unit, _home = table(Unit).alias("asked_unit").c, table(Unit).alias("home").c

UNKNOWN = Sentence("There is no such export. It may have been removed, or its time is over.")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """An export of the actor's own. `allowed`: they may still have what it holds.

    `cycle`, `unit` and `team` are the names of what was asked, empty where nothing of the kind was.
    """

    id: int
    asked: Asked
    digest: str
    state: ExportState
    done: int
    total: int
    file_key: str | None
    file_name: str
    size: int | None
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    error: str | None
    expires_at: datetime.datetime
    cycle: str
    unit: str
    team: str
    allowed: bool

    @property
    def why(self) -> Sentence:
        """Why it is not finished: kept in English, which is the key of the sentence in other languages."""
        error = self.error or ""
        return Sentence(error)

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


@dataclass(frozen=True, slots=True)
class WaitingExport:
    """An export to be written, for whom and in which organisation."""

    id: int
    organisation_id: int
    person_id: int
    asked: Asked


def waiting_export(connection: Connection, export_id: int) -> WaitingExport | None:
    """For the job that writes it, which is the server's own; None where nobody wants it any more."""
    found = select(
        _export.organisation_id,
        _export.person_id,
        _export.kind,
        _export.cycle_id,
        _export.unit_id,
        _export.assessment_id,
        _export.filters,
    ).where(_export.id == export_id, _export.state.in_(UNDER_WAY))
    row = connection.execute(found).first()
    if row is None:
        return None
    asked = Asked(row.kind, row.cycle_id, row.unit_id, row.assessment_id, read(row.filters))
    return WaitingExport(export_id, row.organisation_id, row.person_id, asked)


def seen_names(connection: Connection, actor: Actor, asked: Asked) -> tuple[str, ...]:
    """The names of what the export holds: of the cycle, and of the unit or the team.

    NotAllowed or Missing where the actor may not see that, or where there is nothing of the kind. Asked when somebody
    asks for the export, again when it is written, and again whenever it is fetched.
    """
    if asked.kind.of_team:
        found = assessing(connection, actor, asked.assessment_id or 0)
        if found.result is None:
            raise Missing("The team has agreed on no result yet.")
        return (*([found.cycle.name] if found.cycle else []), found.team, found.system)
    if not actor.may_see_dashboard():
        raise NotAllowed("The dashboard is for managers and admins, and for all where the organisation is open.")
    unit = seen_part(connection, actor, asked.unit_id)
    cycle = select(_cycle.name).where(_cycle.organisation_id == actor.organisation_id, _cycle.id == asked.cycle_id)
    name: str | None = connection.execute(cycle).scalar()
    if name is None:
        raise Missing("There is no such cycle.")
    return (name, *([unit.name] if unit else []))


def own_exports(connection: Connection, actor: Actor, now: datetime.datetime) -> Sequence[ExportLine]:
    """The actor's exports that are not over yet, the newest first. One statement."""
    rows = connection.execute(_lines(actor, now).order_by(_export.id.desc()))
    return [_line(actor, row) for row in rows]


def own_export(connection: Connection, actor: Actor, export_id: int, now: datetime.datetime) -> ExportLine:
    """One of them; Missing where it is somebody else's, or over."""
    row = connection.execute(_lines(actor, now).where(_export.id == export_id)).first()
    if row is None:
        raise Missing(UNKNOWN)
    return _line(actor, row)


def named_files(connection: Connection, now: datetime.datetime) -> frozenset[str]:
    """The keys of all files that any export of any organisation still names: for the purge, the server's own."""
    named = select(_export.file_key).where(_export.file_key.is_not(None), _export.expires_at > now)
    return frozenset(connection.execute(named).scalars())


def _lines(actor: Actor, now: datetime.datetime) -> Select[Any]:
    return (
        select(
            _export.id,
            _export.digest,
            _export.state,
            _export.done,
            _export.total,
            _export.file_key,
            _export.file_name,
            _export.size,
            _export.created_at,
            _export.finished_at,
            _export.error,
            _export.expires_at,
            func.coalesce(_cycle.name, ""),
            func.coalesce(_unit.name, ""),
            func.coalesce(_team.name, ""),
            _export.kind,
            _export.cycle_id,
            _export.unit_id,
            _export.assessment_id,
            _export.filters,
            _unit.path,
            _team.id,
            _home.path,
        )
        .select_from(
            table(Export)
            .outerjoin(
                table(Cycle), and_(_cycle.organisation_id == _export.organisation_id, _cycle.id == _export.cycle_id)
            )
            .outerjoin(
                _unit.id.table, and_(_unit.organisation_id == _export.organisation_id, _unit.id == _export.unit_id)
            )
            .outerjoin(
                table(Assessment),
                and_(_assessment.organisation_id == _export.organisation_id, _assessment.id == _export.assessment_id),
            )
            .outerjoin(
                table(Team), and_(_team.organisation_id == _export.organisation_id, _team.id == _assessment.team_id)
            )
            .outerjoin(
                _home.id.table, and_(_home.organisation_id == _export.organisation_id, _home.id == _team.unit_id)
            )
        )
        .where(
            _export.organisation_id == actor.organisation_id,
            _export.person_id == actor.person_id,
            _export.expires_at > now,
        )
    )


def _line(actor: Actor, row: Sequence[Any]) -> ExportLine:
    id, *shown, kind, cycle_id, unit_id, assessment_id, filters, unit_path, team_id, home_path = row
    asked = Asked(kind, cycle_id, unit_id, assessment_id, read(filters))
    place = Place(team_id, home_path) if team_id else None
    fields: list[Any] = [id, asked, *shown, _still_allowed(actor, asked, unit_path, place)]
    return ExportLine(*fields)


def _still_allowed(actor: Actor, asked: Asked, unit_path: str | None, place: Place | None) -> bool:
    if asked.kind.of_team:
        return place is not None and actor.may_see_team(place)
    if asked.unit_id == WHOLE:
        return actor.may_see_organisation()
    return unit_path is not None and actor.may_see_unit(unit_path)
