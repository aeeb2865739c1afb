"""One table from the product's errors to HTTP, and the pages that help when something went wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.actions.allowances import UsedUp
from app.actions.kept_answers import StillAtWork
from app.connectors.kept_files import NoRoom
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed, Sentence, TooMany
from app.exports.pdf import NoPdf
from app.exports.png import NoFonts
from app.web.local import HOME, with_next
from app.web.render import Site, render, translated

STATUS: Mapping[type[DomainError], int] = {
    Missing: 404,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    NoFonts: 501,
    NoPdf: 501,
    NoRoom: 507,
    DomainError: 400,
}


class SignInNeeded(Exception):
    """Nobody is signed in, and the page is not for everybody."""


RETRY_AFTER = 2  # seconds: what a browser, a script and the outbox wait before they try again

log = structlog.get_logger("shortstave.errors")


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says: what happened, and what the reader can do."""

    title: str
    happened: str
    todo: str


WORDS: Mapping[int, Words] = {
    400: Words(
        Sentence("The request could not be read."),
        Sentence("What the browser sent is not in a form that this page understands."),
        Sentence("Go back, reload the page and try again."),
    ),
    401: Words(
        Sentence("You are not signed in."),
        Sentence("This is not for everybody, and the request does not say who sent it."),
        Sentence("Sign in and try again."),
    ),
    403: Words(
        Sentence("That is not allowed here."),
        Sentence("The request came from another site, or this page may not do that."),
        Sentence("Open the page itself and try again from there."),
    ),
    404: Words(
        Sentence("There is nothing here."),
        Sentence("The link is mistyped, or what it led to has ended, was deleted, or is for others to see."),
        Sentence(
            "Check the link, above all its end: a part may have been lost when it was copied. If it was sent to you, "
            "ask whoever sent it whether you are in the team that it is about."
        ),
    ),
    405: Words(
        Sentence("This address cannot do that."),
        Sentence("It exists, but not for this kind of request."),
        Sentence("Go back and use the links and buttons of the page."),
    ),
    406: Words(
        Sentence("No form of this is accepted."),
        Sentence("The request accepts nothing that this address could answer with."),
        Sentence("Ask for application/json."),
    ),
    409: Words(
        Sentence("It changed in the meantime."),
        Sentence("Somebody, or you in another window, changed the same thing first. Nothing was overwritten."),
        Sentence("Go back, reload the page, look at what is there now and decide."),
    ),
    412: Words(
        Sentence("It is no longer what you read."),
        Sentence("It was changed since. Nothing was overwritten."),
        Sentence("Read it again, and decide."),
    ),
    413: Words(
        Sentence("That is too much at once."),
        Sentence("One request may carry one megabyte."),
        Sentence("Go back and send less: a shorter note, or a file in parts."),
    ),
    415: Words(
        Sentence("This is not the kind of text that is taken here."),
        Sentence("The request has a body of another type than this address reads."),
        Sentence("Send application/json."),
    ),
    422: Words(
        Sentence("Something in it does not fit."),
        Sentence("What was sent was understood, but cannot be taken as it is. Nothing was saved."),
        Sentence("Go back, change it and send it again."),
    ),
    428: Words(
        Sentence("The request does not say which version it changes."),
        Sentence("It could overwrite what somebody else has changed meanwhile."),
        Sentence("Send If-Match with the ETag that you read."),
    ),
    501: Words(
        Sentence("This server cannot do that."),
        Sentence("It lacks something that this needs."),
        Sentence("Tell whoever runs this service; everything else works."),
    ),
    429: Words(
        Sentence("That was too often."),
        Sentence("There is a limit to how often this can be done, so that everybody gets a turn."),
        Sentence("Wait a while and try again."),
    ),
    500: Words(
        Sentence("Something broke on our side."),
        Sentence("The request failed and nothing of it was saved. What had been saved before is safe."),
        Sentence("Try again in a moment. If it happens again, tell whoever runs this service the number below."),
    ),
    507: Words(
        Sentence("There is no room for this."),
        Sentence("The server has no room for this file. Nothing was saved, and the sheet is as it was."),
        Sentence("Tell whoever runs this service. A link needs no room."),
    ),
    503: Words(
        Sentence("There is a crowd at the door."),
        Sentence("The service is busy, or its database is away for a moment. Nothing of this request was saved."),
        Sentence("Wait a few seconds and try again."),
    ),
}


