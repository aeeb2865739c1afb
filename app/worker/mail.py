"""The job that hands a letter to the mail server. No transaction is open while the server takes its time."""

import datetime

from sqlalchemy.orm import Session

from app.actions import mail
from app.actions.jobs import TakenJob
from app.connectors.mail import Handed, hand_in
from app.domain.mail import MailServer
from app.worker.work import Errand


def mail_errand(server: MailServer | None) -> Errand:
    """Letters go to this server; where there is none, they wait for one and then fail."""

    def look(session: Session, job: TakenJob) -> mail.Waiting | None:
        return mail.waiting(session, job.payload["delivery"])

    def run(waiting: mail.Waiting) -> Handed:
        return hand_in(server, waiting.letter, waiting.to, waiting.message_id, waiting.written_at)

    def note(session: Session, job: TakenJob, handed: Handed, now: datetime.datetime) -> str:
        return mail.note_handed(session, job, handed.trouble, handed.final, now)

    return Errand(look, run, note, mail.give_up)
