"""Reading the talk about statements. Before showing it, ask `domain.reveal` who may see what others add."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.findings import Comment
from app.db.tables.org import Team
from app.db.tables.people import Person
from app.domain.people import Actor

MENTIONS_SHOWN = 20

_comment, _person, _assessment, _team = table(Comment).c, table(Person).c, table(Assessment).c, table(Team).c


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One word in a thread; `text` is empty once it was removed. `resolved_by` stands where the thread began."""

    id: int
    thread_id: int | None
    person_id: int | None
    person: str
    text: str
    created_at: datetime.datetime
    resolved_at: datetime.datetime | None
    resolved_by: str


@dataclass(frozen=True, slots=True)
class MentionLine:
    """Somebody wants the reader's word on a statement."""

    assessment_id: int
    statement: str
    rubric_version_id: int
    team: str
    person: str
    created_at: datetime.datetime


def comment_lines(
    connection: Connection, organisation_id: int, assessment_id: int, statement: str
) -> Sequence[CommentLine]:
    """Everything said about a statement of an assessment, the first first."""
    rows = connection.execute(_of_assessment(organisation_id, assessment_id).where(_comment.statement == statement))
    return [CommentLine(*line) for _, *line in rows]


def all_comments(
    connection: Connection, organisation_id: int, assessment_id: int
) -> Mapping[str, Sequence[CommentLine]]:
    """Everything said about any statement of an assessment, by statement; what was removed is left out."""
    found: dict[str, list[CommentLine]] = {}
    for statement, *line in connection.execute(_of_assessment(organisation_id, assessment_id)):
        said = CommentLine(*line)
        if said.text:
            found.setdefault(statement, []).append(said)
    return found


def _of_assessment(organisation_id: int, assessment_id: int) -> Select[Any]:
    """The statement, and the columns of `CommentLine`."""
    resolving = table(Person).alias("resolving")
    return (
        select(
            _comment.statement,
            _comment.id,
            _comment.thread_id,
            _comment.person_id,
            func.coalesce(_person.name, ""),
            _comment.text,
            _comment.created_at,
            _comment.resolved_at,
            func.coalesce(resolving.c.name, ""),
        )
        .select_from(
            table(Comment)
            .outerjoin(table(Person), _person.id == _comment.person_id)
            .outerjoin(resolving, resolving.c.id == _comment.resolved_by)
        )
        .where(
            _comment.organisation_id == organisation_id,
            _comment.assessment_id == assessment_id,
        )
        .order_by(_comment.id)
    )


def open_threads(connection: Connection, organisation_id: int, assessment_id: int) -> Mapping[str, int]:
    """How many threads are not resolved, by statement; statements without any are left out. One statement."""
    rows = connection.execute(
        select(_comment.statement, func.count())
        .where(
            _comment.organisation_id == organisation_id,
            _comment.assessment_id == assessment_id,
            _comment.thread_id.is_(None),
            _comment.resolved_at.is_(None),
        )
        .group_by(_comment.statement)
    )
    return dict(tuple(row) for row in rows)


def mentions(connection: Connection, actor: Actor) -> Sequence[MentionLine]:
    """Where the actor was mentioned in their teams and has not answered, the last first, less resolved threads."""
    began = table(Comment).alias("began")
    rows = connection.execute(
        select(
            _comment.assessment_id,
            _comment.statement,
            _assessment.rubric_version_id,
            _team.name,
            func.coalesce(_person.name, ""),
            _comment.created_at,
            _comment.person_id,
            _comment.mentions,
            func.coalesce(_comment.thread_id, _comment.id),
        )
        .select_from(
            table(Comment)
            .join(
                began,
                and_(
                    began.c.organisation_id == _comment.organisation_id,
                    began.c.id == func.coalesce(_comment.thread_id, _comment.id),
                ),
            )
            .join(
                table(Assessment),
                and_(_assessment.organisation_id == _comment.organisation_id, _assessment.id == _comment.assessment_id),
            )
            .join(
                table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
            )
            .outerjoin(table(Person), _person.id == _comment.person_id)
        )
        .where(
            _comment.organisation_id == actor.organisation_id,
            _assessment.team_id.in_(actor.leads | actor.member_of),
            began.c.resolved_at.is_(None),
        )
        .order_by(_comment.id.desc())
    )
    found, answered = [], set()
    for *line, person_id, meant, thread_id in rows:
        if person_id == actor.person_id:
            answered.add(thread_id)
        elif actor.person_id in (meant or ()) and thread_id not in answered:
            found.append(MentionLine(*line))
    return found[:MENTIONS_SHOWN]
