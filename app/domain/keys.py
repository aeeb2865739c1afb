"""Keys made of what people write: small letters and digits, in words joined by hyphens."""

import itertools
import re
import unicodedata
from collections.abc import Container

from app.domain.errors import Invalid
from app.domain.shape import SLUG_LIMIT, Slug

OTHER = re.compile(r"[^a-z0-9]+")


def checked_key(key: object) -> str:
    """The key as it is. Invalid where it is none."""
    if not isinstance(key, str) or Slug().wrong(key):
        raise Invalid("A key is small letters and digits, in words joined by single hyphens, 60 characters at most.")
    return key


def key_of(text: str, taken: Container[str] = ()) -> str:
    """A key that reads like the text, and is none of those taken. One without any Latin letter becomes "new"."""
    letters = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    words = OTHER.sub("-", letters).strip("-")[: SLUG_LIMIT - 5].strip("-") or "new"
    return next(
        key for number in itertools.count(1) if (key := words if number == 1 else f"{words}-{number}") not in taken
    )
