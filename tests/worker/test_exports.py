"""The job that writes an export: whole, stopped, failed, begun anew after its process died; and purged in the end."""

import datetime
import gc
import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from app.actions import exporting, people
from app.actions.exporting import ask_export, cancel_export, remove_export
from app.actions.jobs import ATTEMPTS, LEASE
from app.connectors.kept_files import KeptFiles
from app.db.engine import make_engine, reading, reading_at_once, writing
from app.db.tables.exports import Export
from app.db.tables.people import Role
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed, TooMany
from app.domain.exports import KEPT, MOST_UNDER_WAY, Asked, ExportKind, ExportState, Filters
from app.domain.people import Actor, RoleKind
from app.queries.exports import ExportLine, own_export, own_exports
from app.worker import purges
from app.worker.exports import BROKEN, DIED, NO_ROOM, WRITERS, Writing
from app.worker.run import Worker
from app.worker.writing import Progress, Reading, Writer
from tests.cast import NOW, Cast
from tests.company import Company, company_of

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def company(cast: Cast) -> Company:
    return company_of(cast)


def asking(company: Company, kind: ExportKind = ExportKind.JSON, unit: str = "", search: str = "") -> Asked:
    unit_id = company.cast.units[unit] if unit else 0
    return Asked(kind, company.cycles["Spring"], unit_id, filters=Filters(search=search))


def ask(company: Company, asked: Asked | None = None, by: str = "admin") -> int:
    with writing(company.engine) as session:
        return ask_export(session, company.cast.actor(by), asked or asking(company), NOW)


def line(company: Company, export_id: int, by: str = "admin", now: datetime.datetime = NOW) -> ExportLine:
    with reading(company.engine) as session:
        return own_export(session.connection(), company.cast.actor(by), export_id, now)


def worker(engine: Engine, files: KeptFiles, writer: Writer, now: datetime.datetime = NOW) -> Worker:
    writers = dict.fromkeys(ExportKind, writer)
    doing = Writing(partial(reading_at_once, engine), partial(writing, engine), files, lambda: now, writers)
    return Worker(engine, {}, {}, lambda: now, errands={exporting.KIND: doing.errand()})


