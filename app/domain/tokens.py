"""How the secret of a token is written: so that people, and programs that look for lost secrets, know it at sight."""

import base64
import string
import zlib
from dataclasses import dataclass

from app.domain.people import Scope

MARK = "sst_"
RANDOM_BYTES = 32
CHECK = 6
"""Characters of the checksum: as many as 32 bits take in letters and digits."""
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PATTERN = r"sst_[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}"
"""For scanners; the last six characters are the CRC-32 of the 43 before them, in base 62, digits first."""
SHOWN = len(MARK) + 6
"""Characters of a secret that lists show: enough to tell two tokens apart, and of no use to anybody."""


@dataclass(frozen=True, slots=True)
class WantedToken:
    """What a token is to be; `team_ids` is None for all teams of whoever holds it."""

    name: str
    scopes: frozenset[Scope]
    team_ids: frozenset[int] | None = None


def written(random: bytes) -> str:
    """The secret made of 32 random bytes, 53 characters long."""
    body = base64.urlsafe_b64encode(random).rstrip(b"=").decode()
    return f"{MARK}{body}{checksum(body)}"


def well_formed(secret: str) -> bool:
    """Whether this can be a token at all: mistyped and cut ones are told without asking the database."""
    body, check = secret[len(MARK) : -CHECK], secret[-CHECK:]
    return secret.startswith(MARK) and len(body) == 43 and body.isascii() and checksum(body) == check


def checksum(body: str) -> str:
    """The CRC-32 of an ASCII text in base 62, six characters."""
    number, signs = zlib.crc32(body.encode("ascii")), ""
    for _ in range(CHECK):
        number, sign = divmod(number, len(ALPHABET))
        signs = ALPHABET[sign] + signs
    return signs


def prefix(secret: str) -> str:
    """What is kept and shown of a secret in the clear."""
    return secret[:SHOWN]
