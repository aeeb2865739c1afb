"""Reading who is waited for: who has not submitted, alone first, and whose team has not agreed, together.

None of it says what anybody answered, so that it may be shown and written to anybody who sees the team.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, func, or_, select, true, union

from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet, SheetKind
from app.db.tables.cycles import Cycle, Respondent
from app.db.tables.findings import AgreedResult
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery
from app.db.tables.org import MlSystem, Organisation, Server, Team, Unit
from app.db.tables.people import Membership, Person, Role
from app.domain import cycles
from app.domain.cycles import Mode, Schedule, Stage
from app.domain.errors import Missing
from app.domain.people import Actor, RoleKind
from app.domain.secret import numbers_signed

AT_ONCE = 1000
"""People who are written to in one transaction."""
TASKS = 50
"""What waits for one person, as far as one page shows it."""
UNSUBSCRIBE = "unsubscribe"

_assessment, _sheet, _cycle = table(Assessment).c, table(Sheet).c, table(Cycle).c
_respondent, _agreed, _role = table(Respondent).c, table(AgreedResult).c, table(Role).c
_team, _system, _person = table(Team).c, table(MlSystem).c, table(Person).c
_membership, _organisation, _delivery = table(Membership).c, table(Organisation).c, table(Delivery).c
_unit, _job = table(Unit).c, table(Job).c


@dataclass(frozen=True, slots=True)
class Asked:
    """An assessment that waits for somebody; `system` is the ML system that it is of, empty for the team."""

    assessment_id: int
    team: str
    system: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody who is waited for in a cycle, and where."""

    person_id: int
    email: str
    language: str | None
    respondent: cycles.Respondent
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a reminder would reach now: `letters` people, and not those who opted out."""

    letters: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for one person: their own sheet, or that of their team, in a cycle that may be answered."""

    asked: Asked
    cycle: str
    mode: Mode
    rules: cycles.Cycle
    begun: bool


@dataclass(frozen=True, slots=True)
class Reminded:
    """Whom a link in a reminder is for, and whether they are reminded still."""

    organisation_id: int
    person_id: int
    organisation: str
    wanted: bool


def running(connection: Connection, today: datetime.date) -> Iterable[tuple[int, cycles.Cycle]]:
    """The cycles of all organisations that may be answered on that day, for the job that looks after them all."""
    rows = connection.execute(
        select(_cycle.organisation_id, *_RULES)
        .where(_cycle.closed_at.is_(None), _cycle.opens_on <= today)
        .order_by(_cycle.id)
    )
    return [(organisation_id, _rules(*rest)) for organisation_id, *rest in rows]


def awaited(
    connection: Connection, organisation_id: int, cycle_id: int, after: int, unit_path: str = ""
) -> Sequence[Awaited]:
    """The next AT_ONCE people with numbers above `after` whom the cycle waits for and who want reminders.

    With `unit_path` those who answer for teams of this unit, or of one below it, and only for these teams.
    """
    found = (
        _waiting(organisation_id, *_in_part(organisation_id, cycle_id, unit_path), whose=lambda person: person > after)
        .where(_membership.reminders)
        .cte("waiting")
    )
    first = select(found.c.person_id).distinct().order_by(found.c.person_id).limit(AT_ONCE)
    wanted = select(found).where(found.c.person_id.in_(first))
    rows = connection.execute(wanted.order_by(found.c.person_id, found.c.team, found.c.system, found.c.assessment_id))
    people: dict[int, list[Any]] = {}
    for row in rows:
        people.setdefault(row.person_id, []).append(row)
    return [_awaited(person_id, of) for person_id, of in people.items()]


def sent(connection: Connection, organisation_id: int, keys: Iterable[str]) -> set[str]:
    """Those of these reasons that a letter was written for."""
    known = select(_delivery.reason_key).where(
        _delivery.organisation_id == organisation_id, _delivery.reason_key.in_(list(keys))
    )
    return {key for key in connection.execute(known).scalars() if key is not None}


def reach(connection: Connection, organisation_id: int, cycle_id: int, unit_path: str = "") -> Reach:
    """How many people a reminder of the cycle would go to now, in all of it or in a unit."""
    found = _waiting(organisation_id, *_in_part(organisation_id, cycle_id, unit_path)).subquery()
    people = select(found.c.person_id, found.c.reminders).distinct().subquery()
    counted = connection.execute(select(people.c.reminders, func.count()).group_by(people.c.reminders))
    counts = {bool(wanted): count for wanted, count in counted}
    return Reach(counts.get(True, 0), counts.get(False, 0))


def asked_for(connection: Connection, keys: Iterable[str]) -> bool:
    """Whether one of these jobs was put up: the reminders that somebody had sent by hand."""
    known = select(_job.id).where(_job.idempotency_key.in_(list(keys))).limit(1)
    return connection.execute(known).first() is not None


