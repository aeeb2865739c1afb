"""Reading how far the answers of an earlier cycle are copied, and the names of the cycles that answers come from."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.jobs import Job
from app.db.tables.rubrics import RubricVersion

KIND = "carry answers forward"
"""The kind of the job that copies what does not fit into one transaction."""

_job, _assessment, _cycle, _version = table(Job).c, table(Assessment).c, table(Cycle).c, table(RubricVersion).c


def job_key(cycle_id: int, after: int | str) -> str:
    return f"{KIND} {cycle_id} {after}"


@dataclass(frozen=True, slots=True)
class Copying:
    """`done` of `count` assessments begin with what was agreed before."""

    done: int
    count: int


def copying(connection: Connection, organisation_id: int, cycle_id: int) -> Copying | None:
    """How far the copying for a cycle is; None when it is done. One statement, and one more while it is under way."""
    after = connection.execute(
        select(_job.payload)
        .where(
            _job.organisation_id == organisation_id,
            _job.idempotency_key.startswith(job_key(cycle_id, ""), autoescape=True),
            _job.finished_at.is_(None),
        )
        .limit(1)
    ).scalar()
    if after is None:
        return None
    done, count = connection.execute(
        select(func.count().filter(_assessment.id <= after["after"]), func.count()).where(
            _assessment.organisation_id == organisation_id,
            _assessment.cycle_id == cycle_id,
            _assessment.team_id.is_not(None),
        )
    ).one()
    return Copying(done, count)


def cycle_names(connection: Connection, organisation_id: int) -> Mapping[int, str]:
    """Every cycle of the organisation by its number."""
    rows = connection.execute(select(_cycle.id, _cycle.name).where(_cycle.organisation_id == organisation_id))
    return {row.id: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A cycle whose answers a new one of the same rubric, for the same part of the organisation, may begin with."""

    id: int
    name: str
    rubric: str
    unit_id: int | None
    closed: bool


def earlier_cycles(connection: Connection, organisation_id: int) -> list[Earlier]:
    """The cycles to carry forward from, those due last first."""
    rows = connection.execute(
        select(_cycle.id, _cycle.name, _version.key, _cycle.unit_id, _cycle.closed_at.is_not(None))
        .join_from(
            table(Cycle),
            table(RubricVersion),
            (_version.organisation_id == _cycle.organisation_id) & (_version.id == _cycle.rubric_version_id),
        )
        .where(_cycle.organisation_id == organisation_id)
        .order_by(_cycle.due_on.desc(), _cycle.id.desc())
    )
    return [Earlier(*row) for row in rows]
