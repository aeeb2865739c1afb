"""Secrets that stand in links and cookies: what is kept of them."""

import hashlib
import hmac
from enum import StrEnum


class LinkKind(StrEnum):
    """What a secret that works once is for. `second_factor`: the password was right, the code is still to come."""

    SET_UP = "set_up"
    RESET = "reset"
    SECOND_FACTOR = "second_factor"


def digest(secret: str) -> bytes:
    """What is kept of a secret. The secret has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def signed(salt: bytes, purpose: str, *numbers: int) -> str:
    """A secret for a link that nothing is kept of: these numbers, and what nobody without the salt can write."""
    named = "-".join(str(each) for each in numbers)
    return f"{named}-{hmac.new(salt, f'{purpose} {named}'.encode(), hashlib.sha256).hexdigest()}"


def numbers_signed(salt: bytes, purpose: str, secret: str) -> tuple[int, ...] | None:
    """The numbers of a secret that was signed with this salt for this purpose; None for any other text."""
    named, _, _ = secret.rpartition("-")
    parts = named.split("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts):
        return None
    numbers = tuple(int(part) for part in parts)
    right = hmac.compare_digest(signed(salt, purpose, *numbers).encode(), secret.encode("utf-8", "surrogatepass"))
    return numbers if right else None
