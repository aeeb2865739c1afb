"""/health lives without a database; /ready wants it there and at this release's schema."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.mark.both
@pytest.mark.usefixtures("database")
def test_it_is_ready(browser: TestClient) -> None:
    assert browser.get("/ready").text == "ready\n"


@pytest.mark.both
@pytest.mark.usefixtures("database")
def test_another_schema_is_not_ready(app: FastAPI, browser: TestClient) -> None:
    with app.state.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    answer = browser.get("/ready")

    assert answer.status_code == 503
    assert "shortstave migrate" in answer.text


def test_without_a_database_it_lives_but_is_not_ready(tmp_path: Path) -> None:
    nowhere = SecretStr("postgresql://nobody:secret@127.0.0.1:9/none")
    with TestClient(
        create_app(Settings(data_dir=tmp_path, worker="off", database_url=nowhere)), base_url="http://localhost"
    ) as probe:
        assert probe.get("/health").text == "ok\n"
        answer = probe.get("/ready")

    assert answer.status_code == 503
    assert "secret" not in answer.text
