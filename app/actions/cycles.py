"""Cycles: rounds of assessments with one rubric version, looked after by managers and admins."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, insert, literal, or_, select, true
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.carrying import carry_above, carry_forward
from app.actions.organisations import locked
from app.actions.rubrics import adopt
from app.actions.running_cycles import ONLY_MANAGERS, check_name, check_open, managed, path_of, rules
from app.db.base import table
from app.db.tables.assessments import Assessment, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.org import NAME_LIMIT, MlSystem, Team, Unit
from app.domain.cycles import Mode, Schedule
from app.domain.errors import Invalid, Missing, NotAllowed, Sentence
from app.domain.people import Actor
from app.domain.rubric import Rubric, Subject
from app.domain.text import one_line
from app.queries import rubrics
from app.queries.carrying import earlier_cycles
from app.queries.unasked import unasked

_assessment, _sheet, _cycle = table(Assessment).c, table(Sheet).c, table(Cycle).c
_team, _unit, _system = table(Team).c, table(Unit).c, table(MlSystem).c


@dataclass(frozen=True, slots=True)
class NewCycle:
    """What a cycle is opened with: the newest version of the rubric of that key.

    `unit_id` is the unit whose managers look after it, None the whole organisation. `units` and `teams` choose who is
    asked, those below the units included; with neither, everybody in it is. `carried_from` is the cycle whose
    agreed answers the sheets begin with.
    """

    name: str
    rubric: str
    mode: Mode
    opens_on: datetime.date
    due_on: datetime.date
    unit_id: int | None = None
    units: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    schedule: Schedule = field(default_factory=Schedule)
    carried_from: int | None = None


def open_cycle(session: Session, actor: Actor, asked: NewCycle, now: datetime.datetime) -> Cycle:
    """Open a cycle with an assessment of each team that it asks, or of each of their ML systems.

    Raises NotAllowed where it is not the actor's to open, Invalid where its days do not fit or nobody would be asked,
    Conflict where a cycle that is not closed has the name already.
    """
    organisation_id = actor.organisation_id
    path = path_of(session, organisation_id, asked.unit_id)
    if not actor.may_manage_cycles(path):
        raise NotAllowed(ONLY_MANAGERS)
    locked(session, organisation_id)
    name = one_line(asked.name, NAME_LIMIT)
    check_name(session, organisation_id, name)
    if asked.rubric in rubrics.kept_back(session.connection(), organisation_id):
        raise Invalid("This rubric is not offered any more. Choose another one.")
    version = adopt(session, organisation_id, asked.rubric, now)
    rubric = version.rubric
    opened = Cycle(
        organisation_id=organisation_id,
        name=name,
        unit_id=asked.unit_id,
        rubric_version_id=version.id,
        mode=asked.mode,
        opens_on=asked.opens_on,
        due_on=asked.due_on,
        reminders={"before": list(asked.schedule.before), "after": list(asked.schedule.after)},
        carried_from=_earlier(session, organisation_id, asked),
        created_by=actor.person_id,
        created_at=now,
    )
    rules(opened)
    session.add(opened)
    session.flush()
    made = _ask(session, opened, rubric, path, asked.units, asked.teams, now)
    if not made:
        raise Invalid(_nobody(rubric))
    _ask_once(session, opened, rubric, path, now)
    _make_agreed_sheets(session, opened, now)
    carry_above(session, opened, now)
    carry_forward(session, opened, now)
    audit.record_by(session, actor, now, "cycle opened", ("cycle", opened.id), name=name, assessments=len(made))
    return opened


def ask_more(
    session: Session, actor: Actor, cycle_id: int, units: Sequence[int], teams: Sequence[int], now: datetime.datetime
) -> int:
    """Ask further teams in a cycle that is not closed; how many came to it."""
    more = managed(session, actor, cycle_id)
    check_open(more)
    rubric = rubrics.published(session.connection(), actor.organisation_id, more.rubric_version_id).rubric
    path = path_of(session, actor.organisation_id, more.unit_id)
    made = _ask(session, more, rubric, path, tuple(units), tuple(teams), now)
    if made:
        _make_agreed_sheets(session, more, now)
        carry_forward(session, more, now, after=min(made) - 1)
        audit.record_by(session, actor, now, "teams added to cycle", ("cycle", cycle_id), assessments=len(made))
    return len(made)


def _earlier(session: Session, organisation_id: int, asked: NewCycle) -> int | None:
    """The cycle to carry forward from. Invalid where it asked something else, or another part of the organisation."""
    if asked.carried_from is None:
        return None
    known = earlier_cycles(session.connection(), organisation_id)
    found = next((each for each in known if each.id == asked.carried_from), None)
    if found is None:
        raise Missing("There is no such cycle.")
    if (found.rubric, found.unit_id) != (asked.rubric, asked.unit_id):
        raise Invalid(
            "%(name)s is of another rubric or unit: its answers cannot be carried into this cycle.", name=found.name
        )
    return found.id


def _nobody(rubric: Rubric) -> Sentence:
    if rubric.subject is Subject.MODEL:
        return Sentence(
            "Nobody would be asked: the teams chosen have no ML system. This rubric is answered for each of them."
        )
    return Sentence("Nobody would be asked: no team was found. Choose units or teams that are in use.")


def _ask(
    session: Session,
    cycle: Cycle,
    rubric: Rubric,
    path: str,
    chosen_units: tuple[int, ...],
    chosen_teams: tuple[int, ...],
    now: datetime.datetime,
) -> Sequence[int]:
    """Make the assessments that are missing, by one statement; their numbers."""
    system = _system.id if rubric.subject is Subject.MODEL else literal(None, _assessment.ml_system_id.type)
    wanted = unasked(cycle.organisation_id, cycle.id, path, rubric.subject).where(
        _chosen(session, cycle.organisation_id, chosen_units, chosen_teams)
    )
    rows = wanted.with_only_columns(
        literal(cycle.organisation_id),
        literal(cycle.rubric_version_id),
        _team.id,
        literal(cycle.id),
        system,
        literal(now, _assessment.created_at.type),
    )
    names = ["organisation_id", "rubric_version_id", "team_id", "cycle_id", "ml_system_id", "created_at"]
    made = insert(table(Assessment)).from_select(names, rows).returning(_assessment.id)
    return session.connection().execute(made).scalars().all()


def _chosen(
    session: Session, organisation_id: int, chosen_units: tuple[int, ...], chosen_teams: tuple[int, ...]
) -> ColumnElement[bool]:
    """Those chosen; everybody where none are. Raises Missing for a unit of another organisation."""
    if not (chosen_units or chosen_teams):
        return true()
    paths = [path_of(session, organisation_id, unit_id) for unit_id in chosen_units]
    chosen = [_unit.path.startswith(each, autoescape=True) for each in paths]
    return or_(*chosen, _team.id.in_(chosen_teams))


def _ask_once(session: Session, cycle: Cycle, rubric: Rubric, path: str, now: datetime.datetime) -> None:
    """Where statements are asked of the organisation, they have an assessment of their own.

    So have the units below `path` that were answered for by themselves in the cycle to carry forward from.
    """
    if not any(statement.asked for statement in rubric.statements.values()):
        return
    session.add(
        Assessment(
            organisation_id=cycle.organisation_id,
            rubric_version_id=cycle.rubric_version_id,
            cycle_id=cycle.id,
            unit_id=cycle.unit_id,
            created_at=now,
        )
    )
    session.flush()
    if cycle.carried_from is None:
        return
    rows = (
        select(
            literal(cycle.organisation_id),
            literal(cycle.rubric_version_id),
            literal(cycle.id),
            _unit.id,
            literal(now, _assessment.created_at.type),
        )
        .join_from(
            table(Assessment),
            table(Unit),
            and_(_unit.organisation_id == _assessment.organisation_id, _unit.id == _assessment.unit_id),
        )
        .where(
            _assessment.organisation_id == cycle.organisation_id,
            _assessment.cycle_id == cycle.carried_from,
            _assessment.team_id.is_(None),
            _unit.id.is_distinct_from(cycle.unit_id),
            _unit.archived_at.is_(None),
            _unit.path.startswith(path, autoescape=True) if path else true(),
        )
    )
    names = ["organisation_id", "rubric_version_id", "cycle_id", "unit_id", "created_at"]
    session.connection().execute(insert(table(Assessment)).from_select(names, rows))


def _make_agreed_sheets(session: Session, cycle: Cycle, now: datetime.datetime) -> None:
    has = select(_sheet.id).where(
        _sheet.organisation_id == _assessment.organisation_id,
        _sheet.assessment_id == _assessment.id,
        _sheet.kind == SheetKind.AGREED,
    )
    rows = select(
        _assessment.organisation_id,
        _assessment.id,
        literal(SheetKind.AGREED, _sheet.kind.type),
        literal(0, _sheet.version.type),
        literal(now, _sheet.created_at.type),
    ).where(_assessment.organisation_id == cycle.organisation_id, _assessment.cycle_id == cycle.id, ~has.exists())
    names = ["organisation_id", "assessment_id", "kind", "version", "created_at"]
    session.connection().execute(insert(table(Sheet)).from_select(names, rows))
