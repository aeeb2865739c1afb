"""An empty PostgreSQL, for the commands that behave otherwise on it."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def postgresql_empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("only SQLite was asked for")
    with request.getfixturevalue("postgresql_source").empty() as url:
        yield url
