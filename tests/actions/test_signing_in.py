"""Signing in and out: by the right password alone, for so long, and not after ten wrong ones."""

import datetime

import pytest
from sqlalchemy import Engine, select

from app.actions import lock_outs, passwords
from app.actions.allowances import UsedUp
from app.actions.organisations import change_settings
from app.actions.people import deactivate
from app.actions.signing_in import (
    LASTS,
    SEEN_EVERY,
    SINGLE_SIGN_ON,
    WRONG,
    CodeWanted,
    Entered,
    Refused,
    end_all,
    end_signed_in,
    kept_password,
    note_seen,
    sign_in,
    sign_out,
)
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Person
from app.db.tables.signing_in import Identity, LockOut, SignedIn, SsoProvider
from app.domain.errors import Missing
from app.domain.secret import digest
from app.queries.signing_in import IDLE, KeptPassword, devices
from tests.cast import NOW, Cast, address
from tests.entering import PASSWORD, attempt, compared, entered, hash_of, line
from tests.together import together

SECOND = datetime.timedelta(seconds=1)


def failures(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return list(session.scalars(select(LockOut.failures)))


def really(engine: Engine, email: str, password: str) -> Entered | CodeWanted | Refused:
    """As a page does it: look, compare without any transaction, judge."""
    with reading(engine) as session:
        kept = kept_password(session, email)
    proof = passwords.proof(kept, password)
    with writing(engine) as session:
        return sign_in(session, proof, "Firefox on Linux", NOW)


def test_it_works(cast: Cast) -> None:
    with writing(cast.engine) as session:
        session.get_one(Person, cast.people["lead"]).password_hash = passwords.hashed(PASSWORD)

    came = really(cast.engine, f" {address('lead').upper()} ", PASSWORD)

    assert isinstance(came, Entered)
    found = line(cast, came.secret)
    assert found is not None
    assert (found.person_id, found.organisation_id, found.organisation, found.device) == (
        cast.people["lead"],
        cast.tram,
        "Tram",
        "Firefox on Linux",
    )
    with reading(cast.engine) as session:
        assert session.scalars(select(SignedIn.secret_digest)).one() == digest(came.secret)
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "signed in")).one()
        assert told.person_id == cast.people["lead"]
    assert really(cast.engine, address("lead"), "wrong") == Refused(WRONG)


@pytest.mark.parametrize("email", ["nobody@tram.example", "no address", "\x00", "\ud800", ""])
def test_all_else_is_refused_alike(known: Cast, email: str) -> None:
    for password in (PASSWORD, "wrong"):
        assert attempt(known.engine, email, password) == Refused(WRONG)
    assert failures(known.engine) == [2]


