"""Databases for tests that ask for one; a test that asks for none starts none.

A test that takes `database` (or `database_url`, `engine`, `session`, which need it) runs once on SQLite and once on
PostgreSQL, and the closing lines of a run count both. `sqlite_url` and `postgresql_url` are for what only one has.

What a page or the API shows is the same whichever database gave the rows, and the queries and actions beneath have
tests of their own on both. So most tests of pages are `long` on PostgreSQL: in the usual run it serves the first test
of each page, `test_it_works` (in a browser a company's whole story instead, test_company), and what is marked `both`,
such as texts that PostgreSQL alone refuses. The closing lines say how many were left, and the run fails where the
numbers do not add up.
"""

import gc
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.db.engine import make_engine, writing
from tests.browser.chromium import LACKING, executable
from tests.cast import Cast, cast_of
from tests.databases import Filling, Postgres, Source, Sqlite, postgres_server
from tests.entering import known_cast
from tests.postgres import NoPostgres
from tests.quick_check import QuickCheck, begun

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
USUAL = "not long"
"""What `make test` selects."""
HERE = Path(__file__).parent
OF_PAGES = {"api", "browser", "web"}
"""The folders of tests that see the database through pages alone."""
SLOW = ("rights", "browser", "packaging", "cli")
FIRST = "test_it_works"
LEFT = ("left to the long run", "postgresql")
"""What a test on SQLite reports where its like on PostgreSQL is long."""

StatementCount = Callable[[Engine], AbstractContextManager[list[str]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=[*NAMES, "both"], default="both", help="the databases to test on")


def pytest_configure(config: pytest.Config) -> None:
    """Properties that name no number of examples get half of Hypothesis's own in the usual run."""
    hypothesis.settings.register_profile("usual", max_examples=50)
    if config.option.markexpr == USUAL:
        hypothesis.settings.load_profile("usual")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it again after every few tests."""
    gc.collect()
    gc.freeze()


def selected(config: pytest.Config) -> list[str]:
    chosen = config.getoption("--database")
    return list(NAMES) if chosen == "both" else [str(chosen)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        later = left(metafunc.definition)
        chosen = [
            pytest.param(name, marks=pytest.mark.long) if later and name == "postgresql" else name
            for name in selected(metafunc.config)
        ]
        metafunc.parametrize("database", chosen, indirect=True, scope="function")


def left(test: pytest.Function) -> bool:
    """Whether PostgreSQL serves this test in the long run only."""
    folder = test.path.relative_to(HERE).parts[0]
    if folder not in OF_PAGES or test.get_closest_marker("both"):
        return False
    return folder == "browser" or test.originalname != FIRST


def slowness(folder: str) -> int:
    """The slowest folders come first: of two workers, none is left with a long test when the other has no more."""
    return SLOW.index(folder) if folder in SLOW else len(SLOW)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: slowness(item.path.relative_to(HERE).parts[0]))
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and "database" in item.callspec.params:
            # Reports carry it to the process that counts, under xdist too.
            item.user_properties.append(("database", item.callspec.params["database"]))
            if item.callspec.params["database"] == "sqlite" and left(item):
                item.user_properties.append(LEFT)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """The closing lines, after all that pytest says itself; the run fails where the databases had different tests."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return  # A process of xdist, which reports to another one.
    counts, later = counted(session.config, reporter.stats)
    if executable() is None:
        reporter.write_line(LACKING)
    for name, count in counts.items():
        reporter.write_line(f"tests on {NAMES[name]}: {count}")
    if later:
        reporter.write_line(f"left to make test-all on PostgreSQL: {later}")
    if whole(session.config) and len(counts) == 2 and counts["sqlite"] - counts["postgresql"] != later:
        reporter.write_line("The numbers do not add up: the run fails.", red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def counted(config: pytest.Config, stats: Mapping[str, list[Any]]) -> tuple[dict[str, int], int]:
    """How many tests ran on each database, and how many of those on SQLite the usual run leaves out on PostgreSQL."""
    counts, later = dict.fromkeys(selected(config), 0), 0
    for report in chain.from_iterable(stats.values()):
        told = getattr(report, "user_properties", [])
        name = dict(told).get("database")
        if name in counts and getattr(report, "when", None) == "call" and report.outcome != "skipped":
            counts[name] += 1
            later += LEFT in map(tuple, told) and "postgresql" in counts
    return counts, later if config.option.markexpr == USUAL else 0


def whole(config: pytest.Config) -> bool:
    """Whether nothing narrowed the run to single tests, which may well belong to one database only."""
    narrowed = config.getoption("keyword") or any("::" in argument for argument in config.args)
    return not narrowed and not getattr(config.option, "lf", False) and config.option.markexpr in {"", USUAL}


@pytest.fixture(scope="session")
def sqlite_source() -> Iterator[Sqlite]:
    source = Sqlite()
    yield source
    source.close()


@pytest.fixture(scope="session")
def postgresql_source() -> Iterator[Postgres]:
    try:
        with postgres_server() as address:
            source = Postgres(address)
            yield source
            source.close()
    except NoPostgres as none:
        raise pytest.fail.Exception(str(none), pytrace=False) from None


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    return str(request.param)


@pytest.fixture
def database_source(database: str, request: pytest.FixtureRequest) -> Source:
    source: Source = request.getfixturevalue(f"{database}_source")
    return source


@pytest.fixture
def casting() -> Filling:
    """What writes the cast of these tests; a folder may have another one."""
    return cast_of


@pytest.fixture
def database_url(database_source: Source, casting: Filling, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this test's own, the cast in it where it is asked for; other processes can open it too."""
    with database_source.copy(casting if "cast" in request.fixturenames else None) as url:
        yield url


@pytest.fixture
def empty_url(database_source: Source) -> Iterator[str]:
    """A database of this test's own with nothing in it, not even the schema."""
    with database_source.empty() as url:
        yield url


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if "sqlite" not in selected(request.config):
        pytest.skip("only PostgreSQL was asked for")
    with request.getfixturevalue("sqlite_source").copy() as url:
        yield url


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if "postgresql" not in selected(request.config):
        pytest.skip("only SQLite was asked for")
    with request.getfixturevalue("postgresql_source").copy() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def quick_check(engine: Engine) -> QuickCheck:
    return begun(engine)


@pytest.fixture
def cast(engine: Engine, database_source: Source, casting: Filling) -> Cast:
    cast: Cast = replace(database_source.filled(casting), engine=engine)
    return cast


@pytest.fixture
def known(cast: Cast) -> Cast:
    """The cast, each with the password of `tests.entering`."""
    return known_cast(cast)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One writing transaction as long as the test. Where others write meanwhile, take `engine` and `writing`."""
    with writing(engine) as session:
        yield session


@pytest.fixture
def count_statements() -> StatementCount:
    """`with count_statements(engine) as statements`: the SQL that was sent, BEGIN and COMMIT not among it."""

    @contextmanager
    def counting(engine: Engine) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)

    return counting
