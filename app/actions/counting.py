"""Keeping the counts of agreed results, in the transaction that changes what is counted.

There is one way to do it: what is counted of some teams is compared with what is to be counted of them, and the
difference goes into the tallies in the order of their keys, so that no two transactions wait for each other. Whoever
moves units or teams holds the organisation; whoever counts shares it, so that no result is counted under a path that
is being changed.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.actions.jobs import enqueue
from app.actions.organisations import locked
from app.db.base import table
from app.db.tables.org import Organisation, Team
from app.db.tables.rollup import CountedLevel, CountedResult, Tally
from app.domain.tallies import TallyKey, difference
from app.queries.counting import (
    AT_ONCE,
    KIND,
    CountedLine,
    ancestors,
    archived_teams_counted,
    by_rubric,
    counted,
    teams_after,
    to_count,
)

NONE = -1
"""The level of a category that nothing applied to."""
KEY = ("organisation_id", "cycle_id", "unit_id", "kind", "key", "level")

_tally, _counted, _level = table(Tally), table(CountedResult), table(CountedLevel)

# With RETURNING many rows go in one statement; without, the driver sends one for each.
ADD_RESULTS = insert(_counted).returning(_counted.c.assessment_id)
ADD_LEVELS = insert(_level).returning(_level.c.assessment_id)


def _adding(dialect: str) -> Any:
    """Insert a tally, or add to the one that is there."""
    into: Any = (sqlite if dialect == "sqlite" else postgresql).insert(_tally)
    return into, {"index_elements": KEY, "set_": {"teams": _tally.c.teams + into.excluded.teams}}


def _add_statement(dialect: str) -> Any:
    into, conflict = _adding(dialect)
    return into.on_conflict_do_update(**conflict).returning(_tally.c.unit_id)


ADD = {dialect: _add_statement(dialect) for dialect in ("sqlite", "postgresql")}


def may_count(session: Session, organisation_id: int) -> None:
    """Share the organisation until the transaction ends: nobody moves its units and teams meanwhile.

    Called before anything else is locked, so that who moves them never waits for who waits for them.
    """
    organisation = table(Organisation).c
    session.execute(select(organisation.id).where(organisation.id == organisation_id).with_for_update(read=True))


def count_teams(session: Session, organisation_id: int, team_ids: Iterable[int]) -> None:
    """Bring the counts of these teams to what is agreed, archived and placed now; nothing where they are right.

    For who shares the organisation (`may_count`) or holds it.
    """
    session.flush()
    ordered = sorted(team_ids)
    for first in range(0, len(ordered), AT_ONCE):
        _count_some(session.connection(), organisation_id, ordered[first : first + AT_ONCE])


def count_archived(session: Session, organisation_id: int, cycle_id: int) -> None:
    """A cycle was reopened: those that were archived since it was closed have no part in it any more."""
    session.flush()
    locked(session, organisation_id)
    count_teams(session, organisation_id, archived_teams_counted(session.connection(), organisation_id, cycle_id))


def count_moved_unit(session: Session, organisation_id: int, unit_id: int, before: str, after: str) -> None:
    """A unit with all below it went from one path to another: what it counts counts above it elsewhere now.

    By a statement for each unit that is left or reached, however many teams are in it. The caller holds the
    organisation.
    """
    left, reached = set(ancestors(before)), set(ancestors(after))
    connection = session.connection()
    for sign, changed in ((-1, left - reached), (1, reached - left)):
        for unit in sorted(changed):
            _add_all(connection, organisation_id, unit_id, unit, sign)


def count_all(session: Session, job: Mapping[str, Any], now: datetime.datetime) -> None:
    """One portion of what was agreed before it was counted; the next one is a job of its own."""
    found = teams_after(session.connection(), job["after"])
    teams: dict[int, list[int]] = {}
    for organisation_id, team_id in found:
        teams.setdefault(organisation_id, []).append(team_id)
    for organisation_id in sorted(teams):
        may_count(session, organisation_id)
    for organisation_id, ids in sorted(teams.items()):
        count_teams(session, organisation_id, ids)
    if len(found) == AT_ONCE:
        after = found[-1][1]
        enqueue(session, KIND, {**job, "after": after}, now, f"{KIND} {job['round']}:{after}")


def _count_some(connection: Connection, organisation_id: int, team_ids: Sequence[int]) -> None:
    # Two assessments of one team that are agreed at once would each not see the other, and no flow between them.
    team = table(Team).c
    held = select(team.id).where(team.organisation_id == organisation_id, team.id.in_(team_ids)).order_by(team.id)
    connection.execute(held.with_for_update(key_share=True)).close()
    before = {line.assessment_id: line for line in counted(connection, organisation_id, team_ids)}
    after = {line.assessment_id: line for line in to_count(connection, organisation_id, team_ids)}
    gone = [before[id] for id in sorted(before) if before[id] != after.get(id)]
    new = [after[id] for id in sorted(after) if after[id] != before.get(id)]
    if gone or new:
        _take_away(connection, organisation_id, gone)
        _put(connection, organisation_id, new)
        add(connection, organisation_id, _change(before.values(), after.values()))


def _change(before: Iterable[CountedLine], after: Iterable[CountedLine]) -> Mapping[TallyKey, int]:
    """Rubric by rubric, since nothing flows between two of them; no tally belongs to both."""
    old, new = by_rubric(before), by_rubric(after)
    change: dict[TallyKey, int] = {}
    for rubric in old.keys() | new.keys():
        one, other = ([line.counted for line in lines.get(rubric, ())] for lines in (old, new))
        for key, teams in difference(one, other).items():
            change[key] = change.get(key, 0) + teams
    return {key: change[key] for key in sorted(change) if change[key]}


def _take_away(connection: Connection, organisation_id: int, gone: Sequence[CountedLine]) -> None:
    ids = [line.assessment_id for line in gone]
    if ids:
        ours = (_counted.c.organisation_id == organisation_id, _counted.c.assessment_id.in_(ids))
        connection.execute(delete(_counted).where(*ours))


def _put(connection: Connection, organisation_id: int, new: Sequence[CountedLine]) -> None:
    """Keep what these results are counted as; their tallies are another thing, that `add` keeps."""
    if new:
        connection.execute(ADD_RESULTS, [result_row(organisation_id, line) for line in new]).close()
        connection.execute(ADD_LEVELS, [row for line in new for row in level_rows(organisation_id, line)]).close()


def add(connection: Connection, organisation_id: int, change: Mapping[TallyKey, int]) -> None:
    """Add to the tallies. `change` comes in the order of its keys, which is the order to take locks in."""
    rows = [tally_row(organisation_id, key, teams) for key, teams in change.items()]
    if rows:
        connection.execute(ADD[connection.dialect.name], rows).close()


def _add_all(connection: Connection, organisation_id: int, of_unit: int, to_unit: int, sign: int) -> None:
    into, conflict = _adding(connection.dialect.name)
    columns = _tally.c
    rows = select(
        columns.organisation_id,
        columns.cycle_id,
        literal(to_unit, columns.unit_id.type),
        columns.kind,
        columns.key,
        columns.level,
        columns.teams * sign,
    ).where(columns.organisation_id == organisation_id, columns.unit_id == of_unit, columns.teams != 0)
    connection.execute(into.from_select([*KEY, "teams"], rows).on_conflict_do_update(**conflict))


def tally_row(organisation_id: int, key: TallyKey, teams: int) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "cycle_id": key.cycle,
        "unit_id": key.unit,
        "kind": key.kind,
        "key": key.key,
        "level": key.level,
        "teams": teams,
    }


def result_row(organisation_id: int, line: CountedLine) -> dict[str, Any]:
    of = line.counted
    return {
        "organisation_id": organisation_id,
        "assessment_id": line.assessment_id,
        "cycle_id": of.cycle,
        "rubric": line.rubric,
        "team_id": of.team,
        "ml_system_id": of.ml_system,
        "unit_id": line.unit_id,
        "result_id": line.result_id,
        "name": line.name,
        "system": line.system,
        "overall": of.of.overall,
        "levels": dict(of.of.levels),
        "limiting": list(of.of.limiting),
    }


def level_rows(organisation_id: int, line: CountedLine) -> Iterable[dict[str, Any]]:
    of = line.counted.of
    for category, level in {"": of.overall, **dict.fromkeys(line.categories, NONE), **of.levels}.items():
        yield {
            "organisation_id": organisation_id,
            "assessment_id": line.assessment_id,
            "category": category,
            "cycle_id": line.counted.cycle,
            "level": level,
            "limits": category in of.limiting,
            "name": line.name,
        }
