"""The example organisation: made whole by a few statements for each thousand teams, and removed whole."""

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, insert, literal, select
from sqlalchemy.orm import Session

from app.actions.claiming import same_rubric
from app.actions.organisations import create_example_organisation
from app.actions.people import join
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.people import Membership, Person
from app.db.tables.people import Role as RoleRow
from app.domain import example
from app.domain.example import ExampleTeam
from app.domain.example_names import DOMAIN, ORGANISATION
from app.domain.organisations import VISITORS
from app.domain.people import Role, RoleKind
from app.domain.rubric import DEFAULT, Rubric
from app.queries.rubrics import latest

AT_ONCE = 1000
"""Teams that are written together."""
FIRST = 1
"""The version of a sheet that was saved once."""

# With RETURNING many rows go in one statement; without, the driver of PostgreSQL sends one for each, of many at once.
# Taking the long statements apart costs it more than that where there are as many rows as answers.
_team, _assessment, _sheet, _person = table(Team).c, table(Assessment).c, table(Sheet).c, table(Person).c
KEEP_TEAMS = insert(table(Team)).returning(_team.name, _team.id)
KEEP_SYSTEMS = insert(table(MlSystem)).returning(table(MlSystem).c.id)
KEEP_ASSESSMENTS = insert(table(Assessment)).returning(_assessment.team_id, _assessment.id)
KEEP_SHEETS = insert(table(Sheet)).returning(_sheet.assessment_id, _sheet.id)
KEEP_MUTATIONS = insert(table(Mutation)).returning(table(Mutation).c.sheet_id)
KEEP_ANSWERS = insert(table(Answer))
KEEP_PEOPLE = insert(table(Person)).returning(_person.email, _person.id)
KEEP_MEMBERSHIPS = insert(table(Membership)).returning(table(Membership).c.person_id)
KEEP_ROLES = insert(table(RoleRow)).returning(table(RoleRow).c.id)

