"""Reading what is asked once: the answers for the organisation and its units, what teams take over, and objections.

Answers given above are no secret: whoever sees the cycle reads them. Objections belong to what a team agrees.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from app.db.base import table
from app.db.tables.assessments import Answer, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult, Objection
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.domain import asked_once
from app.domain.asked_once import (
    ORGANISATION,
    GivenAbove,
    TakenOver,
    asked_of_organisation,
    differing,
    stands,
    taken_by,
    with_taken,
)
from app.domain.errors import Missing
from app.domain.frozen_answers import from_document
from app.domain.rubric import Rubric
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer
from app.queries.assessing import Assessing
from app.queries.cycles import Standing
from app.queries.sheets import LINE, SheetLine, answers

Given = Mapping[str, Sequence[GivenAbove]]
"""All that is given above, by statement."""

NOTHING_GIVEN: Given = {}
LISTED = 200
"""Objections that are listed at most."""

_assessment, _sheet, _answer, _mutation = table(Assessment).c, table(Sheet).c, table(Answer).c, table(Mutation).c
_team, _unit, _person, _cycle = table(Team).c, table(Unit).c, table(Person).c, table(Cycle).c
_agreed, _objection = table(AgreedResult).c, table(Objection).c

OF_AGREED_SHEET = and_(
    _sheet.organisation_id == _assessment.organisation_id,
    _sheet.assessment_id == _assessment.id,
    _sheet.kind == SheetKind.AGREED,
)
OF_ITS_UNIT = and_(_unit.organisation_id == _assessment.organisation_id, _unit.id == _assessment.unit_id)


@dataclass(frozen=True, slots=True)
class AnsweredAbove:
    """The assessment of the organisation or of a unit in a cycle; `unit_id` is None for the organisation.

    `answered` counts its statements that have an answer.
    """

    sheet: SheetLine
    unit_id: int | None
    unit: str
    path: str
    answered: int


@dataclass(frozen=True, slots=True)
class Counting:
    """What a team's sheet is scored with: its own answers, and those taken over; once agreed, as they were then."""

    own: Mapping[str, SavedAnswer]
    taken: Mapping[str, GivenAbove]

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        return with_taken(self.own, self.taken)


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """A team's objection, with the words and the name of whoever wrote it; `unit_path` is where the team is."""

    assessment_id: int
    team: str
    unit_path: str
    statement: str
    note: str
    by: str
    at: datetime.datetime
    against: GivenAbove
    settled_at: datetime.datetime | None

    def stands(self, taken: GivenAbove | None) -> bool:
        """Whether it is still about what the team takes over now."""
        objection = asked_once.Objection(self.statement, self.against, self.note)
        return stands(objection, TakenOver(NEVER_ANSWERED, taken))


def answered_above(connection: Connection, organisation_id: int, cycle_id: int) -> Sequence[AnsweredAbove]:
    """For whom a cycle is answered above the teams: the organisation first, then units by their name."""
    answered = (
        select(func.count())
        .where(
            _answer.organisation_id == _sheet.organisation_id,
            _answer.sheet_id == _sheet.id,
            _answer.value.is_not(None),
        )
        .correlate(table(Sheet))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            *LINE,
            _assessment.unit_id,
            func.coalesce(_unit.name, ""),
            func.coalesce(_unit.path, ORGANISATION),
            answered,
        )
        .select_from(table(Assessment).join(table(Sheet), OF_AGREED_SHEET).outerjoin(table(Unit), OF_ITS_UNIT))
        .where(
            _assessment.organisation_id == organisation_id,
            _assessment.cycle_id == cycle_id,
            _assessment.team_id.is_(None),
        )
        .order_by(func.coalesce(_unit.name, ""), _assessment.id)
    )
    found = []
    for *line, unit_id, unit, path, count in rows:
        found.append(AnsweredAbove(SheetLine(*line), unit_id, unit, path, count))
    return found


