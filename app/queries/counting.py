"""Reading what is to be counted, and what is counted, of teams; and proving that the two are the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.jobs import Job
from app.db.tables.org import MlSystem, Organisation, Team, Unit
from app.db.tables.rollup import CountedResult, Tally
from app.db.tables.rubrics import RubricVersion
from app.domain.frozen_answers import from_document
from app.domain.rollup import WHOLE, Counted, levels
from app.domain.scoring import score
from app.domain.sheets import values
from app.domain.tallies import TallyKey, TallyKind, tallies
from app.queries import rubrics
from app.queries.agreed import is_result

KIND = "count results"
"""The job that counts what was agreed before this was counted. The migration that made the tables names it too."""
AT_ONCE = 500
"""Teams that are counted together."""

_agreed, _assessment, _cycle = table(AgreedResult).c, table(Assessment).c, table(Cycle).c
_team, _unit, _system, _version = table(Team).c, table(Unit).c, table(MlSystem).c, table(RubricVersion).c
_counted, _tally, _organisation = table(CountedResult).c, table(Tally).c, table(Organisation).c


@dataclass(frozen=True, slots=True)
class CountedLine:
    """An agreed result that is counted, or is to be: what it is counted as, and how it is shown.

    `categories` are all of its rubric version, those that nothing applied to among them.
    """

    assessment_id: int
    result_id: int
    rubric: str
    unit_id: int
    name: str
    system: str
    categories: tuple[str, ...]
    counted: Counted


def to_count(connection: Connection, organisation_id: int, team_ids: Iterable[int]) -> Sequence[CountedLine]:
    """What of these teams is to be counted today. One statement, and a rubric not yet known.

    Every result agreed in a cycle. Of an archived team, or ML system, only those of cycles that were closed by then: it
    has no part in a cycle that still runs, and what was is not rewritten.
    """
    asked = _due(organisation_id, team_ids, _agreed.result)
    return [line for row in connection.execute(asked) if (line := _line(connection, organisation_id, row))]


def counted(connection: Connection, organisation_id: int, team_ids: Iterable[int]) -> Sequence[CountedLine]:
    """What of these teams is counted now, in the units that they were counted in. One statement."""
    rows = connection.execute(
        select(
            _counted.assessment_id,
            _counted.result_id,
            _counted.rubric,
            _counted.unit_id,
            _counted.name,
            _counted.system,
            _counted.team_id,
            _counted.ml_system_id,
            _counted.cycle_id,
            _unit.path,
            _agreed.rubric_version_id,
            _agreed.result,
        )
        .select_from(
            table(CountedResult)
            .join(
                table(AgreedResult),
                and_(_agreed.organisation_id == _counted.organisation_id, _agreed.id == _counted.result_id),
            )
            .join(table(Unit), and_(_unit.organisation_id == _counted.organisation_id, _unit.id == _counted.unit_id))
        )
        .where(_counted.organisation_id == organisation_id, _counted.team_id.in_(list(team_ids)))
    )
    return [line for row in rows if (line := _line(connection, organisation_id, row))]


def archived_teams_counted(connection: Connection, organisation_id: int, cycle_id: int) -> Sequence[int]:
    """The teams that are counted in the cycle, and are archived or have an archived ML system."""
    rows = connection.execute(
        select(_counted.team_id)
        .distinct()
        .select_from(
            table(CountedResult)
            .join(table(Team), and_(_team.organisation_id == _counted.organisation_id, _team.id == _counted.team_id))
            .outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _counted.organisation_id, _system.id == _counted.ml_system_id),
            )
        )
        .where(
            _counted.organisation_id == organisation_id,
            _counted.cycle_id == cycle_id,
            or_(_team.archived_at.is_not(None), _system.archived_at.is_not(None)),
        )
    )
    return rows.scalars().all()


def teams_after(connection: Connection, after: int, limit: int = AT_ONCE) -> Sequence[tuple[int, int]]:
    """Organisations and teams, by the numbers of teams above `after`."""
    teams = select(_team.organisation_id, _team.id).where(_team.id > after).order_by(_team.id).limit(limit)
    return [(organisation_id, team_id) for organisation_id, team_id in connection.execute(teams)]


def ancestors(path: str) -> tuple[int, ...]:
    """WHOLE, and the units that a path names, from the top down."""
    return (WHOLE, *(int(each) for each in path.strip("/").split("/") if each))


def _stays(archived_at: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(archived_at.is_(None), _cycle.closed_at <= archived_at)


def _due(organisation_id: int, team_ids: Iterable[int], of: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """What of these teams is to be counted, in the order of `_line`'s columns; `of` is the last of them."""
    return (
        select(
            _assessment.id,
            _agreed.id,
            _version.key,
            _team.unit_id,
            _team.name,
            func.coalesce(_system.name, ""),
            _assessment.team_id,
            _assessment.ml_system_id,
            _assessment.cycle_id,
            _unit.path,
            _agreed.rubric_version_id,
            of,
        )
        .select_from(
            table(Assessment)
            .join(
                table(AgreedResult),
                and_(_agreed.organisation_id == _assessment.organisation_id, _agreed.assessment_id == _assessment.id),
            )
            .join(
                table(RubricVersion),
                and_(_version.organisation_id == _agreed.organisation_id, _version.id == _agreed.rubric_version_id),
            )
            .join(
                table(Cycle),
                and_(_cycle.organisation_id == _assessment.organisation_id, _cycle.id == _assessment.cycle_id),
            )
            .join(
                table(Team), and_(_team.organisation_id == _assessment.organisation_id, _team.id == _assessment.team_id)
            )
            .join(table(Unit), and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id))
            .outerjoin(
                table(MlSystem),
                and_(_system.organisation_id == _assessment.organisation_id, _system.id == _assessment.ml_system_id),
            )
        )
        .where(
            _assessment.organisation_id == organisation_id,
            _assessment.team_id.in_(list(team_ids)),
            is_result(),
            _stays(_team.archived_at),
            _stays(_system.archived_at),
        )
    )


