"""Mail from the transaction that causes it to a real mail server."""

import datetime
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Engine, func, select

from app.actions.jobs import ATTEMPTS, LEASE, LONGEST_PAUSE, take
from app.actions.mail import KIND, purge_mail, resend, send
from app.connectors.mail import Handed
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery, DeliveryState
from app.domain import mail
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.mail import Letter
from app.domain.organisations import VISITORS
from app.domain.people import Actor
from app.worker.mail import mail_errand
from app.worker.run import GIVEN_UP, Worker
from tests.mail_server import Mailbox, mail_server
from tests.quick_check import NOW

LETTER = Letter("Come", "Come to https://maturity.example.org/invitation/secret", "<p>Come.</p>")
ADMIN = Actor(VISITORS, None, "Admin", admin=True)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


def written(engine: Engine, reason: str = "invitation 1") -> None:
    with writing(engine) as session:
        send(session, VISITORS, "someone@example.org", LETTER, reason, NOW)


def worker(engine: Engine, mailbox: Mailbox, now: datetime.datetime = NOW) -> Worker:
    return Worker(engine, {}, {}, lambda: now, errands={KIND: mail_errand(mail.mail_server(mailbox.url()))})


def delivery(engine: Engine) -> Delivery:
    with reading(engine) as session:
        found = session.scalars(select(Delivery)).one()
        session.expunge(found)
        return found


def test_it_works(engine: Engine, mailbox: Mailbox) -> None:
    written(engine)
    assert worker(engine, mailbox).turn()
    assert not worker(engine, mailbox).turn()

    (came,) = mailbox.came
    assert came["Subject"] == "Come"
    sent = delivery(engine)
    assert (sent.state, sent.attempts, sent.sent_at) == (DeliveryState.SENT, 1, NOW)


def test_the_text_with_its_secret_is_gone_once_it_was_sent(engine: Engine, mailbox: Mailbox) -> None:
    written(engine)
    worker(engine, mailbox).turn()
    assert (delivery(engine).text, delivery(engine).html) == ("", "")


def test_what_is_rolled_back_sends_nothing(engine: Engine, mailbox: Mailbox) -> None:
    def broken() -> None:
        with writing(engine) as session:
            send(session, VISITORS, "someone@example.org", LETTER, "invitation 1", NOW)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        broken()
    assert not worker(engine, mailbox).turn()


def test_the_same_reason_sends_once_with_two_workers(engine: Engine, mailbox: Mailbox) -> None:
    for reason in ("invitation 1", "invitation 1", "invitation 2"):
        written(engine, reason)
    workers = [worker(engine, mailbox) for _ in range(2)]

    def work(each: Worker) -> None:
        while each.turn():
            pass

    threads = [threading.Thread(target=work, args=(each,)) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.came) == 2
    assert len({came["Message-ID"] for came in mailbox.came}) == 2


def test_later_is_tried_again_later_with_the_same_id(engine: Engine, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 later, please"]
    written(engine)
    worker(engine, mailbox).turn()
    waits = delivery(engine)
    assert (waits.state, waits.attempts) == (DeliveryState.WAITING, 1)
    assert waits.last_error == "The mail server answered 451: later, please"
    assert not worker(engine, mailbox).turn()

    assert worker(engine, mailbox, NOW + LONGEST_PAUSE).turn()
    sent = delivery(engine)
    assert (sent.state, sent.attempts, sent.last_error) == (DeliveryState.SENT, 2, None)


def test_never_is_not_tried_again_until_an_admin_says_so(engine: Engine, mailbox: Mailbox) -> None:
    mailbox.answers = ["552 mailbox full"]
    written(engine)
    worker(engine, mailbox).turn()
    failed = delivery(engine)
    assert failed.state is DeliveryState.FAILED
    assert not worker(engine, mailbox, NOW + LONGEST_PAUSE).turn()

    with writing(engine) as session:
        resend(session, ADMIN, failed.id, NOW)
    with pytest.raises(Conflict), writing(engine) as session:
        resend(session, ADMIN, failed.id, NOW)
    assert worker(engine, mailbox).turn()
    assert len(mailbox.came) == 1
    with pytest.raises(Conflict), writing(engine) as session:
        resend(session, ADMIN, failed.id, NOW)


def test_only_an_admin_of_the_organisation_sends_again(engine: Engine) -> None:
    written(engine)
    with pytest.raises(NotAllowed), writing(engine) as session:
        resend(session, Actor(VISITORS, None, "Manager", manages_all=True), delivery(engine).id, NOW)
    with pytest.raises(Missing), writing(engine) as session:
        resend(session, Actor(VISITORS + 1, None, "Outsider", admin=True), delivery(engine).id, NOW)


def test_after_the_last_attempt_it_has_failed(engine: Engine, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 later"] * ATTEMPTS
    written(engine)
    for attempt in range(ATTEMPTS):
        assert worker(engine, mailbox, NOW + LONGEST_PAUSE * attempt).turn()
    failed = delivery(engine)
    assert (failed.state, failed.attempts) == (DeliveryState.FAILED, ATTEMPTS)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).where(Job.finished_at.is_(None))) == 0


def test_the_letter_of_a_worker_that_died_is_sent_by_another(engine: Engine, mailbox: Mailbox) -> None:
    written(engine)
    with writing(engine) as session:
        assert take(session, NOW)
    assert not worker(engine, mailbox).turn()
    assert worker(engine, mailbox, NOW + LEASE).turn()
    assert len(mailbox.came) == 1


def test_the_letter_that_every_process_died_of_has_failed(engine: Engine, mailbox: Mailbox) -> None:
    written(engine)
    with writing(engine) as session:
        for attempt in range(ATTEMPTS):
            assert take(session, NOW + LEASE * attempt)
            session.flush()
    assert worker(engine, mailbox, NOW + LEASE * ATTEMPTS).turn()

    failed = delivery(engine)
    assert (failed.state, failed.last_error) == (DeliveryState.FAILED, GIVEN_UP)
    assert mailbox.came == []
    with writing(engine) as session:
        resend(session, ADMIN, failed.id, NOW)
    assert worker(engine, mailbox).turn()
    assert delivery(engine).state is DeliveryState.SENT


def test_nor_does_it_wait_for_ever_where_the_job_itself_fails(engine: Engine) -> None:
    def fails(_waiting: object) -> Handed:
        raise ArithmeticError("two and two")

    broken = replace(mail_errand(None), run=fails)
    written(engine)
    for attempt in range(ATTEMPTS):
        assert delivery(engine).state is DeliveryState.WAITING
        clock = partial(datetime.datetime.__add__, NOW, LONGEST_PAUSE * attempt)
        assert Worker(engine, {}, {}, clock, errands={KIND: broken}).turn()
    failed = delivery(engine)
    assert failed.state is DeliveryState.FAILED
    assert "ArithmeticError" in (failed.last_error or "")


def test_a_strange_answer_of_the_server_can_be_kept(engine: Engine, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 \x07 later"]
    written(engine)
    worker(engine, mailbox).turn()
    assert delivery(engine).attempts == 1


def test_texts_and_deliveries_are_forgotten(engine: Engine) -> None:
    written(engine)
    with writing(engine) as session:
        purge_mail(session, NOW + datetime.timedelta(days=14))
    assert (delivery(engine).text, delivery(engine).state) == ("", DeliveryState.FAILED)
    with pytest.raises(Conflict), writing(engine) as session:
        resend(session, ADMIN, delivery(engine).id, NOW)
    with writing(engine) as session:
        purge_mail(session, NOW + datetime.timedelta(days=90))
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
