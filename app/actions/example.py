"""The example organisation: units, teams, people, and cycles with what was agreed in them, by few statements.

Up to `MOST_WITH_HISTORY` teams all is there that teams would have left behind, and up to `MOST_ANSWERED` all but the
history of answers in closed cycles. More than that have results alone: some of them are made (`example_cycles`), and
the others are copies of these (`example_copies`).
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

from sqlalchemy.orm import Session

from app.actions.claiming import same_rubric
from app.actions.counting import tally_row
from app.actions.example_copies import copy_teams
from app.actions.example_cycles import fill_cycles, make_cycles
from app.actions.example_rows import Filling, Made, team_row
from app.actions.organisations import create_example_organisation
from app.actions.people import join
from app.db.base import table
from app.db.filling import filling_tables, learn_from_filling, put_numbered, put_rows
from app.db.tables.org import MlSystem, Team, Unit
from app.db.tables.people import Membership, Person
from app.db.tables.people import Role as RoleRow
from app.db.tables.rollup import Tally
from app.domain import example, example_cycles
from app.domain.example import ExampleTeam
from app.domain.example_names import DOMAIN, ORGANISATION
from app.domain.example_played import Played, played
from app.domain.organisations import VISITORS
from app.domain.people import Role, RoleKind
from app.domain.rubric import DEFAULT
from app.queries.rubrics import latest

AT_ONCE = 500
"""Teams that are written together."""

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
    further, rounds = example.teams(teams, seed), example_cycles.rounds(cycles, now.date())
    details = {"teams": teams, "seed": seed, "cycles": cycles}
    organisation_id = create_example_organisation(session, ORGANISATION, now, **details).id
    join(session, organisation_id, admin_id, [Role(RoleKind.ADMIN)], now)
    connection = session.connection()
    version = latest(connection, VISITORS, DEFAULT)
    own_version = same_rubric(connection, organisation_id, version.id, now)
    units = _units(session, organisation_id, example.units(example.teams(teams, seed)))
    filling = Filling(connection, organisation_id, own_version, version.rubric, seed, now, rounds, teams)
    with filling_tables(connection):
        _fill_all(filling, units, further, tell)
        learn_from_filling(connection)
    return organisation_id


def _fill_all(
    filling: Filling,
    units: Mapping[tuple[str, ...], Unit],
    further: Iterator[ExampleTeam],
    tell: Callable[[int], None],
) -> None:
    """Write the cycles, the teams with all that is theirs, and what is counted of them."""
    cycle_ids = make_cycles(filling)
    written, models = 0, list[Made]()
    for batch in _batches(filling, further if filling.whole else islice(further, example.ALIKE)):
        made = _fill(filling, units, cycle_ids, batch)
        written += len(made)
        tell(written)
        models += () if filling.whole else made
    if not filling.whole:
        copy_teams(filling, models, further, units, tell)
    tallied = filling.tallied().items()
    tallies = (tally_row(filling.organisation_id, key, teams) for key, teams in tallied)
    put_rows(filling.connection, table(Tally), tallies)


def _batches(filling: Filling, further: Iterator[ExampleTeam]) -> Iterator[Sequence[Played]]:
    while some := list(islice(further, AT_ONCE)):
        cycles = len(filling.rounds)
        yield [played(filling.rubric, team, filling.seed, cycles, whole=filling.whole) for team in some]


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
    batch: Sequence[Played],
) -> Sequence[Made]:
    """Write some teams with all that is theirs."""
    ids = filling.number(table(Team), (team_row(filling, units, each.team, each.part) for each in batch))
    made = [Made(each, id, units[each.team.units]) for each, id in zip(batch, ids, strict=True)]
    people: Mapping[tuple[int, RoleKind], int] = {}
    if filling.whole:
        systems = ({"team_id": one.id, "name": name} for one in made for name in one.team.systems)
        filling.number(table(MlSystem), systems)
        people = _people(filling, made)
    fill_cycles(filling, cycle_ids, made, people)
    return made


def _people(filling: Filling, made: Sequence[Made]) -> Mapping[tuple[int, RoleKind], int]:
    """The people of these teams, by the team's number and what they are in it."""
    places = [(kind, one) for one in made for kind in PEOPLE]
    rows = [
        {
            "email": f"{kind}.{one.team.number + 1}@{DOMAIN}",
            "name": f"Example {kind} {one.team.number + 1}",
            "created_at": filling.now,
        }
        for kind, one in places
    ]
    ids = put_numbered(filling.connection, table(Person), rows)
    filling.put(table(Membership), ({"person_id": id, "joined_at": filling.now} for id in ids))
    filling.number(
        table(RoleRow),
        ({"person_id": id, "kind": kind, "team_id": one.id} for id, (kind, one) in zip(ids, places, strict=True)),
    )
    return {(one.team.number, kind): id for id, (kind, one) in zip(ids, places, strict=True)}
