"""What handlers ask for besides the request."""

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.web.security import SAFE_METHODS

# The longest sheet has 60 statements in each of 12 categories, with value, reason and note each.
FORM_FIELDS = 2500
FORM_PART = 64 * 1024  # bytes of one field
UTF_8 = re.compile(r'\s*=\s*"?utf-8"?\s*(;|$)')


def one_transaction(request: Request) -> Iterator[Session]:
    """The request's one transaction: it only reads for a safe method, since a GET changes nothing."""
    state = request.app.state
    with (state.reading if request.method in SAFE_METHODS else state.writing)() as session:
        yield session


# For the handlers that are asked most: one turn of a thread does it all, where each dependency would take turns too.
transaction = contextmanager(one_transaction)

# scope="function": commit before the answer leaves, so that a redirect finds the row.
Db = Annotated[Session, Depends(one_transaction, scope="function")]


async def this_moment() -> datetime.datetime:
    # A coroutine only because a function would be sent to a thread, which takes longer than looking at the clock.
    return datetime.datetime.now(datetime.UTC)


# The clock is asked once for each request, and nowhere below.
Now = Annotated[datetime.datetime, Depends(this_moment)]


async def posted_form(request: Request) -> FormData:
    """The fields of a form, without files. Raises an HTTPException with 400 for what cannot be read."""
    # A form may name its own coding, and with some of them lone surrogates come in, or an error that nobody expects.
    named = request.headers.get("content-type", "").lower().split("charset")[1:]
    if named and (len(named) > 1 or not UTF_8.match(named[0])):
        raise HTTPException(400, "The form is not written in UTF-8.")
    return await request.form(max_files=0, max_fields=FORM_FIELDS, max_part_size=FORM_PART)


Posted = Annotated[FormData, Depends(posted_form)]
