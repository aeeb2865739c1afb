"""Reading what teams agreed on: the results that count, and what they froze."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.rubrics import RubricVersion
from app.domain.errors import Missing
from app.domain.frozen_answers import from_document
from app.domain.people import Actor
from app.domain.progress import Standing
from app.domain.rubric import Rubric
from app.domain.scoring import score
from app.domain.sheets import SavedAnswer, values
from app.queries import rubrics
from app.queries.placed import placed
from app.queries.rights import teams_seen

MOST = 60
"""Results that a page offers or shows at most, the newest ones."""

_agreed, _assessment, _cycle = table(AgreedResult).c, table(Assessment).c, table(Cycle).c
_team, _unit, _system, _version = table(Team).c, table(Unit).c, table(MlSystem).c, table(RubricVersion).c


@dataclass(frozen=True, slots=True)
class TeamResult:
    """What a team agreed on in one assessment and did not reopen, with the answers as they were frozen.

    `cycle` is empty outside any cycle, `system` for an assessment of the team itself.
    """

    assessment_id: int
    team_id: int
    team: str
    cycle_id: int | None
    cycle: str
    system_id: int | None
    system: str
    agreed_at: datetime.datetime
    rubric: Rubric
    answers: Mapping[str, SavedAnswer]

    @property
    def standing(self) -> Standing:
        """Scored from what was frozen, by the rubric version of then."""
        given = values(self.answers)
        return Standing(self.rubric, given, score(self.rubric, given))


def is_result() -> ColumnElement[bool]:
    """Of the agreements on an assessment the one that counts: there is at most one that was not reopened."""
    return _agreed.reopened_at.is_(None)


def results_of_team(
    connection: Connection, organisation_id: int, team_id: int, wishes: Sequence[str] = ()
) -> Sequence[TeamResult]:
    """What the team agreed on, the newest first. One statement, and a rubric not yet known.

    `wishes` are the languages that the reader would rather read rubrics in, here and below.
    """
    asked = _results(organisation_id).where(_assessment.team_id == team_id)
    return _read(connection, organisation_id, asked, wishes)


def results_of_systems(
    connection: Connection, organisation_id: int, team_id: int, wishes: Sequence[str] = ()
) -> Sequence[TeamResult]:
    """The newest result of each ML system of the team by each rubric. One statement, and a rubric not yet known."""
    asked = _results(organisation_id).where(
        _assessment.team_id == team_id, _assessment.ml_system_id.is_not(None), _system.archived_at.is_(None)
    )
    newest: dict[tuple[int | None, str], TeamResult] = {}
    for found in _read(connection, organisation_id, asked, wishes):
        newest.setdefault((found.system_id, found.rubric.key), found)
    return tuple(newest.values())


def result_if_agreed(
    connection: Connection, actor: Actor, assessment_id: int, wishes: Sequence[str] = ()
) -> TeamResult | None:
    """What was agreed in an assessment of a team that the actor sees; None for every other, and before."""
    asked = _results(actor.organisation_id).where(_assessment.id == assessment_id, teams_seen(actor))
    return next(iter(_read(connection, actor.organisation_id, asked, wishes)), None)


def result_of(connection: Connection, actor: Actor, assessment_id: int, wishes: Sequence[str] = ()) -> TeamResult:
    """The same where there must be one; else Missing."""
    found = result_if_agreed(connection, actor, assessment_id, wishes)
    if found is None:
        raise Missing("There is no such result, or it is not agreed.")
    return found


def result_before(
    connection: Connection, organisation_id: int, of: TeamResult, wishes: Sequence[str] = ()
) -> TeamResult | None:
    """What the same team, or ML system, agreed on the last time before, by the same rubric."""
    system = _assessment.ml_system_id.is_not_distinct_from(of.system_id)
    asked = _results(organisation_id).where(
        _assessment.team_id == of.team_id, system, _agreed.agreed_at < of.agreed_at, _version.key == of.rubric.key
    )
    return next(iter(_read(connection, organisation_id, asked.limit(1), wishes)), None)


@dataclass(frozen=True, slots=True)
class ResultName:
    """A result to choose."""

    assessment_id: int
    team: str
    cycle: str
    system: str
    agreed_at: datetime.datetime


def results_seen(connection: Connection, actor: Actor, rubric: str) -> Sequence[ResultName]:
    """The newest results by one rubric, of the teams that the actor sees. One statement."""
    rows = connection.execute(
        _results(actor.organisation_id)
        .where(teams_seen(actor), _version.key == rubric)
        .with_only_columns(
            _assessment.id,
            _team.name,
            func.coalesce(_cycle.name, ""),
            func.coalesce(_system.name, ""),
            _agreed.agreed_at,
        )
    )
    return [ResultName(*row) for row in rows]


def _results(organisation_id: int) -> Select[*tuple[Any, ...]]:
    of_it = and_(_assessment.organisation_id == _agreed.organisation_id, _assessment.id == _agreed.assessment_id)
    return (
        select(
            _assessment.id,
            _team.id,
            _team.name,
            _assessment.cycle_id,
            func.coalesce(_cycle.name, ""),
            _assessment.ml_system_id,
            func.coalesce(_system.name, ""),
            _agreed.agreed_at,
            _agreed.rubric_version_id,
            _agreed.answers,
        )
        .select_from(
            placed(table(AgreedResult).join(table(Assessment), of_it))
            .join(
                table(RubricVersion),
                and_(_version.organisation_id == _agreed.organisation_id, _version.id == _agreed.rubric_version_id),
            )
            .outerjoin(
                table(Cycle),
                and_(_cycle.organisation_id == _assessment.organisation_id, _cycle.id == _assessment.cycle_id),
            )
            .outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
            )
        )
        .where(_agreed.organisation_id == organisation_id, is_result())
        .order_by(_agreed.agreed_at.desc(), _agreed.id.desc())
        .limit(MOST)
    )


def _read(
    connection: Connection, organisation_id: int, asked: Select[*tuple[Any, ...]], wishes: Sequence[str]
) -> Sequence[TeamResult]:
    return [_result(connection, organisation_id, row, wishes) for row in connection.execute(asked).all()]


def _result(connection: Connection, organisation_id: int, row: Sequence[Any], wishes: Sequence[str]) -> TeamResult:
    *line, version, answers = row
    rubric = rubrics.published(connection, organisation_id, version, wishes).rubric
    fields: list[Any] = [*line, rubric, from_document(answers).answers]
    return TeamResult(*fields)
