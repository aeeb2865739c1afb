"""`shortstave demo`: an example organisation in an empty database, and the way into it."""

import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.example import add_example
from app.actions.one_time_links import make_link
from app.actions.people import create_person
from app.cli.preparation import fail, prepare, say, settings_or_exit
from app.cli.serving import address
from app.db.engine import writing
from app.db.tables.org import Organisation
from app.db.tables.signing_in import LinkKind
from app.domain.errors import DomainError
from app.domain.example_names import DOMAIN, ORGANISATION
from app.domain.organisations import VISITORS
from app.main import open_engine
from app.queries.signing_in import any_account

ADMIN = f"admin@{DOMAIN}"


def demo(teams: int, seed: int) -> None:
    """The command of that name."""
    chosen = settings_or_exit()
    prepare(chosen)
    engine = open_engine(chosen)
    try:
        with writing(engine) as session:
            secret = _made(session, teams, seed)
    except DomainError as error:
        fail(str(error))
    finally:
        engine.dispose()
    counted = "1 team" if teams == 1 else f"{teams} teams"
    say(f"{ORGANISATION}, with {counted}, is ready. `shortstave serve` shows it at {address(chosen)}.")
    say(f"Its admin signs in as {ADMIN}. A link, good once and for two hours, to choose a password with:")
    say(f"{address(chosen)}/reset/{secret}")


def _made(session: Session, teams: int, seed: int) -> str:
    if any_account(session.connection()) or session.scalar(select(Organisation.id).where(Organisation.id != VISITORS)):
        fail(
            "This database holds an organisation already, and the example is made in an empty one. Name another: "
            "SHORTSTAVE_DATA_DIR=demo shortstave demo, or SHORTSTAVE_DATABASE_URL."
        )
    now = datetime.datetime.now(datetime.UTC)
    admin_id = create_person(session, ADMIN, "Example admin", None, now)
    if admin_id is None:
        raise AssertionError("Nobody has an account, and this address has one.")
    add_example(session, admin_id, now, teams, seed)
    return make_link(session, LinkKind.RESET, admin_id, now)
