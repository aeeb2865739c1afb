"""The second factor: asked for after the password, each code good once, and a way back without the telephone."""

import datetime

import pyotp
import pytest
from sqlalchemy import select

from app.actions import lock_outs, second_factor
from app.actions.allowances import UsedUp
from app.actions.passwords import Proof
from app.actions.signing_in import CodeWanted, Entered, Refused, kept_password
from app.db.engine import reading, writing
from app.db.tables.people import Person
from app.db.tables.signing_in import RecoveryCode
from app.domain.errors import Conflict, Invalid, Missing
from tests.cast import NOW, Cast, address
from tests.entering import PASSWORD, attempt, compared
from tests.together import together

STEP = datetime.timedelta(seconds=second_factor.STEP)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(now: datetime.datetime = NOW) -> str:
    return pyotp.TOTP(SECRET).at(now)


def proof(cast: Cast, password: str = PASSWORD) -> Proof:
    with reading(cast.engine) as session:
        return compared(kept_password(session, address("lead")), password)


def enabled(cast: Cast) -> tuple[str, ...]:
    """With the code of a minute ago, so that the present one is still good."""
    before, proven = NOW - 2 * STEP, proof(cast)
    with writing(cast.engine) as session:
        codes = second_factor.enable(session, cast.actor("lead"), proven, SECRET, code(before), before)
    assert not isinstance(codes, Refused)
    return codes


def wanted(cast: Cast, now: datetime.datetime = NOW) -> str:
    came = attempt(cast.engine, address("lead"), now=now)
    assert isinstance(came, CodeWanted)
    return came.secret


def shown(cast: Cast, secret: str, digits: str, now: datetime.datetime = NOW) -> Entered | Refused:
    with writing(cast.engine) as session:
        return second_factor.sign_in(session, secret, digits, "Firefox", now)


def test_it_works(known: Cast) -> None:
    codes = enabled(known)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    secret = wanted(known)
    assert isinstance(shown(known, secret, f"{code()[:3]} {code()[3:]} "), Entered)
    with pytest.raises(Missing):
        shown(known, secret, code(NOW + STEP))


def test_a_code_is_good_once_and_near_its_time(known: Cast) -> None:
    enabled(known)
    for now in (NOW + 5 * STEP, NOW - 5 * STEP):
        assert isinstance(shown(known, wanted(known), code(now)), Refused)
    assert isinstance(shown(known, wanted(known), code(NOW + STEP)), Entered)
    # What was used, and what came before it.
    for now in (NOW + STEP, NOW, NOW - STEP):
        assert isinstance(shown(known, wanted(known), code(now)), Refused)


def test_the_code_that_enabled_it_is_used(known: Cast) -> None:
    enabled(known)
    before = NOW - 2 * STEP
    assert isinstance(shown(known, wanted(known, before), code(before), before), Refused)


def test_a_code_shown_twice_at_once_lets_one_in(known: Cast) -> None:
    enabled(known)
    secret = wanted(known)
    outcomes = together(known.engine, [lambda session: second_factor.sign_in(session, secret, code(), "", NOW)] * 4)
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1


def test_a_recovery_code_is_good_once_and_kept_as_a_digest(known: Cast) -> None:
    first, second, *_ = enabled(known)
    assert isinstance(shown(known, wanted(known), first.upper().replace("-", " ")), Entered)
    assert isinstance(shown(known, wanted(known), first), Refused)
    assert isinstance(shown(known, wanted(known), second), Entered)
    with reading(known.engine) as session:
        kept = session.scalars(select(RecoveryCode)).all()
        assert sum(code.used_at is not None for code in kept) == 2
        assert not any(first.encode() in code.code_digest for code in kept)


def test_wrong_codes_lock_like_wrong_passwords(known: Cast) -> None:
    enabled(known)
    for number in range(lock_outs.FAILURES):
        # The right password in between does not begin the count anew.
        assert isinstance(shown(known, wanted(known), f"{number}"), Refused)
    with pytest.raises(UsedUp):
        wanted(known)


