"""The dashboard at several sizes: how long its page and its queries take, and how many statements they send.

The page is asked of the real application, in this process; the queries are asked beside it, as the page asks them. An
organisation of each size is made by what `shortstave demo` makes it with.
"""

import datetime
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, event
from starlette.testclient import TestClient

from app.actions.example import add_example
from app.actions.people import create_person
from app.actions.rubrics import load_shipped
from app.actions.signing_in import enter
from app.db.engine import make_engine, reading, writing
from app.db.migrate import migrate
from app.domain.rollup import WHOLE
from app.main import create_app
from app.queries import dashboard
from app.queries.heat_map import NAME, HeatMap, Move, heat_map
from app.settings import Settings
from app.web.cookie import NAME as COOKIE
from bench.sides import DURABLE
from tests import postgres

SIZES = (100, 1_000, 10_000, 100_000)
CYCLES = 4
ROUNDS = 15
HOST = "http://127.0.0.1:8000"
MIDDLE = (1, "Next best offer", 0)
"""Where a deep page begins: about the middle of the teams of level 1, and of all by name."""
GOVERNANCE = "governance"
FILTERS: dict[str, dict[str, Any]] = {
    "search": {"search": "detection"},
    "search for nothing": {"search": "no such team"},
    "level 1": {"level": 1},
    "level 4": {"level": 4},
    "limiting": {"limiting": GOVERNANCE},
    **{str(move): {"move": move} for move in Move},
    "unit": {"unit_path": "a unit"},
    "unit, fell, limiting": {"unit_path": "a unit", "move": Move.FELL, "limiting": GOVERNANCE},
}
MAKING = "making it"
ANSWERS = ("answer", "answer_change", "agreed_result", "sheet")
"""What the dashboard has no business with."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of one kind of request at one size."""

    database: str
    teams: int
    what: str
    median: float
    p95: float
    statements: int


def measured(database: str, within: Path | None, sizes: tuple[int, ...], rounds: int) -> Iterator[Timed]:
    """Every size on one database; the last one of a size tells how long it took to make.

    RuntimeError where a page or a query reads answers.
    """
    served = postgres.server(DURABLE, within) if database == "PostgreSQL" else nullcontext("")
    with served as address:
        for teams in sizes:
            with tempfile.TemporaryDirectory(prefix="bench", dir=within) as folder:
                url = f"sqlite:///{folder}/shortstave.sqlite3"
                if address:
                    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                        connection.execute(f"CREATE DATABASE of_{teams}".encode())
                    url = f"{address}/of_{teams}"
                for what, middle, high, statements in _one_size(url, Path(folder), teams, rounds):
                    yield Timed(database, teams, what, middle, high, statements)
                if address:
                    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                        connection.execute(f"DROP DATABASE of_{teams} WITH (FORCE)".encode())


Figures = tuple[str, float, float, int]


def _one_size(url: str, folder: Path, teams: int, rounds: int) -> Iterator[Figures]:
    begun = time.perf_counter()
    organisation_id, secret = _made(url, teams)
    took = 1000 * (time.perf_counter() - begun)
    app = create_app(Settings(data_dir=folder, database_url=SecretStr(url), worker="off"))
    with TestClient(app, base_url=HOST) as client:
        client.cookies.set(COOKIE, secret)
        yield from _pages(client, app.state.engine, rounds)
        with reading(app.state.engine) as session:
            yield from _queries(session.connection(), app.state.engine, organisation_id, rounds)
    yield MAKING, took, took, 0


def _made(url: str, teams: int) -> tuple[int, str]:
    """The example, and the secret of its admin's browser."""
    migrate(url)
    engine, now = make_engine(url), datetime.datetime.now(datetime.UTC)
    try:
        with writing(engine) as session:
            load_shipped(session, now)
        with writing(engine) as session:
            admin_id = create_person(session, "admin@shortstave.example", "Example admin", None, now)
            assert admin_id is not None, "the database is new"
            organisation_id = add_example(session, admin_id, now, teams, cycles=CYCLES)
            secret = enter(session, admin_id, organisation_id, "bench", now).secret
        if engine.dialect.name == "postgresql":
            # What the server does by itself before long; SQLite is told so as the example is made, and by the worker.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
    finally:
        engine.dispose()
    return organisation_id, secret


def _pages(client: TestClient, engine: Engine, rounds: int) -> Iterator[Figures]:
    for what, asked in (("page", ""), ("page, search", "?q=detection"), ("page, fell", "?moved=fell&sort=-overall")):

        def page(asked: str = asked) -> None:
            answer = client.get(f"/dashboard{asked}")
            if answer.status_code != 200 or "<h1" not in answer.text:
                raise RuntimeError(f"/dashboard{asked} answers {answer.status_code}")

        yield what, *_timed(engine, page, rounds)


def _queries(connection: Connection, engine: Engine, organisation_id: int, rounds: int) -> Iterator[Figures]:
    cycles = [each.id for each in dashboard.cycle_choices(connection, organisation_id)]
    # The last one that is closed: in it most teams have agreed.
    cycle, since = cycles[1], cycles[2]
    unit = next(iter(dashboard.unit_rows(connection, organisation_id, cycle)))
    path = f"/{unit.id}/"

    def timed(what: str, query: Callable[[], object]) -> Figures:
        return what, *_timed(engine, query, rounds)

    yield timed("overview", lambda: dashboard.overview(connection, organisation_id, cycle, WHOLE))
    yield timed("movement", lambda: dashboard.movement(connection, organisation_id, since, cycle))
    yield timed("trend", lambda: dashboard.trend(connection, organisation_id, cycles))
    yield timed("units below", lambda: dashboard.unit_rows(connection, organisation_id, cycle))
    for by, column in ((NAME, "team"), ("", "overall"), (GOVERNANCE, "a category")):
        for descending in (False, True):
            for after in (None, MIDDLE):
                asked = HeatMap(cycle, by=by, descending=descending, since=since, after=after)
                where = f"by {column}, {'down' if descending else 'up'}, {'deep' if after else 'first'}"
                yield timed(f"heat map {where}", lambda asked=asked: heat_map(connection, organisation_id, asked))  # type: ignore[misc]
                for name, filters in FILTERS.items():
                    more = {**filters, "unit_path": path} if "unit_path" in filters else filters
                    other = replace(asked, **more)
                    yield timed(
                        f"heat map, {name} {where}",
                        lambda other=other: heat_map(connection, organisation_id, other),  # type: ignore[misc]
                    )


def _timed(engine: Engine, do: Callable[[], object], rounds: int) -> tuple[float, float, int]:
    """Median and 95th percentile in milliseconds after one round to warm up, and the statements of one round."""
    with _statements(engine) as statements:
        do()
    for each in statements:
        if found := [name for name in ANSWERS if f" {name} " in f"{each} ".replace("\n", " ")]:
            raise RuntimeError(f"The dashboard reads {found}: {each}")
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        do()
        times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    return median(times), times[len(times) * 95 // 100], len(statements)


@contextmanager
def _statements(engine: Engine) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
