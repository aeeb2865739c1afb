"""Rubrics of an organisation on the command line: `KEY@3` is a version of one, `KEY@newest` the last one published."""

import datetime

from sqlalchemy.orm import Session

from app.cli.operating import found_organisation, one_transaction
from app.cli.preparation import fail
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.yaml_file import shown

NEWEST = "newest"
MOST_DIGITS = 9


def is_kept(name: str) -> bool:
    """Whether the name on the command line is of a version in the database."""
    return "@" in name and "/" not in name and "." not in name


def kept_rubric(name: str, organisation: str) -> Rubric:
    """The rubric of such a name. Ends the program with status 1 and a sentence where there is none."""
    from app.queries import rubrics

    key, _, number = name.partition("@")
    if number != NEWEST and not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        fail(f"{shown(name)}: say which version, as {shown(key)}@3 or {shown(key)}@{NEWEST}.")
    with one_transaction() as (_chosen, session, _now):
        found, connection = organisation_of(session, organisation), session.connection()
        if number == NEWEST:
            return rubrics.latest(connection, found, key).rubric
        return rubrics.numbered(connection, found, key, int(number)).rubric


def organisation_of(session: Session, name: str) -> int:
    found = found_organisation(session, name)
    if found is None:
        fail("There is no such organisation." if name else "There is no organisation yet.")
    return found


def operator(organisation_id: int) -> Actor:
    """Whoever runs commands on the server may do all that an admin may."""
    return Actor(organisation_id, None, "command line", admin=True)


def day(time: datetime.datetime | None) -> str:
    return "never" if time is None else f"{time:%Y-%m-%d}"
