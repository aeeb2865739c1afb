"""The audit trail for admins."""

import csv
import datetime
import io
import json
from typing import Any

import pytest
from sqlalchemy import Engine

from app.actions import audit
from app.actions.seals import seal_events
from app.db.engine import writing
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast

THEN = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
FILES = ("/audit.csv", "/audit.jsonl")


def happened(cast: Cast, action: str, days: int = 0, count: int = 1, **details: Any) -> None:
    with writing(cast.engine) as session:
        for number in range(count):
            moment = THEN + datetime.timedelta(days=days)
            subject = ("team", cast.fraud.id + number)
            audit.record(
                session.connection(), moment, cast.organisation_id, action, subject, by=cast.lead.id, **details
            )


def test_it_works(browser: Browser, cast: Cast) -> None:
    happened(cast, "team renamed", after="Frauds")
    page = browser(cast.admin).get("/audit")

    assert page.status_code == 200
    for words in ("team renamed", "Frauds", cast.lead.name, "in a moment"):
        assert words in page.text
    with writing(cast.engine) as session:
        seal_events(session, THEN)
    assert "<td>sealed</td>" in browser(cast.admin).get("/audit").text


@pytest.mark.parametrize("path", ["/audit", *FILES])
def test_only_an_admin_reads_it(browser: Browser, cast: Cast, path: str) -> None:
    for player in (cast.manager_of_all, cast.manager, cast.lead, cast.member, cast.viewer):
        assert browser(player).get(path).status_code == 403
    assert browser.get(path).status_code in {303, 401}


@pytest.mark.parametrize("path", ["/audit", *FILES])
def test_another_organisation_sees_nothing_of_it(browser: Browser, cast: Cast, path: str) -> None:
    happened(cast, "team renamed", after="Frauds")
    assert "team renamed" not in browser(cast.outsider).get(path).text


def test_a_search_that_finds_nothing_says_so(browser: Browser, cast: Cast) -> None:
    assert "No event fits" in browser(cast.admin).get("/audit?q=nowhere").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=FRAUDS", "team renamed"),
        ("q=100%25", ""),
        ("q=Lead&action=team+moved", "team moved"),
        ("action=team+renamed", "team renamed"),
        ("person=999", ""),
        ("first=2026-11-03&person={lead}", "team moved"),
        ("last=2026-11-02&person={lead}", "team renamed"),
        ("first=2026-11-03&last=2026-11-04&q=&person={lead}", "team moved"),
    ],
)
def test_it_is_searched(browser: Browser, cast: Cast, query: str, found: str) -> None:
    happened(cast, "team renamed", after="Frauds")
    happened(cast, "team moved", days=2)
    query = query.format(lead=cast.lead.id)
    lines = browser(cast.admin).get(f"/audit.jsonl?{query}").text.splitlines()

    assert [json.loads(line)["action"] for line in lines] == ([found] if found else [])
    page = browser(cast.admin).get(f"/audit?{query}").text
    assert page.count('<td class="nowrap">') // 2 == len(lines)


@pytest.mark.parametrize(
    "query",
    ["first=yesterday", "person=x", "before=9e9", "person=99999999999999999999", "z=1", "first=0001-01-01", "q=a&q=b"],
)
def test_what_cannot_be_asked_comes_back_with_what_was_typed(browser: Browser, cast: Cast, query: str) -> None:
    assert browser(cast.admin).get(f"/audit?{query}").status_code == 422
    assert browser(cast.admin).get(f"/audit.csv?{query}").status_code == 422


def test_older_pages_follow(browser: Browser, cast: Cast, engine: Engine, count_statements: StatementCount) -> None:
    happened(cast, "tried", count=120)
    admin, seen, query = browser(cast.admin), 0, ""
    while True:
        with count_statements(engine):
            page = admin.get(f"/audit{query}").text
        seen += page.count("<td>tried</td>")
        if 'rel="next"' not in page:
            break
        query = "?" + page.split('rel="next"')[0].rsplit("?", 1)[1].rstrip('" ').replace("&amp;", "&")
    assert seen == 120


def test_exports_hold_everything_in_lots_and_no_formula(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.audit.AT_ONCE", 50)
    happened(cast, "=1+1", count=120, note="=2+2")
    table = list(csv.DictReader(io.StringIO(browser(cast.admin).get(f"/audit.csv?person={cast.lead.id}").text)))

    assert [row["action"] for row in table] == ["'=1+1"] * 120
    assert table[0]["person"] == cast.lead.name
    assert json.loads(table[0]["details"]) == {"note": "=2+2"}
    assert len(browser(cast.admin).get("/audit.jsonl?q=%3D2").text.splitlines()) == 120
