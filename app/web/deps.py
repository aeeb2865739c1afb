"""What handlers ask for besides the request."""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Annotated

import structlog
from fastapi import Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.actions.signing_in import note_seen
from app.domain.errors import Missing, Sentence
from app.domain.people import Actor
from app.queries import people
from app.queries.signing_in import SignedInLine, signed_in
from app.web import cookie
from app.web.errors import SignInNeeded
from app.web.reader import Reader, reader_of, remember
from app.web.security import SAFE_METHODS
from app.web.wishes import wishes

# The longest sheet has 60 statements in each of 12 categories, with value, reason and note each.
FORM_FIELDS = 2500
FORM_PART = 64 * 1024  # bytes of one field
UTF_8 = re.compile(r'\s*=\s*"?utf-8"?\s*(;|$)')

Transactions = Callable[[], AbstractContextManager[Session]]

log = structlog.get_logger("shortstave.deps")


async def this_moment() -> datetime.datetime:
    # A coroutine only because a function would be sent to a thread, which takes longer than looking at the clock.
    return datetime.datetime.now(datetime.UTC)


# The clock is asked once for each request, and nowhere below.
Now = Annotated[datetime.datetime, Depends(this_moment)]


def one_transaction(request: Request, now: Now) -> Iterator[Session]:
    """The request's one transaction: it only reads for a safe method, since a GET changes nothing."""
    state, safe = request.app.state, request.method in SAFE_METHODS
    with (state.reading if safe else state.writing)() as session:
        # Asked when a rubric is read: who the reader is has to be found in this session first.
        session.info["wishes"] = partial(wishes, request)
        yield session
    if safe and (reader := reader_of(request)):
        _note_seen(state.writing, reader.browser, now)


# For the handlers that are asked most and know no reader: one turn of a thread does it all.
transaction = contextmanager(one_transaction)

# scope="function": commit before the answer leaves, so that a redirect finds the row.
Db = Annotated[Session, Depends(one_transaction, scope="function")]


def short_transactions(request: Request) -> Transactions:
    reading: Transactions = request.app.state.reading
    return reading


# `with reads() as session`: for what has to be over before a password is compared, which takes a tenth of a second.
# `Db` sends nothing before its first statement, so a handler may take both, one after the other.
Reads = Annotated[Transactions, Depends(short_transactions)]


def writing_transactions(request: Request) -> Transactions:
    writing: Transactions = request.app.state.writing
    return writing


# For the way back from single sign-on alone: a provider sends the browser back by a GET, which writes all the same. The
# state that it brings is good once, and in one browser.
Writes = Annotated[Transactions, Depends(writing_transactions)]


def found_reader(request: Request, session: Session, now: datetime.datetime) -> Reader | None:
    """Who is signed in by the cookie of this request, by two statements; by none where there is no cookie."""
    secret = cookie.secret(request)
    browser = signed_in(session.connection(), secret, now) if secret else None
    if browser is None:
        return None
    try:
        actor = people.actor(session.connection(), browser.person_id, browser.organisation_id)
    except Missing:
        # Deactivated between the two statements.
        return None
    return remember(request, Reader(actor, browser))


def maybe_reader(request: Request, db: Db, now: Now) -> Reader | None:
    reader = found_reader(request, db, now)
    if reader and request.method not in SAFE_METHODS:
        note_seen(db, reader.browser, now)
    return reader


def reader(found: Annotated[Reader | None, Depends(maybe_reader)]) -> Reader:
    if found is None:
        raise SignInNeeded
    return found


def reader_apart(request: Request, reads: Reads, now: Now) -> Reader:
    with reads() as session:
        found = found_reader(request, session, now)
    if found is None:
        raise SignInNeeded
    return found


def me(found: Annotated[Reader, Depends(reader)]) -> Actor:
    return found.actor


def maybe_me(found: Annotated[Reader | None, Depends(maybe_reader)]) -> Actor | None:
    return found.actor if found else None


SignedInReader = Annotated[Reader, Depends(reader)]
MaybeReader = Annotated[Reader | None, Depends(maybe_reader)]
# The same, found in a transaction that is over: for handlers that compare passwords before their own begins.
ReaderApart = Annotated[Reader, Depends(reader_apart)]

# Whoever asks for `Me` is sent to sign in where nobody is; a program is answered 401.
Me = Annotated[Actor, Depends(me)]
MaybeMe = Annotated[Actor | None, Depends(maybe_me)]


def _note_seen(writing: Transactions, browser: SignedInLine, now: datetime.datetime) -> None:
    # A page that was read is shown, even where this cannot be written.
    try:
        with writing() as session:
            note_seen(session, browser, now)
    except SQLAlchemyError as error:
        log.warning("not noted that a browser was seen", exc_info=error)


def check_coding(request: Request) -> None:
    """Raises an HTTPException with 400 for a form that is written in anything but UTF-8."""
    # A form may name its own coding, and with some of them lone surrogates come in, or an error that nobody expects.
    named = request.headers.get("content-type", "").lower().split("charset")[1:]
    if named and (len(named) > 1 or not UTF_8.match(named[0])):
        raise HTTPException(400, Sentence("The form is not written in UTF-8."))


async def posted_form(request: Request) -> FormData:
    """The fields of a form, without files. Raises an HTTPException with 400 for what cannot be read."""
    check_coding(request)
    return await request.form(max_files=0, max_fields=FORM_FIELDS, max_part_size=FORM_PART)


Posted = Annotated[FormData, Depends(posted_form)]
