"""`shortstave token`: keys of programs, for scripts."""

import datetime
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.operating import found_organisation, one_transaction
from app.cli.preparation import fail, say
from app.domain.people import Actor, Scope
from app.domain.tokens import WantedToken

tokens = typer.Typer(no_args_is_help=True, help="Keys of programs that use the API.")

DAY = datetime.timedelta(days=1)

Name = Annotated[str, typer.Option(help="What the token is for.")]
Scopes = Annotated[list[Scope], typer.Option("--scope", help="What it may do; each scope holds those before it.")]
User = Annotated[str, typer.Option(help="Address of the person whose token it is; else it is a service's.")]
Of = Annotated[str, typer.Option(help="Name of the organisation; may be left out where there is one.")]
Teams = Annotated[
    list[str] | None, typer.Option("--team", help="A team that it is limited to, by name; may be repeated.")
]
Expires = Annotated[str, typer.Option(help="After so many days, or on a day such as 2027-03-31; else never.")]
Number = Annotated[int, typer.Argument(help="The token's number, from `token list`.")]


@tokens.command("create")
def create(
    name: Name, scope: Scopes, user: User = "", organisation: Of = "", team: Teams = None, expires: Expires = ""
) -> None:
    """Make a token, and print it as the last word. It is told only now."""
    from app.actions.tokens import create_service_token, create_token

    with one_transaction() as (_chosen, session, now):
        found = _organisation(session, organisation)
        teams = _teams(session, found, team) if team else None
        wanted, end = WantedToken(name, frozenset(scope), teams), _end(expires, now)
        if user:
            made = create_token(session, _person(session, found, user), wanted, end, now)
        else:
            made = create_service_token(session, _operator(found), wanted, end, now)
    # Only after the transaction: before, the token might never be good.
    say(f"Token {made.id}, told only now: {made.secret}")


@tokens.command("list")
def list_all(organisation: Of = "") -> None:
    """Print the tokens that are not revoked: number, beginning, scope, last used, expires, holder, name."""
    from app.queries.tokens import token_lines

    with one_transaction() as (_chosen, session, _now):
        found, after = _organisation(session, organisation), None
        while True:
            page = token_lines(session.connection(), found, after=after)
            for line in page.lines:
                times = (_day(line.last_used_at), _day(line.expires_at))
                say("\t".join((str(line.id), line.prefix, line.scope, *times, line.person or "(service)", line.name)))
            after = page.after
            if after is None:
                return


@tokens.command("revoke")
def revoke(number: Number, organisation: Of = "") -> None:
    """Make a token worthless at once."""
    from app.actions.tokens import revoke_token

    with one_transaction() as (_chosen, session, now):
        revoke_token(session, _operator(_organisation(session, organisation)), number, now)
    say(f"Token {number} is revoked.")


def _organisation(session: Session, name: str) -> int:
    found = found_organisation(session, name)
    if found is None:
        fail(
            "There is no such organisation."
            if name
            else "There is no organisation yet: `shortstave user create` makes one."
        )
    return found


def _operator(organisation_id: int) -> Actor:
    return Actor(organisation_id, None, "command line", admin=True)


def _person(session: Session, organisation_id: int, email: str) -> Actor:
    from app.actions.people import person_of
    from app.actions.signing_in import spelling
    from app.queries.people import actor

    person = person_of(session, spelling(email))
    if person is None:
        fail(f"{email} has no account here.")
    return actor(session.connection(), person.id, organisation_id)


def _teams(session: Session, organisation_id: int, names: list[str]) -> frozenset[int]:
    from app.db.tables.org import Team

    found = set[int]()
    for name in names:
        named = select(Team.id).where(Team.organisation_id == organisation_id, Team.name == name)
        ids = session.scalars(named.where(Team.archived_at.is_(None))).all()
        if not ids:
            fail(f"There is no team {name}.")
        found.update(ids)
    return frozenset(found)


def _end(expires: str, now: datetime.datetime) -> datetime.datetime | None:
    """A day belongs to the token's life to its end, in UTC."""
    if not expires:
        return None
    try:
        if expires.isascii() and expires.isdecimal():
            return now + int(expires) * DAY
        day = datetime.date.fromisoformat(expires)
        return datetime.datetime.combine(day, datetime.time(), datetime.UTC) + DAY
    except (ValueError, OverflowError):
        fail("--expires takes a number of days, or a day such as 2027-03-31.")


def _day(time: datetime.datetime | None) -> str:
    return "never" if time is None else f"{time:%Y-%m-%d}"
