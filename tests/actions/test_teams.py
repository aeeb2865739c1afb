"""Teams and their ML systems: created, renamed, moved, archived and restored by whoever may."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.ml_systems import archive_ml_system, create_ml_system, rename_ml_system, restore_ml_system
from app.actions.teams import archive_team, create_team, move_team, rename_team, restore_team
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.org import MlSystem, Team
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Actor
from app.queries.teams import ml_systems
from tests.cast import NOW, Cast
from tests.together import Deed, together

Doing = Callable[[Session, Actor, Cast], object]

EVERYBODY = ("admin", "manager", "data manager", "depot manager", "lead", "member", "viewer", "stranger", "outsider")
OVER = {"admin", "manager", "data manager"}

DEEDS: dict[str, tuple[Doing, set[str]]] = {
    "create": (lambda session, who, cast: create_team(session, who, cast.units["Models"], "New", NOW), OVER),
    "rename": (lambda session, who, cast: rename_team(session, who, cast.teams["Risk"], "New", NOW), OVER | {"lead"}),
    "move": (lambda session, who, cast: move_team(session, who, cast.teams["Risk"], cast.units["Data"], NOW), OVER),
    "move away": (
        lambda session, who, cast: move_team(session, who, cast.teams["Risk"], cast.units["Depots"], NOW),
        {"admin", "manager"},
    ),
    "archive": (lambda session, who, cast: archive_team(session, who, cast.teams["Risk"], NOW), OVER),
    "restore": (lambda session, who, cast: restore_team(session, who, cast.teams["Risk"], NOW), OVER),
    "create a model": (
        lambda session, who, cast: create_ml_system(session, who, cast.teams["Risk"], "Fraud", NOW),
        OVER | {"lead"},
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_who_may(cast: Cast, name: str) -> None:
    deed, may = DEEDS[name]
    did, missed = set(), set()
    for each in EVERYBODY:
        with writing(cast.engine) as session:
            try:
                deed(session, cast.actor(each), cast)
                did.add(each)
            except NotAllowed:
                pass
            except Missing:
                missed.add(each)
            session.rollback()
    assert did == may
    assert missed == {"outsider"}


def test_it_works(cast: Cast) -> None:
    with writing(cast.engine) as session:
        team = create_team(session, cast.actor("data manager"), cast.units["Models"], " Fares ", NOW).id
        rename_team(session, cast.actor("data manager"), team, "Tickets", NOW)
        move_team(session, cast.actor("data manager"), team, cast.units["Data"], NOW)
        archive_team(session, cast.actor("data manager"), team, NOW)
        restore_team(session, cast.actor("data manager"), team, NOW)
    with reading(cast.engine) as session:
        kept = session.get_one(Team, team)
        assert (kept.name, kept.unit_id, kept.archived_at) == ("Tickets", cast.units["Data"], None)
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == team).order_by(AuditEvent.id))
        told = [event.action for event in events if event.person_id == cast.people["data manager"]]
    assert told == ["team created", "team renamed", "team moved", "team archived", "team restored"]


def test_what_changes_nothing_is_no_event(cast: Cast) -> None:
    def count() -> int:
        with reading(cast.engine) as session:
            return len(session.scalars(select(AuditEvent.id)).all())

    before = count()
    with writing(cast.engine) as session:
        rename_team(session, cast.actor("lead"), cast.teams["Risk"], "Risk ", NOW)
        move_team(session, cast.actor("admin"), cast.teams["Risk"], cast.units["Models"], NOW)
        restore_team(session, cast.actor("admin"), cast.teams["Risk"], NOW)
    assert count() == before


def test_a_unit_of_another_organisation_takes_no_team(cast: Cast) -> None:
    deeds: tuple[Deed, ...] = (
        lambda session: create_team(session, cast.actor("admin"), cast.units["Harbour"], "New", NOW),
        lambda session: move_team(session, cast.actor("admin"), cast.teams["Risk"], cast.units["Harbour"], NOW),
    )
    for deed in deeds:
        with pytest.raises(Missing), writing(cast.engine) as session:
            deed(session)


def test_a_name_is_given_once_in_a_unit(cast: Cast) -> None:
    who = cast.actor("admin")
    deeds: tuple[Deed, ...] = (
        lambda session: create_team(session, who, cast.units["Models"], "Risk", NOW),
        lambda session: rename_team(session, who, cast.teams["Timetable"], "Risk", NOW),
    )
    for deed in deeds:
        with pytest.raises(Conflict, match="Risk in this unit already"), writing(cast.engine) as session:
            deed(session)
    with writing(cast.engine) as session:
        archive_team(session, who, cast.teams["Risk"], NOW)
        create_team(session, who, cast.units["Models"], "Risk", NOW)
    with pytest.raises(Conflict, match="already"), writing(cast.engine) as session:
        restore_team(session, who, cast.teams["Risk"], NOW)


def test_of_two_that_are_created_with_one_name_at_once_one_is(cast: Cast) -> None:
    who, models = cast.actor("admin"), cast.units["Models"]
    outcomes = together(cast.engine, [lambda session: create_team(session, who, models, "New", NOW)] * 4)
    assert sum(isinstance(outcome, Team) for outcome in outcomes) == 1


@pytest.mark.parametrize("name", ["", "a\tb", "nul \x00", "\ud800", "x" * 201])
def test_a_name_is_one_line_that_can_be_seen(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid), writing(cast.engine) as session:
        rename_team(session, cast.actor("lead"), cast.teams["Risk"], name, NOW)


def test_an_ml_system_of_a_team(cast: Cast) -> None:
    who, risk = cast.actor("lead"), cast.teams["Risk"]
    with writing(cast.engine) as session:
        fraud = create_ml_system(session, who, risk, "Fraud", NOW).id
        rename_ml_system(session, who, fraud, "Fraud 2", NOW)
        archive_ml_system(session, who, fraud, NOW)
        create_ml_system(session, who, risk, "Fraud 2", NOW)
    with pytest.raises(Conflict, match="already"), writing(cast.engine) as session:
        restore_ml_system(session, who, fraud, NOW)
    with reading(cast.engine) as session:
        lines = ml_systems(session.connection(), cast.tram, risk)
    assert [(line.name, line.archived_at is None) for line in lines] == [("Fraud 2", False), ("Fraud 2", True)]


def test_an_ml_system_of_others_is_not_allowed_or_missing(cast: Cast) -> None:
    with writing(cast.engine) as session:
        fraud = create_ml_system(session, cast.actor("admin"), cast.teams["Risk"], "Fraud", NOW).id
    for deed in (rename_ml_system, archive_ml_system, restore_ml_system):
        arguments = ("New", NOW) if deed is rename_ml_system else (NOW,)
        with pytest.raises(NotAllowed), writing(cast.engine) as session:
            deed(session, cast.actor("stranger"), fraud, *arguments)
        with pytest.raises(Missing), writing(cast.engine) as session:
            deed(session, cast.actor("outsider"), fraud, *arguments)
    with reading(cast.engine) as session:
        assert session.get_one(MlSystem, fraud).name == "Fraud"
