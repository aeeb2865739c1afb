"""The log: one line for each request, with its route's template and never the path of a secret link."""

import pytest
import structlog
from fastapi import FastAPI
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.domain.errors import Missing


def test_a_line_for_each_request(browser: TestClient) -> None:
    with capture_logs() as lines:
        answer = browser.get("/about")

    [line] = lines
    assert (line["method"], line["route"], line["status"]) == ("GET", "/about", 200)
    assert line["ms"] > 0
    assert len(answer.headers["x-request-id"]) == 16


def test_a_secret_link_is_not_logged(app: FastAPI, browser: TestClient) -> None:
    @app.get("/c/{secret}")
    def sheet(secret: str) -> None:
        raise Missing("There is no such quick check.")

    with capture_logs() as lines:
        browser.get("/c/s3cr3t?word=s3cr3t")
        browser.get("/c/s3cr3t/elsewhere")
        browser.post("/c/s3cr3t")

    assert [line["route"] for line in lines] == ["/c/{secret}", "(no route)", "/c/{secret}"]
    assert "s3cr3t" not in str(lines)


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
