"""The job table: done once, by one process at a time, and again after a failure."""

import datetime
import threading

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.actions.jobs import (
    ATTEMPTS,
    FORGOTTEN_AFTER,
    LEASE,
    NoLongerOurs,
    TakenJob,
    enqueue,
    finish,
    purge_done,
    put_back,
    take,
    waits,
)
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from tests.quick_check import NOW

SECOND = datetime.timedelta(seconds=1)


def taken(session: Session, now: datetime.datetime = NOW) -> TakenJob:
    job = take(session, now)
    session.flush()
    assert job is not None
    return job


def test_it_works(session: Session) -> None:
    enqueue(session, "greet", {"whom": "tram"}, NOW, "greet 1")
    job = taken(session)
    assert (job.kind, job.payload, job.attempt) == ("greet", {"whom": "tram"}, 1)
    finish(session, job, NOW)
    assert take(session, NOW + LEASE * 2) is None


def test_a_key_is_enqueued_once_also_when_it_is_done(session: Session) -> None:
    enqueue(session, "greet", {}, NOW, "greet 1")
    finish(session, taken(session), NOW)
    enqueue(session, "greet", {}, NOW, "greet 1")
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_nothing_is_done_before_it_is_due(session: Session) -> None:
    enqueue(session, "greet", {}, NOW + SECOND, "greet 1")
    assert not waits(session, NOW)
    assert take(session, NOW) is None
    assert waits(session, NOW + SECOND)


def test_the_longest_due_comes_first(session: Session) -> None:
    enqueue(session, "later", {}, NOW, "1")
    enqueue(session, "earlier", {}, NOW - SECOND, "2")
    assert [taken(session).kind, taken(session).kind] == ["earlier", "later"]


def test_a_held_job_is_taken_again_after_its_lease_and_the_first_holder_is_told(session: Session) -> None:
    enqueue(session, "greet", {}, NOW, "greet 1")
    first = taken(session)
    assert take(session, NOW + LEASE - SECOND) is None
    second = taken(session, NOW + LEASE)
    assert second.attempt == 2
    with pytest.raises(NoLongerOurs):
        finish(session, first, NOW + LEASE)
    finish(session, second, NOW + LEASE)


def test_a_failed_job_is_tried_again_later_and_later_and_then_no_more(session: Session) -> None:
    enqueue(session, "greet", {}, NOW, "greet 1")
    now, pauses = NOW, []
    for _ in range(ATTEMPTS):
        put_back(session, taken(session, now), now, "no greeting " * 1000)
        due = session.scalar(select(Job.due_at))
        assert due is not None
        pauses.append((due - now).total_seconds())
        now = due
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280]
    assert take(session, now + LEASE) is None
    assert session.scalar(select(Job.failed_at)) is not None


def test_a_job_that_kills_its_process_is_handed_out_as_lost(session: Session) -> None:
    enqueue(session, "deadly", {}, NOW, "1")
    for attempt in range(ATTEMPTS):
        job = taken(session, NOW + LEASE * attempt)
        assert (job.attempt, job.lost) == (attempt + 1, False)
    job = taken(session, NOW + LEASE * ATTEMPTS)
    assert job.lost
    put_back(session, job, NOW + LEASE * ATTEMPTS, "given up")
    assert session.scalar(select(Job.failed_at)) is not None
    assert take(session, NOW + LEASE * (ATTEMPTS + 1)) is None


def test_whoever_knows_some_kinds_leaves_the_others(session: Session) -> None:
    enqueue(session, "greet", {}, NOW, "1")
    assert not waits(session, NOW, ["part"])
    assert take(session, NOW, ["part"]) is None
    assert take(session, NOW, ["part", "greet"]) is not None


def test_what_a_done_job_was_about_is_forgotten(session: Session) -> None:
    enqueue(session, "greet", {"whom": "somebody@example.org"}, NOW, "greet 1")
    finish(session, taken(session), NOW)
    assert session.scalars(select(Job.payload)).all() == [{}]


def test_of_many_workers_each_job_goes_to_one(engine: Engine) -> None:
    with writing(engine) as session:
        for number in range(40):
            enqueue(session, "greet", {"number": number}, NOW, f"greet {number}")
    done: list[int] = []

    def work() -> None:
        while True:
            with writing(engine) as session:
                job = take(session, NOW)
            if job is None:
                with reading(engine) as session:
                    if not waits(session, NOW):
                        return
                continue
            done.append(job.payload["number"])
            with writing(engine) as session:
                finish(session, job, NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(40))


def test_done_jobs_are_forgotten_and_failed_ones_stay(session: Session) -> None:
    enqueue(session, "greet", {}, NOW, "done")
    finish(session, taken(session), NOW)
    enqueue(session, "greet", {}, NOW, "open")
    purge_done(session, NOW + FORGOTTEN_AFTER)
    assert session.scalars(select(Job.idempotency_key)).all() == ["open"]
