"""What the closed cycles of a rubric version say of its statements, counted by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, or_, select

from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.org import Organisation
from app.domain.answers import HALVES, Value
from app.domain.cycles import Mode
from app.domain.quality import Counted

MOST_SHEETS = 2_000
"""The newest ones that are counted: enough for a share, and the page costs the same however many there are."""

_sheet, _assessment, _cycle = table(Sheet).c, table(Assessment).c, table(Cycle).c
_answer, _change, _mutation = table(Answer).c, table(AnswerChange).c, table(Mutation).c
_organisation = table(Organisation).c


@dataclass(frozen=True, slots=True)
class Tallied:
    """`least` is k, of fewer sheets nothing is shown; `sheets` are those that were counted."""

    least: int
    sheets: int
    counted: Sequence[Counted]


def tallied(connection: Connection, organisation_id: int, version_id: int) -> Tallied:
    """Of every closed cycle and statement, what was answered. Three statements.

    Counted is what nobody may hide any more: own sheets that were submitted and revealed, and, where a team answers
    together, its one sheet. What somebody answers alone is not counted before the reveal, by no one.
    """
    sheets = _sheets(organisation_id, version_id)
    least, count = connection.execute(
        select(_organisation.least_compared, select(func.count()).select_from(sheets).scalar_subquery()).where(
            _organisation.id == organisation_id
        )
    ).one()
    edited = {(cycle, statement): many for cycle, statement, many in connection.execute(_edited(sheets))}
    rows = [(*row[:2], *map(int, row[2:])) for row in connection.execute(_answered(sheets))]  # PostgreSQL's are Decimal
    counted = [
        Counted(cycle, statement, answered, unknown, not_applicable, edited.get((cycle, statement), 0), *compared)
        for cycle, statement, answered, unknown, not_applicable, *compared in rows
    ]
    return Tallied(least, count, counted)


def _sheets(organisation_id: int, version_id: int) -> Subquery:
    alone = and_(_sheet.kind == SheetKind.OWN, _sheet.submitted_at.is_not(None), _assessment.revealed_at.is_not(None))
    together = and_(_sheet.kind == SheetKind.AGREED, _cycle.mode == Mode.TOGETHER, _assessment.team_id.is_not(None))
    return (
        select(_sheet.organisation_id, _sheet.id, _sheet.assessment_id, _assessment.cycle_id)
        .join_from(
            table(Cycle),
            table(Assessment),
            and_(_assessment.organisation_id == _cycle.organisation_id, _assessment.cycle_id == _cycle.id),
        )
        .join(
            table(Sheet),
            and_(_sheet.organisation_id == _assessment.organisation_id, _sheet.assessment_id == _assessment.id),
        )
        .where(
            _cycle.organisation_id == organisation_id,
            _cycle.closed_at.is_not(None),
            _assessment.rubric_version_id == version_id,
            or_(alone, together),
        )
        .order_by(_sheet.id.desc())
        .limit(MOST_SHEETS)
        .subquery()
    )


def _answered(sheets: Subquery) -> Select[Any]:
    """First assessment by assessment, since only there two sheets are compared; then cycle by cycle."""
    definite = case((_answer.value.in_(HALVES), _answer.value))
    of = (
        select(
            sheets.c.cycle_id,
            _answer.statement,
            func.count().label("answered"),
            func.count(case((_answer.value == Value.UNKNOWN, 1))).label("unknown"),
            func.count(case((_answer.value == Value.NOT_APPLICABLE, 1))).label("not_applicable"),
            func.count(definite).label("definite"),
            func.count(func.distinct(definite)).label("kinds"),
        )
        .join(table(Answer), _on(sheets, _answer))
        .where(_answer.value.is_not(None))
        .group_by(sheets.c.cycle_id, sheets.c.assessment_id, _answer.statement)
        .subquery()
        .c
    )
    compared = of.definite > 1
    return select(
        of.cycle_id,
        of.statement,
        *(func.sum(each).label(each.name) for each in (of.answered, of.unknown, of.not_applicable)),
        func.sum(case((compared, of.definite), else_=0)).label("judged"),
        func.count(case((compared, 1))).label("compared"),
        func.count(case((and_(compared, of.kinds > 1), 1))).label("differing"),
    ).group_by(of.cycle_id, of.statement)


def _edited(sheets: Subquery) -> Select[Any]:
    """On how many sheets a statement was given two different answers by itself. Refining a pick is no such change."""
    of = (
        select(sheets.c.cycle_id, _change.statement)
        .join(table(AnswerChange), _on(sheets, _change))
        .join(
            table(Mutation),
            and_(
                _mutation.organisation_id == _change.organisation_id,
                _mutation.sheet_id == _change.sheet_id,
                _mutation.version == _change.version,
            ),
        )
        .where(_mutation.kind == MutationKind.ANSWERS)
        .group_by(sheets.c.cycle_id, sheets.c.id, _change.statement)
        .having(func.count(func.distinct(_change.value)) > 1)
        .subquery()
        .c
    )
    return select(of.cycle_id, of.statement, func.count()).group_by(of.cycle_id, of.statement)


def _on(sheets: Subquery, of: Any) -> ColumnElement[bool]:
    return and_(of.organisation_id == sheets.c.organisation_id, of.sheet_id == sheets.c.id)
