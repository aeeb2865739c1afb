"""The log: one line for each request, with its route's template and never the path of a secret link."""

import traceback

import pytest
import structlog
from fastapi import FastAPI
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tests.web.visitor import Visitor


def test_a_line_for_each_request(browser: TestClient) -> None:
    with capture_logs() as lines:
        answer = browser.get("/about")

    [line] = lines
    assert (line["method"], line["route"], line["status"]) == ("GET", "/about", 200)
    assert line["ms"] > 0
    assert len(answer.headers["x-request-id"]) == 16


def test_a_secret_link_is_not_logged(visitor: Visitor) -> None:
    secret, browser = visitor.quick_check.secret, visitor.browser
    with capture_logs() as lines:
        browser.get(f"/c/{secret}?word={secret}")
        browser.get(f"/c/{secret}/elsewhere")
        browser.post(f"/c/{secret}")
        browser.post(f"/c/{secret}/answers", data={"sheet": secret})
        browser.get(f"/c/{secret}x")

    assert [(line["route"], line["status"]) for line in lines] == [
        ("/c/{secret}", 200),
        ("(no route)", 404),
        ("/c/{secret}", 405),
        ("/c/{secret}/answers", 409),
        ("/c/{secret}", 404),
    ]
    assert secret not in str(lines)


def test_a_secret_link_is_not_logged_when_the_code_breaks(visitor: Visitor, app: FastAPI) -> None:
    app.state.reading = None
    with capture_logs() as lines:
        answer = visitor.get()

    assert answer.status_code == 500
    assert [line["event"] for line in lines] == ["unexpected error", "request"]
    assert visitor.quick_check.secret not in str(lines)
    assert visitor.quick_check.secret not in "".join(traceback.format_exception(lines[0]["exc_info"]))


def test_whatever_is_logged_on_the_way_carries_the_number(app: FastAPI, browser: TestClient) -> None:
    numbers = []

    @app.get("/look")
    def look() -> None:
        numbers.append(structlog.contextvars.get_contextvars()["request_id"])

    assert browser.get("/look").headers["x-request-id"] == numbers[0]
    assert browser.get("/look").headers["x-request-id"] != numbers[0]
    assert not structlog.contextvars.get_contextvars()


@pytest.mark.parametrize("path", ["/", "/about", "/health", "/robots.txt"])
def test_head_is_answered_like_get_without_a_body(browser: TestClient, path: str) -> None:
    head, get = browser.head(path), browser.get(path)

    assert head.status_code == get.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]
    assert not head.content
