"""The worker in a thread and as a process that dies in the middle of a job."""

import datetime
import multiprocessing
import os
import threading
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.actions.jobs import LEASE, NoLongerOurs, enqueue
from app.db.engine import make_engine, reading, writing
from app.db.tables.jobs import Job
from app.db.tables.org import Organisation
from app.worker.run import Worker, start
from app.worker.work import LEARN, ONLY_WHEN, PERIODIC, WORK, Errand
from tests.quick_check import NOW

WAIT = 30


def found(session: Session, payload: dict[str, Any], now: datetime.datetime) -> None:
    session.add(Organisation(name=payload["name"], created_at=now))


def test_it_works(engine: Engine) -> None:
    with writing(engine) as session:
        enqueue(session, "found", {"name": "Tram"}, NOW, "found Tram")
    worker = Worker(engine, {"found": found}, {}, lambda: NOW)
    assert worker.turn()
    assert not worker.turn()
    with reading(engine) as session:
        assert session.scalar(select(Organisation.name).where(Organisation.id != 1)) == "Tram"


def test_what_fails_leaves_nothing_and_is_noted(engine: Engine) -> None:
    def fails(session: Session, payload: dict[str, Any], now: datetime.datetime) -> None:
        found(session, payload, now)
        session.flush()
        raise ArithmeticError("two and two\x00")

    with writing(engine) as session:
        enqueue(session, "found", {"name": "Tram"}, NOW, "found Tram")
        enqueue(session, "nobody knows it", {}, NOW, "2")
    worker = Worker(engine, {"found": fails}, {}, lambda: NOW)
    assert worker.turn()
    assert worker.turn()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1
        errors = session.scalars(select(Job.last_error).order_by(Job.id)).all()
    assert errors == [r"ArithmeticError: 'two and two\x00'", "KeyError: \"'nobody knows it'\""]


def test_a_worker_slower_than_its_lease_does_nothing_in_the_end(engine: Engine) -> None:
    def overtaken(session: Session, payload: dict[str, Any], now: datetime.datetime) -> None:
        found(session, payload, now)
        session.execute(text("UPDATE job SET attempts = attempts + 1"))

    with writing(engine) as session:
        enqueue(session, "found", {"name": "Tram"}, NOW, "found Tram")
    with pytest.raises(NoLongerOurs):
        Worker(engine, {"found": overtaken}, {}, lambda: NOW).turn()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1
    assert Worker(engine, {"found": found}, {}, lambda: NOW + LEASE).turn()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 2


def test_periodic_work_is_enqueued_once_for_each_slot_by_any_number_of_workers(engine: Engine) -> None:
    times = [NOW, NOW + datetime.timedelta(minutes=1), NOW + datetime.timedelta(hours=1)]
    workers = [Worker(engine, WORK, {"purge allowances": datetime.timedelta(hours=1)}) for _ in range(2)]
    for now in times:
        for worker in workers:
            worker.clock = partial(datetime.datetime.fromtimestamp, now.timestamp(), datetime.UTC)
            while worker.turn():
                pass
    with reading(engine) as session:
        assert session.scalars(select(Job.idempotency_key).order_by(Job.id)).all() == [
            "purge allowances 2026-11-02T09:00:00+00:00",
            "purge allowances 2026-11-02T10:00:00+00:00",
        ]
        assert session.scalar(select(func.count()).where(Job.finished_at.is_(None))) == 0


def test_all_periodic_work_runs(engine: Engine) -> None:
    assert set(PERIODIC) <= set(WORK)
    always = PERIODIC.keys() - ONLY_WHEN.keys()
    expected = always | {LEARN} if engine.dialect.name == "sqlite" else always
    stop = start(engine)
    deadline = threading.Event()
    for _ in range(WAIT * 20):
        with reading(engine) as session:
            if session.scalar(select(func.count()).where(Job.finished_at.is_not(None))) == len(expected):
                break
        deadline.wait(0.05)
    stop()
    with reading(engine) as session:
        assert set(session.scalars(select(Job.kind).where(Job.finished_at.is_not(None)))) == expected
        assert session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all() == []


def test_an_errand_that_takes_its_time_holds_up_nothing_else(engine: Engine) -> None:
    under_way, enough = threading.Event(), threading.Event()

    def slow(_wanted: object) -> None:
        under_way.set()
        enough.wait()

    errand = Errand(lambda _session, job: job.id, slow, lambda *_: "", lambda *_: None)
    done = threading.Event()
    with writing(engine) as session:
        enqueue(session, "go", {}, NOW, "1")
        enqueue(session, "stay", {}, NOW, "2")

    def stayed(_session: Session, _payload: dict[str, Any], _now: datetime.datetime) -> None:
        assert under_way.wait(WAIT)
        done.set()

    stop = start(engine, {"go": errand}, {**WORK, "stay": stayed})
    meanwhile = done.wait(WAIT)
    enough.set()
    stop()
    assert meanwhile


def works_until_killed(url: str, begun: Any) -> None:
    def never_ends(session: Session, payload: dict[str, Any], now: datetime.datetime) -> None:
        found(session, payload, now)
        session.flush()
        begun.set()
        threading.Event().wait()

    Worker(make_engine(url), {"found": never_ends}, {}, lambda: NOW).run(threading.Event())


def test_the_job_of_a_killed_process_is_taken_up_again_exactly_once(engine: Engine, database_url: str) -> None:
    with writing(engine) as session:
        enqueue(session, "found", {"name": "Tram"}, NOW, "found Tram")
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=works_until_killed, args=(database_url, begun))
    process.start()
    assert begun.wait(WAIT)
    assert process.pid is not None
    os.kill(process.pid, 9)
    process.join()

    assert not Worker(engine, {"found": found}, {}, lambda: NOW + LEASE / 2).turn()
    others = [Worker(engine, {"found": found}, {}, lambda: NOW + LEASE) for _ in range(3)]
    threads = [threading.Thread(target=worker.turn) for worker in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.scalars(select(Organisation.name).where(Organisation.id != 1)).all() == ["Tram"]
        assert session.execute(select(Job.attempts, Job.finished_at)).one() == (2, NOW + LEASE)
