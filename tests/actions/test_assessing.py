"""How a team comes to its result: alone, reveal, agreement, reopening."""

import datetime
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.assessing import agree, ask_people, dissent, reopen, reveal, submit
from app.actions.people import add_person, deactivate
from app.actions.running_cycles import close_cycle
from app.db.engine import reading, writing
from app.db.tables.assessments import Mutation
from app.db.tables.audit import AuditEvent
from app.db.tables.findings import AgreedResult, Dissent
from app.domain.answers import Value
from app.domain.cycles import Mode, Stage
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed
from app.domain.people import Role, RoleKind
from app.queries.agreements import agreed_answers
from app.queries.cycles import counts
from tests.cast import NOW, Cast, address
from tests.teamwork import CYCLE, TODAY, Teamwork, begun
from tests.together import together

EVERYBODY = ("admin", "manager", "data manager", "depot manager", "member", "viewer", "stranger")


@pytest.fixture
def teamwork(cast: Cast) -> Teamwork:
    return begun(cast)


def actions(teamwork: Teamwork) -> list[str]:
    with reading(teamwork.engine) as session:
        found = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == "assessment").order_by(AuditEvent.id)
        )
        return list(found)


def test_it_works(teamwork: Teamwork) -> None:
    assert {one.name: one.asked for one in teamwork.assessing().respondents} == {
        "Lead": True,
        "Member": True,
        "Second Member": True,
    }
    teamwork.submitted("lead", 2)
    teamwork.submitted("member", 1)
    assert teamwork.assessing().revealed_at is None
    teamwork.submitted("second member", 2)

    assert teamwork.assessing().revealed_at == NOW
    teamwork.pick(teamwork.assessing().sheet, 2)
    assert teamwork.agree() == 1
    result = teamwork.assessing().result
    assert result is not None
    assert (result.overall, result.agreed_by) == (2, "Lead")
    assert actions(teamwork) == ["own sheet begun", "own sheet submitted"] * 3 + ["answers revealed", "result agreed"]


def test_each_change_knows_who_made_it(teamwork: Teamwork) -> None:
    teamwork.begin("member")
    teamwork.pick(teamwork.own("member"), 1, by="member")
    with reading(teamwork.engine) as session:
        assert set(session.scalars(select(Mutation.person_id))) == {teamwork.people["member"]}
        events = session.scalars(select(AuditEvent.person_id).where(AuditEvent.action == "level picked"))
        assert set(events) == {teamwork.people["member"]}


def test_beginning_again_finds_the_same_sheet(teamwork: Teamwork) -> None:
    assert teamwork.begin("member") == teamwork.begin("member")
    assert actions(teamwork) == ["own sheet begun"]


@pytest.mark.parametrize("name", [*EVERYBODY[:4], "viewer"])
def test_only_those_asked_have_a_sheet(teamwork: Teamwork, name: str) -> None:
    with pytest.raises((NotAllowed, Missing)):
        teamwork.begin(name)


def test_what_was_submitted_is_changed_no_more(teamwork: Teamwork) -> None:
    teamwork.submitted("member", 1)
    with pytest.raises(NotAllowed, match="closed"):
        teamwork.pick(teamwork.own("member"), 2, by="member")
    with pytest.raises(NotAllowed, match="nothing of yours"):
        teamwork.submit("member")


def test_an_empty_sheet_is_not_submitted(teamwork: Teamwork) -> None:
    teamwork.begin("member")
    with pytest.raises(Invalid, match="Nothing is answered"):
        teamwork.submit("member")


def test_the_lead_asks_some_people_only(teamwork: Teamwork) -> None:
    member = teamwork.people["member"]
    with writing(teamwork.engine) as session:
        ask_people(session, teamwork.actor("lead"), teamwork.assessment_id, {member: ("governance",)}, NOW)

    asked = [one for one in teamwork.assessing().respondents if one.asked]
    assert [(one.person_id, one.categories) for one in asked] == [(member, ("governance",))]
    with pytest.raises(NotAllowed):
        teamwork.begin("second member")
    teamwork.submitted("member", 1)
    assert teamwork.assessing().revealed_at == NOW


@pytest.mark.parametrize("who", [{"stranger": ()}, {"viewer": ()}, {"member": ("nothing",)}, {}])
def test_nobody_else_is_asked(teamwork: Teamwork, who: dict[str, tuple[str, ...]]) -> None:
    numbers = teamwork.cast.people | teamwork.people
    asked = {numbers[name]: categories for name, categories in who.items()}
    with writing(teamwork.engine) as session, pytest.raises(Invalid):
        ask_people(session, teamwork.actor("lead"), teamwork.assessment_id, asked, NOW)


