"""Reading what is asked once: the answers for the organisation and its units, and what teams take over.

Answers given above are no secret: whoever sees the cycle reads them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from app.db.base import table
from app.db.tables.assessments import Answer, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.domain.asked_once import (
    ORGANISATION,
    GivenAbove,
    asked_of_organisation,
    differing,
    taken_by,
    with_taken,
)
from app.domain.errors import Missing
from app.domain.frozen_answers import from_document
from app.domain.rubric import Rubric
from app.domain.sheets import SavedAnswer
from app.queries.assessing import Assessing
from app.queries.cycles import Standing
from app.queries.sheets import LINE, SheetLine, answers

Given = Mapping[str, Sequence[GivenAbove]]
"""All that is given above, by statement."""

NOTHING_GIVEN: Given = {}
_assessment, _sheet, _answer, _mutation = table(Assessment).c, table(Sheet).c, table(Answer).c, table(Mutation).c
_team, _unit, _person, _cycle = table(Team).c, table(Unit).c, table(Person).c, table(Cycle).c
_agreed = table(AgreedResult).c

OF_AGREED_SHEET = and_(
    _sheet.organisation_id == _assessment.organisation_id,
    _sheet.assessment_id == _assessment.id,
    _sheet.kind == SheetKind.AGREED,
)
OF_ITS_UNIT = and_(_unit.organisation_id == _assessment.organisation_id, _unit.id == _assessment.unit_id)


@dataclass(frozen=True, slots=True)
class AnsweredAbove:
    """The assessment of the organisation or of a unit in a cycle; `unit_id` is None for the organisation.

    `answered` counts its statements that have an answer, `waiting` those whose answer was carried over and nobody has
    confirmed.
    """

    sheet: SheetLine
    unit_id: int | None
    unit: str
    path: str
    answered: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Counting:
    """What a team's sheet is scored with: its own answers, and those taken over; once agreed, as they were then."""

    own: Mapping[str, SavedAnswer]
    taken: Mapping[str, GivenAbove]

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        return with_taken(self.own, self.taken)


def answered_above(connection: Connection, organisation_id: int, cycle_id: int) -> Sequence[AnsweredAbove]:
    """For whom a cycle is answered above the teams: the organisation first, then units by their name."""
    given = and_(
        _answer.organisation_id == _sheet.organisation_id, _answer.sheet_id == _sheet.id, _answer.value.is_not(None)
    )
    answered, waiting = (
        select(func.count()).where(given, which).correlate(table(Sheet)).scalar_subquery()
        for which in (_answer.carried_from.is_(None), _answer.carried_from.is_not(None))
    )
    rows = connection.execute(
        select(
            *LINE,
            _assessment.unit_id,
            func.coalesce(_unit.name, ""),
            func.coalesce(_unit.path, ORGANISATION),
            answered,
            waiting,
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
    for *line, unit_id, unit, path, count, carried in rows:
        found.append(AnsweredAbove(SheetLine(*line), unit_id, unit, path, count, carried))
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
    # Few sheets, found first whatever a planner thinks: left alone, SQLite reads all answers of the organisation.
    above = (
        select(_assessment.organisation_id, _assessment.cycle_id, _assessment.unit_id, _sheet.id.label("sheet_id"))
        .select_from(table(Assessment).join(table(Sheet), OF_AGREED_SHEET))
        .where(
            _assessment.organisation_id == organisation_id,
            _assessment.cycle_id.in_(sorted(cycles)),
            _assessment.team_id.is_(None),
            or_(_assessment.unit_id.is_(None), _assessment.unit_id.in_(sorted(units))),
        )
        .cte("above")
        .prefix_with("MATERIALIZED")
    )
    rows = connection.execute(
        select(
            above.c.cycle_id,
            _answer.statement,
            func.coalesce(_unit.path, ORGANISATION),
            func.coalesce(_unit.name, ""),
            func.coalesce(_person.name, ""),
            _answer.answered_at,
            _answer.value,
            _answer.reason,
            _answer.note,
            _answer.version,
            _answer.carried_from,
            _answer.look_again,
        ).select_from(
            above.join(
                table(Answer),
                and_(_answer.organisation_id == above.c.organisation_id, _answer.sheet_id == above.c.sheet_id),
            )
            .outerjoin(table(Unit), and_(_unit.organisation_id == above.c.organisation_id, _unit.id == above.c.unit_id))
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
    )
    found: dict[int, dict[str, list[GivenAbove]]] = {}
    for cycle_id, statement, path, unit, by, at, *answer in rows:
        saved = SavedAnswer(*answer)
        # What was carried over was given in an earlier cycle, on another day.
        given = GivenAbove(path, saved, unit, by, None if saved.waits else at)
        found.setdefault(cycle_id, {}).setdefault(statement, []).append(given)
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
