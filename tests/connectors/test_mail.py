"""The connector against a real mail server."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from app.connectors import mail
from app.connectors.mail import Handed, hand_in, trouble
from app.domain import mail as domain
from app.domain.mail import Letter
from tests.mail_server import PASSWORD, USER, Mailbox, mail_server
from tests.quick_check import NOW

LETTER = Letter("You are invited – come", "Come to https://maturity.example.org/ö\n", "<p>Come.</p>")
TO = "someone@example.org"
WHO = f"{quote(USER)}:{quote(PASSWORD, safe='')}@"


def send(url: str, letter: Letter = LETTER, to: str = TO, at: datetime.datetime = NOW) -> Handed:
    return hand_in(domain.mail_server(url), letter, to, "17.abc", at)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of encryption, by an authority that this machine trusts for the length of the test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_it_works(mailbox: Mailbox) -> None:
    assert send(mailbox.url()) == Handed()

    (came,) = mailbox.came
    assert mailbox.to == [TO]
    assert (came["From"], came["To"]) == ("Shortstave <shortstave@example.org>", TO)
    assert came["Subject"] == "You are invited – come"
    assert (came["Message-ID"], came["Auto-Submitted"]) == ("<17.abc@example.org>", "auto-generated")
    assert came["Date"].datetime == NOW
    plain, html = came.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().strip() == LETTER.text.strip()


def test_a_letter_that_can_be_ended_says_how(mailbox: Mailbox) -> None:
    ended = "https://maturity.example.org/unsubscribe/" + "1-2-" + "a" * 64
    assert send(mailbox.url(), replace(LETTER, unsubscribe=ended)) == Handed()
    assert send(mailbox.url()) == Handed()

    with_it, without = mailbox.came
    assert with_it["List-Unsubscribe"] == f"<{ended}>"
    assert with_it["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert without["List-Unsubscribe"] is None


def test_a_user_signs_in_over_starttls(certificate: ssl.SSLContext) -> None:
    with mail_server(starttls=certificate, sign_in=True) as mailbox:
        assert send(mailbox.url("", who=WHO)) == Handed()
        assert trouble(domain.mail_server(mailbox.url("", who=WHO))) == ""
    assert mailbox.signed_in == [True]
    assert len(mailbox.came) == 1


def test_encryption_from_the_start(certificate: ssl.SSLContext) -> None:
    with mail_server(tls=certificate) as mailbox:
        assert send(mailbox.url("", scheme="smtps")) == Handed()
    assert len(mailbox.came) == 1


def test_a_server_without_the_required_encryption_gets_nothing(mailbox: Mailbox) -> None:
    handed = send(mailbox.url("starttls=required", who=WHO))

    assert "STARTTLS" in handed.trouble
    assert not handed.final
    assert mailbox.came == []


def test_offered_encryption_is_taken_and_none_is_borne(certificate: ssl.SSLContext, mailbox: Mailbox) -> None:
    assert send(mailbox.url("starttls=offered")) == Handed()
    with mail_server(starttls=certificate) as other:
        assert send(other.url("starttls=offered")) == Handed()


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with mail_server(starttls=context) as mailbox:
        handed = send(mailbox.url(""))
    assert "CERTIFICATE_VERIFY_FAILED" in handed.trouble
    assert mailbox.came == []


def test_a_wrong_password_is_said_and_not_shown(certificate: ssl.SSLContext) -> None:
    with mail_server(starttls=certificate, sign_in=True) as mailbox:
        server = domain.mail_server(mailbox.url("", who="someone:guessed@"))
        handed = hand_in(server, LETTER, TO, "1", NOW)
        assert "user name or password" in trouble(server)
    assert "user name or password" in handed.trouble
    assert "guessed" not in handed.trouble
    assert not handed.final


@pytest.mark.parametrize(("answer", "final"), [("451 later, please", False), ("552 mailbox full", True)])
def test_what_the_server_answers_is_kept_and_decides_whether_it_is_tried_again(
    mailbox: Mailbox, answer: str, final: bool
) -> None:
    for answers in (mailbox.answers, mailbox.answers_to_address):
        answers.append(answer)
        assert send(mailbox.url()) == Handed(f"The mail server answered {answer[:3]}: {answer[4:]}", final)
    assert send(mailbox.url()) == Handed()
    assert len(mailbox.came) == 1


def test_names_begin_no_header(mailbox: Mailbox) -> None:
    assert send(mailbox.url(), Letter("Tram\r\nBcc: all@example.org", "text", "html")) == Handed()

    (came,) = mailbox.came
    assert came["Subject"] == "Tram Bcc: all@example.org"
    assert came["Bcc"] is None


@pytest.mark.parametrize(
    "to", ["a@b\r\nBcc: all@example.org", "a@b, all@example.org", "", "nobody", "<a@b>", "a@b c", "\ud800@example.org"]
)
def test_an_address_that_is_none_is_final(mailbox: Mailbox, to: str) -> None:
    handed = send(mailbox.url(), to=to)

    assert handed.final
    assert mailbox.came == []


def test_a_silent_server_is_given_up(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.stalls = True
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)

    assert "timed out" in send(mailbox.url()).trouble


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "DEADLINE", 0.5)
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"220 welcome\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"250-and more\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        handed = send(f"smtp://127.0.0.1:{listening.getsockname()[1]}?from=a@example.org&starttls=never")
        over.set()
        thread.join(10)
    assert handed.trouble
    assert not handed.final


def test_a_server_that_is_away_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    handed = send(f"smtp://127.0.0.1:{port}?from=a@example.org&starttls=never")

    assert "refused" in handed.trouble
    assert not handed.final


def test_without_a_server_the_letter_waits() -> None:
    assert "SHORTSTAVE_MAIL_URL" in hand_in(None, LETTER, TO, "1", NOW).trouble
