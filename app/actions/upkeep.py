"""What the database wants done now and then, that changes nothing of what is in it."""

from sqlalchemy.orm import Session

from app.db import sqlite


def wants_to_learn(session: Session) -> bool:
    """Whether the database has to be told to look how its tables are filled; PostgreSQL does so by itself."""
    return session.connection().dialect.name == "sqlite"


def learn(session: Session) -> None:
    """Let the planner of the embedded database look how its tables are filled."""
    if wants_to_learn(session):
        sqlite.learn(session.connection())
