"""`shortstave demo`: an example organisation in an empty database, and the way into it."""

import datetime
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.example import add_example, quiet
from app.actions.one_time_links import make_link
from app.actions.people import create_person
from app.cli.preparation import address, fail, prepare, say, settings_or_exit
from app.db.engine import writing
from app.db.tables.org import Organisation
from app.db.tables.signing_in import LinkKind
from app.domain.errors import DomainError
from app.domain.example import MOST_ANSWERED
from app.domain.example_names import DOMAIN, ORGANISATION
from app.domain.organisations import VISITORS
from app.opening import open_engine
from app.queries.signing_in import any_account

ADMIN = f"admin@{DOMAIN}"
LONG = 500
"""Teams from which on it takes long enough to be told how far it is."""


def demo(teams: int, cycles: int, seed: int) -> None:
    """The command of that name."""
    chosen = settings_or_exit()
    prepare(chosen)
    engine = open_engine(chosen)
    # Millions of small objects are made, hardly any of them refers back to another, and the program ends with this.
    gc.disable()
    try:
        with _progress(teams) as tell, writing(engine) as session:
            secret = _made(session, teams, cycles, seed, tell)
    except DomainError as error:
        fail(str(error))
    finally:
        engine.dispose()
    counted = ", ".join((_counted(teams, "team"), _counted(cycles, "cycle")))
    say(f"{ORGANISATION} is ready: {counted}. `shortstave serve` shows it at {address(chosen)}.")
    if teams > MOST_ANSWERED:
        say(
            f"With more than {MOST_ANSWERED} teams it holds results and what is counted of them alone: no people but"
            " its admin, no ML systems, no answers on sheets, and many teams that came to the same results."
        )
    say(f"Its admin signs in as {ADMIN}. A link, good once and for two hours, to choose a password with:")
    say(f"{address(chosen)}/reset/{secret}")


def _counted(number: int, of: str) -> str:
    return f"1 {of}" if number == 1 else f"{number} {of}s"


@contextmanager
def _progress(teams: int) -> Iterator[Callable[[int], None]]:
    """Says on a terminal how many teams are written; the last steps come after all of them are."""
    if teams < LONG or not sys.stderr.isatty():
        yield quiet
        return
    with typer.progressbar(length=teams, label="Writing teams", file=sys.stderr) as bar:
        yield lambda written: bar.update(written - bar.pos)


def _made(session: Session, teams: int, cycles: int, seed: int, tell: Callable[[int], None]) -> str:
    if any_account(session.connection()) or session.scalar(select(Organisation.id).where(Organisation.id != VISITORS)):
        fail(
            "This database holds an organisation already, and the example is made in an empty one. Name another: "
            "SHORTSTAVE_DATA_DIR=demo shortstave demo, or SHORTSTAVE_DATABASE_URL."
        )
    now = datetime.datetime.now(datetime.UTC)
    admin_id = create_person(session, ADMIN, "Example admin", None, now)
    if admin_id is None:
        raise AssertionError("Nobody has an account, and this address has one.")
    add_example(session, admin_id, now, teams, seed, cycles, tell)
    return make_link(session, LinkKind.RESET, admin_id, now)