def one_answered_above(
    connection: Connection, organisation_id: int, cycle_id: int, unit_id: int | None
) -> AnsweredAbove:
    """That of the unit, or of the organisation; Missing where nobody answers for it in this cycle."""
    found = answered_above(connection, organisation_id, cycle_id)
    one = next((each for each in found if each.unit_id == unit_id), None)
    if one is None:
        raise Missing("Nobody answers for this part of the organisation in this cycle.")
    return one


def given_above(
    connection: Connection, organisation_id: int, cycles: Iterable[int], paths: Iterable[str]
) -> Mapping[int, Given]:
    """What is given in each of these cycles to teams at these paths, the organisation's included. One statement."""
    units = {int(number) for path in paths for number in path.strip("/").split("/") if number}
    rows = connection.execute(
        select(
            _assessment.cycle_id,
            _answer.statement,
            func.coalesce(_unit.path, ORGANISATION),
            func.coalesce(_unit.name, ""),
            func.coalesce(_person.name, ""),
            _answer.answered_at,
            _answer.value,
            _answer.reason,
            _answer.note,
        )
        .select_from(
            table(Assessment)
            .join(table(Sheet), OF_AGREED_SHEET)
            .join(table(Answer), and_(_answer.organisation_id == _sheet.organisation_id, _answer.sheet_id == _sheet.id))
            .outerjoin(table(Unit), OF_ITS_UNIT)
            .outerjoin(
                table(Mutation),
                and_(
                    _mutation.organisation_id == _answer.organisation_id,
                    _mutation.sheet_id == _answer.sheet_id,
                    _mutation.version == _answer.version,
                    _mutation.kind != MutationKind.NOTHING,
                ),
            )
            .outerjoin(table(Person), _person.id == _mutation.person_id)
        )
        .where(
            _assessment.organisation_id == organisation_id,
            _assessment.cycle_id.in_(sorted(cycles)),
            _assessment.team_id.is_(None),
            or_(_assessment.unit_id.is_(None), _assessment.unit_id.in_(sorted(units))),
        )
    )
    found: dict[int, dict[str, list[GivenAbove]]] = {}
    for cycle_id, statement, path, unit, by, at, *answer in rows:
        above = GivenAbove(path, SavedAnswer(*answer), unit, by, at)
        found.setdefault(cycle_id, {}).setdefault(statement, []).append(above)
    return found


def given_to(connection: Connection, organisation_id: int, cycle_id: int | None, path: str, rubric: Rubric) -> Given:
    """What is given above a team at that path. No statement outside cycles, and where nothing is asked once."""
    if cycle_id is None or not asked_of_organisation(rubric):
        return NOTHING_GIVEN
    return given_above(connection, organisation_id, [cycle_id], [path]).get(cycle_id, NOTHING_GIVEN)


def taken_over_by(connection: Connection, found: Assessing, rubric: Rubric) -> dict[str, GivenAbove]:
    """What the team of an assessment takes over as things stand now, by statement."""
    return taken_by(rubric, _given_to(connection, found, rubric), found.place.unit_path)


def counting(connection: Connection, found: Assessing, rubric: Rubric) -> Counting:
    """What the agreed sheet of an assessment is scored with. The one place to ask. Two statements, one once agreed."""
    if found.result is None:
        own = answers(connection, found.sheet.organisation_id, found.sheet.sheet_id)
        return Counting(own, taken_over_by(connection, found, rubric))
    written = connection.execute(
        select(_agreed.answers).where(
            _agreed.organisation_id == found.sheet.organisation_id, _agreed.id == found.result.id
        )
    ).scalar_one()
    agreed = from_document(written)
    return Counting(agreed.own, agreed.taken)


def differing_now(connection: Connection, found: Assessing, rubric: Rubric, counted: Counting) -> tuple[str, ...]:
    """The statements of an agreed result for which something else is said above now; none before it is agreed."""
    if found.result is None:
        return ()
    given = _given_to(connection, found, rubric)
    return differing(rubric, counted.own, counted.taken, given, found.place.unit_path)


