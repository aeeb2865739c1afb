"""A browser for page tests: the whole application, behind https."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings

PUBLIC = "https://testserver"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(Settings(data_dir=tmp_path, public_url=PUBLIC))


@pytest.fixture
def browser(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=PUBLIC, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client
