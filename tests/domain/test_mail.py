"""The address of a mail server, and letters."""

import pytest

from app.domain.errors import Invalid
from app.domain.mail import EXAMPLE, Encryption, Letter, MailServer, mail_server


def test_it_works() -> None:
    assert mail_server("smtp://some%40one:a%2Fb%3A%25@mail.example.org:25?starttls=required&from=a+b@example.org") == (
        MailServer("mail.example.org", 25, Encryption.REQUIRED, "a+b@example.org", "some@one", "a/b:%")
    )


@pytest.mark.parametrize(
    ("url", "port", "encryption"),
    [
        (EXAMPLE, 587, Encryption.REQUIRED),
        ("smtp://mail.example.org?from=a@b", 587, Encryption.REQUIRED),
        ("smtps://mail.example.org/?from=a@b", 465, Encryption.FROM_THE_START),
        ("smtp://[::1]:2525?from=a@b&starttls=never", 2525, Encryption.NEVER),
        ("smtp://user:word@localhost?from=a@b&starttls=offered", 587, Encryption.OFFERED),
        ("smtp://mail.example.org?from=a@b&starttls=offered", 587, Encryption.OFFERED),
    ],
)
def test_what_is_left_out_is_safe(url: str, port: int, encryption: Encryption) -> None:
    server = mail_server(url)

    assert (server.port, server.encryption) == (port, encryption)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org?from=a@b",
        "smtp://?from=a@b",
        "smtp://mail.example.org:99999?from=a@b",
        "smtp://mail.example.org:hush?from=a@b",
        "smtp://[mail?from=a@b",
        "smtp://mail.example.org/hush?from=a@b",
        "smtp://mail.example.org?from=a@b&password=hush",
        "smtp://mail.example.org?from=a@b&starttls=hush",
        "smtp://mail.example.org?from=a@b&starttls=from the start",
        "smtps://mail.example.org?from=a@b&starttls=required",
        "smtp://user:hush@mail.example.org?from=a@b&starttls=never",
        "smtp://user:hush@mail.example.org?from=a@b&starttls=offered",
        "smtp://user:hush@mail.example.org",
        "smtp://mail.example.org?from=hush",
        "smtp://mail.example.org?from=a@b%0AHush: c",
        "smtp://mail.example.org?from=a <a@b>",
    ],
)
def test_a_wrong_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        mail_server(url)
    assert "hush" not in str(refused.value)


def test_a_subject_is_one_line_of_limited_length() -> None:
    assert Letter("Come to\r\nBcc: all@example.org\tnow", "", "").subject == "Come to Bcc: all@example.org now"
    assert len(Letter("a" * 1000, "", "").subject) == 300
