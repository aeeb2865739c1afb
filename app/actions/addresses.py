"""E-mail addresses in the one spelling that they are kept and compared in."""

from email_validator import EmailNotValidError, validate_email

from app.db.tables.people import EMAIL_LIMIT
from app.domain.errors import Invalid
from app.domain.text import one_line


def normalised(email: str) -> str:
    """The address in lower case and normal form; Invalid where it is none. Nothing is asked of any server.

    Addresses of networks that the world does not reach are taken too: many companies have them.
    """
    try:
        checked = validate_email(one_line(email, EMAIL_LIMIT), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise Invalid("This is not an e-mail address.") from None
    return checked.normalized.lower()
