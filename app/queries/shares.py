"""Reading the links that show a report or a badge: by their secret for everybody, and as a list for who made them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select

from app.db.base import UtcTime, table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.db.tables.shares import Share
from app.domain.errors import Conflict, DomainError, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rollup import WHOLE
from app.domain.secret import digest
from app.domain.shares import GONE, Shared, ShareKind
from app.queries import people
from app.queries.assessing import Assessing, assessing
from app.queries.dashboard import seen_part
from app.queries.units import UnitLine

_share, _person, _cycle, _unit = table(Share).c, table(Person).c, table(Cycle).c, table(Unit).c
_team, _assessment = table(Team).c, table(Assessment).c
_of_team = table(Cycle).alias("of_team").c

SHARED = (
    _share.kind,
    _share.cycle_id,
    _share.unit_id,
    _share.assessment_id,
    _share.notes,
    _share.comments,
    _share.evidence,
    _share.level,
)
BY_SECRET = select(_share.id, _share.organisation_id, _share.made_by, _share.opened_at, *SHARED).where(
    _share.secret_digest == bindparam("secret_digest"),
    _share.kind == bindparam("kind", type_=_share.kind.type),
    _share.revoked_at.is_(None),
    _share.expires_at > bindparam("now", type_=UtcTime()),
)


@dataclass(frozen=True, slots=True)
class OpenedShare:
    """A link that is good, and who made it, with the rights that they have today."""

    id: int
    maker: Actor
    opened_at: datetime.datetime | None
    shared: Shared


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A link in a list. Of `cycle`, `unit` and `team` those are empty that it does not name."""

    id: int
    shared: Shared
    made_by: str
    created_at: datetime.datetime
    expires_at: datetime.datetime
    opened_at: datetime.datetime | None
    cycle: str
    unit: str
    team: str


def opened_share(connection: Connection, kind: ShareKind, secret: str, now: datetime.datetime) -> OpenedShare:
    """The link of this secret. Missing in the same words where it expired, was revoked, or never was.

    And where whoever made it may no longer share that: nobody goes on giving what was taken from them.
    """
    asked = {"secret_digest": digest(secret), "kind": kind, "now": now}
    row = connection.execute(BY_SECRET, asked).first()
    if row is None:
        raise Missing(GONE)
    id, organisation_id, made_by, opened_at, *of = row
    shared = Shared(*of)
    try:
        maker = people.actor(connection, made_by, organisation_id)
        check_may_share(connection, maker, shared)
    except DomainError:
        raise Missing(GONE) from None
    return OpenedShare(id, maker, opened_at, shared)


def check_may_share(connection: Connection, actor: Actor, shared: Shared) -> None:
    """A DomainError where the actor may not share this, or where there is nothing of the kind to be shared now."""
    if shared.assessment_id is None:
        shareable_part(connection, actor, shared.unit_id)
    else:
        shareable_result(connection, actor, shared.assessment_id)


def shareable_part(connection: Connection, actor: Actor, unit_id: int) -> UnitLine | None:
    """The unit, None for the whole organisation; NotAllowed or Missing where it is not the actor's to share."""
    if not actor.may_see_dashboard():
        raise NotAllowed("Only who sees the dashboard shares a report of it.")
    unit = seen_part(connection, actor, unit_id)
    if not actor.may_share_part(unit.path if unit else None):
        raise Missing("There is no such unit.")
    return unit


def shareable_result(connection: Connection, actor: Actor, assessment_id: int) -> Assessing:
    """An assessment whose result is agreed; NotAllowed or Missing where it is not the actor's, else Conflict."""
    found = assessing(connection, actor, assessment_id)
    if not actor.may_share_result(found.place):
        raise NotAllowed("Only the team's lead shares its result.")
    if found.result is None:
        raise Conflict("Nothing is agreed yet: only what is agreed can be shared.")
    return found


def share_lines(connection: Connection, actor: Actor, now: datetime.datetime) -> Sequence[ShareLine]:
    """The links that are good: the actor's own, and for who manages the organisation all. The newest first."""
    lines = _lines().where(
        _share.organisation_id == actor.organisation_id, _share.revoked_at.is_(None), _share.expires_at > now
    )
    if not actor.may_see_shares():
        lines = lines.where(_share.made_by == actor.person_id)
    found = []
    for row in connection.execute(lines.order_by(_share.id.desc())):
        id, *of = row[: 1 + len(SHARED)]
        found.append(ShareLine(id, Shared(*of), *row[1 + len(SHARED) :]))
    return found


def _lines() -> Select[Any]:
    org = _share.organisation_id
    return select(
        _share.id,
        *SHARED,
        _person.name,
        _share.created_at,
        _share.expires_at,
        _share.opened_at,
        func.coalesce(_cycle.name, _of_team.name, ""),
        func.coalesce(_unit.name, ""),
        func.coalesce(_team.name, ""),
    ).select_from(
        table(Share)
        .join(table(Person), _person.id == _share.made_by)
        .outerjoin(table(Cycle), and_(_cycle.organisation_id == org, _cycle.id == _share.cycle_id))
        .outerjoin(table(Unit), and_(_unit.organisation_id == org, _unit.id == _share.unit_id, _share.unit_id != WHOLE))
        .outerjoin(table(Assessment), and_(_assessment.organisation_id == org, _assessment.id == _share.assessment_id))
        .outerjoin(table(Team), and_(_team.organisation_id == org, _team.id == _assessment.team_id))
        .outerjoin(_of_team.id.table, and_(_of_team.organisation_id == org, _of_team.id == _assessment.cycle_id))
    )