def _line(
    connection: Connection, organisation_id: int, row: Sequence[Any], *, anew: bool = False
) -> CountedLine | None:
    """`anew`: the last column holds the answers, to be scored; else what was stored of the result."""
    *shown, team_id, system_id, cycle_id, path, version_id, found = row
    rubric = rubrics.published(connection, organisation_id, version_id).rubric
    of = levels(rubric, score(rubric, values(from_document(found).answers)) if anew else found)
    if of is None:
        return None
    counted_as = Counted(team_id, system_id, cycle_id, ancestors(path), of)
    fields: list[Any] = [*shown, tuple(rubric.category_by_key), counted_as]
    return CountedLine(*fields)


@dataclass(frozen=True, slots=True)
class Recount:
    """What counting the answers of an organisation anew came to. `wrong` has a sentence for each difference.

    `waits`: results from before they were counted are still to be counted by a job.
    """

    organisation_id: int
    results: int
    tallies: int
    waits: bool
    wrong: tuple[str, ...]


MOST_SAID = 20
"""Differences that are said one by one."""


def recounts(connection: Connection) -> Iterator[Recount]:
    """Each organisation with its results scored anew from the answers and counted, in order. It changes nothing."""
    waits = connection.execute(_waiting()).first() is not None
    for organisation_id in connection.execute(select(_organisation.id).order_by(_organisation.id)).scalars().all():
        yield _recount(connection, organisation_id, waits=waits)


def _recount(connection: Connection, organisation_id: int, *, waits: bool) -> Recount:
    expected, results, wrong = Counter[TallyKey](), 0, list[str]()
    after = 0
    while ids := _some_teams(connection, organisation_id, after):
        due = _scored_anew(connection, organisation_id, ids)
        wrong += _differences(due, {each.assessment_id: each for each in counted(connection, organisation_id, ids)})
        # A team's results are all in one portion, whatever the rubric; flows are between those of one rubric.
        for of_rubric in by_rubric(due.values()).values():
            expected.update(tallies(each.counted for each in of_rubric))
        results, after = results + len(due), ids[-1]
    kept = _kept(connection, organisation_id)
    wrong += [
        f"{each.kind} {each.key!a} at {each.level} in cycle {each.cycle}, unit {each.unit}:"
        f" {kept.get(each, 0)} counted, {expected.get(each, 0)} found"
        for each in sorted(kept.keys() | expected.keys())
        if kept.get(each, 0) != expected.get(each, 0)
    ]
    return Recount(organisation_id, results, len(expected), waits, tuple(_shortened(wrong)))


def by_rubric(lines: Iterable[CountedLine]) -> Mapping[str, list[CountedLine]]:
    found: dict[str, list[CountedLine]] = {}
    for line in lines:
        found.setdefault(line.rubric, []).append(line)
    return found


def _waiting() -> Select[int]:
    job = table(Job).c
    return select(job.id).where(job.kind == KIND, job.finished_at.is_(None), job.failed_at.is_(None)).limit(1)


def _some_teams(connection: Connection, organisation_id: int, after: int) -> Sequence[int]:
    teams = select(_team.id).where(_team.organisation_id == organisation_id, _team.id > after)
    return connection.execute(teams.order_by(_team.id).limit(AT_ONCE)).scalars().all()


def _scored_anew(connection: Connection, organisation_id: int, ids: Sequence[int]) -> dict[int, CountedLine]:
    asked = _due(organisation_id, ids, _agreed.answers)
    lines = (_line(connection, organisation_id, row, anew=True) for row in connection.execute(asked))
    return {line.assessment_id: line for line in lines if line}


def _differences(due: Mapping[int, CountedLine], kept: Mapping[int, CountedLine]) -> Iterator[str]:
    for assessment_id in sorted(due.keys() | kept.keys()):
        if due.get(assessment_id) != kept.get(assessment_id):
            yield f"the result of assessment {assessment_id} is not counted as it was agreed"


def _kept(connection: Connection, organisation_id: int) -> dict[TallyKey, int]:
    rows = connection.execute(
        select(_tally.cycle_id, _tally.unit_id, _tally.kind, _tally.key, _tally.level, _tally.teams).where(
            _tally.organisation_id == organisation_id, _tally.teams != 0
        )
    )
    return {TallyKey(cycle, unit, TallyKind(kind), key, level): teams for cycle, unit, kind, key, level, teams in rows}


def _shortened(wrong: Sequence[str]) -> Iterator[str]:
    yield from wrong[:MOST_SAID]
    if len(wrong) > MOST_SAID:
        yield f"and {len(wrong) - MOST_SAID} more"