def _given_to(connection: Connection, found: Assessing, rubric: Rubric) -> Given:
    cycle_id = found.cycle.id if found.cycle else None
    return given_to(connection, found.sheet.organisation_id, cycle_id, found.place.unit_path, rubric)


def differing_in_cycle(
    connection: Connection, organisation_id: int, cycle_id: int, rubric: Rubric, lines: Iterable[Standing]
) -> Mapping[int, tuple[str, ...]]:
    """Of these assessments the agreed ones that differ from what is said above now, and in which statements.

    Two statements, one where nothing was said above, and none where nothing is agreed or asked once.
    """
    agreed = {line.assessment_id: line.place.unit_path for line in lines if line.stage == "agreed"}
    if not agreed or not asked_of_organisation(rubric):
        return {}
    given = given_above(connection, organisation_id, [cycle_id], agreed.values()).get(cycle_id)
    if not given:
        return {}
    rows = connection.execute(
        select(_agreed.assessment_id, _agreed.answers).where(
            _agreed.organisation_id == organisation_id,
            _agreed.assessment_id.in_(sorted(agreed)),
            _agreed.reopened_at.is_(None),
        )
    )
    found = {}
    for assessment_id, written in rows:
        frozen = from_document(written)
        found[assessment_id] = differing(rubric, frozen.own, frozen.taken, given, agreed[assessment_id])
    return {assessment_id: statements for assessment_id, statements in found.items() if statements}


def objections_of_team(connection: Connection, found: Assessing) -> Mapping[str, ObjectionLine]:
    """A team's objections by statement; none before the agreed sheet may be seen, which they belong to."""
    if not found.alone.may_see_agreed_sheet():
        return {}
    of_it = _objection.assessment_id == found.id
    return {line.statement: line for line in _objections(connection, found.sheet.organisation_id, of_it)}


def objections_against(
    connection: Connection, organisation_id: int, cycle_id: int, unit_id: int | None
) -> Sequence[ObjectionLine]:
    """What teams object to that was answered for this unit, or for the organisation, and is not settled: newest first.

    Those that are no longer about what the team takes over are left out. Two statements.
    """
    against = and_(
        _assessment.cycle_id == cycle_id,
        _objection.against_unit_id.is_not_distinct_from(unit_id),
        _objection.settled_at.is_(None),
    )
    lines = _objections(connection, organisation_id, against)
    if not lines:
        return ()
    given = given_above(connection, organisation_id, [cycle_id], {line.unit_path for line in lines})
    above = given.get(cycle_id, NOTHING_GIVEN)
    return [line for line in lines if line.stands(asked_once.nearest(above.get(line.statement, ()), line.unit_path))]


def _objections(connection: Connection, organisation_id: int, which: ColumnElement[bool]) -> Sequence[ObjectionLine]:
    against = table(Unit).alias("against")
    rows = connection.execute(
        select(
            _objection.assessment_id,
            _team.name,
            _unit.path,
            _objection.statement,
            _objection.note,
            func.coalesce(_person.name, ""),
            _objection.at,
            func.coalesce(against.c.path, ORGANISATION).label("against_path"),
            _objection.against_value,
            _objection.against_reason,
            _objection.settled_at,
        )
        .select_from(
            table(Objection)
            .join(
                table(Assessment),
                and_(
                    _assessment.organisation_id == _objection.organisation_id,
                    _assessment.id == _objection.assessment_id,
                ),
            )
            .join(
                table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
            )
            .join(table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id))
            .outerjoin(
                against,
                and_(
                    against.c.organisation_id == _objection.organisation_id,
                    against.c.id == _objection.against_unit_id,
                ),
            )
            .outerjoin(table(Person), _person.id == _objection.person_id)
        )
        .where(_objection.organisation_id == organisation_id, which)
        .order_by(_objection.at.desc(), _objection.assessment_id, _objection.statement)
        .limit(LISTED)
    )
    return [
        ObjectionLine(
            *row[:7],
            against=GivenAbove(row.against_path, SavedAnswer(row.against_value, row.against_reason)),
            settled_at=row.settled_at,
        )
        for row in rows
    ]