def waited_for(
    connection: Connection, organisation_id: int, assessment_ids: Iterable[int]
) -> Mapping[int, Sequence[str]]:
    """The names of who is waited for, by assessment."""
    found = _waiting(organisation_id, _assessment.id.in_(list(assessment_ids))).subquery()
    rows = connection.execute(
        select(found.c.assessment_id, found.c.name).order_by(found.c.assessment_id, found.c.name, found.c.person_id)
    )
    names: dict[int, list[str]] = {}
    for assessment_id, name in rows:
        names.setdefault(assessment_id, []).append(name)
    return names


def to_answer(connection: Connection, actor: Actor, today: datetime.date) -> Sequence[Task]:
    """The sheets that wait for the actor's answers, the first due first. One statement."""
    if actor.person_id is None:
        return []
    found = (
        _waiting(actor.organisation_id, whose=lambda person: person == actor.person_id)
        .add_columns(*_TASK)
        .where(_cycle.closed_at.is_(None), _cycle.opens_on <= today)
        .order_by(_cycle.due_on, _team.name, _system.name, _assessment.id)
        .limit(TASKS)
    )
    return [_task(row) for row in connection.execute(found)]


def to_agree(connection: Connection, actor: Actor, today: datetime.date) -> Sequence[Task]:
    """What was answered alone and is revealed, where the actor leads the team, the first due first. One statement."""
    if not actor.leads:
        return []
    found = (
        select(_assessment.id.label("assessment_id"), _team.name.label("team"), _SYSTEM, true().label("begun"), *_TASK)
        .select_from(
            table(Assessment)
            .join(table(Cycle), _OF_CYCLE)
            .join(table(Team), _OF_TEAM)
            .outerjoin(table(MlSystem), _OF_SYSTEM)
        )
        .where(
            _assessment.organisation_id == actor.organisation_id,
            _assessment.team_id.in_(sorted(actor.leads)),
            _assessment.revealed_at.is_not(None),
            _cycle.mode == Mode.ALONE_FIRST,
            _cycle.closed_at.is_(None),
            _cycle.opens_on <= today,
            *_IN_USE,
        )
        .order_by(_cycle.due_on, _team.name, _system.name, _assessment.id)
        .limit(TASKS)
    )
    return [_task(row) for row in connection.execute(found)]


def reminded(connection: Connection, secret: str) -> Reminded:
    """Whom the secret of a link in a reminder is for. Missing for one that no letter has, and for who is erased."""
    numbers = numbers_signed(salt(connection), UNSUBSCRIBE, secret)
    if numbers is None:
        raise Missing("This link is not one of ours. Look whether all of it was copied.")
    organisation_id, person_id = numbers
    row = connection.execute(
        select(_organisation.name, _membership.reminders)
        .join_from(table(Membership), table(Organisation), _organisation.id == _membership.organisation_id)
        .where(_membership.organisation_id == organisation_id, _membership.person_id == person_id)
    ).first()
    if row is None:
        raise Missing("Whoever this link was for is not here any more, and gets no mail.")
    return Reminded(organisation_id, person_id, row[0], bool(row[1]))


def salt(connection: Connection) -> bytes:
    """What the secrets of links in reminders are signed with."""
    found: bytes = connection.execute(select(table(Server).c.salt)).scalar_one()
    return found


def wants_reminders(connection: Connection, organisation_id: int, person_id: int) -> bool:
    wanted = select(_membership.reminders).where(
        _membership.organisation_id == organisation_id, _membership.person_id == person_id
    )
    return bool(connection.execute(wanted).scalar())


_OF_CYCLE = and_(_cycle.organisation_id == _assessment.organisation_id, _cycle.id == _assessment.cycle_id)
_OF_TEAM = and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
_OF_SYSTEM = and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id)
_OF_SHEET = (_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id)
_SYSTEM = func.coalesce(_system.name, "").label("system")
_RULES = (_cycle.id, _cycle.opens_on, _cycle.due_on, _cycle.reminders, _cycle.closed_at, _cycle.reopened_on)
_TASK = (
    _cycle.name.label("cycle"),
    _cycle.mode,
    *(each.label(f"cycle_{each.name}") for each in _RULES),
)
_AGREED = (
    select(_agreed.id)
    .where(
        _agreed.organisation_id == _assessment.organisation_id,
        _agreed.assessment_id == _assessment.id,
        _agreed.reopened_at.is_(None),
    )
    .exists()
)
_IN_USE = (~_AGREED, _team.archived_at.is_(None), _system.archived_at.is_(None))


def _in_part(organisation_id: int, cycle_id: int, unit_path: str) -> Sequence[ColumnElement[bool]]:
    if not unit_path:
        return [_assessment.cycle_id == cycle_id]
    in_unit = and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
    teams = (
        select(_team.id)
        .join_from(table(Team), table(Unit), in_unit)
        .where(_team.organisation_id == organisation_id, _unit.path.startswith(unit_path, autoescape=True))
    )
    return [_assessment.cycle_id == cycle_id, _assessment.team_id.in_(teams)]


