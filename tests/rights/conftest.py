"""The walk, on SQLite in the usual run and on PostgreSQL too in the long one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.rights.walk import Walk
from tests.rights.walk import walk as walking


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of requests that go well are nothing to tell of."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    yield
    structlog.configure(**usual)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def walk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Walk]:
    with walking(tmp_path, request.getfixturevalue(f"{request.param}_url")) as found:
        yield found
