"""What is answered above the teams, carried forward: what the next cycle begins with there, and what confirms it."""

from dataclasses import replace

import pytest

from app.actions.asked_once import answer_for_unit
from app.actions.sheets import confirm, save
from app.db.engine import reading, writing
from app.domain.answers import Value
from app.domain.asked_once import GivenAbove, asked_of_organisation
from app.domain.cycles import Mode
from app.domain.sheets import Change, Mutation
from app.queries.asked_once import AnsweredAbove, answered_above, counting, differing_now, taken_over_by
from tests.actions.test_carrying import next_cycle
from tests.cast import NOW, Cast
from tests.conftest import StatementCount
from tests.teamwork import CYCLE, Teamwork, begun, new_id


def above(teamwork: Teamwork) -> dict[str, AnsweredAbove]:
    with reading(teamwork.engine) as session:
        found = answered_above(session.connection(), teamwork.cast.tram, teamwork.cycle_id)
    return {each.unit: each for each in found}


def say(teamwork: Teamwork, unit: str, value: Value, keys: tuple[str, ...]) -> None:
    sheet = above(teamwork)[unit].sheet
    said = Mutation(new_id(), sheet.version, {key: Change(value, note="Since the spring") for key in keys})
    with writing(teamwork.engine) as session:
        save(session, sheet, teamwork.rubric, said, NOW, by=teamwork.actor("admin").person_id)


def say_again(teamwork: Teamwork, unit: str, keys: tuple[str, ...]) -> None:
    sheet = above(teamwork)[unit].sheet
    with writing(teamwork.engine) as session:
        confirm(
            session, sheet, teamwork.rubric, new_id(), sheet.version, keys, NOW, by=teamwork.actor("admin").person_id
        )


def taken(teamwork: Teamwork) -> dict[str, GivenAbove]:
    with reading(teamwork.engine) as session:
        return taken_over_by(session.connection(), teamwork.assessing(), teamwork.rubric)


def level(teamwork: Teamwork, keys: tuple[str, ...]) -> list[Value | None]:
    """What each of these counts for the team."""
    with reading(teamwork.engine) as session:
        counted = counting(session.connection(), teamwork.assessing(), teamwork.rubric).answers
    return [counted[key].counts for key in keys]


@pytest.fixture
def spring(cast: Cast) -> Teamwork:
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    first, second, *_ = asked_of_organisation(teamwork.rubric)
    say(teamwork, "", Value.YES, (first, second))
    return teamwork


def for_unit(teamwork: Teamwork, unit: str) -> None:
    with writing(teamwork.engine) as session:
        number = teamwork.cast.units[unit]
        answer_for_unit(session, teamwork.actor("admin"), teamwork.cycle_id, number, NOW)


@pytest.mark.parametrize("mode", Mode)
def test_it_works(spring: Teamwork, mode: Mode) -> None:
    first, second, *_ = asked_of_organisation(spring.rubric)
    autumn = next_cycle(spring, mode)

    line = above(autumn)[""]
    assert (line.answered, line.waiting, line.sheet.version) == (0, 2, 0)
    found = taken(autumn)
    assert set(found) == {first, second}
    assert found[first].answer.carried_from == spring.cycle_id
    assert (found[first].answer.note, found[first].by, found[first].at) == ("Since the spring", "", None)
    assert level(autumn, (first, second)) == [None, None]

    say_again(autumn, "", (first,))
    assert (above(autumn)[""].answered, above(autumn)[""].waiting) == (1, 1)
    assert level(autumn, (first, second)) == [Value.YES, None]
    assert taken(autumn)[first].at is not None
    # What nobody confirmed in the autumn either is older than that.
    winter = next_cycle(autumn, mode, "Winter")
    assert [taken(winter)[key].answer.carried_from for key in (first, second)] == [autumn.cycle_id, spring.cycle_id]


def test_units_are_answered_for_again(spring: Teamwork) -> None:
    first = asked_of_organisation(spring.rubric)[0]
    for_unit(spring, "Models")
    for_unit(spring, "Data")
    say(spring, "Models", Value.NO, (first,))
    autumn = next_cycle(spring)
    assert set(above(autumn)) == {"", "Models", "Data"}
    assert (taken(autumn)[first].unit, taken(autumn)[first].answer.value) == ("Models", Value.NO)


def test_confirming_above_marks_what_was_agreed_without(spring: Teamwork) -> None:
    first, second, *_ = asked_of_organisation(spring.rubric)
    autumn = next_cycle(spring)
    autumn.pick(autumn.assessing().sheet, 1)
    autumn.agree()

    def differing() -> tuple[str, ...]:
        with reading(autumn.engine) as session:
            connection, found = session.connection(), autumn.assessing()
            return differing_now(connection, found, autumn.rubric, counting(connection, found, autumn.rubric))

    assert level(autumn, (first,)) == [None]
    assert differing() == ()
    say_again(autumn, "", (first, second))
    assert set(differing()) == {first, second}
    assert level(autumn, (first,)) == [None]


def test_copying_takes_as_many_statements_however_many_units(
    spring: Teamwork, count_statements: StatementCount
) -> None:
    first = asked_of_organisation(spring.rubric)[0]
    counts = []
    for name, unit in (("Autumn", "Models"), ("Winter", "Data")):
        for_unit(spring, unit)
        say(spring, unit, Value.HALF, (first,))
        with count_statements(spring.engine) as statements:
            next_cycle(spring, name=name)
        counts.append(len(statements))
    assert counts[1] <= counts[0]
