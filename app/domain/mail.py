"""Mail as the product sees it: a letter, and the server that takes letters, named by one address."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.domain.errors import Invalid

SUBJECT_LIMIT = 300
EXAMPLE = "smtp://user:password@mail.example.org:587?from=shortstave@example.org"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address: the subject in one line, and the same text twice, for people and for browsers.

    `unsubscribe` is the address by which its reader ends mail of this kind, by one click (RFC 8058); empty for mail
    that somebody asked for.
    """

    subject: str
    text: str
    html: str
    unsubscribe: str = ""

    def __post_init__(self) -> None:
        # A line end in a header would begin another header; names of organisations and people stand in subjects.
        object.__setattr__(self, "subject", " ".join(self.subject.split())[:SUBJECT_LIMIT])


class Encryption(StrEnum):
    """When the connection is encrypted: by STARTTLS always, where the server offers it, never; or from the start."""

    REQUIRED = "required"
    OFFERED = "offered"
    NEVER = "never"
    FROM_THE_START = "from the start"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and whom it comes from. Without a user nobody signs in there."""

    host: str
    port: int
    encryption: Encryption
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """The server of an address such as EXAMPLE; Invalid with what is wrong, which never repeats what was given."""
    parts, port = _split(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise Invalid("must begin with smtp:// or smtps:// and name a server, as in %(example)s", example=EXAMPLE)
    if parts.path.strip("/") or parts.fragment:
        raise Invalid("must have nothing after the port but ?starttls=... and &from=...; in a password write / as %2F")
    options = _options(parts)
    server = MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        encryption=_encryption(parts.scheme, options.get("starttls")),
        sender=_sender(options.get("from", "")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    if server.user and server.encryption in {Encryption.OFFERED, Encryption.NEVER} and server.host not in LOOPBACK:
        raise Invalid("has a password that could be read on the way: use starttls=required or smtps://")
    return server


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise Invalid("cannot be read as an address; it should look like %(example)s", example=EXAMPLE) from None


def _options(parts: SplitResult) -> dict[str, str]:
    # A plus sign is no blank here: addresses such as shortstave+noreply@... have one.
    options = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
    if unknown := sorted(options.keys() - {"starttls", "from"}):
        raise Invalid(
            "knows starttls and from after the question mark, and not %(unknown)s", unknown=", ".join(unknown)
        )
    return options


def _encryption(scheme: str, starttls: str | None) -> Encryption:
    if scheme == "smtps":
        if starttls is not None:
            raise Invalid("needs no starttls with smtps://, which is encrypted from the start")
        return Encryption.FROM_THE_START
    try:
        wanted = Encryption(starttls or Encryption.REQUIRED)
    except ValueError:
        wanted = Encryption.FROM_THE_START
    if wanted is Encryption.FROM_THE_START:
        raise Invalid("takes starttls=required, offered or never")
    return wanted


def _sender(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or not address.isprintable() or set(address) & set(' <>,;:"()[]\\'):
        raise Invalid("must name who the mail comes from: ?from=shortstave@example.org")
    return address
