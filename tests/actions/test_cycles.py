"""Cycles: opened for the right teams by who may, extended, closed and reopened."""

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.cycles import NewCycle, ask_more, close_cycle, extend_cycle, open_cycle, reopen_cycle
from app.actions.ml_systems import create_ml_system
from app.actions.teams import archive_team, create_team
from app.db.engine import reading, writing
from app.db.tables.assessments import Assessment, Sheet, SheetKind
from app.db.tables.audit import AuditEvent
from app.db.tables.cycles import Cycle
from app.domain.cycles import Mode, Schedule, Stage
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed
from app.queries.cycles import counts, cycle_line, cycle_lines, standings
from tests.cast import NOW, Cast

TODAY = NOW.date()
SPRING = NewCycle("Spring", "gigaom-mlops", Mode.TOGETHER, TODAY, TODAY + datetime.timedelta(days=30))
EVERYBODY = ("admin", "manager", "data manager", "depot manager", "lead", "member", "viewer", "stranger")


def opened(cast: Cast, asked: NewCycle = SPRING, by: str = "admin") -> int:
    with writing(cast.engine) as session:
        return open_cycle(session, cast.actor(by), asked, NOW).id


def teams_of(cast: Cast, cycle_id: int) -> list[str]:
    names = {number: name for name, number in cast.teams.items()}
    with reading(cast.engine) as session:
        asked = session.scalars(
            select(Assessment.team_id).where(Assessment.cycle_id == cycle_id, Assessment.team_id.is_not(None))
        )
        return sorted(names[number] for number in asked if number is not None)


def test_it_works(cast: Cast) -> None:
    cycle_id = opened(cast)

    assert teams_of(cast, cycle_id) == ["Reports", "Risk", "Timetable", "Wagons"]
    with reading(cast.engine) as session:
        connection = session.connection()
        line = cycle_line(connection, cast.tram, cycle_id)
        assert (line.name, line.mode, line.unit, line.closed_at) == ("Spring", Mode.TOGETHER, "", None)
        assert counts(connection, cast.tram, [cycle_id])[cycle_id] == {
            Stage.NOT_BEGUN: 4,
            Stage.BEGUN: 0,
            Stage.SUBMITTED: 0,
            Stage.AGREED: 0,
        }
        # Each has its agreed sheet, and so has the organisation, which answers what is asked once.
        assert session.scalars(select(Sheet.kind)).all() == [SheetKind.AGREED] * 5
        assert session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "cycle")).all() == ["cycle opened"]


@pytest.mark.parametrize(
    ("chosen", "teams"),
    [
        ({"units": ("Models",)}, ["Risk", "Timetable"]),
        ({"units": ("Data",)}, ["Reports", "Risk", "Timetable"]),
        ({"teams": ("Wagons",)}, ["Wagons"]),
        ({"units": ("Models",), "teams": ("Wagons",)}, ["Risk", "Timetable", "Wagons"]),
    ],
)
def test_units_and_teams_are_chosen(cast: Cast, chosen: dict[str, tuple[str, ...]], teams: list[str]) -> None:
    asked = replace(
        SPRING,
        units=tuple(cast.units[name] for name in chosen.get("units", ())),
        teams=tuple(cast.teams[name] for name in chosen.get("teams", ())),
    )
    assert teams_of(cast, opened(cast, asked)) == teams


def test_archived_teams_and_those_of_others_are_not_asked(cast: Cast) -> None:
    with writing(cast.engine) as session:
        archive_team(session, cast.actor("admin"), cast.teams["Reports"], NOW)
    everybody = opened(cast, replace(SPRING, teams=(cast.teams["Tides"], cast.teams["Reports"], cast.teams["Risk"])))
    assert teams_of(cast, everybody) == ["Risk"]


def test_who_may_open_one(cast: Cast) -> None:
    of_everything = {name for name in EVERYBODY if _may(cast, name, SPRING)}
    of_data = {name for name in EVERYBODY if _may(cast, name, replace(SPRING, unit_id=cast.units["Data"]))}

    assert of_everything == {"admin", "manager"}
    assert of_data == {"admin", "manager", "data manager"}


def _may(cast: Cast, name: str, asked: NewCycle) -> bool:
    with writing(cast.engine) as session:
        try:
            open_cycle(session, cast.actor(name), asked, NOW)
        except NotAllowed:
            return False
        finally:
            session.rollback()
    return True


def test_the_manager_of_a_unit_asks_only_what_lies_below_it(cast: Cast) -> None:
    asked = replace(SPRING, unit_id=cast.units["Data"], teams=(cast.teams["Wagons"], cast.teams["Risk"]))
    assert teams_of(cast, opened(cast, asked, "data manager")) == ["Risk"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (replace(SPRING, name=" "), Invalid),
        (replace(SPRING, due_on=TODAY - datetime.timedelta(days=1)), Invalid),
        (replace(SPRING, rubric="nothing"), Missing),
        (replace(SPRING, unit_id=99_999), Missing),
        (replace(SPRING, units=(99_999,)), Missing),
        (replace(SPRING, teams=(99_999,)), Invalid),
        (replace(SPRING, carried_from=99_999), Missing),
        (replace(SPRING, rubric="ml-test-score"), Invalid),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, wrong: NewCycle, error: type[DomainError]) -> None:
    with pytest.raises(error):
        opened(cast, wrong)
    with reading(cast.engine) as session:
        assert session.scalars(select(Cycle.id)).all() == []


