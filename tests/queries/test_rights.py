"""Rights as SQL say what the sentences say: for every one of the cast, every team, unit and person."""

from dataclasses import replace

import pytest

from app.actions.organisations import change_settings
from app.db.engine import reading, writing
from app.domain.people import ALL_SCOPES, Actor, Scope, service
from app.queries.people import actor, person_lines
from app.queries.teams import team_line, team_lines
from app.queries.units import unit, unit_lines
from tests.cast import NOW, Cast

EVERYBODY = (
    "admin",
    "manager",
    "data manager",
    "depot manager",
    "lead",
    "member",
    "viewer",
    "stranger",
    "outsider",
)


def compare(cast: Cast, who: Actor) -> set[str]:
    """The teams that are listed; they and the units are those that the sentences allow."""
    ours = ("Risk", "Timetable", "Reports", "Wagons") if who.organisation_id == cast.tram else ("Tides",)
    of_units = ("Data", "Models", "Depots") if who.organisation_id == cast.tram else ("Harbour",)
    with reading(cast.engine) as session:
        connection = session.connection()
        listed = {line.name for line in team_lines(connection, who).lines}
        said = {
            name
            for name in ours
            if who.may_see_team(team_line(connection, who.organisation_id, cast.teams[name]).place)
        }
        units = {line.name for line in unit_lines(connection, who)}
        paths = {name: unit(connection, who.organisation_id, cast.units[name]).path for name in of_units}
    assert listed == said
    assert units == {name for name, path in paths.items() if who.may_see_unit(path)}
    return listed


@pytest.mark.parametrize("name", EVERYBODY)
def test_it_works(cast: Cast, name: str) -> None:
    who = cast.actor(name)
    compare(cast, who)
    for scopes in ({Scope.READ}, {Scope.ADMIN}, set()):
        for teams in (None, {cast.teams["Risk"], cast.teams["Wagons"]}, set()):
            compare(cast, who.limited(scopes, teams))


def test_the_teams_are_these(cast: Cast) -> None:
    seen = {name: compare(cast, cast.actor(name)) for name in EVERYBODY}
    everything = {"Risk", "Timetable", "Reports", "Wagons"}
    assert seen == {
        "admin": everything,
        "manager": everything,
        "data manager": {"Risk", "Timetable", "Reports"},
        "depot manager": {"Wagons"},
        "lead": {"Risk"},
        "member": {"Risk"},
        "viewer": {"Risk"},
        "stranger": {"Wagons"},
        "outsider": {"Tides"},
    }


def test_in_an_open_organisation_members_see_all_and_viewers_what_they_view(cast: Cast) -> None:
    with writing(cast.engine) as session:
        change_settings(session, cast.actor("admin"), members_see_organisation=True, single_sign_on_only=False, now=NOW)
    for name in EVERYBODY:
        seen = compare(cast, cast.actor(name))
        assert len(seen) == (1 if name in {"viewer", "outsider"} else 4)


def test_a_service_token(cast: Cast) -> None:
    assert len(compare(cast, service(cast.tram, "ci", {Scope.READ}))) == 4
    assert compare(cast, service(cast.tram, "ci", ALL_SCOPES, {cast.teams["Risk"], cast.teams["Tides"]})) == {"Risk"}


def test_people_are_those_of_the_actors_part(cast: Cast) -> None:
    def seen(who: Actor) -> set[str]:
        with reading(cast.engine) as session:
            return {line.name.lower() for line in person_lines(session.connection(), who).lines}

    everybody = set(cast.people) - {"outsider"}
    assert seen(cast.actor("admin")) == seen(cast.actor("manager")) == everybody
    assert seen(cast.actor("data manager")) == {"data manager", "lead", "member", "viewer"}
    assert seen(cast.actor("depot manager")) == {"depot manager", "stranger"}
    assert seen(cast.actor("lead")) == {"lead", "member", "viewer"}
    assert seen(cast.actor("member")) == seen(cast.actor("viewer")) == set()
    assert seen(cast.actor("admin").limited(ALL_SCOPES, {cast.teams["Risk"]})) == set()
    assert seen(cast.actor("outsider")) == {"outsider"}


def test_a_foreign_organisation_in_the_actor_leads_nowhere(cast: Cast) -> None:
    foreign = replace(cast.actor("lead"), organisation_id=cast.ferry)
    with reading(cast.engine) as session:
        assert team_lines(session.connection(), foreign).lines == ()
        assert actor(session.connection(), cast.people["lead"], cast.tram).leads == {cast.teams["Risk"]}
