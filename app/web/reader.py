"""Who reads the page: found once for each request, by whichever dependency asks first."""

from dataclasses import dataclass

from starlette.requests import Request

from app.domain.people import Actor
from app.queries.signing_in import SignedInLine


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is signed in, and in which of their browsers."""

    actor: Actor
    browser: SignedInLine


def reader_of(request: Request) -> Reader | None:
    """Who was found to be signed in; None where nobody is, and on pages that are the same for everybody."""
    found: Reader | None = getattr(request.state, "reader", None)
    return found


def remember(request: Request, reader: Reader) -> Reader:
    request.state.reader = reader
    return reader
