"""Taking something away: asked for on the dashboard, followed and fetched on a page of one's own."""

import json
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from app.actions.exporting import KIND
from app.connectors.kept_files import KeptFiles
from app.db.engine import reading_at_once, writing
from app.db.tables.exports import Export
from app.db.tables.people import Role
from app.domain.exports import KEPT, MOST_UNDER_WAY, ExportState
from app.domain.people import RoleKind
from app.settings import Settings
from app.worker.exports import Writing
from app.worker.run import Worker
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import Element, document
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Fraud has agreed."""
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed")
    team.agreed(cast.lead)
    return team


def page(browser: Browser, player: Player) -> Element:
    answer = browser(player).get("/exports")
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return document(answer.text).one("main")


def ask(browser: Browser, player: Player, kind: str = "json", **asked: str) -> int:
    return browser(player).post("/exports", data={"kind": kind, **asked}).status_code


def post(browser: Browser, player: Player, path: str) -> int:
    return browser(player).post(path).status_code


def work(cast: Cast, settings: Settings) -> None:
    doing = Writing(
        partial(reading_at_once, cast.engine),
        partial(writing, cast.engine),
        KeptFiles(settings.data_dir / "exports"),
        cast.clock,
    )
    while Worker(cast.engine, {}, {}, cast.clock, errands={KIND: doing.errand()}).turn():
        pass


def stored(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "exports").rglob("*") if path.is_file()]


def test_it_works(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    """Without script: the form of the dashboard, a reload, a download."""
    form = document(browser(cast.admin).get("/dashboard?q=fra").text).one("main").one("section", id="take-away")
    hidden = {each["name"]: each["value"] for each in form.all("input") if each["type"] == "hidden"}
    assert hidden["q"] == "fra"
    answer = browser(cast.admin).post("/exports", data={"kind": "json", **hidden})
    assert (answer.status_code, answer.headers["location"].rsplit("/", 1)[1]) == (303, "exports")
    assert "It waits for its turn." in page(browser, cast.admin).text

    work(cast, settings)

    found = page(browser, cast.admin)
    assert "ready" in found.text
    assert "filtered" in found.text
    file = browser(cast.admin).get("/exports/1/file")
    assert file.headers["content-type"] == "application/json"
    assert file.headers["content-disposition"].startswith("attachment; filename=")
    assert [each["team"] for each in json.loads(file.content)["teams"]] == ["Fraud"]


def test_nothing_here_says_how_it_comes_here(browser: Browser, cast: Cast) -> None:
    assert "Nothing is here yet." in page(browser, cast.admin).text
    assert [each["href"] for each in page(browser, cast.member).all("a")] == []


@pytest.mark.both
@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "exe"},
        {"unit": "x"},
        {"limiting": "luck"},
        {"moved": "up"},
        {"level": "high"},
        {"kind": "team-pdf"},
        {"more": "1"},
        {"q": "a\x00"},
    ],
)
def test_what_cannot_be_made_is_refused(spring: Team, browser: Browser, cast: Cast, asked: dict[str, str]) -> None:
    assert ask(browser, cast.admin, **{"kind": "xlsx", **asked}) == 422
    assert "Nothing is here yet." in page(browser, cast.admin).text


def test_only_those_who_see_it_ask(spring: Team, browser: Browser, cast: Cast) -> None:
    assert [ask(browser, each) for each in (cast.member, cast.lead, cast.viewer)] == [403] * 3
    assert ask(browser, cast.manager) == 303
    assert ask(browser, cast.manager, unit=str(cast.sales.id)) == 404
    assert ask(browser, cast.admin, cycle="99999") == 404
    assert ask(browser, cast.admin, unit=str(cast.their_unit.id)) == 404


def test_it_is_only_for_who_asked(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    ask(browser, cast.manager)
    work(cast, settings)
    assert browser(cast.manager).get("/exports/1/file").status_code == 200
    for other in (cast.admin, cast.outsider, cast.member):
        assert browser(other).get("/exports/1/file").status_code == 404
        assert [post(browser, other, f"/exports/1/{what}") for what in ("cancel", "remove", "again")] == [404] * 3


def test_who_lost_the_right_downloads_no_more(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    ask(browser, cast.manager)
    work(cast, settings)
    with writing(cast.engine) as session:
        changed = update(Role).where(Role.person_id == cast.manager.id)
        session.execute(changed.values(kind=RoleKind.LEAD, unit_id=None, team_id=cast.prices.id))

    assert browser(cast.manager).get("/exports/1/file").status_code == 403
    assert "cannot be downloaded" in page(browser, cast.manager).text
    assert post(browser, cast.manager, "/exports/1/remove") == 303


def test_cancelled_and_asked_again(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    ask(browser, cast.admin)
    assert browser(cast.admin).get("/exports/1/file").status_code == 409
    assert post(browser, cast.admin, "/exports/1/cancel") == 303
    assert "cancelled" in page(browser, cast.admin).text
    assert post(browser, cast.admin, "/exports/1/cancel") == 409
    work(cast, settings)
    assert stored(settings) == []

    assert post(browser, cast.admin, "/exports/1/again") == 303
    work(cast, settings)
    assert browser(cast.admin).get("/exports/2/file").status_code == 200
    assert post(browser, cast.admin, "/exports/2/again") == 409


def test_removed_with_its_file(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    ask(browser, cast.admin)
    work(cast, settings)
    assert len(stored(settings)) == 1
    assert post(browser, cast.admin, "/exports/1/remove") == 303
    assert stored(settings) == []
    assert browser(cast.admin).get("/exports/1/file").status_code == 404


def test_it_is_over_after_a_week(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    ask(browser, cast.admin)
    work(cast, settings)
    cast.clock.now += KEPT
    assert "Nothing is here yet." in page(browser, cast.admin).text
    assert browser(cast.admin).get("/exports/1/file").status_code == 404


def test_a_failure_says_what_to_do(spring: Team, browser: Browser, cast: Cast, settings: Settings) -> None:
    (settings.data_dir / "exports").write_bytes(b"")
    ask(browser, cast.admin)
    work(cast, settings)
    found = page(browser, cast.admin)
    assert "The server has no room for this file." in found.text
    assert "Try again" in found.text


def test_nobody_fills_the_queue(spring: Team, browser: Browser, cast: Cast) -> None:
    for number in range(MOST_UNDER_WAY):
        assert ask(browser, cast.admin, q=str(number)) == 303
    answer = browser(cast.admin).post("/exports", data={"kind": "xlsx"})
    assert answer.status_code == 429
    assert f"{MOST_UNDER_WAY} of your exports are under way." in document(answer.text).one("main").text


def test_its_script_asks_for_the_list_alone(spring: Team, browser: Browser, cast: Cast) -> None:
    ask(browser, cast.admin)
    me = browser(cast.admin)
    first = me.get("/exports", headers={"shortstave-fragment": "1"})
    assert first.text.lstrip().startswith('<div id="exports"')
    same = {"shortstave-fragment": "1", "if-none-match": first.headers["etag"]}
    assert me.get("/exports", headers=same).status_code == 304
    with writing(cast.engine) as session:
        session.execute(update(Export).values(state=ExportState.WRITING, done=3, total=12))
    moved = me.get("/exports", headers=same)
    assert "25 % written" in moved.text
    assert document(moved.text).one("progress")["value"] == "3"


def test_its_statements_are_counted(
    spring: Team, browser: Browser, cast: Cast, settings: Settings, count_statements: StatementCount
) -> None:
    for number in range(MOST_UNDER_WAY):
        ask(browser, cast.admin, q=str(number))
    work(cast, settings)
    me = browser(cast.admin)
    me.get("/exports")
    counts = {}
    for path in ("/exports", "/exports/1/file"):
        with count_statements(cast.engine) as statements:
            assert me.get(path).status_code == 200
        counts[path] = len(statements)
    with count_statements(cast.engine) as statements:
        assert me.post("/exports", data={"kind": "xlsx"}).status_code == 303
    assert counts == {"/exports": 3, "/exports/1/file": 4}
    assert len(statements) <= 16, statements
