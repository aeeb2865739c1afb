"""Beginning a quick check: a secret link for whoever asks, thirty times an hour."""

import datetime
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from app.actions.quick_checks import BEGUN_AN_HOUR
from app.actions.rubrics import load_shipped
from app.db.engine import reading
from app.db.tables.assessments import QuickCheck
from app.domain.rubric_file import shipped
from app.settings import Settings
from tests.conftest import StatementCount
from tests.quick_check import NOW
from tests.web.visitor import Clock, Visitor

BEGIN = "/check/gigaom-mlops"
LINK = re.compile(r"/c/[A-Za-z0-9_-]{43}")


@pytest.fixture(autouse=True)
def _rubrics(app: FastAPI, database: str) -> None:
    with app.state.writing() as session:
        load_shipped(session, NOW)


@pytest.mark.parametrize("key", sorted(shipped()))
def test_it_works(browser: TestClient, key: str) -> None:
    answer = browser.post(f"/check/{key}")

    assert answer.status_code == 303
    assert LINK.fullmatch(answer.headers["location"])
    sheet = browser.get(answer.headers["location"])
    assert sheet.status_code == 200
    assert shipped()[key].categories[0].question in sheet.text.replace("&#39;", "'")


def test_no_two_links_are_alike_and_only_digests_are_kept(browser: TestClient, engine: Engine) -> None:
    links = {browser.post(BEGIN).headers["location"] for _ in range(3)}

    assert len(links) == 3
    with reading(engine) as session:
        digests = session.scalars(select(QuickCheck.secret_digest)).all()
    assert sorted(map(len, digests)) == [32, 32, 32]
    assert not any(link.removeprefix("/c/").encode() in digest for link in links for digest in digests)


def test_the_thirty_first_within_an_hour_is_told_when_to_come_back(browser: TestClient, clock: Clock) -> None:
    begun = [browser.post(BEGIN) for _ in range(BEGUN_AN_HOUR)]
    clock.move(datetime.timedelta(minutes=18))
    refused = browser.post(BEGIN)

    assert [answer.status_code for answer in begun] == [303] * 30
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "Mon, 02 Nov 2026 10:30:00 GMT"
    assert "Try again in 42 min." in refused.text
    assert browser.get(begun[0].headers["location"]).status_code == 200

    clock.move(datetime.timedelta(minutes=42))
    assert browser.post(BEGIN).status_code == 303


def test_one_rubrics_limit_is_every_rubrics_limit(browser: TestClient) -> None:
    for _ in range(BEGUN_AN_HOUR):
        browser.post(BEGIN)

    assert browser.post("/check/ml-test-score").status_code == 429


def test_another_sites_page_begins_none(browser: TestClient, engine: Engine) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert browser.post(BEGIN, headers=headers).status_code == 403
    with reading(engine) as session:
        assert session.scalars(select(QuickCheck)).all() == []


def test_looking_does_not_begin_one(browser: TestClient, engine: Engine) -> None:
    for method in ("GET", "HEAD"):
        assert browser.request(method, BEGIN).status_code == 200
    with reading(engine) as session:
        assert session.scalars(select(QuickCheck)).all() == []


def test_its_sql_is_counted(browser: TestClient, engine: Engine, count_statements: StatementCount) -> None:
    browser.post(BEGIN)
    with count_statements(engine) as statements:
        browser.post(BEGIN)

    assert len(statements) <= 7


class TestSwitchedOff:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"quick_check": "off"})

    def test_none_is_begun(self, browser: TestClient) -> None:
        answer = browser.post(BEGIN)

        assert answer.status_code == 403
        assert "switched off on this server" in answer.text

    def test_the_page_says_so(self, browser: TestClient) -> None:
        page = browser.get(BEGIN)

        assert page.status_code == 200
        assert "The quick check is switched off here" in page.text
        assert "<form" not in page.text

    def test_what_was_begun_goes_on(self, visitor: Visitor) -> None:
        first = visitor.categories[0]
        answer = visitor.press(visitor.page(), "pick", f"{first.key}.2")

        assert answer.status_code == 303
        assert visitor.get("/result").status_code == 200