PEOPLE = (RoleKind.LEAD, RoleKind.MEMBER)
"""Each team has one of each. Nobody signs in as one of them: they have no password, and no mail reaches them."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filling:
    """What all rows of one example share."""

    connection: Connection
    organisation_id: int
    rubric_version_id: int
    rubric: Rubric
    seed: int
    now: datetime.datetime

    def keep(self, statement: Any, rows: Iterable[Row]) -> dict[Any, int]:
        """Write the rows of one table; what it returns, as a mapping, where that is two columns."""
        ours = [{"organisation_id": self.organisation_id} | row for row in rows]
        written = self.connection.execute(statement, ours).all() if ours else []
        return {row[0]: row[-1] for row in written}


def add_example(
    session: Session, admin_id: int, now: datetime.datetime, teams: int = example.TEAMS, seed: int = example.SEED
) -> int:
    """An organisation of its own with units, teams, ML systems, people and answers; its number.

    The person is its admin. Asks nobody: for the first set-up and the command line. The same seed makes the same.
    Invalid for a number of teams that cannot be. One event tells of it all.
    """
    made = example.teams(teams, seed)
    organisation_id = create_example_organisation(session, ORGANISATION, now, teams=teams, seed=seed).id
    join(session, organisation_id, admin_id, [Role(RoleKind.ADMIN)], now)
    connection = session.connection()
    version = latest(connection, VISITORS, DEFAULT)
    own_version = same_rubric(connection, organisation_id, version.id, now)
    units = _units(session, organisation_id, example.units(example.teams(teams, seed)))
    filling = Filling(connection, organisation_id, own_version, version.rubric, seed, now)
    for some in _batches(made):
        _fill(filling, units, some)
    return organisation_id


def _batches(made: Iterator[ExampleTeam]) -> Iterator[Sequence[ExampleTeam]]:
    while some := list(islice(made, AT_ONCE)):
        yield some


def _units(session: Session, organisation_id: int, paths: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], int]:
    """The numbers of the units by their names from the top. `paths` come with the upper ones first."""
    made: dict[tuple[str, ...], Unit] = {(): Unit(path="/")}
    for _, level in groupby(paths, key=len):
        units = {path: _unit(organisation_id, path[-1], made[path[:-1]]) for path in level}
        session.add_all(units.values())
        session.flush()
        for path, unit in units.items():
            unit.path = f"{made[path[:-1]].path}{unit.id}/"
        made |= units
    session.flush()
    return {path: unit.id for path, unit in made.items()}


def _unit(organisation_id: int, name: str, parent: Unit) -> Unit:
    return Unit(organisation_id=organisation_id, parent_id=parent.id, name=name, path="")


def _fill(filling: Filling, units: Mapping[tuple[str, ...], int], teams: Sequence[ExampleTeam]) -> None:
    ids = filling.keep(KEEP_TEAMS, ({"unit_id": units[team.units], "name": team.name} for team in teams))
    systems = ({"team_id": ids[team.name], "name": name} for team in teams for name in team.systems)
    filling.keep(KEEP_SYSTEMS, systems)
    _people(filling, teams, ids)
    _answers(filling, teams, ids)


def _people(filling: Filling, teams: Sequence[ExampleTeam], ids: Mapping[str, int]) -> None:
    places = {
        f"{kind}.{team.number + 1}@{DOMAIN}": (f"Example {kind} {team.number + 1}", kind, ids[team.name])
        for team in teams
        for kind in PEOPLE
    }
    rows = [{"email": email, "name": name, "created_at": filling.now} for email, (name, *_) in places.items()]
    people = {row.email: row.id for row in filling.connection.execute(KEEP_PEOPLE, rows)}
    filling.keep(KEEP_MEMBERSHIPS, ({"person_id": people[email], "joined_at": filling.now} for email in places))
    roles = (
        {"person_id": people[email], "kind": kind, "team_id": team_id} for email, (_, kind, team_id) in places.items()
    )
    filling.keep(KEEP_ROLES, roles)


def _answers(filling: Filling, teams: Sequence[ExampleTeam], ids: Mapping[str, int]) -> None:
    """One assessment for each team, with one sheet that was saved once, by one mutation with its history."""
    now, version_id = filling.now, filling.rubric_version_id
    assessments = filling.keep(
        KEEP_ASSESSMENTS,
        ({"rubric_version_id": version_id, "team_id": ids[team.name], "created_at": now} for team in teams),
    )
    times = {"created_at": now, "answered_at": now}
    sheets = filling.keep(
        KEEP_SHEETS,
        ({"assessment_id": id, "kind": SheetKind.AGREED, "version": FIRST, **times} for id in assessments.values()),
    )
    of_team = {team.number: sheets[assessments[ids[team.name]]] for team in teams}
    filling.keep(KEEP_MUTATIONS, (_mutation(sheet, now) for sheet in of_team.values()))
    filling.connection.execute(KEEP_ANSWERS, list(_rows(filling, teams, of_team)))
    _keep_history(filling, min(of_team.values()), max(of_team.values()))


def _mutation(sheet_id: int, now: datetime.datetime) -> Row:
    # Nobody asks for it again: it has an id and a digest because every mutation has.
    digest = hashlib.sha256(f"example {sheet_id}".encode()).digest()
    id = str(uuid.UUID(bytes=digest[:16]))
    version = {"version": FIRST, "digest": digest, "kind": MutationKind.ANSWERS}
    return {"sheet_id": sheet_id, "mutation_id": id, "at": now, **version}


def _rows(filling: Filling, teams: Sequence[ExampleTeam], of_team: Mapping[int, int]) -> Iterator[Row]:
    for team in teams:
        for statement, answer in example.answers(filling.rubric, team, filling.seed).items():
            yield {
                "organisation_id": filling.organisation_id,
                "sheet_id": of_team[team.number],
                "statement": statement,
                "value": answer.value,
                "reason": answer.reason,
                "note": answer.note,
                "version": FIRST,
                "answered_at": filling.now,
            }


def _keep_history(filling: Filling, first: int, last: int) -> None:
    """Of these sheets, which nobody else can have written to yet: the answers are their own first change."""
    answer, change = table(Answer).c, table(AnswerChange)
    names = [column.name for column in change.columns if column.name != "client"]
    changes = select(*(answer[name] for name in names), literal(None)).where(
        answer.organisation_id == filling.organisation_id, answer.sheet_id.between(first, last)
    )
    filling.connection.execute(insert(change).from_select([*names, "client"], changes))
