"""Handing a letter to the mail server."""

import datetime
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from app.connectors.trust import trusted
from app.domain.mail import Encryption, Letter, MailServer

TIMEOUT = 15.0
"""Seconds that the server may be silent."""
DEADLINE = 60.0
"""Seconds that one letter may take, however the server behaves: far less than a job may be held (actions.jobs)."""

NAME = "Shortstave"
PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of it: `trouble` is empty when the server took the letter. `final`: trying again would not help."""

    trouble: str = ""
    final: bool = False


def message(letter: Letter, to: str, server: MailServer, message_id: str, at: datetime.datetime) -> EmailMessage:
    """The letter as it travels. Its id stays the same when it is sent again, so that servers know it for the same.

    Raises ValueError or MessageError for an address that cannot stand in a header.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(NAME, addr_spec=server.sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = letter.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2]}>"
    # Nobody's out-of-office answer is wanted.
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


def hand_in(server: MailServer | None, letter: Letter, to: str, message_id: str, at: datetime.datetime) -> Handed:
    """Hand the letter to the server. It raises nothing: whatever went wrong is in the answer, without any password."""
    if server is None:
        return Handed("No mail server is set up: SHORTSTAVE_MAIL_URL is empty.")
    try:
        mail = message(letter, to, server, message_id, at)
        with connected(server) as connection:
            connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        return _answered(*refused.recipients[to]) if to in refused.recipients else Handed("The address was refused.")
    except smtplib.SMTPAuthenticationError as error:
        # Somebody will mend the password: the letter can wait.
        return Handed(f"The mail server refused the user name or password ({error.smtp_code}).")
    except smtplib.SMTPResponseException as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (ValueError, MessageError, IndexError) as error:
        return Handed(f"This cannot be sent as a mail: {error}", final=True)
    except (OSError, smtplib.SMTPException) as error:
        return Handed(_reason(error))
    return Handed()


def trouble(server: MailServer) -> str:
    """What keeps the server from taking mail, found by signing in without sending any; empty when all is well."""
    try:
        with connected(server) as connection:
            connection.noop()
    except smtplib.SMTPAuthenticationError as error:
        return f"the server refused the user name or password ({error.smtp_code})"
    except (OSError, smtplib.SMTPException) as error:
        return _reason(error).rstrip(".")
    return ""


@contextmanager
def connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that is ready to take a letter. Raises OSError and smtplib.SMTPException."""
    if server.encryption is Encryption.FROM_THE_START:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=trusted())
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with connection, _deadline(connection):
        connection.ehlo()
        if _starttls(connection, server.encryption):
            connection.starttls(context=trusted())
            connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
        yield connection


def _starttls(connection: smtplib.SMTP, encryption: Encryption) -> bool:
    offered = connection.has_extn("starttls")
    if encryption is Encryption.REQUIRED and not offered:
        raise smtplib.SMTPNotSupportedError("The mail server offers no encryption (STARTTLS), which is required.")
    return offered and encryption in {Encryption.REQUIRED, Encryption.OFFERED}


@contextmanager
def _deadline(connection: smtplib.SMTP) -> Iterator[None]:
    """A server that says a word now and then is never silent for long, and would keep the worker for ever."""

    def cut() -> None:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(DEADLINE, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answered(code: int, words: bytes | str) -> Handed:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Handed(f"The mail server answered {code}: {' '.join(said.split())}", final=code in PERMANENT)


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())
    return f"The mail server could not be used: {said or type(error).__name__}"
