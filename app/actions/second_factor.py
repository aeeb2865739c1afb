"""The second factor: a code of six digits that a telephone makes every thirty seconds, and codes for its loss."""

import datetime
import hmac
import re
import secrets
from collections.abc import Sequence

import pyotp
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.actions import audit, lock_outs
from app.actions.one_time_links import use_link
from app.actions.passwords import Proof
from app.actions.signing_in import Entered, Refused, enter, home_of, proven
from app.db.tables.people import Person
from app.db.tables.signing_in import LinkKind, RecoveryCode
from app.domain.errors import Conflict, Invalid, Sentence
from app.domain.people import Actor
from app.domain.secret import digest
from app.queries.signing_in import link_is_good

STEP = 30
"""Seconds that a code is shown for; the one before and the one after are taken too, since clocks differ."""
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
SECRET = re.compile(r"[A-Z2-7]{32}")
ISSUER = "Shortstave"

WRONG_CODE = Sentence("The code is not right, or was used already.")
ON = Sentence("The second factor is on already. Switch it off first, with a code of the telephone that it is on.")
OFF = Sentence("There is no second factor: it is off.")
WRONG_PASSWORD = Sentence("The password is not right.")


def new_secret() -> str:
    """A secret for a telephone to keep; it counts only once `enable` was told a code that it makes."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """The otpauth address that a QR code shows to the telephone."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def enable(
    session: Session, actor: Actor, proof: Proof, secret: str, code: str, now: datetime.datetime
) -> tuple[str, ...] | Refused:
    """Ask for codes from now on; the ten recovery codes, which nothing here can tell again.

    Conflict where codes are asked for already: another telephone takes its place only after `disable`.
    """
    if not SECRET.fullmatch(secret):
        raise Invalid("This is no secret of a second factor. Begin again.")
    person = _proven(session, actor, proof, now)
    if isinstance(person, Refused):
        return person
    if person.totp_secret is not None:
        raise Conflict(ON)
    step = _step(secret, code, now)
    if step is None:
        return Refused(WRONG_CODE)
    person.totp_secret, person.totp_step = secret, step
    audit.record_everywhere(session, person.id, now, "second factor enabled")
    return _new_codes(session, person.id)


def disable(session: Session, actor: Actor, proof: Proof, code: str, now: datetime.datetime) -> Refused | None:
    """Ask for the password alone again. A password alone does not do that: it takes a code as well, as signing in does.

    Conflict where there is no second factor.
    """
    person = _shown(session, actor, proof, code, now)
    if isinstance(person, Refused):
        return person
    person.totp_secret = person.totp_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    audit.record_everywhere(session, person.id, now, "second factor disabled")
    return None


def renew_recovery_codes(
    session: Session, actor: Actor, proof: Proof, code: str, now: datetime.datetime
) -> tuple[str, ...] | Refused:
    """Ten new recovery codes in the place of those that there were, for password and code. Conflict as in `disable`."""
    person = _shown(session, actor, proof, code, now)
    if isinstance(person, Refused):
        return person
    audit.record_everywhere(session, person.id, now, "recovery codes renewed")
    return _new_codes(session, person.id)


def sign_in(
    session: Session,
    secret: str,
    code: str,
    device: str,
    now: datetime.datetime,
    organisation_id: int | None = None,
) -> Entered | Refused:
    """Let in whose password was right, by a code or a recovery code; each is good once.

    Missing where the secret is not good (any more); UsedUp after ten failures, those of the password among them.
    """
    account = link_is_good(session.connection(), LinkKind.SECOND_FACTOR, secret, now)
    person = None if account is None else session.get(Person, account.person_id, populate_existing=True)
    if person is None:
        return Refused(WRONG_CODE)
    lock_outs.check(session, person.email, now)
    home = home_of(session, person.id, organisation_id)
    if isinstance(home, Refused):
        return home
    if not _use_code(session, person, code, now):
        lock_outs.fail(session, person.email, now)
        return Refused(WRONG_CODE)
    use_link(session, LinkKind.SECOND_FACTOR, secret, now)
    lock_outs.clear(session, person.email)
    return enter(session, person.id, home, device, now)


def _proven(session: Session, actor: Actor, proof: Proof, now: datetime.datetime) -> Person | Refused:
    lock_outs.check(session, proof.kept.email, now)
    person = proven(session, proof)
    if person is None or person.id != actor.person_id:
        lock_outs.fail(session, proof.kept.email, now)
        return Refused(WRONG_PASSWORD)
    return person


def _shown(session: Session, actor: Actor, proof: Proof, code: str, now: datetime.datetime) -> Person | Refused:
    """Whoever says their password and shows a code or a recovery code, which is used by it."""
    person = _proven(session, actor, proof, now)
    if isinstance(person, Refused):
        return person
    if person.totp_secret is None:
        raise Conflict(OFF)
    if not _use_code(session, person, code, now):
        lock_outs.fail(session, person.email, now)
        return Refused(WRONG_CODE)
    session.refresh(person)
    return person


def _use_code(session: Session, person: Person, code: str, now: datetime.datetime) -> bool:
    return _use_step(session, person, code, now) or _use_recovery_code(session, person.id, code, now)


def _step(secret: str, code: str, now: datetime.datetime) -> int | None:
    """The step that this is the code of; None where it is none's that is now."""
    digits, present = "".join(code.split()), int(now.timestamp()) // STEP
    made = pyotp.HOTP(secret)
    steps = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(made.at(step).encode(), digits.encode("utf-8", "surrogatepass"))
    ]
    return max(steps, default=None)


def _use_step(session: Session, person: Person, code: str, now: datetime.datetime) -> bool:
    step = None if person.totp_secret is None else _step(person.totp_secret, code, now)
    if step is None:
        return False
    # In one statement, so that of two who show the same code at once one comes in.
    used = session.execute(
        update(Person)
        .where(
            Person.id == person.id,
            Person.totp_secret == person.totp_secret,
            or_(Person.totp_step.is_(None), Person.totp_step < step),
        )
        .values(totp_step=step)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def _use_recovery_code(session: Session, person_id: int, code: str, now: datetime.datetime) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_digest == _digest(person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.person_id)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        return False
    audit.record_everywhere(session, person_id, now, "recovery code used")
    return True


def _new_codes(session: Session, person_id: int) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = tuple(_code() for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(person_id=person_id, code_digest=_digest(person_id, code)) for code in codes)
    session.flush()
    return codes


def _code() -> str:
    groups: Sequence[str] = ["".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4)]
    return "-".join(groups)


def _digest(person_id: int, code: str) -> bytes:
    letters = "".join(re.findall(r"[a-z0-9]", code.lower()[:100]))
    return digest(f"{person_id} {letters}")
