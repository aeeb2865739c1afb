"""The example organisation: units, teams, people, and cycles with what was agreed in them, by few statements.

Up to `MOST_ANSWERED` teams all is there that teams would have left behind. More than that have results alone: some of
them are made (`example_cycles`), and the others are copies of these (`example_copies`).
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.actions.claiming import same_rubric
from app.actions.counting import add
from app.actions.example_copies import copy_teams
from app.actions.example_cycles import fill_cycles, make_cycles
from app.actions.example_rows import Filling, Made, Row
from app.actions.organisations import create_example_organisation
from app.actions.people import join
from app.db.base import table
from app.db.postgresql import prepare_filling
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.people import Membership, Person
from app.db.tables.people import Role as RoleRow
from app.domain import example, example_cycles
from app.domain.example import ExampleTeam
from app.domain.example_names import DOMAIN, ORGANISATION
from app.domain.organisations import VISITORS
from app.domain.people import Role, RoleKind
from app.domain.rubric import DEFAULT
from app.queries.rubrics import latest

AT_ONCE = 500
"""Teams that are written together."""

_team, _person = table(Team).c, table(Person).c
KEEP_TEAMS = insert(table(Team)).returning(_team.name, _team.id)
KEEP_SYSTEMS = insert(table(MlSystem)).returning(table(MlSystem).c.id)
KEEP_PEOPLE = insert(table(Person)).returning(_person.email, _person.id)
KEEP_MEMBERSHIPS = insert(table(Membership)).returning(table(Membership).c.person_id)
KEEP_ROLES = insert(table(RoleRow)).returning(table(RoleRow).c.id)

PEOPLE = (RoleKind.LEAD, RoleKind.MEMBER)
"""Each team has one of each. Nobody signs in as one of them: they have no password, and no mail reaches them."""


def quiet(_teams: int) -> None:
    """Tells nobody how many teams are written."""


def add_example(
    session: Session,
    admin_id: int,
    now: datetime.datetime,
    teams: int = example.TEAMS,
    seed: int = example.SEED,
    cycles: int = example_cycles.CYCLES,
    tell: Callable[[int], None] = quiet,
) -> int:
    """An organisation of its own with units, teams, ML systems, people and cycles; its number.

    The person is its admin. Asks nobody: for the first set-up and the command line. The same seed makes the same on
    the same day. `tell` hears how many teams are written, again and again. Invalid for a number of teams or cycles that
    cannot be. One event tells of it all.
    """
    made, rounds = example.teams(teams, seed), example_cycles.rounds(cycles, now.date())
    details = {"teams": teams, "seed": seed, "cycles": cycles}
    organisation_id = create_example_organisation(session, ORGANISATION, now, **details).id
    join(session, organisation_id, admin_id, [Role(RoleKind.ADMIN)], now)
    connection = session.connection()
    prepare_filling(connection)
    version = latest(connection, VISITORS, DEFAULT)
    own_version = same_rubric(connection, organisation_id, version.id, now)
    units = _units(session, organisation_id, example.units(example.teams(teams, seed)))
    whole = teams <= example.MOST_ANSWERED
    filling = Filling(connection, organisation_id, own_version, version.rubric, seed, now, rounds, whole, teams)
    cycle_ids = make_cycles(filling)
    written = list[Made]()
    for some in _batches(made if whole else islice(made, example.ALIKE)):
        written += _fill(filling, units, cycle_ids, some)
        tell(len(written))
    if not whole:
        copy_teams(filling, written, made, units, tell)
    add(connection, organisation_id, filling.tallied())
    return organisation_id


def _batches(made: Iterator[ExampleTeam]) -> Iterator[Sequence[ExampleTeam]]:
    while some := list(islice(made, AT_ONCE)):
        yield some


def _units(session: Session, organisation_id: int, paths: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], Unit]:
    """The units by their names from the top. `paths` come with the upper ones first."""
    made: dict[tuple[str, ...], Unit] = {(): Unit(path="/")}
    for _, level in groupby(paths, key=len):
        units = {path: _unit(organisation_id, path[-1], made[path[:-1]]) for path in level}
        session.add_all(units.values())
        session.flush()
        for path, unit in units.items():
            unit.path = f"{made[path[:-1]].path}{unit.id}/"
        made |= units
    session.flush()
    return made


def _unit(organisation_id: int, name: str, parent: Unit) -> Unit:
    return Unit(organisation_id=organisation_id, parent_id=parent.id, name=name, path="")


def _fill(
    filling: Filling,
    units: Mapping[tuple[str, ...], Unit],
    cycle_ids: Sequence[int],
    teams: Sequence[ExampleTeam],
) -> Sequence[Made]:
    """Write some teams with all that is theirs."""
    parts = {team.number: example_cycles.stages(team.number, filling.seed, len(cycle_ids)) for team in teams}
    ids = filling.keep(KEEP_TEAMS, (_team_row(filling, units, team, parts[team.number]) for team in teams))
    people: Mapping[tuple[int, RoleKind], int] = {}
    if filling.whole:
        systems = ({"team_id": ids[team.name], "name": name} for team in teams for name in team.systems)
        filling.keep(KEEP_SYSTEMS, systems)
        people = _people(filling, teams, ids)
    made = [Made(team, ids[team.name], units[team.units], parts[team.number]) for team in teams]
    fill_cycles(filling, cycle_ids, made, people)
    return made


def _team_row(
    filling: Filling, units: Mapping[tuple[str, ...], Unit], team: ExampleTeam, part: example_cycles.Stages
) -> Row:
    return {"unit_id": units[team.units].id, "name": team.name, "archived_at": filling.archived_at(part)}


def _people(
    filling: Filling, teams: Sequence[ExampleTeam], ids: Mapping[str, int]
) -> Mapping[tuple[int, RoleKind], int]:
    """The people of these teams, by the team's number and what they are in it."""
    places = {f"{kind}.{team.number + 1}@{DOMAIN}": (kind, team) for team in teams for kind in PEOPLE}
    rows = [
        {"email": email, "name": f"Example {kind} {team.number + 1}", "created_at": filling.now}
        for email, (kind, team) in places.items()
    ]
    people = {row.email: row.id for row in filling.connection.execute(KEEP_PEOPLE, rows)}
    filling.keep(KEEP_MEMBERSHIPS, ({"person_id": people[email], "joined_at": filling.now} for email in places))
    roles = (
        {"person_id": people[email], "kind": kind, "team_id": ids[team.name]} for email, (kind, team) in places.items()
    )
    filling.keep(KEEP_ROLES, roles)
    return {(team.number, kind): people[email] for email, (kind, team) in places.items()}
