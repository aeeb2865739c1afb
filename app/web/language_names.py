"""What languages are called."""

from babel import Locale, UnknownLocaleError


def language_name(tag: str) -> str:
    """What a language is called by those who speak it; its tag where nobody told us."""
    try:
        return Locale.parse(tag, sep="-").get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag
