"""What can go wrong, in the product's own words. No error here knows HTTP; one table in `web.errors` translates."""


class DomainError(Exception):
    """The base of all errors that a person is told about; its text is a sentence for that person."""


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