API = "/api/"
QUICK_CHECKS = "/c/"
NO_QUICK_CHECK = Words(
    WORDS[404].title,
    Sentence("The link is mistyped, or the quick check that it led to has ended or been deleted."),
    Sentence(
        "Check the link, above all its end: a part may have been lost when it was copied. A quick check ends 90 days "
        "after its last answer."
    ),
)
"""What a link says that opens by its secret alone: nobody's team has to do with it."""
SHARES = ("/share/", "/badge/")
NO_SHARE = Words(
    WORDS[404].title,
    Sentence("The link is mistyped, has expired, or was revoked."),
    Sentence(
        "Check the link, above all its end: a part may have been lost when it was copied. Else ask whoever sent it for "
        "another one: such links end by themselves after a while."
    ),
)
"""The same whatever is the matter, so that nobody learns whether there ever was such a link."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    status: int
    words: Words
    request_id: str


TYPES: Mapping[int, str] = {
    400: "unreadable",
    401: "no-token",
    403: "not-allowed",
    404: "missing",
    405: "wrong-method",
    406: "not-acceptable",
    409: "conflict",
    412: "stale",
    413: "too-large",
    415: "wrong-type",
    422: "unfit",
    428: "no-version",
    429: "too-often",
    500: "broken",
    501: "unable",
    503: "busy",
    507: "no-room",
}
"""The words for kinds of problems, for programs. They never change their meaning; docs/api.md explains each."""


def answer(
    request: Request, status: int, happened: str = "", headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """The error as a page, or as a problem (RFC 9457) for who asks for JSON; `more` are members of the problem."""
    known = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    if status == 404 and request.url.path.startswith(QUICK_CHECKS):
        known = NO_QUICK_CHECK
    if status == 404 and request.url.path.startswith(SHARES):
        known, happened = NO_SHARE, ""
    words = Words(known.title, writable(happened) or known.happened, known.todo)
    request_id = Site(request).request_id
    if wants_json(request):
        response: Response = _problem(status, _in_words_of(request, words), request_id, more)
    else:
        response = render(request, "errors/error.html", ErrorPage(status, words, request_id), status)
    response.headers.update(headers or {})
    if status == 503:
        response.headers.setdefault("retry-after", str(RETRY_AFTER))
    return response


def writable(sentence: str) -> str:
    """The sentence; where it names what was sent with a lone surrogate, which could not be written, without that."""
    try:
        sentence.encode()
    except UnicodeEncodeError:
        return sentence.encode("utf-8", "replace").decode()
    return sentence


def _in_words_of(request: Request, words: Words) -> Words:
    """A script of ours shows what a problem says to its reader; those who write programs for the API read English."""
    if request.url.path.startswith(API):
        return words
    said = translated(request).said
    return Words(said(words.title), said(words.happened), said(words.todo))


def _problem(status: int, words: Words, request_id: str, more: Mapping[str, object]) -> Response:
    kind = f"/api#{TYPES[status]}" if status in TYPES else "about:blank"
    problem = {"type": kind, "title": words.title, "status": status, "detail": words.happened}
    # All in ASCII: a place may be named by what was sent, and a lone surrogate in it could not be written otherwise.
    body = json.dumps({**problem, "request_id": request_id, **more})
    return Response(body, status, media_type="application/problem+json")


def wants_json(request: Request) -> bool:
    """Whether the asker is a program: it asks for JSON and not for a page."""
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith(API) or ("json" in accepted and "text/html" not in accepted)


async def domain_error(request: Request, error: Exception) -> Response:
    """An error in the product's own words, by the most precise row of STATUS."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return answer(request, status, str(error), _when(error))


def _when(error: Exception) -> Mapping[str, str]:
    """When it is worth trying again, where that is known."""
    if isinstance(error, UsedUp):
        return {"retry-after": format_datetime(error.until, usegmt=True)}
    return {"retry-after": str(RETRY_AFTER)} if isinstance(error, StillAtWork) else {}


async def http_error(request: Request, error: Exception) -> Response:
    """An error of the framework: no such route, wrong method, unreadable form."""
    if not isinstance(error, HTTPException):
        raise error
    standard = HTTPStatus(error.status_code).phrase
    return answer(request, error.status_code, "" if error.detail == standard else error.detail, error.headers)


async def sign_in_needed(request: Request, _error: Exception) -> Response:
    """A person is sent to sign in, and from there back to the page; a program is told."""
    if wants_json(request):
        return answer(request, 401)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    # What was sent cannot be sent again by a redirect: the way back leads to where it was sent from.
    back = wanted if request.method == "GET" else sent_from(request)
    return RedirectResponse(with_next(request.app.url_path_for("sign-in"), back), 303)


def sent_from(request: Request) -> str:
    """The page of ours that the request came from, as a path; the home page where it does not say."""
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return HOME
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.url.netloc else HOME


async def unfit_request(request: Request, error: Exception) -> Response:
    """What FastAPI refused, by place and reason; what was sent is not echoed, it may be hostile or secret."""
    if not isinstance(error, RequestValidationError):
        raise error
    if any(problem["type"] == "json_invalid" for problem in error.errors()):
        return answer(request, 400, Sentence("The body is not JSON."))
    problems = [{"place": ".".join(map(str, problem["loc"])), "problem": problem["msg"]} for problem in error.errors()]
    return answer(request, 422, problems=problems)


async def away(request: Request, error: Exception) -> Response:
    """The database did not answer: worth trying again, so no 500."""
    log.error("database away", exc_info=error)
    return answer(request, 503)


def broken(request: Request, error: Exception) -> Response:
    """An unexpected error: logged with the request's id, which the page shows, and nothing else of it."""
    log.error("unexpected error", exc_info=error)
    return answer(request, 500)


def add_error_pages(app: FastAPI, unavailable: tuple[type[Exception], ...] = ()) -> None:
    """Register the table; `unavailable` are the errors that mean that the database is away."""
    app.add_exception_handler(DomainError, domain_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(SignInNeeded, sign_in_needed)
    app.add_exception_handler(RequestValidationError, unfit_request)
    for kind in unavailable:
        app.add_exception_handler(kind, away)
