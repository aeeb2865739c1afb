"""GET and HEAD change nothing, on any route; addresses of files never change what they lead to."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.web.assets import FOR_EVER
from tests.web.visitor import Visitor, rows

ROUTES_AT_LEAST = 15


def addresses(app: FastAPI, visitor: Visitor) -> list[str]:
    """Every address that answers to GET, filled in with what exists."""
    known = {
        "{secret}": visitor.quick_check.secret,
        "{rubric}": visitor.rubric.key,
        "{category}": visitor.categories[0].key,
        "{digest}": "0" * 16,
        "{path:path}": "css/base.css",
        "{path}": "css/base.css",
    }
    paths = {
        context.path_format or "" for context in iter_route_contexts(app.routes) if "GET" in (context.methods or ())
    }
    for template, value in known.items():
        paths = {path.replace(template, value) for path in paths}
    return sorted(paths)


def test_it_works(app: FastAPI, visitor: Visitor) -> None:
    visitor.send({"pick": f"{visitor.categories[0].key}.2"})
    before, answers, version = rows(visitor.quick_check), visitor.answers, visitor.version
    paths = addresses(app, visitor)

    assert len(paths) >= ROUTES_AT_LEAST
    for path in paths:
        for method in ("GET", "HEAD"):
            answer = visitor.browser.request(method, path)
            # Other addresses lead to what a visitor has not: tests/rights asks them as everybody.
            assert answer.status_code < (400 if path.startswith(("/c/", "/check/", "/static/")) else 500), path
            assert rows(visitor.quick_check) == before, path
            assert method == "GET" or not answer.content
    assert (visitor.answers, visitor.version) == (answers, version)


def test_what_changes_something_takes_no_get(visitor: Visitor) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = visitor.browser.request(method, f"{visitor.home}/answers")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"


def test_a_file_is_kept_for_ever_under_the_hash_of_its_release(app: FastAPI, browser: TestClient) -> None:
    address = app.state.assets.address("js/sheet.js")
    fresh = browser.get(address)
    known = browser.get(address, headers={"if-none-match": fresh.headers["etag"]})

    assert fresh.headers["cache-control"] == FOR_EVER
    assert fresh.headers["content-type"].startswith("text/javascript")
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == fresh.headers["etag"]


def test_a_file_under_an_old_hash_is_todays_and_not_kept(browser: TestClient) -> None:
    old = browser.get("/static/0123456789abcdef/js/sheet.js")

    assert old.status_code == 200
    assert old.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["../app/main.py", "%2e%2e/app/main.py", "js", "", "js/sheet.js/", "%00", "plotly/x"])
def test_nothing_else_is_a_file(browser: TestClient, path: str) -> None:
    assert browser.get(f"/static/0123456789abcdef/{path}").status_code == 404
