"""The first account, and new passwords: by links that work once, or by the old password."""

import datetime
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.actions import lock_outs
from app.actions.accounts import change_password, make_reset, make_set_up_link, reset_password, set_up
from app.actions.allowances import UsedUp
from app.actions.one_time_links import purge_links
from app.actions.people import deactivate
from app.actions.signing_in import Entered, Refused, enter, kept_password
from app.db.engine import reading, writing
from app.db.tables.org import Organisation
from app.db.tables.people import Person
from app.db.tables.signing_in import LinkKind, OneTimeLink
from app.domain.errors import Conflict, Missing
from app.queries.people import actor
from app.queries.signing_in import any_account, link_is_good, signed_in
from tests.cast import NOW, Cast, address
from tests.entering import PASSWORD, attempt, compared, entered, hash_of, line
from tests.together import together

SECOND = datetime.timedelta(seconds=1)
HOUR = datetime.timedelta(hours=1)
OTHER = "ferry horns at dusk 8"


def found(engine: Engine, secret: str, now: datetime.datetime = NOW) -> Entered:
    with writing(engine) as session:
        return set_up(session, secret, "Tram", "First", "First@Tram.example", "a hash", "Firefox", now)


def set_up_link(engine: Engine) -> str:
    with writing(engine) as session:
        secret = make_set_up_link(session, NOW)
    assert secret is not None
    return secret


def test_it_works(engine: Engine) -> None:
    came = found(engine, set_up_link(engine))

    with reading(engine) as session:
        connection = session.connection()
        assert actor(connection, came.person_id, came.organisation_id).admin
        assert signed_in(connection, came.secret, NOW) is not None
        assert session.get_one(Person, came.person_id).email == "first@tram.example"
        assert any_account(connection)


def test_the_set_up_link_is_dead_after_use_and_when_somebody_has_an_account(engine: Engine) -> None:
    first, second = set_up_link(engine), set_up_link(engine)
    for link in (first, second):
        with pytest.raises(Missing):
            found(engine, link, NOW + datetime.timedelta(days=1))
    found(engine, first)
    for link in (first, second):
        with pytest.raises(Missing):
            found(engine, link)
    with writing(engine) as session:
        assert make_set_up_link(session, NOW) is None


def test_of_the_links_that_several_replicas_printed_one_founds_the_organisation(engine: Engine) -> None:
    links = [set_up_link(engine) for _ in range(3)]

    def founding(link: str) -> Callable[[Session], Entered]:
        return lambda session: set_up(session, link, "Tram", "First", "first@tram.example", "a hash", "", NOW)

    outcomes = together(engine, [founding(link) for link in links])
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1
    with reading(engine) as session:
        assert len(session.scalars(select(Organisation.id)).all()) == 2


def test_the_set_up_link_that_is_used_twice_at_once_founds_one_organisation(engine: Engine) -> None:
    link = set_up_link(engine)
    outcomes = together(
        engine,
        [lambda session: set_up(session, link, "Tram", "First", "first@tram.example", "a hash", "", NOW)] * 4,
    )
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Missing | Conflict) for outcome in outcomes) == 3
    with reading(engine) as session:
        assert len(session.scalars(select(Organisation.id)).all()) == 2


def reset_link(cast: Cast, email: str = address("lead")) -> str:
    with writing(cast.engine) as session:
        reset = make_reset(session, email, NOW)
    assert reset is not None
    return reset.secret


def test_a_reset_takes_the_new_password_and_ends_every_browser(known: Cast) -> None:
    before, link = entered(known), reset_link(known, " LEAD@tram.example")
    with reading(known.engine) as session:
        account = link_is_good(session.connection(), LinkKind.RESET, link, NOW)
    assert account is not None
    assert account.email == address("lead")

    with writing(known.engine) as session:
        assert reset_password(session, link, hash_of(OTHER), NOW) == known.people["lead"]

    assert line(known, before) is None
    assert isinstance(attempt(known.engine, address("lead"), OTHER), Entered)
    assert isinstance(attempt(known.engine, address("lead"), PASSWORD), Refused)


def test_a_reset_link_is_good_once_for_two_hours_and_until_the_next_one(known: Cast) -> None:
    replaced, link = reset_link(known), reset_link(known)
    for secret, now in ((replaced, NOW), (link, NOW + 2 * HOUR), ("x", NOW), ("\ud800", NOW)):
        with pytest.raises(Missing), writing(known.engine) as session:
            reset_password(session, secret, "a hash", now)
        with pytest.raises(Missing), reading(known.engine) as session:
            link_is_good(session.connection(), LinkKind.RESET, secret, now)
    with writing(known.engine) as session:
        reset_password(session, link, "a hash", NOW + 2 * HOUR - SECOND)
    with pytest.raises(Missing), writing(known.engine) as session:
        reset_password(session, link, "another", NOW)
    with pytest.raises(Missing):
        found(known.engine, reset_link(known))


def test_a_reset_unlocks(known: Cast) -> None:
    for _ in range(lock_outs.FAILURES):
        attempt(known.engine, address("lead"), "wrong")
    link = reset_link(known)
    with writing(known.engine) as session:
        reset_password(session, link, hash_of(PASSWORD), NOW)
    entered(known)


def test_who_may_not_come_in_gets_no_link(known: Cast) -> None:
    with writing(known.engine) as session:
        deactivate(session, known.actor("admin"), known.people["lead"], NOW)
        for email in ("nobody@tram.example", "no address", "\x00", "\ud800", address("lead")):
            assert make_reset(session, email, NOW) is None
    with reading(known.engine) as session:
        assert session.scalars(select(OneTimeLink)).all() == []


def test_links_that_are_over_are_purged(known: Cast) -> None:
    reset_link(known)
    for now, left in ((NOW + 2 * HOUR - SECOND, 1), (NOW + 2 * HOUR, 0)):
        with writing(known.engine) as session:
            purge_links(session, now)
        with reading(known.engine) as session:
            assert len(session.scalars(select(OneTimeLink)).all()) == left


def change(cast: Cast, password: str, name: str = "lead", but: int | None = None) -> Refused | None:
    with reading(cast.engine) as session:
        proof = compared(kept_password(session, address("lead")), password)
    with writing(cast.engine) as session:
        return change_password(session, cast.actor(name), proof, hash_of(OTHER), NOW, but)


def test_the_old_password_lets_take_a_new_one(known: Cast) -> None:
    this, other = entered(known), entered(known)
    here = line(known, this)
    assert here is not None
    assert change(known, PASSWORD, but=here.id) is None
    assert line(known, this) is not None
    assert line(known, other) is None
    assert isinstance(attempt(known.engine, address("lead"), OTHER), Entered)


def test_without_the_old_password_there_is_no_new_one(known: Cast) -> None:
    assert isinstance(change(known, PASSWORD, "member"), Refused)
    for _ in range(lock_outs.FAILURES - 1):
        assert isinstance(change(known, "wrong"), Refused)
    with pytest.raises(UsedUp):
        change(known, PASSWORD)


def test_an_account_of_single_sign_on_has_no_old_password(cast: Cast) -> None:
    assert isinstance(change(cast, ""), Refused)
    with writing(cast.engine) as session:
        enter(session, cast.people["lead"], cast.tram, "", NOW)
