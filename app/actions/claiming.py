"""Claiming a quick check for a team: its sheet is copied into the organisation, with every answer and its history."""

import datetime
from collections.abc import Iterable

from sqlalchemy import Connection, Table, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.mutations import locked
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, Sheet, SheetKind
from app.db.tables.org import Organisation
from app.db.tables.rubrics import RubricVersion, State
from app.domain.errors import Invalid, NotAllowed
from app.domain.organisations import VISITORS
from app.domain.people import Actor
from app.queries.sheets import SheetLine
from app.queries.teams import team_line

COPIED: tuple[type[Answer] | type[AnswerChange] | type[Mutation], ...] = (Answer, AnswerChange, Mutation)


def claim(session: Session, actor: Actor, quick_check: SheetLine, team_id: int, now: datetime.datetime) -> int:
    """Make the quick check an assessment of the team; its number. The link's own sheet is closed, and stays readable.

    Raises Missing for a team of another organisation, NotAllowed for who does not answer for the team and where it was
    claimed before, Invalid where the team is archived.
    """
    connection, organisation_id = session.connection(), actor.organisation_id
    team = team_line(connection, organisation_id, team_id)
    if not actor.may_answer(team.place):
        raise NotAllowed("Only the members and leads of a team claim a quick check for it.")
    if team.archived_at is not None:
        raise Invalid("This team is archived. Restore it first, or choose another one.")
    version = locked(connection, quick_check)
    assessment = {
        "organisation_id": organisation_id,
        "rubric_version_id": same_rubric(connection, organisation_id, quick_check.rubric_version_id, now),
        "team_id": team_id,
        "created_at": now,
    }
    returning = insert(table(Assessment)).returning(table(Assessment).c.id)
    assessment_id: int = connection.execute(returning, assessment).scalar_one()
    _copy_sheet(connection, quick_check, organisation_id, assessment_id, version, now)
    _close(connection, quick_check, now)
    audit.record_by(session, actor, now, "quick check claimed", ("assessment", assessment_id), team=team_id)
    return assessment_id


def _copy_sheet(
    connection: Connection,
    source: SheetLine,
    organisation_id: int,
    assessment_id: int,
    version: int,
    now: datetime.datetime,
) -> None:
    sheet = {
        "organisation_id": organisation_id,
        "assessment_id": assessment_id,
        "kind": SheetKind.AGREED,
        "version": version,
        "answered_at": source.answered_at,
        "created_at": now,
    }
    sheet_id: int = connection.execute(insert(table(Sheet)).returning(table(Sheet).c.id), sheet).scalar_one()
    for entity in COPIED:
        rows = table(entity)
        as_they_are = _columns(rows)
        copy = select(literal(organisation_id), literal(sheet_id), *(rows.c[name] for name in as_they_are)).where(
            rows.c.organisation_id == source.organisation_id, rows.c.sheet_id == source.sheet_id
        )
        connection.execute(insert(rows).from_select(["organisation_id", "sheet_id", *as_they_are], copy))


def _columns(rows: Table) -> Iterable[str]:
    return [column.name for column in rows.columns if column.name not in {"organisation_id", "sheet_id"}]


def _close(connection: Connection, quick_check: SheetLine, now: datetime.datetime) -> None:
    sheet = table(Sheet)
    connection.execute(
        update(sheet)
        .where(sheet.c.organisation_id == quick_check.organisation_id, sheet.c.id == quick_check.sheet_id)
        .values(closed_at=now)
    )


def same_rubric(connection: Connection, organisation_id: int, visitors_version: int, now: datetime.datetime) -> int:
    """The organisation's version with the very text that was answered; where it has none, a copy of it.

    Where the organisation has other versions of that rubric, the copy is retired: nobody begins with it.
    """
    # Whoever adds a version for an organisation holds its row, so that two at once do not take the same number.
    connection.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    versions = table(RubricVersion)
    answered = connection.execute(
        select(versions).where(versions.c.organisation_id == VISITORS, versions.c.id == visitors_version)
    ).one()
    same_key = (versions.c.organisation_id == organisation_id, versions.c.key == answered.key)
    known = connection.execute(
        select(versions.c.id).where(*same_key, versions.c.digest == answered.digest, versions.c.state != State.DRAFT)
    ).scalar()
    if known is not None:
        return int(known)
    newest = connection.execute(select(func.max(versions.c.number)).where(*same_key)).scalar()
    copy = answered._asdict() | {
        "organisation_id": organisation_id,
        "number": (newest or 0) + 1,
        "state": State.PUBLISHED if newest is None else State.RETIRED,
        "created_at": now,
        "published_at": now,
    }
    del copy["id"]
    return int(connection.execute(insert(versions).returning(versions.c.id), copy).scalar_one())
