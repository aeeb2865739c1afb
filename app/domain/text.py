"""Which text the product takes: one rule for every field, whatever database stands behind it."""

import re

from app.domain.errors import Invalid

# PostgreSQL refuses NUL, UTF-8 has no lone surrogates, and no other control character can be meant or seen.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(text: str, limit: int) -> str:
    """The text with its line ends as "\\n"; Invalid where it is longer than `limit` characters or holds unfit ones."""
    # Browsers send the line ends of a text area as "\r\n".
    text = text.replace("\r\n", "\n")
    if len(text) > limit:
        raise Invalid(f"This text is too long: {len(text)} characters, where {limit} fit.")
    if found := UNFIT.search(text):
        raise Invalid(
            f"Character {found.start() + 1} of this text (U+{ord(found.group()):04X}) is not a printable one."
        )
    return text
