"""What commands that change something on the server have in common: one transaction, and whose organisation it is."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.preparation import fail, prepare, settings_or_exit
from app.settings import Settings


@contextmanager
def one_transaction() -> Iterator[tuple[Settings, Session, datetime.datetime]]:
    """What the product refuses ends the program with status 1 and its sentence."""
    from app.db.engine import writing
    from app.domain.errors import DomainError
    from app.opening import open_engine

    chosen = settings_or_exit()
    prepare(chosen)
    engine = open_engine(chosen)
    try:
        with writing(engine) as session:
            yield chosen, session, datetime.datetime.now(datetime.UTC)
    except DomainError as error:
        fail(str(error))
    finally:
        engine.dispose()


def found_organisation(session: Session, name: str) -> int | None:
    """The number of the organisation of this name, or of the only one; None where there is none."""
    from app.db.tables.org import Organisation
    from app.domain.organisations import VISITORS

    of_people = select(Organisation.id).where(Organisation.id != VISITORS)
    found = list(session.scalars(of_people.where(Organisation.name == name) if name else of_people))
    if len(found) > 1:
        fail("There are several of that name." if name else "There are several: name one with --organisation.")
    return found[0] if found else None
