"""Which text the product takes: one rule for every field, whatever database stands behind it."""

import re
import unicodedata

from app.domain.errors import Invalid

# PostgreSQL refuses NUL, UTF-8 has no lone surrogates, and no other control character can be meant or seen.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(text: str, limit: int) -> str:
    """The text with its line ends as "\\n"; Invalid where it is longer than `limit` characters or holds unfit ones."""
    # Browsers send the line ends of a text area as "\r\n".
    text = text.replace("\r\n", "\n")
    if len(text) > limit:
        raise Invalid(
            "This text is too long: %(length)s characters, where %(limit)s fit.", length=len(text), limit=limit
        )
    if found := UNFIT.search(text):
        raise Invalid(
            "Character %(place)s of this text (U+%(sign)s) is not a printable one.",
            place=found.start() + 1,
            sign=f"{ord(found.group()):04X}",
        )
    return text


# Signs that turn the direction of what follows, or show as nothing, make one name look like another. The two joiners
# are letters' business in several scripts.
UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


def one_line(text: str, limit: int) -> str:
    """A name: one line without blanks around it; Invalid where it is empty, too long, or holds what cannot be seen."""
    text = plain(text, 100 * limit).strip()
    if not text:
        raise Invalid("This may not be empty.")
    for place, sign in enumerate(text, 1):
        if unicodedata.category(sign) in UNSEEN and sign not in JOINERS:
            raise Invalid(
                "Character %(place)s of this text (U+%(sign)s) cannot be part of a name.",
                place=place,
                sign=f"{ord(sign):04X}",
            )
    return plain(text, limit)
