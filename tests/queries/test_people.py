"""Reading people, teams and units: whole, by search, page by page, and in few statements."""

import pytest

from app.actions.people import deactivate
from app.actions.roles import change_roles
from app.actions.teams import archive_team, create_team
from app.db.engine import reading, writing
from app.domain.errors import Invalid, Missing
from app.domain.people import Role, RoleKind
from app.queries.people import actor, person_line, person_lines
from app.queries.teams import people_of_team, team_line, team_lines
from app.queries.units import unit, unit_lines, unit_tree
from tests.cast import NOW, Cast
from tests.conftest import StatementCount


def test_it_works(cast: Cast) -> None:
    data_manager = cast.actor("data manager")
    assert data_manager.manages == (f"/{cast.units['Data']}/",)
    assert (data_manager.admin, data_manager.manages_all, data_manager.name) == (False, False, "Data Manager")
    assert cast.actor("admin").admin
    assert cast.actor("manager").manages_all
    assert cast.actor("member").member_of == {cast.teams["Risk"]}
    assert cast.actor("viewer").views == {cast.teams["Risk"]}


def test_somebody_with_many_roles_has_all_of_them(cast: Cast) -> None:
    risk, wagons = cast.teams["Risk"], cast.teams["Wagons"]
    more = [Role(RoleKind.LEAD, team_id=wagons), Role(RoleKind.MANAGER, unit_id=cast.units["Models"])]
    with writing(cast.engine) as session:
        change_roles(session, cast.actor("admin"), cast.people["member"], more, [], NOW)
    who = cast.actor("member")
    assert (who.member_of, who.leads) == (frozenset({risk}), frozenset({wagons}))
    assert len(who.manages) == 1
    with reading(cast.engine) as session:
        line = person_line(session.connection(), cast.tram, cast.people["member"])
    assert [(role.role.kind.value, role.team, role.unit) for role in line.roles] == [
        ("member", "Risk", None),
        ("lead", "Wagons", None),
        ("manager", None, "Models"),
    ]


def test_who_is_no_active_member_is_no_actor(cast: Cast) -> None:
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), cast.people["member"], NOW)
    with reading(cast.engine) as session:
        for person, organisation in (("member", cast.tram), ("lead", cast.ferry), ("outsider", cast.tram)):
            with pytest.raises(Missing):
                actor(session.connection(), cast.people[person], organisation)
        with pytest.raises(Missing):
            actor(session.connection(), 2**62, cast.tram)


def test_an_actor_takes_one_statement_and_a_page_of_people_two(cast: Cast, count_statements: StatementCount) -> None:
    who = cast.actor("admin")
    with count_statements(cast.engine) as statements, reading(cast.engine) as session:
        actor(session.connection(), cast.people["lead"], cast.tram)
    assert len(statements) == 1
    for read, count in ((person_lines, 2), (team_lines, 1), (unit_lines, 1)):
        with count_statements(cast.engine) as statements, reading(cast.engine) as session:
            read(session.connection(), who)
        assert len(statements) == count


def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast) -> None:
    who, found = cast.actor("admin"), []
    with reading(cast.engine) as session:
        after = None
        for _ in range(9):
            page = person_lines(session.connection(), who, after=after, limit=2)
            found += [line.name for line in page.lines]
            after = page.after
            if after is None:
                break
    assert len(found) == len(set(found)) == 9


@pytest.mark.parametrize(
    ("search", "found"),
    [("RIS", ["Risk"]), ("  wag ", ["Wagons"]), ("%", []), ("_", []), ("\\", []), ("' OR 1=1", []), ("i", None)],
)
def test_a_search_is_for_a_part_of_the_name(cast: Cast, search: str, found: list[str] | None) -> None:
    with reading(cast.engine) as session:
        lines = team_lines(session.connection(), cast.actor("admin"), search=search).lines
        names = [line.name for line in lines]
    assert names == (["Risk", "Timetable"] if found is None else found)


def test_people_are_searched_by_address_too(cast: Cast) -> None:
    with reading(cast.engine) as session:
        lines = person_lines(session.connection(), cast.actor("admin"), search="depot.manager@").lines
    assert [line.name for line in lines] == ["Depot Manager"]


@pytest.mark.parametrize("search", ["\x00", "\ud800", "x" * 201])
def test_a_search_that_no_text_holds_is_invalid(cast: Cast, search: str) -> None:
    with reading(cast.engine) as session:
        for lines in (person_lines, team_lines):
            with pytest.raises(Invalid):
                lines(session.connection(), cast.actor("admin"), search=search)


@pytest.mark.parametrize("after", [("\x00", 1), ("a", 2**63), ("x" * 300, 1)])
def test_a_key_that_no_line_has_is_invalid(cast: Cast, after: tuple[str, int]) -> None:
    with reading(cast.engine) as session:
        for lines in (person_lines, team_lines):
            with pytest.raises(Invalid):
                lines(session.connection(), cast.actor("admin"), after=after)


def test_teams_of_a_unit_and_archived_ones(cast: Cast) -> None:
    who = cast.actor("admin")
    with writing(cast.engine) as session:
        archive_team(session, who, cast.teams["Timetable"], NOW)
    with reading(cast.engine) as session:
        connection = session.connection()
        path = unit(connection, cast.tram, cast.units["Data"]).path
        assert [line.name for line in team_lines(connection, who, unit_path=path).lines] == ["Reports", "Risk"]
        assert [line.name for line in team_lines(connection, who, archived=True).lines] == ["Timetable"]
        assert team_line(connection, cast.tram, cast.teams["Risk"]).people == 2
        people = [
            (person.name, person.kind.value) for person in people_of_team(connection, cast.tram, cast.teams["Risk"])
        ]
    assert people == [("Lead", "lead"), ("Member", "member"), ("Viewer", "viewer")]


def test_units_are_a_tree_with_the_teams_below(cast: Cast) -> None:
    with writing(cast.engine) as session:
        create_team(session, cast.actor("admin"), cast.units["Models"], "Fares", NOW)
    with reading(cast.engine) as session:
        lines = unit_lines(session.connection(), cast.actor("manager"))
        part = unit_lines(session.connection(), cast.actor("data manager"))
    assert [(line.name, line.depth, line.teams, line.teams_below) for line in lines] == [
        ("Data", 0, 1, 4),
        ("Models", 1, 3, 3),
        ("Depots", 0, 1, 1),
    ]
    assert part == lines[:2]


def test_the_tree_to_choose_from_is_the_same_and_counts_no_teams(cast: Cast, count_statements: StatementCount) -> None:
    for who in map(cast.actor, ("manager", "data manager", "member", "outsider")):
        with reading(cast.engine) as session, count_statements(cast.engine) as statements:
            tree = unit_tree(session.connection(), who)
        assert len(statements) == 1
        assert "team" not in statements[0]
        with reading(cast.engine) as session:
            counted = unit_lines(session.connection(), who)
        assert [(each.path, each.depth) for each in tree] == [(each.path, each.depth) for each in counted]


def test_what_is_of_another_organisation_is_missing(cast: Cast) -> None:
    with reading(cast.engine) as session:
        connection = session.connection()
        for read, number in (
            (team_line, cast.teams["Tides"]),
            (unit, cast.units["Harbour"]),
            (person_line, cast.people["outsider"]),
        ):
            with pytest.raises(Missing):
                read(connection, cast.tram, number)
