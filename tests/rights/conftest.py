"""The walk, on SQLite in the usual run and on PostgreSQL too in the long one."""

from collections.abc import Iterator

import pytest

from tests.conftest import selected
from tests.rights.walk import Walk
from tests.rights.walk import walk as walking


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """One for all tests: whatever a request changes is put back."""
    if request.param not in selected(request.config):
        pytest.skip("only the other database was asked for")
    source = request.getfixturevalue(f"{request.param}_source")
    with source.copy() as url, walking(tmp_path_factory.mktemp("walk"), url) as found:
        yield found