def test_a_leaver_is_not_waited_for_and_what_they_submitted_stays(teamwork: Teamwork) -> None:
    teamwork.submitted("member", 1)
    admin = teamwork.actor("admin")
    with writing(teamwork.engine) as session:
        deactivate(session, admin, teamwork.people["member"], NOW)
        deactivate(session, admin, teamwork.people["second member"], NOW)

    found = teamwork.assessing()
    assert found.alone.asked == {teamwork.people["lead"], teamwork.people["member"]}
    teamwork.submitted("lead", 2)
    assert teamwork.assessing().revealed_at == NOW


def test_the_lead_reveals_before_all_are_in(teamwork: Teamwork) -> None:
    lead = teamwork.actor("lead")
    teamwork.submitted("member", 1)
    with writing(teamwork.engine) as session, pytest.raises(Conflict, match="you too"):
        reveal(session, lead, teamwork.assessment_id, NOW)
    teamwork.submitted("lead", 1)
    teamwork.begin("second member")
    with writing(teamwork.engine) as session:
        reveal(session, lead, teamwork.assessment_id, NOW)
    assert teamwork.assessing().revealed_at == NOW
    with pytest.raises(NotAllowed, match="closed"):
        teamwork.pick(teamwork.own("second member"), 2, by="second member")


def test_closing_the_cycle_reveals_and_closes(teamwork: Teamwork) -> None:
    teamwork.submitted("member", 1)
    teamwork.begin("second member")
    with writing(teamwork.engine) as session:
        close_cycle(session, teamwork.actor("admin"), teamwork.cycle_id, NOW)
    assert teamwork.assessing().revealed_at == NOW
    with pytest.raises(NotAllowed, match="closed"):
        teamwork.pick(teamwork.own("second member"), 2, by="second member")
    with pytest.raises(NotAllowed, match="closed"):
        teamwork.submit("second member")


def test_who_submits_while_the_cycle_is_closed_is_revealed_or_told(teamwork: Teamwork) -> None:
    teamwork.begin("member")
    teamwork.pick(teamwork.own("member"), 1, by="member")
    member, admin = teamwork.actor("member"), teamwork.actor("admin")

    outcomes = together(
        teamwork.engine,
        [
            lambda session: submit(session, member, teamwork.assessment_id, TODAY, NOW),
            lambda session: close_cycle(session, admin, teamwork.cycle_id, NOW),
        ],
    )

    found = teamwork.assessing()
    came_first = outcomes == [False, None]
    assert came_first or isinstance(outcomes[0], NotAllowed)
    assert (bool(found.alone.submitted), found.revealed_at) == (came_first, NOW if came_first else None)


def test_a_cycle_counts_as_submitted_when_all_who_were_asked_have(teamwork: Teamwork) -> None:
    stages = []
    for name in ("lead", "member", "second member"):
        teamwork.submitted(name, 1)
        with reading(teamwork.engine) as session:
            counted = counts(session.connection(), teamwork.cast.tram, [teamwork.cycle_id])[teamwork.cycle_id]
            stages += [stage for stage, count in counted.items() if count]
    assert stages == [Stage.BEGUN, Stage.BEGUN, Stage.SUBMITTED]


def test_nothing_is_answered_before_the_opening(cast: Cast) -> None:
    later = TODAY + datetime.timedelta(days=3)
    teamwork = begun(cast, replace(CYCLE, opens_on=later))
    with pytest.raises(NotAllowed, match="opens on"):
        teamwork.begin("member")
    assert teamwork.begin("member", NOW + datetime.timedelta(days=3))


def test_nothing_is_agreed_before_the_reveal(teamwork: Teamwork) -> None:
    with pytest.raises(Conflict, match="alone first"):
        teamwork.agree()


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_the_lead_agrees(cast: Cast, name: str) -> None:
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    teamwork.pick(teamwork.assessing().sheet, 1)
    with pytest.raises((NotAllowed, Missing)):
        teamwork.agree(name)


def test_nothing_changed_meanwhile_is_agreed_unseen(cast: Cast) -> None:
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    seen = teamwork.assessing()
    teamwork.pick(seen.sheet, 1, by="member")
    with writing(teamwork.engine) as session, pytest.raises(Conflict, match="since you looked"):
        agree(session, teamwork.actor("lead"), teamwork.assessment_id, seen.sheet.version, TODAY, NOW)


