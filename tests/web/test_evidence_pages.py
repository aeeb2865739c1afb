"""Evidence beside statements: attached, shown, taken away, refused for a reason; hidden from who may not see it."""

import datetime
import gzip
import io
import os
import resource
import zipfile
import zlib
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from app.actions.people import deactivate
from app.db.engine import reading, writing
from app.db.tables.findings import Evidence
from app.domain.evidence import FILE_LIMIT
from app.domain.people import Actor
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document
from tests.web.test_assessing_pages import RUBRIC, Team, opened
from tests.web.test_structure import faults
from tests.web.trail import events
from tests.web.visitor import Clock

KEY = RUBRIC.categories[0].statements[0].key
HERE = f"/evidence/{KEY}"
LINK = "https://wiki.example.org/run-book?page=1#top"
PDF = b"%PDF-1.7 a report"
ZIP = b"PK\x03\x04 an archive"


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock)


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def upload(team: Team, player: Player, name: str, data: bytes, **fields: str) -> Response:
    files = {"file": (name, data, "text/html")}
    return team.browser(player).post(f"{team.home}{HERE}/files", files=files, data=fields)


def kept(folder: Path) -> list[Path]:
    """The files of evidence below a data folder, finished or not."""
    return [path for path in (folder / "evidence").rglob("*") if path.is_file()]


def rows(cast: Cast) -> int:
    with reading(cast.engine) as session:
        return session.scalar(select(func.count()).select_from(Evidence)) or 0


def download(team: Team, player: Player) -> str:
    [link] = [each for each in document(team.page(player, HERE)).all("a") if "/files/" in each.attributes["href"]]
    return link["href"]


def test_it_works(together: Team, cast: Cast, tmp_path: Path) -> None:
    together.pick(cast.member, 1, "/agreed")
    assert "Nothing is attached yet" in together.page(cast.member, HERE)
    together.post(
        cast.member, f"{HERE}/links", link=f" {LINK} ", title="Run book", speaks="against", dated="2026-01-31"
    )
    assert upload(together, cast.lead, "../../etc/review.pdf", PDF).status_code == 303

    page = together.text(cast.viewer, HERE)
    for words in ("2 pieces of evidence", "For it review.pdf", "Against it Run book", LINK, "added by Member", "dated"):
        assert words in page
    assert "Add the link" not in page
    for sheet in ("/agreed", f"/agreed/category/{RUBRIC.categories[0].key}"):
        assert "Evidence (2)" in together.page(cast.member, sheet)
    assert "Evidence (2)" in together.page(cast.viewer, "/agreed")
    assert events(cast.engine)[-2:] == ["evidence added", "evidence added"]

    got = together.browser(cast.viewer).get(download(together, cast.viewer))
    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == 'attachment; filename="review.pdf"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    [file] = kept(tmp_path)
    assert file.read_bytes() == PDF
    assert "review" not in str(file.relative_to(tmp_path))


def test_nobody_sees_what_somebody_attaches_alone(team: Team, cast: Cast) -> None:
    team.post(cast.member, "/own")
    team.post(cast.member, f"{HERE}/links", link=LINK, title="only between you and me")
    assert upload(team, cast.member, "mine.txt", b"secret").status_code == 303
    mine = download(team, cast.member)
    assert "Evidence (2)" in team.page(cast.member, "/own")

    team.post(cast.lead, "/own")
    for name in ("lead", "admin", "manager", "manager_of_all", "viewer"):
        browser = team.browser(getattr(cast, name))
        for path in (HERE, "", "/own", "/comparison", "/agreed", "/agreed/result", "/own/result"):
            answer = browser.get(f"{team.home}{path}")
            assert "between you" not in answer.text, (name, path)
            assert "Evidence (" not in answer.text, (name, path)
        assert browser.get(mine).status_code in {403, 404}, name
    assert team.browser(cast.viewer).get(f"{team.home}{HERE}").status_code == 403
    # Not even that the number exists is told.
    removed = team.browser(cast.lead).post(f"{team.home}{HERE}/1/remove")
    assert removed.status_code == 404
    assert "between you" not in team.browser(cast.admin).get("/audit/export.csv").text

    team.pick(cast.lead, 1)
    team.post(cast.lead, "/submit")
    # The lead has submitted; the member has not, and theirs is a draft still.
    assert "between you" not in team.page(cast.lead, HERE)
    team.pick(cast.member, 1)
    team.post(cast.member, "/submit")
    for player in (cast.lead, cast.viewer, cast.admin):
        assert "between you" in team.page(player, HERE)
    assert "Evidence (2)" in team.page(cast.lead, "/comparison")
    assert "Evidence (2)" in team.page(cast.lead, f"/sheets/{cast.member.id}")
    assert team.browser(cast.viewer).get(mine).content == b"secret"


