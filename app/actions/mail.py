"""Mail: a letter is written down with what causes it, and a job hands it to the mail server.

A letter may hold a secret link, of which nothing else of ours keeps more than a digest. So its text is nowhere shown,
and is gone once it was sent; what stays is to whom it went, what it was about, and what became of it.
"""

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.jobs import TakenJob, enqueue, enqueue_all
from app.db.base import table
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery, DeliveryState
from app.db.tables.org import Server
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.mail import Letter
from app.domain.people import Actor

KIND = "send mail"
ERROR_LIMIT = 2000
FORGOTTEN_AFTER = datetime.timedelta(days=90)
TEXT_FORGOTTEN_AFTER = datetime.timedelta(days=14)

_WRITE = {
    name: dialect.insert(table(Delivery))
    .on_conflict_do_nothing(index_elements=["reason_key"])
    .returning(table(Delivery).c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter to somebody; `reason_key` names what causes it."""

    to: str
    letter: Letter
    reason_key: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter on its way to the mail server; `message_id` is the same for every attempt and nobody can guess it."""

    delivery_id: int
    to: str
    letter: Letter
    message_id: str
    written_at: datetime.datetime


def send(
    session: Session,
    organisation_id: int | None,
    to: str,
    letter: Letter,
    reason_key: str,
    now: datetime.datetime,
) -> None:
    """Have this letter sent, if this transaction commits. What has the same reason was sent already, and is not again.

    `organisation_id`: whose admins see that it was sent; None for mail that is between a person and the server.
    """
    send_all(session, organisation_id, [Addressed(to, letter, reason_key)], now)


def send_all(
    session: Session, organisation_id: int | None, letters: Iterable[Addressed], now: datetime.datetime
) -> int:
    """The same for many letters, in two statements for each thousand; how many of them are sent now."""
    connection = session.connection()
    rows = [
        {
            "organisation_id": organisation_id,
            "to_address": each.to,
            "subject": each.letter.subject,
            "text": each.letter.text,
            "html": each.letter.html,
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "created_at": now,
            "unsubscribe": each.letter.unsubscribe or None,
            "reason_key": each.reason_key,
        }
        for each in letters
    ]
    written = connection.execute(_WRITE[connection.dialect.name], rows).scalars().all() if rows else ()
    jobs = {f"mail {delivery_id}": {"delivery": delivery_id} for delivery_id in written}
    enqueue_all(session, KIND, jobs, now, organisation_id)
    return len(jobs)


def waiting(session: Session, delivery_id: int) -> Waiting | None:
    """The letter that a job is to send; None where it was sent meanwhile."""
    found = session.get(Delivery, delivery_id)
    if found is None or found.state is not DeliveryState.WAITING:
        return None
    salt = session.execute(select(Server.salt)).scalar_one()
    unguessable = hashlib.sha256(salt + f"mail {delivery_id}".encode()).hexdigest()[:24]
    letter = Letter(found.subject, found.text, found.html, found.unsubscribe or "")
    return Waiting(delivery_id, found.to_address, letter, f"{delivery_id}.{unguessable}", found.created_at)


def note_handed(session: Session, job: TakenJob, trouble: str, final: bool, now: datetime.datetime) -> str:
    """Write down what came of an attempt; why there is to be another one, with nothing where there is none."""
    delivery = session.get_one(Delivery, job.payload["delivery"])
    delivery.attempts += 1
    if not trouble:
        delivery.state, delivery.sent_at, delivery.last_error = DeliveryState.SENT, now, None
        delivery.text = delivery.html = ""
        delivery.unsubscribe = None
        return ""
    delivery.last_error = _kept(trouble)
    if final or job.last:
        delivery.state = DeliveryState.FAILED
        return ""
    return delivery.last_error


def give_up(session: Session, job: TakenJob, trouble: str) -> None:
    """Write down that nobody tries to send this any more, since the job failed by itself; an admin can."""
    given_up = update(Delivery).where(Delivery.id == job.payload["delivery"], Delivery.state == DeliveryState.WAITING)
    values = given_up.values(state=DeliveryState.FAILED, last_error=_kept(trouble))
    session.execute(values.execution_options(synchronize_session=False))


def resend(session: Session, actor: Actor, delivery_id: int, now: datetime.datetime) -> None:
    """Try a letter again that could not be sent. Raises Missing, NotAllowed, and Conflict where nothing is to be sent.

    One that was sent is not sent twice, and its text is gone: whoever wants another one asks for it where it began.
    """
    if not actor.may_see_deliveries():
        raise NotAllowed("Only an admin looks after mail.")
    delivery = session.scalar(
        select(Delivery)
        .where(Delivery.organisation_id == actor.organisation_id, Delivery.id == delivery_id)
        .with_for_update()
    )
    if delivery is None:
        raise Missing("There is no such mail.")
    if delivery.state is DeliveryState.SENT:
        raise Conflict("This mail was sent meanwhile.")
    if not delivery.text:
        raise Conflict("This mail is too old: its text was forgotten. Begin anew where it came from.")
    if session.scalar(select(exists().where(_job_of(delivery), Job.finished_at.is_(None), Job.failed_at.is_(None)))):
        raise Conflict("This mail is waiting to be sent.")
    delivery.state = DeliveryState.WAITING
    key = f"mail {delivery.id} again {now.isoformat()}"
    audit.record_by(session, actor, now, "mail sent again", ("delivery", delivery.id))
    enqueue(session, KIND, {"delivery": delivery.id}, now, key, actor.organisation_id)


def send_test(session: Session, actor: Actor, to: str, letter: Letter, now: datetime.datetime) -> None:
    """Send a test message to the admin who asks for it. Raises NotAllowed."""
    if not actor.may_see_deliveries():
        raise NotAllowed("Only an admin looks after mail.")
    audit.record_by(session, actor, now, "test mail sent", ("organisation", actor.organisation_id))
    reason = f"test {actor.organisation_id} {actor.person_id} {now.isoformat()}"
    send(session, actor.organisation_id, to, letter, reason, now)


def purge_mail(session: Session, now: datetime.datetime) -> None:
    """Forget the texts of what could not be sent after two weeks, and every delivery after three months."""
    old = update(Delivery).where(Delivery.created_at <= now - TEXT_FORGOTTEN_AFTER, Delivery.text != "")
    forgotten = old.values(text="", html="", unsubscribe=None, state=DeliveryState.FAILED)
    over = delete(Delivery).where(Delivery.created_at <= now - FORGOTTEN_AFTER)
    for statement in (forgotten, over):
        session.execute(statement.execution_options(synchronize_session=False))


def _kept(trouble: str) -> str:
    # What a server says may hold what no column takes.
    return ascii(trouble)[1:-1][:ERROR_LIMIT]


def _job_of(delivery: Delivery) -> ColumnElement[bool]:
    first, again = f"mail {delivery.id}", f"mail {delivery.id} again %"
    return (Job.idempotency_key == first) | Job.idempotency_key.like(again)
