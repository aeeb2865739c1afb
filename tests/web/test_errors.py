"""Every error is a page that helps, or a problem for programs; never a stack trace, never what was sent."""

import datetime

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.actions.allowances import UsedUp
from app.domain.errors import Conflict, DomainError, Invalid, Missing, NotAllowed, TooMany
from app.web.deps import Posted
from app.web.errors import STATUS, WORDS

FORM = "application/x-www-form-urlencoded"
JSON = {"accept": "application/json"}


NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)


class Differ(Conflict):
    """A more precise conflict, as actions have them."""


def failing(app: FastAPI, error: Exception) -> None:
    @app.get("/fails")
    def fails() -> None:
        raise error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Missing("There is no such sheet."), 404),
        (NotAllowed("Only the lead agrees it."), 403),
        (Invalid("A note has at most 4,000 characters."), 422),
        (Conflict("It changed."), 409),
        (Differ("Somebody else answered."), 409),
        (TooMany("Come back at noon."), 429),
        (UsedUp("Come back at noon.", NOON), 429),
        (DomainError("It cannot be."), 400),
    ],
)
def test_an_error_of_the_product_says_what_happened(
    app: FastAPI, browser: TestClient, error: Exception, status: int
) -> None:
    failing(app, error)
    page = browser.get("/fails")

    assert page.status_code == status
    assert str(error) in page.text
    assert WORDS[status].todo in page.text
    assert 'href="/"' in page.text


def test_a_limit_says_when_it_ends(app: FastAPI, browser: TestClient) -> None:
    failing(app, UsedUp("Come back at noon.", NOON))

    assert browser.get("/fails").headers["retry-after"] == "Fri, 20 Nov 2026 12:00:00 GMT"


def test_every_status_of_the_table_has_words() -> None:
    assert set(STATUS.values()) <= set(WORDS)


@pytest.mark.parametrize("status", sorted(WORDS))
def test_each_page_says_what_to_do(app: FastAPI, browser: TestClient, status: int) -> None:
    failing(app, HTTPException(status))
    page = browser.get("/fails")

    assert page.status_code == status
    assert WORDS[status].title in page.text
    assert WORDS[status].todo in page.text


def test_what_is_not_there_is_spoken_of_as_what_it_would_be(browser: TestClient) -> None:
    assert "A quick check ends" in browser.get("/c/secret/and/more").text
    inside = browser.get("/teams/of/nobody").text
    assert "uick check ends" not in inside
    assert "in the team that it is about" in inside


def test_programs_get_a_problem(browser: TestClient) -> None:
    answer = browser.get("/nowhere", headers=JSON)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 404
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}


def test_a_wrong_method_names_the_right_ones(browser: TestClient) -> None:
    answer = browser.post("/about")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_what_is_refused_is_not_echoed(app: FastAPI, browser: TestClient) -> None:
    @app.get("/number/{n}")
    def number(n: int) -> int:
        return n

    for answer in (browser.get("/number/secret-word"), browser.get("/number/secret-word", headers=JSON)):
        assert answer.status_code == 422
        assert "secret-word" not in answer.text
    assert answer.json()["problems"][0]["place"] == "path.n"


@pytest.mark.parametrize(
    "body", [b'{"n": "\\ud800"}', b'{"\\ud800": "x"}', b'{"n": NaN}', b"{", b"\xff", b'{"n": 1e999}', b"[" * 5000]
)
def test_hostile_json_is_refused_calmly(app: FastAPI, browser: TestClient, body: bytes) -> None:
    @app.post("/number")
    def number(n: dict[str, int]) -> int:
        return len(n)

    answer = browser.post("/number", content=body, headers=JSON | {"content-type": "application/json"})

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_sentence_that_names_a_lone_surrogate_is_written(app: FastAPI, browser: TestClient, accept: str) -> None:
    failing(app, Invalid("There is no statement \ud800."))

    assert browser.get("/fails", headers={"accept": accept}).status_code == 422


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1&" * 3000, FORM),
        (b"a=" + b"x" * 70_000, FORM),
        (b"no boundary", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_calmly(
    app: FastAPI, browser: TestClient, body: bytes, kind: str
) -> None:
    @app.post("/form")
    def form(posted: Posted) -> int:
        return len(posted)

    assert browser.post("/form", content=b"a=%00%ff&b=", headers={"content-type": FORM}).text == "2"
    assert browser.post("/form", content=body, headers={"content-type": kind}).status_code == 400


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_surprise_is_logged_and_shown_by_its_number_alone(app: FastAPI, browser: TestClient, accept: str) -> None:
    failing(app, RuntimeError("the secret of the engine room"))
    with capture_logs() as lines:
        answer = browser.get("/fails", headers={"accept": accept})

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "engine room" not in answer.text
    assert "Traceback" not in answer.text
    assert any("engine room" in str(line.get("exc_info")) for line in lines)


def test_a_database_that_is_away_is_worth_another_try(app: FastAPI, browser: TestClient) -> None:
    failing(app, OperationalError("SELECT 1", {}, Exception("connection refused")))
    answer = browser.get("/fails")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "SELECT" not in answer.text
