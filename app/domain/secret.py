"""Secrets that stand in links and cookies: what is kept of them."""

import hashlib
from enum import StrEnum


class LinkKind(StrEnum):
    """What a secret that works once is for. `second_factor`: the password was right, the code is still to come."""

    SET_UP = "set_up"
    RESET = "reset"
    SECOND_FACTOR = "second_factor"


def digest(secret: str) -> bytes:
    """What is kept of a secret. The secret has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
