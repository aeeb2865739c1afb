"""What is asked once: answered above, taken over by teams, objected to and settled."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.asked_once import answer_for_unit, object_to, settle_objection
from app.actions.assessing import reopen
from app.actions.cycles import NewCycle, open_cycle
from app.actions.running_cycles import close_cycle
from app.actions.sheets import save
from app.db.engine import reading, writing
from app.db.tables.assessments import Assessment
from app.db.tables.audit import AuditEvent
from app.domain.answers import Value
from app.domain.asked_once import asked_of_organisation
from app.domain.cycles import Mode
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed
from app.domain.sheets import Change, Mutation
from app.queries.agreements import agreed_answers
from app.queries.asked_once import (
    AnsweredAbove,
    Counting,
    answered_above,
    counting,
    differing_in_cycle,
    differing_now,
    taken_over_by,
)
from app.queries.cycles import standings
from app.queries.objections import objections_against, objections_of_team
from tests.cast import NOW, Cast
from tests.teamwork import CYCLE, TODAY, Teamwork, begun, new_id

NO, HALF, YES = Value.NO, Value.HALF, Value.YES


@pytest.fixture
def teamwork(cast: Cast) -> Teamwork:
    return begun(cast, replace(CYCLE, mode=Mode.TOGETHER))


def asked(teamwork: Teamwork) -> str:
    return asked_of_organisation(teamwork.rubric)[0]


def above(teamwork: Teamwork) -> dict[str, AnsweredAbove]:
    with reading(teamwork.engine) as session:
        found = answered_above(session.connection(), teamwork.cast.tram, teamwork.cycle_id)
    return {each.unit: each for each in found}


def for_unit(teamwork: Teamwork, unit: str, by: str = "admin") -> None:
    with writing(teamwork.engine) as session:
        number = teamwork.cast.units[unit]
        answer_for_unit(session, teamwork.actor(by), teamwork.cycle_id, number, NOW)


def say(teamwork: Teamwork, value: Value | None, unit: str = "", statement: str = "") -> None:
    """An admin answers above the teams."""
    sheet = above(teamwork)[unit].sheet
    change = {statement or asked(teamwork): Change(value, note="As the board says.")}
    with writing(teamwork.engine) as session:
        mutation = Mutation(new_id(), sheet.version, change)
        save(session, sheet, teamwork.rubric, mutation, NOW, by=teamwork.cast.people["admin"])


def counted(teamwork: Teamwork) -> Counting:
    with reading(teamwork.engine) as session:
        return counting(session.connection(), teamwork.assessing(), teamwork.rubric)


def now_differing(teamwork: Teamwork) -> tuple[str, ...]:
    found = teamwork.assessing()
    with reading(teamwork.engine) as session:
        counted_now = counting(session.connection(), found, teamwork.rubric)
        return differing_now(session.connection(), found, teamwork.rubric, counted_now)


def obj(teamwork: Teamwork, by: str = "member", note: str = "Not with us.") -> None:
    with writing(teamwork.engine) as session:
        object_to(session, teamwork.actor(by), teamwork.assessment_id, asked(teamwork), note, TODAY, NOW)


def open_objections(teamwork: Teamwork, unit: str | None = None) -> list[tuple[str, str]]:
    unit_id = teamwork.cast.units[unit] if unit else None
    with reading(teamwork.engine) as session:
        found = objections_against(session.connection(), teamwork.cast.tram, teamwork.cycle_id, unit_id)
    return [(each.team, each.note) for each in found]


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_it_works(teamwork: Teamwork) -> None:
    key = asked(teamwork)
    teamwork.save(teamwork.assessing().sheet, key, NO)
    say(teamwork, YES)

    found = counted(teamwork)
    assert (found.own[key].value, found.answers[key].value) == (NO, YES)
    whose = found.taken[key]
    assert (whose.unit, whose.by, whose.at, whose.answer.note) == ("", "Admin", NOW, "As the board says.")
    assert above(teamwork)[""].answered == 1

    for_unit(teamwork, "Models")
    assert counted(teamwork).taken[key].unit == ""
    say(teamwork, HALF, "Models")
    assert counted(teamwork).taken[key].unit == "Models"
    for_unit(teamwork, "Depots")
    say(teamwork, NO, "Depots")
    assert counted(teamwork).answers[key].value is HALF
    say(teamwork, None, "Models")
    say(teamwork, None)
    assert counted(teamwork).answers[key].value is NO  # its own again


def test_a_team_no_longer_answers_it_itself(teamwork: Teamwork) -> None:
    key = asked(teamwork)
    say(teamwork, YES)
    sheet = teamwork.assessing().sheet
    mutation = Mutation(new_id(), sheet.version, {key: Change(NO)})
    with reading(teamwork.engine) as session:
        taken = taken_over_by(session.connection(), teamwork.assessing(), teamwork.rubric)
    with pytest.raises(Invalid, match="by its organisation or unit"), writing(teamwork.engine) as session:
        save(session, sheet, teamwork.rubric, mutation, NOW, by=teamwork.people["lead"], above=taken)
    assert key not in teamwork.answers(sheet)


def test_what_is_agreed_stays_and_is_marked(teamwork: Teamwork) -> None:
    key = asked(teamwork)
    say(teamwork, YES)
    teamwork.pick(teamwork.assessing().sheet, 1)
    teamwork.agree()
    own = counted(teamwork).own[key].value
    assert now_differing(teamwork) == ()

    say(teamwork, NO)
    found = counted(teamwork)
    assert (found.answers[key].value, now_differing(teamwork)) == (YES, (key,))
    with reading(teamwork.engine) as session:
        lines = standings(session.connection(), teamwork.actor("admin"), teamwork.cycle_id).lines
        marked = differing_in_cycle(session.connection(), teamwork.cast.tram, teamwork.cycle_id, teamwork.rubric, lines)
        _, frozen = agreed_answers(session.connection(), teamwork.cast.tram, teamwork.assessment_id, 1)
    assert marked == {teamwork.assessment_id: (key,)}
    assert (frozen.answers[key].value, frozen.own[key].value, frozen.taken[key].by) == (YES, own, "Admin")

    say(teamwork, YES)
    assert now_differing(teamwork) == ()
    say(teamwork, NO)
    with writing(teamwork.engine) as session:
        reopen(session, teamwork.actor("lead"), teamwork.assessment_id, "It changed above.", TODAY, NOW)
    assert (counted(teamwork).answers[key].value, now_differing(teamwork)) == (NO, ())


def test_objecting_and_settling(teamwork: Teamwork) -> None:
    say(teamwork, YES)
    obj(teamwork)
    assert open_objections(teamwork) == [("Risk", "Not with us.")]
    with pytest.raises(Conflict, match="already"):
        obj(teamwork, "lead")

    with writing(teamwork.engine) as session:
        settle_objection(
            session, teamwork.actor("manager"), teamwork.cycle_id, None, teamwork.assessment_id, asked(teamwork), NOW
        )
        assert actions(session)[-2:] == ["objection made", "objection settled"]
    assert open_objections(teamwork) == []
    with reading(teamwork.engine) as session:
        [kept] = objections_of_team(session.connection(), teamwork.assessing()).values()
    assert kept.settled_at == NOW
    obj(teamwork, note="Still not.")
    assert open_objections(teamwork) == [("Risk", "Still not.")]

    say(teamwork, NO)
    assert open_objections(teamwork) == []


def test_an_objection_goes_to_whoever_answered(teamwork: Teamwork) -> None:
    for_unit(teamwork, "Models", by="data manager")
    say(teamwork, NO, "Models")
    obj(teamwork)
    assert open_objections(teamwork) == []
    assert open_objections(teamwork, "Models") == [("Risk", "Not with us.")]


def test_nobody_objects_before_the_reveal(cast: Cast) -> None:
    alone = begun(cast)
    say(alone, YES)
    with pytest.raises(Conflict, match="after the reveal"):
        obj(alone)
    alone.revealed()
    obj(alone)
    assert open_objections(alone) == [("Risk", "Not with us.")]


@pytest.mark.parametrize("name", ["admin", "manager", "data manager", "viewer"])
def test_who_may_not_object(teamwork: Teamwork, name: str) -> None:
    say(teamwork, YES)
    with pytest.raises(NotAllowed):
        obj(teamwork, name)


@pytest.mark.parametrize(
    ("name", "unit", "error"),
    [
        ("lead", "Models", NotAllowed),
        ("depot manager", "Models", NotAllowed),
        ("admin", "Harbour", Missing),
    ],
)
def test_who_may_not_answer_above(teamwork: Teamwork, name: str, unit: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        for_unit(teamwork, unit, name)
    assert set(above(teamwork)) == {""}


def test_a_closed_cycle_is_not_answered_for_another_unit(teamwork: Teamwork) -> None:
    with writing(teamwork.engine) as session:
        close_cycle(session, teamwork.actor("admin"), teamwork.cycle_id, NOW)
    with pytest.raises(Conflict, match="closed"):
        for_unit(teamwork, "Models")


def test_nothing_to_object_to(teamwork: Teamwork) -> None:
    with pytest.raises(Invalid, match="Only an answer"):
        obj(teamwork)
    say(teamwork, YES)
    with pytest.raises(Invalid, match="one sentence"):
        obj(teamwork, note=" ")


def test_the_next_cycle_begins_with_the_team_s_own_answer(teamwork: Teamwork) -> None:
    """What was taken over comes from above anew; nobody answers for the organisation by having agreed with it."""
    key = asked(teamwork)
    teamwork.save(teamwork.assessing().sheet, key, NO)
    say(teamwork, YES)
    teamwork.agree()
    next_one = NewCycle(
        "Summer", "gigaom-mlops", Mode.TOGETHER, TODAY, CYCLE.due_on, carried_from=teamwork.cycle_id,
        teams=(teamwork.cast.teams["Risk"],),
    )  # fmt: skip
    with writing(teamwork.engine) as session:
        cycle_id = open_cycle(session, teamwork.actor("admin"), next_one, NOW).id
        number = select(Assessment.id).where(Assessment.cycle_id == cycle_id, Assessment.team_id.is_not(None))
        assessment_id = session.scalars(number).one()
    summer = replace(teamwork, cycle_id=cycle_id, assessment_id=assessment_id)

    begun_with = counted(summer)
    assert (begun_with.taken[key].answer.value, begun_with.answers[key].counts) == (YES, None)
    assert (begun_with.own[key].value, begun_with.own[key].waits) == (NO, True)
    say(summer, YES)
    assert counted(summer).answers[key].counts is YES