def test_another_organisation_s_unit_is_not_there(cast: Cast) -> None:
    with pytest.raises(Missing):
        opened(cast, replace(SPRING, unit_id=cast.units["Harbour"]))


def test_two_open_cycles_do_not_share_a_name(cast: Cast) -> None:
    first = opened(cast)
    with pytest.raises(Conflict, match="already"):
        opened(cast)
    with writing(cast.engine) as session:
        close_cycle(session, cast.actor("admin"), first, NOW)
    opened(cast)
    with writing(cast.engine) as session, pytest.raises(Conflict, match="already"):
        reopen_cycle(session, cast.actor("admin"), first, "too early", TODAY, NOW)


def test_a_rubric_about_models_asks_for_each_of_them(cast: Cast) -> None:
    with writing(cast.engine) as session:
        for name in ("Fares", "Delays"):
            create_ml_system(session, cast.actor("admin"), cast.teams["Risk"], name, NOW)
    cycle_id = opened(cast, replace(SPRING, rubric="ml-test-score"))

    with reading(cast.engine) as session:
        found = standings(session.connection(), cast.actor("admin"), cycle_id).lines
    assert sorted((line.team, line.system) for line in found) == [("Risk", "Delays"), ("Risk", "Fares")]


def test_teams_come_to_it_later_and_only_once(cast: Cast) -> None:
    cycle_id = opened(cast)
    with writing(cast.engine) as session:
        create_team(session, cast.actor("admin"), cast.units["Depots"], "Rails", NOW)
        assert ask_more(session, cast.actor("admin"), cycle_id, (), (), NOW) == 1
        assert ask_more(session, cast.actor("admin"), cycle_id, (), (), NOW) == 0


def test_extended_closed_and_reopened(cast: Cast) -> None:
    cycle_id, later = opened(cast), SPRING.due_on + datetime.timedelta(days=7)
    admin = cast.actor("admin")
    with writing(cast.engine) as session:
        extend_cycle(session, admin, cycle_id, later, TODAY, NOW)
    with writing(cast.engine) as session:
        close_cycle(session, admin, cycle_id, NOW)
    with reading(cast.engine) as session:
        assert set(session.scalars(select(Sheet.closed_at))) == {NOW}
    with writing(cast.engine) as session, pytest.raises(Conflict, match="closed"):
        extend_cycle(session, admin, cycle_id, later + datetime.timedelta(days=1), TODAY, NOW)
    with writing(cast.engine) as session, pytest.raises(Conflict, match="closed"):
        ask_more(session, admin, cycle_id, (), (), NOW)
    with writing(cast.engine) as session, pytest.raises(Invalid):
        reopen_cycle(session, admin, cycle_id, " ", TODAY, NOW)
    with writing(cast.engine) as session:
        reopen_cycle(session, admin, cycle_id, "Two teams were on leave.", TODAY, NOW)

    with reading(cast.engine) as session:
        line = cycle_line(session.connection(), cast.tram, cycle_id)
        assert (line.due_on, line.closed_at, line.reopened_on) == (later, None, TODAY)
        assert set(session.scalars(select(Sheet.closed_at))) == {None}
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == "cycle").order_by(AuditEvent.id)
        ).all()
    assert actions == ["cycle opened", "cycle extended", "cycle closed", "cycle reopened"]


Deed = Callable[[Session, Cast, str, int], object]

DEEDS: dict[str, Deed] = {
    "extend": lambda session, cast, who, id: extend_cycle(
        session, cast.actor(who), id, SPRING.due_on + datetime.timedelta(days=1), TODAY, NOW
    ),
    "close": lambda session, cast, who, id: close_cycle(session, cast.actor(who), id, NOW),
    "ask more": lambda session, cast, who, id: ask_more(session, cast.actor(who), id, (), (), NOW),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_who_looks_after_it(cast: Cast, deed: str) -> None:
    cycle_id = opened(cast, replace(SPRING, unit_id=cast.units["Data"]))
    did = set()
    for name in EVERYBODY:
        with writing(cast.engine) as session:
            try:
                DEEDS[deed](session, cast, name, cycle_id)
                did.add(name)
            except NotAllowed:
                pass
            session.rollback()
    assert did == {"admin", "manager", "data manager"}
    with writing(cast.engine) as session, pytest.raises(Missing):
        DEEDS[deed](session, cast, "outsider", cycle_id)


def test_who_sees_it(cast: Cast) -> None:
    opened(cast, replace(SPRING, unit_id=cast.units["Data"], units=(cast.units["Models"],)))
    with reading(cast.engine) as session:
        sees = {name for name in (*EVERYBODY, "outsider") if cycle_lines(session.connection(), cast.actor(name)).lines}
    assert sees == {"admin", "manager", "data manager", "lead", "member", "viewer"}


def test_the_schedule_is_kept(cast: Cast) -> None:
    cycle_id = opened(cast, replace(SPRING, schedule=Schedule((5,), (1, 2))))
    with reading(cast.engine) as session:
        assert cycle_line(session.connection(), cast.tram, cycle_id).rules.schedule == Schedule((5,), (1, 2))