def _waiting(
    organisation_id: int,
    *of: ColumnElement[bool],
    whose: Callable[[ColumnElement[int]], ColumnElement[bool]] = lambda _person: true(),
) -> Select[*tuple[Any, ...]]:
    """A line for each person and assessment that waits for them. Archived teams and leavers wait for nothing."""
    asked = _asked(organisation_id, of, whose)
    own = and_(*_OF_SHEET, _sheet.kind == SheetKind.OWN, _sheet.person_id == asked.c.person_id)
    agreed = table(Sheet).alias("agreed_sheet").c
    filled_in = select(agreed.id).where(
        agreed.organisation_id == _assessment.organisation_id,
        agreed.assessment_id == _assessment.id,
        agreed.kind == SheetKind.AGREED,
        agreed.version > 0,
    )
    together = _cycle.mode == Mode.TOGETHER
    return (
        select(
            asked.c.person_id,
            asked.c.asked_at,
            _assessment.id.label("assessment_id"),
            _team.name.label("team"),
            _SYSTEM,
            _person.name,
            _person.email,
            _person.language,
            _membership.joined_at,
            _membership.reminders,
            or_(func.coalesce(_sheet.version, 0) > 0, and_(together, filled_in.exists())).label("begun"),
        )
        .select_from(
            asked.join(
                table(Assessment),
                and_(_assessment.organisation_id == organisation_id, _assessment.id == asked.c.assessment_id),
            )
            .join(table(Cycle), _OF_CYCLE)
            .join(table(Team), _OF_TEAM)
            .join(
                table(Membership),
                and_(_membership.organisation_id == organisation_id, _membership.person_id == asked.c.person_id),
            )
            .join(table(Person), _person.id == _membership.person_id)
            .outerjoin(table(MlSystem), _OF_SYSTEM)
            .outerjoin(table(Sheet), own)
        )
        .where(
            *_IN_USE,
            _membership.deactivated_at.is_(None),
            or_(together, and_(_assessment.revealed_at.is_(None), _sheet.submitted_at.is_(None))),
        )
    )


def _asked(
    organisation_id: int,
    of: Iterable[ColumnElement[bool]],
    whose: Callable[[ColumnElement[int]], ColumnElement[bool]],
) -> Subquery:
    """Who is asked in which assessment: those whom the lead named, else the members and leads of the team."""
    named = select(_respondent.person_id).where(
        _respondent.organisation_id == _assessment.organisation_id, _respondent.assessment_id == _assessment.id
    )
    here = (_assessment.organisation_id == organisation_id, _assessment.cycle_id.is_not(None), *of)
    in_team = and_(_role.organisation_id == _assessment.organisation_id, _role.team_id == _assessment.team_id)
    by_role = (
        select(_assessment.id.label("assessment_id"), _role.person_id, _assessment.created_at.label("asked_at"))
        .join_from(table(Assessment), table(Role), in_team)
        .where(*here, _role.kind.in_((RoleKind.LEAD, RoleKind.MEMBER)), whose(_role.person_id), ~named.exists())
    )
    by_name = (
        select(_assessment.id, _respondent.person_id, _respondent.asked_at)
        .join_from(
            table(Assessment),
            table(Respondent),
            and_(
                _respondent.organisation_id == _assessment.organisation_id, _respondent.assessment_id == _assessment.id
            ),
        )
        .where(*here, whose(_respondent.person_id))
    )
    return union(by_role, by_name).subquery("asked")


def _awaited(person_id: int, rows: Sequence[Any]) -> Awaited:
    first = min(row.asked_at for row in rows)
    # Who joined later was not asked before.
    asked_on = max(first, rows[0].joined_at).date()
    stage = Stage.BEGUN if all(row.begun for row in rows) else Stage.NOT_BEGUN
    asked = tuple(Asked(row.assessment_id, row.team, row.system) for row in rows)
    return Awaited(person_id, rows[0].email, rows[0].language, cycles.Respondent(person_id, asked_on, stage), asked)


def _task(row: Any) -> Task:
    rules = _rules(*(row._mapping[f"cycle_{each.name}"] for each in _RULES))
    return Task(Asked(row.assessment_id, row.team, row.system), row.cycle, row.mode, rules, bool(row.begun))


def _rules(
    number: int,
    opens: datetime.date,
    due: datetime.date,
    days: Mapping[str, Sequence[int]],
    closed_at: datetime.datetime | None,
    reopened_on: datetime.date | None,
) -> cycles.Cycle:
    schedule = Schedule(tuple(days["before"]), tuple(days["after"]))
    return cycles.Cycle(number, opens, due, schedule, closed_at, reopened_on)
