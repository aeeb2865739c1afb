"""A link to choose a new password with, by mail, for whoever asks.

Asking does the same for every address, and leaves it to a job to look whether somebody has it: nobody learns from the
answer, or from the time that it takes, who has an account.
"""

import datetime
import secrets
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.actions import audit, mail
from app.actions.accounts import make_reset
from app.actions.addresses import normalised
from app.actions.allowances import spend
from app.actions.jobs import enqueue
from app.actions.one_time_links import LASTS
from app.db.tables.signing_in import LinkKind
from app.domain.mail import Letter
from app.domain.organisations import VISITORS

KIND = "send reset letter"
FROM_ONE_NETWORK = 60
"""Letters that are asked for from one network address within an hour: an office after the holidays."""
TO_ONE_ADDRESS = 3
"""Letters to one address within an hour, so that nobody's mailbox is filled by somebody else."""

Write = Callable[[str, datetime.datetime, str], Letter]
"""The letter with this secret, which is good until then, in this language."""


def ask_for_reset_letter(session: Session, email: str, network: str, language: str, now: datetime.datetime) -> None:
    """Have a letter sent if the address is somebody's. `network` is the address of the asking machine.

    `language` is that of the browser, for a person who chose none.

    Invalid where the e-mail address is none; UsedUp, for known and unknown ones alike, where it was asked too often.
    """
    email = normalised(email)
    spend(session, "reset from", network, FROM_ONE_NETWORK, now)
    spend(session, "reset to", email, TO_ONE_ADDRESS, now)
    enqueue(session, KIND, {"email": email, "language": language}, now, f"reset {secrets.token_hex(16)}")
    # Of no organisation, since that of the address is not known yet: the job tells those that it concerns.
    audit.record(session.connection(), now, VISITORS, "reset letter asked for", ("organisation", VISITORS))


def send_reset_letter(session: Session, write: Write, email: str, language: str, now: datetime.datetime) -> None:
    """The job: send the letter, where somebody may come in by a password under this address."""
    reset = make_reset(session, email, now)
    if reset:
        letter = write(reset.secret, now + LASTS[LinkKind.RESET], reset.language or language)
        mail.send(session, reset.organisation_id, reset.email, letter, f"reset {secrets.token_hex(16)}", now)
