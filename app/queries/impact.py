"""What a new version would do to the results that there are: read and scored one by one, and never all held at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.findings import AgreedResult
from app.db.tables.org import MlSystem, Team
from app.db.tables.rubrics import RubricVersion
from app.domain.frozen_answers import from_document
from app.domain.impact import Effect, VersionChange, effect, version_change
from app.domain.rubric import Rubric
from app.domain.sheets import values
from app.queries import rubrics
from app.queries.agreed import is_result

NAMED = 200
"""Teams that are named with what would become of them; all are counted."""
AT_ONCE = 200
"""Results that are read from the database together."""

_agreed, _assessment = table(AgreedResult).c, table(Assessment).c
_team, _system, _version = table(Team).c, table(MlSystem).c, table(RubricVersion).c


@dataclass(frozen=True, slots=True)
class Touched:
    """A team, or one of its ML systems, whose overall level would be another one."""

    assessment_id: int
    team: str
    system: str
    effect: Effect


@dataclass(slots=True)
class Impact:
    """What would become of the newest result of every team by a rubric, or of each of its ML systems.

    `through` counts for each statement how many would rise or fall through it. `touched` names the first ones.
    """

    results: int = 0
    rise: int = 0
    fall: int = 0
    lost_answers: int = 0
    through: Counter[str] = field(default_factory=Counter)
    touched: list[Touched] = field(default_factory=list)

    @property
    def stay(self) -> int:
        return self.results - self.rise - self.fall

    def take(self, line: Touched, lost: int) -> None:
        self.results += 1
        self.lost_answers += lost
        self.rise += line.effect.step > 0
        self.fall += line.effect.step < 0
        self.through.update(line.effect.through)
        if line.effect.step and len(self.touched) < NAMED:
            self.touched.append(line)


def impact(connection: Connection, organisation_id: int, new: Rubric) -> Impact:
    """Every current result by the rubric of this key, scored by the new version too. One statement that streams."""
    found = Impact()
    changes: dict[int, tuple[Rubric, VersionChange]] = {}
    for row in _results(connection, organisation_id, new.key):
        old, change = changes.get(row.rubric_version_id) or _change(connection, organisation_id, row, new)
        changes[row.rubric_version_id] = old, change
        answered = values(from_document(row.answers).answers)
        lost = {*change.asked_again, *change.gone} & answered.keys()
        line = Touched(row.assessment_id, row.team, row.system, effect(old, new, change, answered))
        found.take(line, len(lost))
    return found


def _change(connection: Connection, organisation_id: int, row: Any, new: Rubric) -> tuple[Rubric, VersionChange]:
    old = rubrics.published(connection, organisation_id, row.rubric_version_id).rubric
    return old, version_change(old, new)


def _results(connection: Connection, organisation_id: int, key: str) -> Iterator[Any]:
    """The newest result of each team and ML system, by the names of teams."""
    newest = (
        func.row_number()
        .over(
            partition_by=(_assessment.team_id, _assessment.ml_system_id),
            order_by=(_agreed.agreed_at.desc(), _agreed.id.desc()),
        )
        .label("place")
    )
    found = (
        select(_agreed.id, newest)
        .join_from(
            table(AgreedResult),
            table(Assessment),
            and_(_assessment.organisation_id == _agreed.organisation_id, _assessment.id == _agreed.assessment_id),
        )
        .join(
            table(RubricVersion),
            and_(_version.organisation_id == _agreed.organisation_id, _version.id == _agreed.rubric_version_id),
        )
        .where(
            _agreed.organisation_id == organisation_id,
            is_result(),
            _version.key == key,
            _assessment.team_id.is_not(None),
        )
        .subquery()
    )
    asked = (
        select(
            _assessment.id.label("assessment_id"),
            _team.name.label("team"),
            func.coalesce(_system.name, "").label("system"),
            _agreed.rubric_version_id,
            _agreed.answers,
        )
        .join_from(table(AgreedResult), found, and_(found.c.id == _agreed.id, found.c.place == 1))
        .join(
            table(Assessment),
            and_(_assessment.organisation_id == _agreed.organisation_id, _assessment.id == _agreed.assessment_id),
        )
        .join(table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id))
        .outerjoin(
            table(MlSystem),
            and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
        )
        .where(_agreed.organisation_id == organisation_id, _team.archived_at.is_(None))
        .order_by(_team.name, _assessment.id)
    )
    yield from connection.execution_options(yield_per=AT_ONCE).execute(asked)
