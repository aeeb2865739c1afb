"""The commands that serve and look after a server. Each imports what it needs itself: `score` must not wait for it."""

from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="Address to listen on; else SHORTSTAVE_HOST.", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on; else SHORTSTAVE_PORT.", show_default=False)]
Workers = Annotated[int, typer.Option(min=1, help="Processes that serve; more than one needs PostgreSQL.")]

Teams = Annotated[int, typer.Option(min=1, max=100_000, help="Teams of the example; ten thousand take a minute.")]
Cycles = Annotated[int, typer.Option(min=1, max=12, help="Cycles, half a year apart; the newest runs.")]
Seed = Annotated[int, typer.Option(help="The same number makes the same example.")]


def serve(host: Host = "", port: Port = None, workers: Workers = 1) -> None:
    """Migrate the embedded database, load the shipped rubrics, and serve."""
    from app.cli import serving

    serving.serve(host or None, port, workers)


def migrate() -> None:
    """Bring the database to the newest schema and load the shipped rubrics."""
    from app.cli import preparation

    preparation.migrate()


def check() -> None:
    """Say what is wrong with settings, folder and database, and how to mend it; exit status 1 if anything is."""
    from app.cli import findings

    findings.check()


def demo(teams: Teams = 10, cycles: Cycles = 3, seed: Seed = 1) -> None:
    """Make an example organisation in an empty database, and print a link for its admin."""
    from app.cli import demo

    demo.demo(teams, cycles, seed)


def worker() -> None:
    """Do background jobs until told to stop; for servers with SHORTSTAVE_WORKER=off."""
    from app.cli import serving

    serving.work()


def verify() -> None:
    """Prove the seals of the audit trail and list the events that none holds yet; exit status 1 if one is broken."""
    from app.cli import proof

    proof.verify()


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (serve, migrate, check, demo, verify, worker):
        app.command()(command)
