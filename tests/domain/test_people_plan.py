"""What a file would change, by what is there already: without a database."""

import pytest

from app.actions.addresses import normalised
from app.domain.people import Role, RoleKind
from app.domain.people_file import read_people
from app.domain.people_places import InvitationThere, MemberThere, Standing, TeamThere, UnitThere
from app.domain.people_plan import Becomes, Plan, PlannedGift, PlannedInvitation, PlannedRole, plan

ADMIN, MANAGER, LEAD, MEMBER, VIEWER = RoleKind
HEAD = "unit,team,name,email,role\n"

THERE = Standing(
    units=(
        UnitThere(1, None, "Retail", False),
        UnitThere(2, 1, "Risk", False),
        UnitThere(3, None, "Old", True),
        UnitThere(4, 1, "Groß", False),
    ),
    teams=(TeamThere(5, 2, "Fraud", False), TeamThere(6, 2, "Credit", True)),
    members={
        "lead@example.org": MemberThere(7, "Lead", False, frozenset({Role(LEAD, team_id=5)})),
        "gone@example.org": MemberThere(8, "Gone", True, frozenset()),
    },
    invitations={
        "new@example.org": InvitationThere("New", (Role(MEMBER, team_id=5), Role(VIEWER, team_id=6))),
    },
)  # fmt: skip


def planned(lines: str, standing: Standing = THERE) -> Plan:
    return plan(read_people((HEAD + lines).encode(), normalised), standing)


def test_it_works() -> None:
    found = planned(
        "Retail / Risk,Claims,One,one@example.org,lead\n"
        "Retail / Search,Ranking,One,one@example.org,\n"
        "Retail / Search,,Two,two@example.org,manager\n"
        ",,Three,three@example.org,manager\n",
        THERE,
    )

    assert found.problems == ()
    assert found.units == (("Retail", "Search"),)
    assert found.teams == ((("Retail", "Risk"), "Claims"), (("Retail", "Search"), "Ranking"))
    assert found.gifts == ()
    assert found.invitations == (
        PlannedInvitation(
            "one@example.org",
            "One",
            (PlannedRole(LEAD, ("Retail", "Risk"), "Claims"), PlannedRole(MEMBER, ("Retail", "Search"), "Ranking")),
        ),
        PlannedInvitation("two@example.org", "Two", (PlannedRole(MANAGER, ("Retail", "Search")),)),
        PlannedInvitation("three@example.org", "Three", (PlannedRole(MANAGER),)),
    )
    assert [(step.units, step.team, step.person) for step in found.steps] == [
        ((), True, Becomes.INVITED),
        ((("Retail", "Search"),), True, Becomes.INVITED),
        ((), False, Becomes.INVITED),
        ((), False, Becomes.INVITED),
    ]


def test_each_unit_above_is_made_once_and_first() -> None:
    found = planned("A / B / C\nA / B\nA / B / D\n")

    assert found.units == (("A",), ("A", "B"), ("A", "B", "C"), ("A", "B", "D"))
    assert [len(step.units) for step in found.steps] == [3, 0, 1]


def test_who_is_there_gets_only_what_is_missing() -> None:
    found = planned(
        "Retail / Risk,Fraud,Lead,LEAD@example.org,lead\n"
        "Retail / Risk,Fraud,Lead,lead@example.org,viewer\n"
        "Retail / Risk,Fraud,,lead@example.org,lead\n"
    )

    assert found.gifts == (PlannedGift(7, (PlannedRole(VIEWER, ("Retail", "Risk"), "Fraud"),)),)
    assert [step.person for step in found.steps] == [Becomes.THERE, Becomes.GIVEN, Becomes.THERE]
    assert not found.invitations


def test_nothing_to_do_is_said() -> None:
    found = planned(
        "Retail / Risk,Fraud,Somebody,lead@example.org,lead\nRetail / Risk,Fraud,New,new@example.org,\nRetail\n"
    )

    assert not found.changes
    assert (found.there, found.waiting) == (1, 1)
    assert [(step.person, step.called) for step in found.steps] == [
        (Becomes.THERE, "Lead"),
        (Becomes.WAITING, ""),
        (None, ""),
    ]


def test_an_open_invitation_is_replaced_by_one_that_gives_more() -> None:
    found = planned("Retail / Risk,Fraud,,new@example.org,lead\n")

    lead = PlannedRole(LEAD, ("Retail", "Risk"), "Fraud")
    # What was archived meanwhile takes in nobody: the link could not be used.
    assert found.invitations == (PlannedInvitation("new@example.org", "New", (lead,), (Role(MEMBER, team_id=5),)),)
    assert found.steps[0].person is Becomes.INVITED_AGAIN


def test_a_line_twice_is_one() -> None:
    line = "Sales,Prices,One,one@example.org,lead\n"
    twice, once = planned(line + "\n" + line.upper().replace("SALES,PRICES,ONE", "Sales,Prices,One")), planned(line)

    assert twice.digest == once.digest
    assert [step.same_as for step in twice.steps] == [0, 2]


@pytest.mark.parametrize(
    ("lines", "line", "column", "says"),
    [
        ("retail\n", 2, "unit", "Did you mean “Retail”?"),
        ("Retail /  RISK , Fraud\n", 2, "unit", "Did you mean “Risk”?"),
        ("Retail / GROSS\n", 2, "unit", "Did you mean “Groß”?"),
        ("Retail / Risk,fraud\n", 2, "team", "Did you mean “Fraud”?"),
        ("Sales\nRetail\nSALES\n", 4, "unit", "Did you mean “Sales”?"),
        ("Sales,Prices\nSales,prices\n", 3, "team", "Did you mean “Prices”?"),
        ("Old\n", 2, "unit", "There was a unit “Old” here, which is archived."),
        ("old / Further\n", 2, "unit", "There was a unit “old” here, which is archived."),
        ("Retail / Risk,Credit\n", 2, "team", "There was a team “Credit” here, which is archived."),
        ("Retail,Fraud,,gone@example.org,\n", 2, "email", "This person was deactivated here."),
        ("Retail,Fraud,,one@example.org,\n", 2, "name", "Whoever is invited needs a name."),
        (
            "Retail,Fraud,One,one@example.org,\nRetail,Fraud,Other,ONE@example.org,lead\n",
            3,
            "name",
            "one@example.org is called One in line 2",
        ),
    ],
)
def test_what_is_doubtful_is_a_problem(lines: str, line: int, column: str, says: str) -> None:
    (problem,) = planned(lines).problems

    assert (problem.line, problem.path) == (line, column)
    assert says in problem.text


def test_a_unit_may_have_the_name_of_one_elsewhere() -> None:
    found = planned("Sales / Risk\nSales / Old\nSales,Fraud\nSales / Risk,Credit\n")

    assert found.problems == ()
    assert (len(found.units), len(found.teams)) == (3, 2)


def test_problems_of_the_file_and_of_the_plan_come_in_order() -> None:
    found = planned("retail\n,Fraud\nOld\n")

    assert [problem.line for problem in found.problems] == [2, 3, 4]


def test_the_digest_is_of_what_would_change() -> None:
    line = "Sales,Prices,One,one@example.org,lead\n"
    first = planned(line)
    without = Standing(THERE.units, THERE.teams)
    sales = Standing((*THERE.units, UnitThere(9, None, "Sales", False)), THERE.teams)

    assert planned(line + "Retail\n").digest == first.digest
    assert planned(line, without).digest == first.digest
    assert planned(line, sales).digest != first.digest
    assert planned(line.replace("lead", "viewer")).digest != first.digest
    assert planned(line.replace("One", "Two")).digest != first.digest