def test_what_is_agreed_stands_still_and_reopening_makes_a_revision(cast: Cast) -> None:
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    teamwork.pick(teamwork.assessing().sheet, 1)
    teamwork.agree()
    with pytest.raises(NotAllowed, match="closed"):
        teamwork.pick(teamwork.assessing().sheet, 3)
    with pytest.raises(Conflict, match="agreed already"):
        teamwork.agree()
    with writing(teamwork.engine) as session, pytest.raises(Invalid, match="Say why"):
        reopen(session, teamwork.actor("lead"), teamwork.assessment_id, " ", TODAY, NOW)
    with writing(teamwork.engine) as session:
        reopen(session, teamwork.actor("lead"), teamwork.assessment_id, "We forgot the cloud.", TODAY, NOW)
    assert teamwork.assessing().result is None
    teamwork.pick(teamwork.assessing().sheet, 3)
    assert teamwork.agree() == 2

    found = teamwork.assessing()
    assert [(each.revision, each.overall, each.reopen_reason) for each in found.agreements] == [
        (1, 1, "We forgot the cloud."),
        (2, 3, None),
    ]
    with reading(teamwork.engine) as session:
        line, frozen = agreed_answers(session.connection(), cast.tram, teamwork.assessment_id, 1)
        assert line.overall == 1
        assert len(frozen.answers) == len(teamwork.rubric.statements)
        assert session.scalars(select(AgreedResult.sheet_version).order_by(AgreedResult.revision)).all() == [5, 10]
        with pytest.raises(Missing):
            agreed_answers(session.connection(), cast.tram, teamwork.assessment_id, 3)


def test_of_two_who_agree_at_once_one_does(cast: Cast) -> None:
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    teamwork.pick(teamwork.assessing().sheet, 1)
    lead, version = teamwork.actor("lead"), teamwork.assessing().sheet.version

    def deed(session: Session) -> int:
        return agree(session, lead, teamwork.assessment_id, version, TODAY, NOW)

    outcomes = together(teamwork.engine, [deed] * 4)

    assert sorted(str(type(each).__name__) for each in outcomes) == ["Conflict"] * 3 + ["int"]
    assert len(teamwork.assessing().agreements) == 1


def test_a_dissent_is_on_record(teamwork: Teamwork) -> None:
    statement = next(iter(teamwork.rubric.statements))
    member = teamwork.actor("member")
    with writing(teamwork.engine) as session, pytest.raises(Conflict, match="nothing agreed yet"):
        dissent(session, member, teamwork.assessment_id, statement, Value.NO, "Not in our part.", NOW)
    teamwork.revealed()
    with writing(teamwork.engine) as session:
        dissent(session, member, teamwork.assessment_id, statement, Value.NO, "Not in our part.", NOW)
        dissent(session, member, teamwork.assessment_id, statement, Value.NO, "Nor in theirs.", NOW)
    with reading(teamwork.engine) as session:
        assert session.execute(select(Dissent.value, Dissent.note)).all() == [(Value.NO, "Nor in theirs.")]


@pytest.mark.parametrize(
    ("statement", "note", "error"), [("nothing", "x", Invalid), ("", "x", Invalid), ("first", " ", Invalid)]
)
def test_a_dissent_says_why_and_of_what(
    teamwork: Teamwork, statement: str, note: str, error: type[DomainError]
) -> None:
    teamwork.revealed()
    key = next(iter(teamwork.rubric.statements)) if statement == "first" else statement
    with writing(teamwork.engine) as session, pytest.raises(error):
        dissent(session, teamwork.actor("member"), teamwork.assessment_id, key, None, note, NOW)


@pytest.mark.parametrize("by_closing", [False, True])
def test_a_lead_who_joins_after_the_reveal_was_not_asked_and_compares(teamwork: Teamwork, by_closing: bool) -> None:
    for name in ("lead", "member") if by_closing else ("lead", "member", "second member"):
        teamwork.submitted(name, 1)
    team = Role(RoleKind.LEAD, team_id=teamwork.cast.teams["Risk"])
    with writing(teamwork.engine) as session:
        if by_closing:
            close_cycle(session, teamwork.actor("admin"), teamwork.cycle_id, NOW)
        late = add_person(session, teamwork.cast.tram, address("late lead"), "Late Lead", [team], NOW)
    teamwork.people["late lead"] = late

    found = teamwork.assessing("late lead")

    assert "Late Lead" not in {one.name for one in found.respondents}
    assert found.alone.may_compare(found.viewer(teamwork.actor("late lead")))
    silent = found.alone.may_compare(found.viewer(teamwork.actor("second member")))
    assert silent is not by_closing
