"""The report of what a team agreed on, as PDF: complete, and only for who may see the team."""

import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from app.domain.rubric_file import shipped
from app.exports.pdf import Printer
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock

RUBRIC = shipped()["gigaom-mlops"]
FIRST = RUBRIC.categories[0].statements[0].key
NOTE = "Seen <img src=file:///etc/passwd> in the wiki"


@pytest.fixture
def agreed(browser: Browser, cast: Cast, clock: Clock) -> Team:
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed", note=NOTE)
    team.post(cast.lead, f"/evidence/{FIRST}/links", link="https://wiki.example.org/x", title="Runbook")
    team.post(cast.lead, f"/comments/{FIRST}", text="Why so?")
    team.agreed(cast.lead)
    return team


def words(body: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages).split())


def status(browser: Browser, player: Player, agreed: Team) -> int:
    return browser(player).get(f"{agreed.home}/agreed/report.pdf").status_code


def test_it_works(agreed: Team, browser: Browser, cast: Cast) -> None:
    assert "/agreed/report.pdf" in agreed.page(cast.viewer, "/agreed/result")

    answer = browser(cast.viewer).get(f"{agreed.home}/agreed/report.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="fraud-spring-team.pdf"'
    said = words(answer.content)
    assert "Level 1, because every category is at 1" in said
    for category in RUBRIC.categories:
        for statement in category.statements:
            assert " ".join(statement.text.split())[:30] in said, statement.key
    for word in (NOTE, "Runbook", "https://wiki.example.org/x", "Why so?", "by Lead", "Example organisation"):
        assert word in said, word
    assert pypdf.PdfReader(io.BytesIO(answer.content)).outline


def test_who_does_not_see_the_team_gets_none(agreed: Team, browser: Browser, cast: Cast) -> None:
    assert [status(browser, each, agreed) for each in (cast.manager, cast.admin)] == [200] * 2
    assert [status(browser, each, agreed) for each in (cast.member_elsewhere, cast.outsider)] == [404] * 2


def test_there_is_none_before_the_agreement(browser: Browser, cast: Cast, clock: Clock) -> None:
    assert status(browser, cast.lead, opened(browser, cast, clock, "together")) == 409


def test_nobody_gets_one_while_all_answer_alone(browser: Browser, cast: Cast, clock: Clock) -> None:
    assert status(browser, cast.lead, opened(browser, cast, clock)) == 403


def test_a_server_that_cannot_says_what_to_do(agreed: Team, browser: Browser, cast: Cast) -> None:
    browser.app.state.printed = Printer("no_such_library")  # type: ignore[attr-defined]

    answer = browser(cast.lead).get(f"{agreed.home}/agreed/report.pdf")

    assert answer.status_code == 501
    said = document(answer.text).one("main").text
    assert "Pango" in said
    assert "Printing the page" in said


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and the paths that it was asked for."""
    paths: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()
    thread.join()


def test_nothing_is_fetched_whatever_stands_in_it(asked: tuple[str, list[str]], tmp_path: Path) -> None:
    address, paths = asked
    file = tmp_path / "secret.txt"
    file.write_text("quokka")
    html = (
        f"<link rel=stylesheet href='{address}/a.css'><link rel=attachment href='{file.as_uri()}'>"
        f"<style>@import url({address}/b.css); p {{ background: url({address}/c.png) }}</style>"
        f"<img src='{address}/d.png'><img src='{file.as_uri()}'><object data='{file.as_uri()}'></object>"
        f"<svg><image href='{address}/e.png' width='9' height='9'/></svg><p>Read"
    )

    body = Printer()(html)

    assert paths == []
    assert b"quokka" not in body
    reader = pypdf.PdfReader(io.BytesIO(body))
    assert "Read" in words(body)
    assert not reader.attachments
    assert not reader.pages[0].images
