"""What every command that works on the database does first."""

import datetime
import sys
from typing import NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.cli.logs import configure_logs
from app.db.engine import reading, writing
from app.opening import open_engine
from app.settings import PREFIX, Settings, settings


def settings_or_exit(**given: object) -> Settings:
    """The settings, with what the command line gave. A wrong one ends the program with status 1 and a line each."""
    try:
        found = settings()
        return Settings.model_validate(found.model_dump() | {k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = PREFIX + str(problem["loc"][0]).upper() if problem["loc"] else "Settings"
            typer.echo(f"{name}: {problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(1) from None


def prepare(chosen: Settings) -> None:
    """Make the embedded database ready for work. Of PostgreSQL, end with status 1 and the reason unless it is ready."""
    if chosen.embedded:
        make_ready(chosen)
    elif trouble := database_trouble(chosen):
        fail(f"The database cannot be used: {trouble}")


def migrate() -> None:
    """The command of that name."""
    chosen = settings_or_exit()
    configure_logs(chosen)
    make_ready(chosen)
    say("The database is at the newest schema and has the shipped rubrics.")


def make_ready(chosen: Settings) -> None:
    """Migrate and load the shipped rubrics; end with status 1 and the reason where that cannot be."""
    from app.db import migrate as schema

    try:
        if chosen.embedded:
            chosen.data_dir.mkdir(parents=True, exist_ok=True)
        schema.migrate(chosen.database)
        _load_shipped(chosen)
    except (OSError, SQLAlchemyError) as error:
        fail(f"The database cannot be opened: {reason(error)}. `shortstave check` says more.")


def _load_shipped(chosen: Settings) -> None:
    from app.actions.rubrics import load_shipped

    engine = open_engine(chosen)
    try:
        with writing(engine) as session:
            load_shipped(session, datetime.datetime.now(datetime.UTC))
    finally:
        engine.dispose()


def database_trouble(chosen: Settings) -> str:
    """What is wrong with the database and how to mend it; empty when it can be worked with."""
    from app.db import migrate as schema

    if chosen.embedded and not (chosen.data_dir / "shortstave.sqlite3").exists():
        return ""
    engine = open_engine(chosen)
    try:
        with reading(engine) as session:
            current = schema.up_to_date(session.connection())
    except SQLAlchemyError as error:
        return f"it does not answer: {reason(error)}. Is SHORTSTAVE_DATABASE_URL right, and does the server run?"
    finally:
        engine.dispose()
    return "" if current else "its schema is not that of this release. Run: shortstave migrate"


def address(chosen: Settings, port: int | None = None) -> str:
    """Where people reach the service; `port` where it is not that of the settings."""
    name = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    return chosen.public_url or f"http://{name}:{chosen.port if port is None else port}"


def reason(error: Exception) -> str:
    """One line; a driver's message may have several, and SQLAlchemy adds the statement and a link."""
    return (str(error.__cause__ or error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def say(line: str) -> None:
    """To standard output, at once: a script may wait for it."""
    typer.echo(line)
    sys.stdout.flush()


def fail(sentence: str) -> NoReturn:
    """End with status 1 and a sentence that says why."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
