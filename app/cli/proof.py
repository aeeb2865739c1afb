"""`shortstave verify`: proves the seals of the audit trail, and counts the roll-up anew from the answers.

It prints the same text for the same data.
"""

import typer
from sqlalchemy import Connection

from app.cli.preparation import prepare, say, settings_or_exit
from app.db.engine import reading
from app.opening import open_engine
from app.queries.counting import Recount, recounts
from app.queries.seals import Proof, events_between, proofs


def verify() -> None:
    """The command of that name."""
    chosen = settings_or_exit()
    prepare(chosen)
    engine = open_engine(chosen)
    with reading(engine) as session:
        connection = session.connection()
        broken = [_said(connection, proof) for proof in proofs(connection)]
        broken += [_recounted(found) for found in recounts(connection)]
    engine.dispose()
    if any(broken):
        raise typer.Exit(1)


def _said(connection: Connection, proof: Proof) -> bool:
    """Print what was found out about an organisation; whether something is broken."""
    holds = "broken" if proof.broken else "all hold"
    say(f"organisation {proof.organisation_id} ({proof.name!a}): {proof.seals} seals, {holds}")
    for sentence in proof.broken:
        say(f"  broken: {sentence}")
    if proof.seals:
        say(f"  last seal: {proof.last.digest.hex()} up to event {proof.last.up_to}")
    for event in events_between(connection, proof.organisation_id, proof.last.up_to):
        say(f"  not sealed yet: event {event.id}, {event.at.isoformat(timespec='seconds')}, {event.action!a}")
    return bool(proof.broken)


def _recounted(found: Recount) -> bool:
    """Print what counting the answers of an organisation anew came to; whether something is counted wrongly."""
    counted = f"organisation {found.organisation_id}: {found.results} results recounted from their answers"
    if found.waits and found.wrong:
        say(f"{counted}: some are from before the roll-up, and a job still has to count them")
        return False
    say(f"{counted}, {found.tallies} tallies, {'wrong' if found.wrong else 'all right'}")
    for sentence in found.wrong:
        say(f"  wrong: {sentence}")
    return bool(found.wrong)