def test_an_unknown_address_takes_a_comparison_too(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    verify = passwords._hash.verify

    def counting(password: bytes, kept: str) -> bool:
        compared.append(kept)
        return verify(password, kept)

    monkeypatch.setattr(passwords._hash, "verify", counting)
    for kept in (KeptPassword("a"), KeptPassword("a", 1, None), KeptPassword("a", 1, passwords.hashed(PASSWORD))):
        assert not passwords.proof(kept, "wrong").right
    assert len(compared) == 3


def test_a_password_that_was_changed_after_it_was_compared_is_wrong(known: Cast) -> None:
    with reading(known.engine) as session:
        proof = compared(kept_password(session, address("lead")), PASSWORD)
    with writing(known.engine) as session:
        session.get_one(Person, known.people["lead"]).password_hash = "another"
    with writing(known.engine) as session:
        assert sign_in(session, proof, "", NOW) == Refused(WRONG)


def test_it_lasts_30_days_and_14_when_it_is_not_used(known: Cast) -> None:
    secret = entered(known)
    assert line(known, secret, NOW + IDLE - SECOND) is not None
    assert line(known, secret, NOW + IDLE) is None
    for day in (10, 20, 29):
        now = NOW + datetime.timedelta(days=day)
        found = line(known, secret, now)
        assert found is not None
        with writing(known.engine) as session:
            note_seen(session, found, now)
    assert line(known, secret, NOW + LASTS - SECOND) is not None
    assert line(known, secret, NOW + LASTS) is None


def test_being_seen_is_written_once_an_hour(known: Cast) -> None:
    found = line(known, entered(known))
    assert found is not None
    for now, seen in ((NOW + SEEN_EVERY - SECOND, NOW), (NOW + SEEN_EVERY, NOW + SEEN_EVERY)):
        with writing(known.engine) as session:
            note_seen(session, found, now)
        with reading(known.engine) as session:
            assert session.scalars(select(SignedIn.last_seen_at)).one() == seen


def test_signing_out_ends_this_browser_and_no_other(known: Cast) -> None:
    first, second = entered(known), entered(known)
    found = line(known, first)
    assert found is not None
    with writing(known.engine) as session:
        sign_out(session, found, NOW)
        sign_out(session, found, NOW)
    assert line(known, first) is None
    assert line(known, second) is not None


def test_ones_own_browsers_are_ended_one_by_one_or_all(known: Cast) -> None:
    mine, others = [entered(known) for _ in range(3)], entered(known, "member")
    lines = [line(known, secret) for secret in (*mine, others)]
    ids = [found.id for found in lines if found is not None]
    with reading(known.engine) as session:
        assert {each.id for each in devices(session.connection(), known.people["lead"], NOW)} == set(ids[:3])
    with writing(known.engine) as session:
        end_signed_in(session, known.actor("lead"), ids[0], NOW)
    for id in (ids[0], ids[3], 2**62):
        with pytest.raises(Missing), writing(known.engine) as session:
            end_signed_in(session, known.actor("lead"), id, NOW)
    with writing(known.engine) as session:
        assert end_all(session, known.actor("lead"), NOW, but=ids[1]) == 1
    assert [line(known, secret) is not None for secret in (*mine, others)] == [False, True, False, True]


def test_ten_failures_lock_an_address_for_a_quarter_of_an_hour(known: Cast) -> None:
    for email in (address("lead"), "nobody@tram.example"):
        texts = set()
        for _ in range(lock_outs.FAILURES):
            assert attempt(known.engine, email, "wrong") == Refused(WRONG)
        for password in ("wrong", PASSWORD):
            with pytest.raises(UsedUp, match="Try again in 15 min") as raised:
                attempt(known.engine, email, password)
            texts.add(str(raised.value))
        assert len(texts) == 1
    assert isinstance(attempt(known.engine, address("member")), Entered)
    with pytest.raises(UsedUp):
        attempt(known.engine, address("lead"), now=NOW + lock_outs.LASTS - SECOND)
    assert isinstance(attempt(known.engine, address("lead"), now=NOW + lock_outs.LASTS), Entered)


def test_the_right_password_clears_and_time_does_too(known: Cast) -> None:
    email = address("lead")
    for _ in range(lock_outs.FAILURES - 1):
        attempt(known.engine, email, "wrong")
    entered(known)
    assert failures(known.engine) == []
    for _ in range(lock_outs.FAILURES - 1):
        attempt(known.engine, email, "wrong")
    attempt(known.engine, email, "wrong", NOW + lock_outs.LASTS)
    assert failures(known.engine) == [1]
    with writing(known.engine) as session:
        lock_outs.purge_lock_outs(session, NOW + 2 * lock_outs.LASTS)
    assert failures(known.engine) == []


@pytest.mark.parametrize("tries", [9, 20])
def test_failures_at_once_are_counted_exactly(known: Cast, tries: int) -> None:
    proof = passwords.Proof(KeptPassword(address("lead"), known.people["lead"], hash_of(PASSWORD)), right=False)
    outcomes = together(known.engine, [lambda session: sign_in(session, proof, "", NOW)] * tries)
    assert all(isinstance(outcome, Refused | UsedUp) for outcome in outcomes)
    assert failures(known.engine) == [min(tries, lock_outs.FAILURES)]
    with reading(known.engine) as session:
        locked = session.scalars(select(LockOut.locked_until)).one()
    assert locked == (None if tries < lock_outs.FAILURES else NOW + lock_outs.LASTS)


def test_an_address_that_failed_is_not_kept(known: Cast) -> None:
    attempt(known.engine, "nobody@tram.example", "wrong")
    with reading(known.engine) as session:
        assert b"nobody" not in session.scalars(select(LockOut.email_digest)).one()


def test_who_was_deactivated_everywhere_does_not_come_in(known: Cast) -> None:
    with writing(known.engine) as session:
        deactivate(session, known.actor("admin"), known.people["lead"], NOW)
    assert attempt(known.engine, address("lead")) == Refused(WRONG)
    assert attempt(known.engine, "outsider@ferry.example", into=known.tram) == Refused(WRONG)


def test_single_sign_on_only_leaves_no_other_way_in(known: Cast) -> None:
    with writing(known.engine) as session:
        session.add(
            SsoProvider(
                organisation_id=known.tram,
                issuer="https://id.tram.example",
                client_id="shortstave",
                client_secret="s",
                groups_claim="groups",
                mapping={},
                created_at=NOW,
            )
        )
        session.add(
            Identity(
                organisation_id=known.tram,
                issuer="https://id.tram.example",
                subject="1",
                person_id=known.people["admin"],
                linked_at=NOW,
            )
        )
    with writing(known.engine) as session:
        change_settings(
            session, known.actor("admin"), members_see_organisation=False, single_sign_on_only=True, now=NOW
        )
    assert attempt(known.engine, address("lead")) == Refused(SINGLE_SIGN_ON)
    assert attempt(known.engine, address("lead"), "wrong") == Refused(WRONG)
    assert isinstance(attempt(known.engine, "outsider@ferry.example"), Entered)
