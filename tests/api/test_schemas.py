"""The schemas of our files: for everybody, without a token."""

import pytest

from app.domain.schemas import SCHEMAS, schema
from tests.api.test_conventions import kind
from tests.web.cast import Browser


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_works(browser: Browser, name: str) -> None:
    answer = browser.get(f"/api/v1/schema/{name}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    assert answer.json() == schema(name)


def test_it_is_read_once(browser: Browser) -> None:
    version = browser.get("/api/v1/schema/rubric").headers["etag"]

    again = browser.get("/api/v1/schema/rubric", headers={"if-none-match": version})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", version)
    assert browser.get("/api/v1/schema/answers", headers={"if-none-match": version}).status_code == 200


@pytest.mark.parametrize("name", ["plan", "rubric.json", "Rubric", "%00", "a" * 300])
def test_there_is_no_other(browser: Browser, name: str) -> None:
    assert kind(browser.get(f"/api/v1/schema/{name}")) == (404, "/api#missing")
