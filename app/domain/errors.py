"""What can go wrong, in the product's own words. No error here knows HTTP; one table in `web.errors` translates."""

from collections.abc import Mapping, Sequence


class Sentence(str):
    """A sentence for people: in itself the English one, filled in; with what it takes to say it in another language.

    `Sentence("There is a unit %(name)s already.", name=name)`. The text is a literal, so that it can be collected for
    translation; what varies is a value, and a value that is a sentence itself is translated too.
    """

    text: str
    values: Mapping[str, object]

    def __new__(cls, text: str, /, **values: object) -> "Sentence":
        if isinstance(text, Sentence) and not values:
            return text
        sentence = super().__new__(cls, text % values if values else text)
        sentence.text, sentence.values = text, values
        return sentence

    def __str__(self) -> "Sentence":
        return self


def together(sentences: Sequence[Sentence]) -> Sentence:
    """Several sentences, one after the other."""
    named = {f"sentence{place}": sentence for place, sentence in enumerate(sentences)}
    places = " ".join(f"%({name})s" for name in named)
    return Sentence(places, **named)


class DomainError(Exception):
    """The base of all errors that a person is told about; its text is a sentence for that person.

    `str(error)` is the Sentence, made as such from a literal and its values.
    """

    def __init__(self, text: str = "", /, **values: object) -> None:
        super().__init__(Sentence(text, **values))


class Missing(DomainError):
    """It does not exist, or belongs to somebody else, which is the same."""


class NotAllowed(DomainError):
    """It exists, and this person may not do that with it."""


class Invalid(DomainError):
    """What was given does not fit; the text says what would."""


class Conflict(DomainError):
    """It changed since the reader looked; nothing was saved, and the person decides."""


class TooMany(DomainError):
    """A limit was reached; the text says when it is worth trying again."""