def writes_cycles(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
    with reads() as seen:
        progress.of(2)
        path.write_text(f"{seen.actor.name} {asked.cycle_id}")
        progress.step(2)


def moment(now: datetime.datetime) -> datetime.datetime:
    return now


def stored(files: KeptFiles) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


def test_it_works(company: Company, tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    export_id = ask(company)
    assert line(company, export_id).state is ExportState.WAITING

    assert worker(company.engine, files, writes_cycles).turn()

    found = line(company, export_id)
    assert (found.state, found.file_name, found.expires_at) == (ExportState.READY, "tram-spring.json", NOW + KEPT)
    assert found.size == 7
    assert files.path(found.file_key or "").read_text() == f"Admin {company.cycles['Spring']}"
    assert not worker(company.engine, files, writes_cycles).turn()


def test_who_asks_for_the_same_gets_that_one(company: Company, tmp_path: Path) -> None:
    first = ask(company)
    assert ask(company) == first
    other = ask(company, by="manager")
    filtered = ask(company, asking(company, search="ris"))
    assert len({first, other, filtered}) == 3
    while worker(company.engine, KeptFiles(tmp_path), writes_cycles).turn():
        pass
    assert ask(company) not in {first, other, filtered}
    with reading(company.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'export asked for'")) == 4


def test_who_may_ask(company: Company) -> None:
    assert ask(company, asking(company, unit="Models"), by="data manager")
    for by, unit, error in (
        ("data manager", "", Missing),
        ("data manager", "Depots", Missing),
        ("member", "", NotAllowed),
        ("viewer", "Models", NotAllowed),
        ("outsider", "", Missing),
    ):
        with pytest.raises(error):
            ask(company, asking(company, unit=unit), by=by)
    service = Actor(company.cast.tram, None, "service", admin=True)
    with writing(company.engine) as session, pytest.raises(NotAllowed):
        ask_export(session, service, asking(company), NOW)
    with pytest.raises(Invalid):
        ask(company, Asked(ExportKind.XLSX))
    with pytest.raises(Invalid):
        ask(company, Asked(ExportKind.TEAM_PDF, company.cycles["Spring"]))


def test_nobody_has_too_many(company: Company) -> None:
    for number in range(MOST_UNDER_WAY):
        ask(company, asking(company, search=str(number)))
    assert ask(company, asking(company, search="0"))
    with pytest.raises(TooMany):
        ask(company, asking(company, search="another"))


def test_progress_is_said_at_most_once_a_second_and_keeps_the_job(company: Company, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    now = NOW

    def report(done: int, total: int) -> bool:
        said.append((done, total))
        return True

    progress = Progress(report, lambda: now)
    progress.of(10)
    progress.step()
    now += SECOND
    progress.step(3)
    progress.step()
    assert said == [(0, 10), (4, 10)]

    export_id = ask(company)

    def slow(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
        progress.of(4)
        with reading(company.engine) as session:
            assert session.scalar(text("SELECT lease_until FROM job WHERE kind = 'write export'")) is not None
        assert line(company, export_id).state is ExportState.WRITING
        assert not worker(company.engine, KeptFiles(tmp_path), writes_cycles, NOW + LEASE - SECOND).turn()
        writes_cycles(reads, asked, path, progress)

    worker(company.engine, KeptFiles(tmp_path), slow).turn()
    assert line(company, export_id).state is ExportState.READY


@pytest.mark.parametrize("end", [cancel_export, remove_export])
def test_what_nobody_wants_any_more_is_stopped(company: Company, tmp_path: Path, end: Callable[..., object]) -> None:
    files, export_id = KeptFiles(tmp_path), ask(company)

    def stopped(_reads: Reading, _asked: Asked, path: Path, progress: Progress) -> None:
        path.write_bytes(b"half")
        with writing(company.engine) as session:
            end(session, company.cast.actor("admin"), export_id, NOW)
        progress.of(10)
        raise AssertionError("It goes on.")

    worker(company.engine, files, stopped).turn()

    assert stored(files) == []
    if end is remove_export:
        with pytest.raises(Missing):
            line(company, export_id)
    else:
        assert line(company, export_id).state is ExportState.CANCELLED
        with writing(company.engine) as session, pytest.raises(Conflict):
            cancel_export(session, company.cast.actor("admin"), export_id, NOW)
    assert not worker(company.engine, files, writes_cycles).turn()


def test_a_workbook_that_is_stopped_leaves_nothing(company: Company, tmp_path: Path) -> None:
    """Neither the file nor the rows beside it, and no file of it stays open."""
    files, export_id = KeptFiles(tmp_path), ask(company, asking(company, ExportKind.XLSX))
    company.agreed("Spring", "Risk", 1, 1, 1, 1, 1)

    def stopped(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
        with writing(company.engine) as session:
            cancel_export(session, company.cast.actor("admin"), export_id, NOW)
        # A second goes by with each look at the clock.
        progress.clock = (NOW + number * SECOND for number in count()).__next__
        going = iter([True, False])
        progress.report = lambda _done, _total: next(going)
        WRITERS[ExportKind.XLSX](reads, asked, path, progress)

    worker(company.engine, files, stopped).turn()
    gc.collect()
    assert (list(tmp_path.glob("??/*")), line(company, export_id).state) == ([], ExportState.CANCELLED)


def test_what_is_cancelled_at_the_last_moment_leaves_no_file(company: Company, tmp_path: Path) -> None:
    files, export_id = KeptFiles(tmp_path), ask(company)

    def cancelled(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
        writes_cycles(reads, asked, path, progress)
        with writing(company.engine) as session:
            cancel_export(session, company.cast.actor("admin"), export_id, NOW)

    worker(company.engine, files, cancelled).turn()
    assert (stored(files), line(company, export_id).state) == ([], ExportState.CANCELLED)


@pytest.mark.parametrize(
    ("error", "words"),
    [(Missing("It is gone."), "It is gone."), (OSError(28, "full"), NO_ROOM), (ArithmeticError("two"), BROKEN)],
)
def test_what_fails_says_why_and_is_asked_again(company: Company, tmp_path: Path, error: Exception, words: str) -> None:
    files, export_id = KeptFiles(tmp_path), ask(company)

    def fails(_reads: Reading, _asked: Asked, path: Path, _progress: Progress) -> None:
        path.write_bytes(b"half")
        raise error

    worker(company.engine, files, fails).turn()
    found = line(company, export_id)
    assert (found.state, found.error, stored(files)) == (ExportState.FAILED, words, [])

    with writing(company.engine) as session:
        again = exporting.ask_again(session, company.cast.actor("admin"), export_id, NOW)
    worker(company.engine, files, writes_cycles).turn()
    assert line(company, again).state is ExportState.READY
    with reading(company.engine) as session:
        assert [each.id for each in own_exports(session.connection(), company.cast.actor("admin"), NOW)] == [again]


def test_who_lost_the_right_meanwhile_gets_nothing(company: Company, tmp_path: Path) -> None:
    files, cast = KeptFiles(tmp_path), company.cast
    export_id = ask(company, asking(company, unit="Data"), by="data manager")
    ready = ask(company, asking(company, ExportKind.XLSX, unit="Data"), by="data manager")
    with writing(company.engine) as session:
        session.execute(update(Export).where(Export.id == ready).values(state=ExportState.READY))
        demoted = update(Role).where(Role.person_id == cast.people["data manager"])
        session.execute(demoted.values(kind=RoleKind.LEAD, unit_id=None, team_id=cast.teams["Risk"]))
    worker(company.engine, files, writes_cycles).turn()
    assert line(company, export_id, "data manager").state is ExportState.FAILED
    assert not line(company, ready, "data manager").allowed


def test_who_was_deactivated_meanwhile_gets_nothing(company: Company, tmp_path: Path) -> None:
    files, cast = KeptFiles(tmp_path), company.cast
    manager, export_id = cast.actor("manager"), ask(company, by="manager")
    with writing(company.engine) as session:
        people.deactivate(session, cast.actor("admin"), cast.people["manager"], NOW)
    worker(company.engine, files, writes_cycles).turn()
    with reading(company.engine) as session:
        assert own_export(session.connection(), manager, export_id, NOW).state is ExportState.FAILED
    assert stored(files) == []


def dies(url: str, folder: Path) -> None:
    def die(_reads: Reading, _asked: Asked, path: Path, _progress: Progress) -> None:
        path.write_bytes(b"half")
        os._exit(9)

    engine = make_engine(url)
    worker(engine, KeptFiles(folder), die).turn()


def test_a_killed_job_is_taken_up_again(company: Company, database_url: str, tmp_path: Path) -> None:
    files, export_id = KeptFiles(tmp_path), ask(company)
    process = multiprocessing.get_context("spawn").Process(target=dies, args=(database_url, tmp_path))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert line(company, export_id).state is ExportState.WRITING
    assert not worker(company.engine, files, writes_cycles).turn()

    assert worker(company.engine, files, writes_cycles, NOW + LEASE).turn()

    found = line(company, export_id)
    assert found.state is ExportState.READY
    assert [path.suffix for path in stored(files) if path.name != found.file_key] == [".part"]
    files.purge({found.file_key or ""}, datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2))
    assert [path.name for path in stored(files)] == [found.file_key]


@pytest.mark.parametrize("attempts", [3, ATTEMPTS])
def test_what_kills_every_process_is_given_up(company: Company, tmp_path: Path, attempts: int) -> None:
    export_id = ask(company)
    with writing(company.engine) as session:
        session.execute(text("UPDATE job SET attempts = :n WHERE kind = 'write export'"), {"n": attempts})
    worker(company.engine, KeptFiles(tmp_path), writes_cycles).turn()
    found = line(company, export_id)
    assert (found.state, found.error) == (ExportState.FAILED, DIED if attempts == 3 else BROKEN)


def test_what_is_over_is_purged_with_its_file(company: Company, tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    ask(company)
    worker(company.engine, files, writes_cycles).turn()
    for now, left in ((NOW + KEPT - purges.EVERY, 1), (NOW + KEPT, 0)):
        # The files are as old as the clock of this machine says.
        for path in stored(files):
            os.utime(path, (0, 0))
        errands = {purges.EXPORTS: purges.export_purge(files, partial(moment, now))}
        Worker(company.engine, {}, dict.fromkeys(errands, purges.EVERY), partial(moment, now), errands=errands).turn()
        assert len(stored(files)) == left
        with reading(company.engine) as session:
            assert session.scalar(text("SELECT count(*) FROM export")) == left
