"""The page before a quick check: what it asks, how long it takes, what becomes of it."""

from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.actions.rubrics import load_shipped
from app.domain.rubric_file import shipped
from tests.conftest import StatementCount
from tests.quick_check import NOW
from tests.web.document import document

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _rubrics(app: FastAPI, database_url: str) -> None:
    with app.state.writing() as session:
        load_shipped(session, NOW)


@pytest.mark.parametrize("key", sorted(shipped()))
def test_it_works(browser: TestClient, key: str) -> None:
    rubric = shipped()[key]
    answer = browser.get(f"/check/{key}")
    page = document(answer.text)

    assert answer.status_code == 200
    assert page.one("h1").text == rubric.title
    assert [each.text for each in page.one("ul", class_="questions").all("h3")] == [
        category.name for category in rubric.categories
    ]
    assert f"{len(rubric.statements)} statements" in page.text
    assert f"{rubric.minutes} " in page.one("form").text
    assert "90 days" in page.text
    assert page.one("form")["action"] == f"/check/{key}"


@pytest.mark.both
@pytest.mark.parametrize("key", ["no-such-rubric", "GIGAOM-MLOPS", "\x00", "gigaom-mlops\x00", "x" * 10_000])
def test_an_unknown_rubric_is_not_there(browser: TestClient, key: str) -> None:
    for answer in (browser.get(f"/check/{quote(key)}"), browser.post(f"/check/{quote(key)}")):
        assert answer.status_code == 404
        assert "There is no such rubric." in answer.text


def test_its_sql_is_counted(browser: TestClient, app: FastAPI, count_statements: StatementCount) -> None:
    browser.get("/check/gigaom-mlops")
    with count_statements(app.state.engine) as statements:
        browser.get("/check/gigaom-mlops")

    assert len(statements) == 1