@pytest.mark.parametrize("digits", ["", "１２３４５６", "\x00", "\ud800", "x" * 100_000])
def test_hostile_codes_are_wrong(known: Cast, digits: str) -> None:
    enabled(known)
    assert isinstance(shown(known, wanted(known), digits), Refused)


@pytest.mark.parametrize("secret", ["", "x", "\ud800"])
def test_a_link_that_is_none_is_missing(known: Cast, secret: str) -> None:
    with pytest.raises(Missing):
        shown(known, secret, code())


def test_a_link_lasts_ten_minutes(known: Cast) -> None:
    enabled(known)
    secret, late = wanted(known), NOW + datetime.timedelta(minutes=10)
    with pytest.raises(Missing):
        shown(known, secret, code(late), late)


def test_enabling_takes_password_and_code(known: Cast) -> None:
    right, wrong = proof(known), proof(known, "wrong")
    for proven, digits, who in ((wrong, code(), "lead"), (right, "000000", "lead"), (right, code(), "member")):
        with writing(known.engine) as session:
            refused = second_factor.enable(session, known.actor(who), proven, SECRET, digits, NOW)
        assert isinstance(refused, Refused)
    for secret in ("", "x" * 32, "\x00", SECRET * 2):
        with pytest.raises(Invalid), writing(known.engine) as session:
            second_factor.enable(session, known.actor("lead"), right, secret, code(), NOW)
    assert isinstance(attempt(known.engine, address("lead")), Entered)


def test_disabling_and_new_recovery_codes_take_password_and_code(known: Cast) -> None:
    old = enabled(known)
    right, wrong, who = proof(known), proof(known, "wrong"), known.actor("lead")
    with writing(known.engine) as session:
        for proven, digits in ((wrong, code()), (right, "000000"), (right, "")):
            assert isinstance(second_factor.disable(session, who, proven, digits, NOW), Refused)
            assert isinstance(second_factor.renew_recovery_codes(session, who, proven, digits, NOW), Refused)
        new = second_factor.renew_recovery_codes(session, who, right, code(), NOW)
        assert not isinstance(new, Refused)
        assert isinstance(second_factor.disable(session, who, right, code(), NOW), Refused), "the code was used"
    assert isinstance(shown(known, wanted(known), old[0]), Refused)
    assert isinstance(shown(known, wanted(known), new[0]), Entered)
    with writing(known.engine) as session:
        assert second_factor.disable(session, who, right, new[1], NOW) is None
    assert isinstance(attempt(known.engine, address("lead")), Entered)
    with reading(known.engine) as session:
        person = session.get_one(Person, known.people["lead"])
        assert (person.totp_secret, person.totp_step) == (None, None)
        assert session.scalars(select(RecoveryCode)).all() == []
    for act in (second_factor.renew_recovery_codes, second_factor.disable):
        with pytest.raises(Conflict), writing(known.engine) as session:
            act(session, who, right, code(), NOW)


def test_another_telephone_takes_its_place_only_after_disabling(known: Cast) -> None:
    enabled(known)
    other = second_factor.new_secret()
    with pytest.raises(Conflict), writing(known.engine) as session:
        second_factor.enable(session, known.actor("lead"), proof(known), other, pyotp.TOTP(other).at(NOW), NOW)
    assert isinstance(shown(known, wanted(known), code()), Entered)


def test_guessing_codes_to_disable_it_locks_like_guessing_at_sign_in(known: Cast) -> None:
    enabled(known)
    right, who = proof(known), known.actor("lead")
    for number in range(lock_outs.FAILURES):
        with writing(known.engine) as session:
            assert isinstance(second_factor.disable(session, who, right, f"{number}", NOW), Refused)
    with pytest.raises(UsedUp), writing(known.engine) as session:
        second_factor.disable(session, who, right, code(), NOW)


def test_a_telephone_reads_the_address() -> None:
    secret = second_factor.new_secret()
    assert second_factor.SECRET.fullmatch(secret)
    assert second_factor.address(secret, "lead@tram.example").startswith(
        "otpauth://totp/Shortstave:lead%40tram.example"
    )
