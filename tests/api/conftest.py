"""A program with a token, asking the whole application."""

import pytest
from fastapi import FastAPI

from tests.api.program import Program
from tests.web.cast import Browser
from tests.web.conftest import app, browser, cast, casting, clock, compiled, engine, plain_log, settings

__all__ = ["app", "browser", "cast", "casting", "clock", "compiled", "engine", "plain_log", "settings"]


@pytest.fixture
def program(app: FastAPI, browser: Browser) -> Program:
    return Program(app, browser)
