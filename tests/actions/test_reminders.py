"""Reminders to many people: by pages, each of few statements, and nobody twice or left out."""

import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from app.actions.people import deactivate
from app.actions.reminders import (
    KIND,
    ReminderWords,
    look_for_reminders,
    remind_now,
    remind_unit_now,
    send_reminders,
)
from app.actions.teams import archive_team
from app.db.base import table
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery
from app.db.tables.people import Membership, Person, Role
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.mail import Letter
from app.domain.people import RoleKind
from app.queries.reminders import AT_ONCE
from tests.cast import NOW, Cast, address
from tests.conftest import StatementCount
from tests.teamwork import Teamwork, begun

DUE_SOON = NOW + datetime.timedelta(days=23)
"""A week before the cycle is due."""


def write(words: ReminderWords) -> Letter:
    return Letter(words.cycle, " ".join(each.team for each in words.asked), "", f"https://example.org/{words.secret}")


@pytest.fixture
def teamwork(cast: Cast) -> Teamwork:
    return begun(cast)


def crowd(cast: Cast, count: int) -> None:
    """So many more members of Risk."""
    with writing(cast.engine) as session:
        connection = session.connection()
        people = [{"email": f"p{n}@tram.example", "name": f"P {n}", "created_at": NOW} for n in range(count)]
        numbers = connection.execute(insert(table(Person)).returning(table(Person).c.id), people).scalars().all()
        ours = [{"organisation_id": cast.tram, "person_id": number} for number in numbers]
        connection.execute(insert(table(Membership)), [each | {"joined_at": NOW} for each in ours])
        role = {"kind": RoleKind.MEMBER, "team_id": cast.teams["Risk"]}
        connection.execute(insert(table(Role)), [each | role for each in ours])


def jobs(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as session:
        return list(session.scalars(select(Job.payload).where(Job.kind == KIND).order_by(Job.id)))


def sent(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(Delivery.to_address).order_by(Delivery.id)))


def look(cast: Cast, now: datetime.datetime = DUE_SOON) -> None:
    with writing(cast.engine) as session:
        look_for_reminders(session, now)


def do(cast: Cast, job: dict[str, Any], now: datetime.datetime = DUE_SOON) -> None:
    with writing(cast.engine) as session:
        send_reminders(session, write, job, now)


def test_it_works(cast: Cast, teamwork: Teamwork) -> None:
    look(cast)
    look(cast, DUE_SOON + datetime.timedelta(hours=1))
    [job] = jobs(cast.engine)
    do(cast, job)
    do(cast, job)
    assert sorted(sent(cast.engine)) == sorted(address(name) for name in ("lead", "member", "second member"))


def test_a_page_is_as_many_statements_as_a_letter(
    cast: Cast, teamwork: Teamwork, count_statements: StatementCount
) -> None:
    crowd(cast, AT_ONCE)
    look(cast)
    do(cast, {**jobs(cast.engine)[0], "after": 10**9})  # The rubric is read once.
    counted = []
    for number in range(2):
        job = jobs(cast.engine)[number]
        with count_statements(cast.engine) as statements:
            do(cast, job)
        counted.append(len(statements))
    # The first page leaves the rest to a job of its own, which is one statement more.
    assert len(jobs(cast.engine)) == 2
    assert counted[0] <= counted[1] + 1 <= 12, counted
    assert len(sent(cast.engine)) == len(set(sent(cast.engine))) == AT_ONCE + 3


def test_leavers_and_archived_teams_are_left_alone(cast: Cast, teamwork: Teamwork) -> None:
    with writing(cast.engine) as session:
        deactivate(session, cast.actor("admin"), cast.people["member"], NOW)
    look(cast)
    do(cast, jobs(cast.engine)[0])
    assert address("member") not in sent(cast.engine)
    with writing(cast.engine) as session:
        archive_team(session, cast.actor("admin"), cast.teams["Risk"], NOW)
        with pytest.raises(Conflict, match="Nobody is waited for"):
            remind_now(session, cast.actor("admin"), teamwork.cycle_id, NOW.date(), NOW)


def test_only_who_looks_after_a_cycle_sends_by_hand(cast: Cast, teamwork: Teamwork) -> None:
    for name in ("data manager", "lead", "member", "viewer", "stranger"):
        with pytest.raises(NotAllowed), writing(cast.engine) as session:
            remind_now(session, cast.actor(name), teamwork.cycle_id, NOW.date(), NOW)
    with pytest.raises(Missing), writing(cast.engine) as session:
        remind_now(session, cast.actor("outsider"), teamwork.cycle_id, NOW.date(), NOW)
    with writing(cast.engine) as session:
        assert remind_now(session, cast.actor("manager"), teamwork.cycle_id, NOW.date(), NOW) == 3


def remind_unit(cast: Cast, teamwork: Teamwork, who: str, unit: str, now: datetime.datetime = NOW) -> int:
    with writing(cast.engine) as session:
        return remind_unit_now(session, cast.actor(who), teamwork.cycle_id, cast.units[unit], now.date(), now)


def test_a_unit_is_reminded_by_who_manages_it_and_by_nobody_else(cast: Cast, teamwork: Teamwork) -> None:
    for name, unit in (("data manager", "Depots"), ("lead", "Models"), ("member", "Models"), ("viewer", "Data")):
        with pytest.raises(NotAllowed):
            remind_unit(cast, teamwork, name, unit)
    with pytest.raises(Missing):
        remind_unit(cast, teamwork, "manager", "Harbour")
    with pytest.raises(Conflict, match="Nobody is waited for"):
        remind_unit(cast, teamwork, "manager", "Depots")
    assert remind_unit(cast, teamwork, "data manager", "Models") == 3
    [job] = jobs(cast.engine)
    do(cast, job, NOW)
    assert sorted(sent(cast.engine)) == sorted(address(name) for name in ("lead", "member", "second member"))


def test_a_unit_is_reminded_once_a_day_and_nobody_gets_two_letters(cast: Cast, teamwork: Teamwork) -> None:
    assert remind_unit(cast, teamwork, "data manager", "Data") == 3
    for unit in ("Data", "Models"):
        with pytest.raises(Conflict, match="today"):
            remind_unit(cast, teamwork, "manager", unit)
    with writing(cast.engine) as session:
        remind_now(session, cast.actor("manager"), teamwork.cycle_id, NOW.date(), NOW)
    with pytest.raises(Conflict, match="today"):
        remind_unit(cast, teamwork, "data manager", "Models")
    for job in jobs(cast.engine):
        do(cast, job, NOW)
    assert len(sent(cast.engine)) == 3
    tomorrow = NOW + datetime.timedelta(days=1)
    assert remind_unit(cast, teamwork, "data manager", "Models", tomorrow) == 3


def test_who_joined_after_the_day_is_not_reminded_of_it(cast: Cast, teamwork: Teamwork) -> None:
    crowd(cast, 1)
    with writing(cast.engine) as session:
        [late] = session.scalars(select(Person.id).where(Person.email == "p0@tram.example"))
        session.get_one(Membership, (cast.tram, late)).joined_at = DUE_SOON
    look(cast)
    do(cast, jobs(cast.engine)[0])
    assert "p0@tram.example" not in sent(cast.engine)
    assert len(sent(cast.engine)) == 3


def test_without_mail_nothing_is_written(cast: Cast, teamwork: Teamwork) -> None:
    look(cast)
    with writing(cast.engine) as session:
        send_reminders(session, None, jobs(cast.engine)[0], DUE_SOON)
    assert sent(cast.engine) == []