@pytest.mark.parametrize("name", ["viewer", "admin", "manager", "manager_of_all"])
def test_who_may_not_answer_attaches_nothing(together: Team, cast: Cast, name: str) -> None:
    browser = together.browser(getattr(cast, name))
    refused = browser.post(f"{together.home}{HERE}/links", data={"link": LINK})
    assert refused.status_code == 403
    assert "Members and leads" in refused.text
    assert upload(together, getattr(cast, name), "a.txt", b"text").status_code == 403
    assert rows(cast) == 0


def test_another_organisation_does_not_even_see_it(together: Team, cast: Cast) -> None:
    together.post(cast.member, f"{HERE}/links", link=LINK)
    upload(together, cast.member, "a.txt", b"text")
    path = download(together, cast.member)
    for player in (cast.outsider, cast.member_elsewhere):
        browser = together.browser(player)
        assert [browser.get(each).status_code for each in (path, f"{together.home}{HERE}")] == [404, 404]
        assert upload(together, player, "a.txt", b"other").status_code == 404
        for way in ("links", "1/remove", "1/restore"):
            assert browser.post(f"{together.home}{HERE}/{way}", data={"link": LINK}).status_code == 404
    assert together.browser.get(path).headers["location"].startswith("/sign-in")


def test_who_was_deactivated_comes_no_further(together: Team, cast: Cast, clock: Clock) -> None:
    upload(together, cast.member, "a.txt", b"text")
    path, browser = download(together, cast.member), together.browser(cast.member)
    with writing(cast.engine) as session:
        deactivate(session, Actor(cast.organisation_id, None, "", admin=True), cast.member.id, clock())
    assert browser.get(path).status_code == 303
    sent = browser.post(f"{together.home}{HERE}/files", files={"file": ("b.txt", b"b", "text/plain")})
    assert sent.headers["location"].startswith("/sign-in")
    assert rows(cast) == 1
    assert "added by Member" in together.page(cast.lead, HERE)


@pytest.mark.both
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:msgbox(1)",
        "data:text/html,hello",
        "/\\evil.example",
        "https://example.org/\x00",
        "https://example.org/\r\nSet-Cookie: a=b",
        "file:///etc/passwd",
        "//evil.example",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/\\evil",
        "https://example.org/" + 2000 * "a",
        "",
        "https://example.org/\u202e",
    ],
)
def test_a_link_that_is_none(together: Team, cast: Cast, link: str) -> None:
    refused = together.browser(cast.member).post(f"{together.home}{HERE}/links", data={"link": link, "title": "typed"})
    assert refused.status_code == 422
    page = document(refused.text)
    assert page.one("input", id="link-title")["value"] == "typed"
    assert page.one("p", id="link-problem").text
    assert not [each for each in page.all("a") if each.attributes["href"].lower().strip().startswith("javascript")]
    assert rows(cast) == 0


