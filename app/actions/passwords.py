"""Passwords: which are good enough, and how they are compared.

Hashing and comparing take a tenth of a second by design. Both are done before a transaction begins, so that nobody
waits for it with the database in hand.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from pwdlib import PasswordHash
from zxcvbn import zxcvbn

from app.domain.errors import Invalid
from app.queries.signing_in import KeptPassword

SHORTEST, LONGEST = 12, 200
GOOD_ENOUGH = 3
"""Of zxcvbn's 0 to 4: an attacker with the hash would need at least 10^8 guesses."""
LOOKED_AT = 72
"""Characters that the strength is judged by: judging takes longer than in proportion."""

_hash = PasswordHash.recommended()


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of a comparison, to be judged in the transaction that it is for."""

    kept: KeptPassword
    right: bool


def checked(password: str, *about: str) -> str:
    """The password; Invalid where it is too short, too long, or easily guessed by who knows what it is `about`.

    `about`: name, address and organisation of the person, which are not to be the password.
    """
    if len(password) < SHORTEST:
        raise Invalid("A password has at least %(least)s characters. A few words make a good one.", least=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("A password has at most %(most)s characters.", most=LONGEST)
    parts = [part for text in about for part in (text, *re.split(r"[\W_]+", text)) if len(part) > 1]
    judged = zxcvbn(_spelt(password)[:LOOKED_AT], user_inputs=[part[:LOOKED_AT] for part in parts])
    if judged["score"] < GOOD_ENOUGH:
        raise Invalid("This password is easily guessed. Use a few words that do not belong together.")
    return password


def hashed(password: str) -> str:
    """What is kept of a password. Slow; call it before the transaction."""
    return _hash.hash(_bytes(password))


def proof(kept: KeptPassword, password: str) -> Proof:
    """Whether this is the password. Slow, and as slow where there is none; call it before the transaction."""
    # Made in either case, so that the first unknown address is no slower than the first known one.
    nobodys = _nobodys_hash()
    too_long = len(password) > LONGEST
    right = _hash.verify(_bytes("" if too_long else password), kept.hash or nobodys)
    return Proof(kept, right and kept.hash is not None and not too_long)


@cache
def _nobodys_hash() -> str:
    return _hash.hash(b"the password of nobody")


def _spelt(password: str) -> str:
    # The same letters come in different codes from different keyboards.
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _spelt(password).encode("utf-8", "surrogatepass")
