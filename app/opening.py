"""Opens the database that the settings name: for the server, and for commands, which need nothing else of it."""

from sqlalchemy import Engine

from app.db.engine import make_engine
from app.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine for the database of the settings; it connects when it is first used."""
    return make_engine(settings.database, bouncer=settings.pgbouncer == "on")
