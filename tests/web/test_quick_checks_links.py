"""Links that lead nowhere: one answer for all of them, whatever is wrong."""

import datetime
import re

import pytest
from httpx2 import Response
from sqlalchemy import Engine

from tests.conftest import StatementCount
from tests.web.visitor import Clock, Visitor

pytestmark = pytest.mark.usefixtures("database")

PAGES = ["", "/category/strategy", "/result", "/delete", "/answers.yaml", "/result.json", "/radar.svg", "/radar.csv"]
WRONG = {
    "never given": "A" * 43,
    "too short": "A",
    "too long": "A" * 10_000,
    "blank": "%20",
    "NUL": "%00" * 43,
    "surrogates": "%ED%A0%80",
    "no UTF-8": "%FF",
    "other script": "%F0%9F%92%A5",
    "markup": "%3Cscript%3E",
    "number": "9223372036854775808",
}


def body(answer: Response) -> str:
    """The page without the number of the request."""
    assert answer.status_code == 404
    return re.sub(r"<code>[0-9a-f]{16}</code>", "", answer.text)


@pytest.fixture
def nowhere(visitor: Visitor) -> str:
    return body(visitor.browser.get(f"/c/{'B' * 43}"))


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_it_works(visitor: Visitor, nowhere: str, secret: str) -> None:
    browser = visitor.browser
    assert "There is no quick check behind this link." in nowhere
    for page in PAGES:
        assert body(browser.get(f"/c/{secret}{page}")) == nowhere, page
    for page in ("/answers", "/delete"):
        assert body(browser.post(f"/c/{secret}{page}", data={"sheet": "1"})) == nowhere, page


def test_a_link_that_is_almost_right(visitor: Visitor, nowhere: str) -> None:
    secret = visitor.quick_check.secret
    for wrong in (secret[:-1], secret + "A", secret.swapcase(), f"%20{secret}", secret + "%00", secret[::-1]):
        assert body(visitor.browser.get(f"/c/{wrong}")) == nowhere, wrong


def test_a_deleted_one(visitor: Visitor, nowhere: str) -> None:
    visitor.browser.post(f"{visitor.home}/delete")

    assert body(visitor.get()) == body(visitor.get("/result")) == nowhere


def test_one_that_has_ended(visitor: Visitor, clock: Clock, nowhere: str) -> None:
    clock.move(datetime.timedelta(days=90, seconds=-1))
    assert visitor.get().status_code == 200

    clock.move(datetime.timedelta(seconds=1))
    assert body(visitor.get()) == nowhere
    assert body(visitor.post({"sheet": "1"})) == nowhere


def test_an_answer_keeps_it_for_another_ninety_days(visitor: Visitor, clock: Clock) -> None:
    statement = visitor.categories[0].statements[0].key
    clock.move(datetime.timedelta(days=89))
    assert visitor.send({statement: "1"}).status_code == 200

    clock.move(datetime.timedelta(days=89))
    page = visitor.get()
    assert page.status_code == 200
    assert "30 April 2027" in page.text


def test_no_wrong_link_costs_more_than_another(
    visitor: Visitor, clock: Clock, engine: Engine, count_statements: StatementCount
) -> None:
    """The same statements, so that neither the answer nor its time says how wrong the link is."""

    def sent(path: str) -> list[str]:
        with count_statements(engine) as statements:
            visitor.browser.get(path)
        return statements

    visitor.get()
    clock.move(datetime.timedelta(days=91))
    ended = sent(visitor.home)

    assert len(ended) == 1
    assert all(sent(f"/c/{secret}") == ended for secret in WRONG.values())
    visitor.browser.post(f"{visitor.home}/delete")
    assert sent(visitor.home) == ended


def test_every_answer_below_a_link_is_kept_nowhere(visitor: Visitor) -> None:
    for page in ["", "/category/none", "/elsewhere", *PAGES]:
        for answer in (visitor.get(page), visitor.browser.get(f"/c/wrong{page}")):
            assert answer.headers["cache-control"] == "no-store", page
            assert answer.headers["referrer-policy"] == "same-origin"


def test_an_unknown_category(visitor: Visitor) -> None:
    for category in ("none", "%00", "%ED%A0%80", "x" * 10_000):
        answer = visitor.get(f"/category/{category}")
        assert answer.status_code == 404
        assert "This rubric has no such category." in answer.text