@pytest.mark.both
@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("bomb.zip", ZIP, "not taken as evidence"),
        ("all.tar.gz", b"\x1f\x8b", "not taken as evidence"),
        ("page.html", b"<script>alert(1)</script>", "not taken as evidence"),
        ("drawing.svg", b"<svg/>", "not taken as evidence"),
        ("run.exe", b"MZ", "not taken as evidence"),
        ("report.pdf.html", PDF, "not taken as evidence"),
        ("report", PDF, "not taken as evidence"),
        ("report.pdf", ZIP, "not what its name says"),
        ("picture.png", b"<html>", "not what its name says"),
        ("notes.txt", b"\x00\x01", "not what its name says"),
        ("empty.txt", b"", "empty"),
        ("", b"text", "Choose a file first."),
        ("large.txt", (FILE_LIMIT + 1) * b"a", "too large"),
    ],
)
def test_a_file_that_is_not_taken(
    together: Team, cast: Cast, tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    together.pick(cast.member, 1, "/agreed")
    before = together.page(cast.member, "/agreed/answers.yaml")
    refused = upload(together, cast.member, name, data, title="typed")
    assert refused.status_code == 422
    assert says in document(refused.text).one("p", id="file-problem").text
    assert document(refused.text).one("input", id="file-title")["value"] == "typed"
    assert kept(tmp_path) == []
    assert rows(cast) == 0
    assert together.page(cast.member, "/agreed/answers.yaml") == before


def test_what_would_unpack_to_more_stays_packed(together: Team, cast: Cast, tmp_path: Path) -> None:
    """A document is an archive: one of a hundred megabytes of nothing is kept as the little that it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(100 * 1024 * 1024))
    assert upload(together, cast.member, "plan.docx", packed.getvalue()).status_code == 303
    assert [file.stat().st_size for file in kept(tmp_path)] == [len(packed.getvalue())]


def test_a_packed_request_is_not_unpacked(together: Team, cast: Cast, tmp_path: Path) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n%s\r\n--x--\r\n'
    for name, packed in (("gzip", gzip.compress(part % bytes(10**7))), ("deflate", zlib.compress(part % b"text"))):
        headers = {"content-type": "multipart/form-data; boundary=x", "content-encoding": name}
        answer = together.browser(cast.member).post(f"{together.home}{HERE}/files", content=packed, headers=headers)
        assert answer.status_code in {400, 415, 422}, name
    assert kept(tmp_path) == []
    assert rows(cast) == 0


def test_a_file_of_the_limit_is_taken(together: Team, cast: Cast) -> None:
    assert upload(together, cast.member, "large.log", FILE_LIMIT * b"a").status_code == 303
    assert len(together.browser(cast.member).get(download(together, cast.member)).content) == FILE_LIMIT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.txt", "plan.txt"),
        ("..\\..\\x.txt", "x.txt"),
        ("a;b; filename=evil.html.txt", "a;b; filename=evil.html.txt"),
        ("Übersicht – März.txt", "Übersicht – März.txt"),
        ("<b>bold</b>.txt", "b>.txt"),
    ],
)
def test_a_name_leads_nowhere(together: Team, cast: Cast, tmp_path: Path, name: str, shown: str) -> None:
    assert upload(together, cast.member, name, b"text").status_code == 303
    path = download(together, cast.member)
    page = document(together.page(cast.member, HERE))
    assert [each.text for each in page.all("a", href=path)] == [shown]
    got = together.browser(cast.member).get(path)
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    [file] = kept(tmp_path)
    assert file.parent.parent == tmp_path / "evidence"


@pytest.mark.parametrize("key", ["..%2f..%2fshortstave.sqlite3", "a" * 64, "x", "%00", "%E2%80%AE"])
def test_no_file_behind_a_guessed_name(together: Team, cast: Cast, key: str) -> None:
    upload(together, cast.member, "a.txt", b"text")
    assert together.browser(cast.member).get(f"{together.home}{HERE}/files/{key}").status_code == 404


@pytest.mark.both
def test_a_name_that_cannot_be_one(together: Team, cast: Cast) -> None:
    for name in ("a\x07.txt", "a\x00.txt", "right\u202eleft.txt", "a" * 300 + ".txt"):
        part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\ntext\r\n--x--\r\n'
        refused = together.browser(cast.member).post(
            f"{together.home}{HERE}/files",
            content=part.encode(),
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert refused.status_code == 422, name
    assert rows(cast) == 0


def test_the_same_twice_stands_once(together: Team, cast: Cast, tmp_path: Path) -> None:
    together.post(cast.member, f"{HERE}/links", link=LINK)
    again = together.browser(cast.lead).post(f"{together.home}{HERE}/links", data={"link": LINK})
    assert again.status_code == 422
    assert "stands here already" in again.text
    assert upload(together, cast.member, "a.txt", b"text").status_code == 303
    again = upload(together, cast.member, "b.txt", b"text")
    assert again.status_code == 422
    assert "stands here already" in again.text
    assert upload(together, cast.member, "a.txt", b"Text").status_code == 303
    assert len(kept(tmp_path)) == 2


def test_what_is_taken_away_keeps_its_line_and_comes_back(together: Team, cast: Cast) -> None:
    upload(together, cast.member, "a.txt", b"text")
    path = download(together, cast.member)
    [form] = [each for each in document(together.page(cast.member, HERE)).all("form") if "/remove" in each["action"]]
    together.post(cast.member, form["action"].removeprefix(together.home))
    page = together.text(cast.lead, HERE)
    assert "1 piece was taken away" in page
    assert "taken away by Member" in page
    assert together.browser(cast.lead).get(path).status_code == 404
    assert "Evidence (1)" not in together.page(cast.lead, "/agreed")

    [form] = [each for each in document(together.page(cast.lead, HERE)).all("form") if "/restore" in each["action"]]
    together.post(cast.lead, form["action"].removeprefix(together.home))
    together.post(cast.lead, form["action"].removeprefix(together.home))
    assert together.browser(cast.viewer).get(path).content == b"text"
    assert events(cast.engine)[-3:] == ["evidence added", "evidence removed", "evidence put back"]


@pytest.mark.both
def test_only_who_added_it_and_the_lead_take_it_away(together: Team, cast: Cast) -> None:
    together.post(cast.lead, f"{HERE}/links", link=LINK)
    [form] = [each for each in document(together.page(cast.lead, HERE)).all("form") if "/remove" in each["action"]]
    assert "/remove" not in together.page(cast.member, HERE)
    for player in (cast.member, cast.viewer, cast.admin):
        assert together.browser(player).post(form["action"]).status_code == 403
    assert together.browser(cast.lead).post(f"{together.home}{HERE}/{2**70}/remove").status_code in {404, 422}


def test_agreed_is_frozen_until_it_is_reopened(together: Team, cast: Cast) -> None:
    together.post(cast.member, f"{HERE}/links", link=LINK)
    together.pick(cast.lead, 1, "/agreed")
    together.agreed(cast.lead)
    page = together.page(cast.member, HERE)
    assert "Add the link" not in page
    assert "This result is agreed" in page
    [number] = [
        each["id"].split("-")[1]
        for each in document(page).all("li")
        if each.attributes.get("id", "").startswith("evidence-")
    ]
    browser = together.browser(cast.lead)
    assert browser.post(f"{together.home}{HERE}/{number}/remove").status_code == 409
    assert browser.post(f"{together.home}{HERE}/links", data={"link": LINK + "2"}).status_code == 409
    assert upload(together, cast.lead, "a.txt", b"text").status_code == 409
    assert "Evidence (1)" in together.page(cast.viewer, "/agreed")
    together.post(cast.lead, "/reopen", reason="One is wrong.")
    together.post(cast.lead, f"{HERE}/{number}/remove")


def test_the_result_is_read_twice(together: Team, cast: Cast, clock: Clock) -> None:
    together.pick(cast.lead, 1, "/agreed")
    page = document(together.page(cast.viewer, "/agreed/result")).one("section", id="evidence")
    assert page.one("h2").text == "As claimed: level 1; with evidence: level 0"
    claimed = [each for category in RUBRIC.categories for each in category.statements if each.gate in {0, 1}]
    practices = [each for each in claimed if each.kind == "practice"]
    tomorrow = (clock().date() + datetime.timedelta(days=1)).isoformat()
    for statement in practices:
        together.post(cast.member, f"/evidence/{statement.key}/links", link=LINK, expires=tomorrow)
    page = document(together.page(cast.viewer, "/agreed/result")).one("section", id="evidence")
    assert page.one("h2").text == "As claimed and with evidence: level 1"

    clock.now += datetime.timedelta(days=1)
    page = document(together.page(cast.viewer, "/agreed/result")).one("section", id="evidence")
    assert page.one("h2").text == "As claimed: level 1; with evidence: level 0"
    assert f"{len(practices)} statements are claimed without" in page.text
    assert "1 out of date" in together.page(cast.member, "/agreed")
    assert "out of date" in together.page(cast.member, f"/evidence/{practices[0].key}")


def test_agreed_keeps_the_reading_of_its_day(together: Team, cast: Cast, clock: Clock) -> None:
    together.pick(cast.lead, 1, "/agreed")
    together.post(
        cast.member, f"{HERE}/links", link=LINK, expires=(clock().date() + datetime.timedelta(days=1)).isoformat()
    )
    together.agreed(cast.lead)
    before = document(together.page(cast.viewer, "/agreed/result")).one("section", id="evidence").text
    clock.now += datetime.timedelta(days=9)
    assert document(together.page(cast.viewer, "/agreed/result")).one("section", id="evidence").text == before
    assert "out of date" in together.page(cast.viewer, HERE)


@pytest.mark.both
@pytest.mark.parametrize(
    "sent",
    [
        {"link": LINK, "dated": "2026-02-01", "expires": "2026-01-01"},
        {"link": LINK, "dated": "soon"},
        {"link": LINK, "expires": "99999-01-01"},
        {"link": LINK, "speaks": "maybe"},
        {"link": LINK, "title": "a" * 301},
        {"link": LINK, "title": "\u202e"},
        {"link": LINK, "more": "1"},
        {},
    ],
)
def test_what_is_said_of_it_and_does_not_fit(together: Team, cast: Cast, sent: dict[str, str]) -> None:
    refused = together.browser(cast.member).post(f"{together.home}{HERE}/links", data=sent)
    assert refused.status_code == 422
    assert 'class="problem"' in refused.text or "notice wrong" in refused.text
    assert upload(
        together, cast.member, "a.txt", b"text", **{k: v for k, v in sent.items() if k != "link"}
    ).status_code == (422 if set(sent) - {"link"} else 303)


@pytest.mark.parametrize("path", ["/evidence/nothing", "/evidence/%00", "/evidence/%F0%9F%92%A9"])
def test_no_such_statement(together: Team, cast: Cast, path: str) -> None:
    browser = together.browser(cast.member)
    assert browser.get(f"{together.home}{path}").status_code == 404
    assert browser.post(f"{together.home}{path}/links", data={"link": LINK}).status_code == 404
    assert browser.post(f"{together.home}{path}/1/remove").status_code == 404


def test_a_full_disk_leaves_nothing_half_written(together: Team, cast: Cast, tmp_path: Path) -> None:
    """The kernel refuses to let any file grow beyond a limit, in the middle of one: as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    data = os.urandom(12 * 1024 * 1024)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * 1024 * 1024, before[1]))
    try:
        refused = upload(together, cast.member, "large.txt", data.replace(b"\0", b"a"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refused.status_code == 507
    assert "no room for this file" in refused.text
    assert kept(tmp_path) == []
    assert rows(cast) == 0
    assert upload(together, cast.member, "large.txt", b"text").status_code == 303


def test_a_folder_that_cannot_be_written(together: Team, cast: Cast, tmp_path: Path) -> None:
    together.page(cast.member, HERE)
    (tmp_path / "evidence").write_bytes(b"in the way")
    assert upload(together, cast.member, "a.txt", b"text").status_code == 507
    assert rows(cast) == 0


def test_a_file_that_is_gone_is_told(together: Team, cast: Cast, tmp_path: Path) -> None:
    upload(together, cast.member, "a.txt", b"text")
    kept(tmp_path)[0].unlink()
    gone = together.browser(cast.member).get(download(together, cast.member))
    assert gone.status_code == 404
    assert "data folder of the server" in gone.text


def test_a_statement_holds_only_so_much(together: Team, cast: Cast) -> None:
    for number in range(50):
        together.post(cast.member, f"{HERE}/links", link=f"{LINK}{number}")
    refused = together.browser(cast.member).post(f"{together.home}{HERE}/links", data={"link": LINK})
    assert refused.status_code == 422
    assert "50 pieces" in refused.text


def test_a_closed_cycle_takes_none(together: Team, cast: Cast) -> None:
    closing = together.browser(cast.admin).post(f"{together.cycle}/close")
    assert closing.status_code == 303
    assert together.browser(cast.member).post(f"{together.home}{HERE}/links", data={"link": LINK}).status_code == 403
    assert upload(together, cast.member, "a.txt", b"text").status_code == 403


def test_the_pages_are_well_formed(together: Team, cast: Cast) -> None:
    together.post(cast.member, f"{HERE}/links", link=LINK)
    upload(together, cast.member, "a.txt", b"text")
    together.pick(cast.member, 1, "/agreed")
    for path in (HERE, "/agreed", "/agreed/result"):
        assert faults(document(together.page(cast.member, path))) == [], path


def test_the_statements_of_each_page_are_counted(together: Team, cast: Cast, count_statements: StatementCount) -> None:
    together.pick(cast.lead, 1, "/agreed")
    lead = together.browser(cast.lead)
    for pieces in range(3):
        together.post(cast.lead, f"{HERE}/links", link=f"{LINK}{pieces}")
    for path, limit in {HERE: 7, "/agreed": 11, "/agreed/result": 9}.items():
        lead.get(f"{together.home}{path}")
        with count_statements(cast.engine) as statements:
            lead.get(f"{together.home}{path}")
        assert len(statements) <= limit, (path, len(statements), statements)
