"""A manager's way through the dashboard: filter, sort, drill down, compare two cycles, and take every file away.

The organisation is the example: what it shows is compared with what the files say, each opened and read back.
"""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pptx
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from app.actions.example import add_example
from app.actions.passwords import hashed
from app.actions.people import create_person
from app.db.engine import make_engine, writing
from app.db.tables.cycles import Cycle
from tests.browser.conftest import Visit
from tests.browser.team import PASSWORD
from tests.cast import NOW
from tests.server import Server

EMAIL = "board@tram.example"
TEAMS = 40
PATIENCE = 60_000
"""Milliseconds for a file that is made in the background."""


@dataclass(frozen=True)
class Example:
    server: Server
    cycles: tuple[int, ...]
    """The oldest first; the newest still runs."""


@pytest.fixture
def example(server: Server) -> Example:
    engine = make_engine(server.settings["DATABASE_URL"])
    with writing(engine) as session:
        person = create_person(session, EMAIL, "Board", hashed(PASSWORD), NOW)
        assert person is not None
        organisation_id = add_example(session, person, NOW, teams=TEAMS, seed=3)
        cycles = session.scalars(
            select(Cycle.id).where(Cycle.organisation_id == organisation_id).order_by(Cycle.due_on)
        ).all()
    engine.dispose()
    return Example(server, tuple(cycles))


def come_in(page: Page, path: str) -> None:
    page.goto("/sign-in?next=/dashboard")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/dashboard")
    page.goto(path)


def column(page: Page, place: int) -> list[int]:
    """The numbers of a column of the heat map."""
    cells = page.locator(f"table.heat tbody td:nth-child({place})").all_inner_texts()
    return [int(found[0]) for text in cells if (found := re.match(r"\d", text))]


def overall(page: Page) -> list[int]:
    return [int(text) for text in page.locator("table.heat tbody td .badge").all_inner_texts()]


def agreed(page: Page) -> int:
    """How many the page says have agreed."""
    found = re.search(r"(\d+) teams? agreed", page.locator(".over").first.inner_text())
    assert found
    return int(found[1])


def saved(page: Page, folder: Path, word: str) -> Path:
    """The file of a kind, asked for on the dashboard and fetched when it is ready."""
    page.get_by_label("As", exact=True).select_option(label=word)
    page.get_by_role("button", name="Ask for the file").click()
    page.wait_for_url("**/exports")
    first = page.locator(".export").first
    expect(first).to_contain_text(word)
    expect(first.get_by_text("ready")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as fetched:
        first.get_by_role("link", name="Download").click()
    path = folder / fetched.value.suggested_filename
    fetched.value.save_as(path)
    return path


def test_it_works(example: Example, visit: Visit, tmp_path: Path) -> None:
    page = visit(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    before, here = example.cycles[-3], example.cycles[-2]
    start = f"/dashboard?cycle={here}&since={before}"
    come_in(page, start)
    teams = agreed(page)
    assert 20 < teams <= TEAMS

    filtered_and_sorted(page)
    page.goto(start)
    down_to_a_result(page)
    two_cycles_beside_each_other(page, start, before, here)
    page.goto(start)
    charts_are_taken_away(page, tmp_path)
    files_say_the_same(page, start, tmp_path, teams)


def filtered_and_sorted(page: Page) -> None:
    page.get_by_role("link", name="Governance", exact=True).first.click()
    page.wait_for_url("**sort=governance**")
    governance = column(page, 6)
    assert governance == sorted(governance)
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Governance"

    page.get_by_label("Overall level").select_option("1")
    page.get_by_label("Limited by").select_option(label="Governance")
    page.locator("#teams").get_by_role("button", name="Show").click()
    page.wait_for_url("**level=1**")
    assert set(overall(page)) == {1}
    assert set(column(page, 6)) == {1}, "Governance holds each of them at level 1"


def down_to_a_result(page: Page) -> None:
    """A unit, one of its teams, and back to where one was."""
    page.get_by_role("region", name="Unit by unit").get_by_role("link").first.click()
    page.wait_for_url("**unit=**")
    unit = page.url
    name = page.locator("table.heat tbody th a").first
    team = name.inner_text()
    name.click()
    expect(page.locator(".crumbs")).to_contain_text(team)
    expect(page.get_by_role("heading", level=1)).to_contain_text("evel")
    page.go_back()
    assert page.url == unit


def two_cycles_beside_each_other(page: Page, start: str, before: int, here: int) -> None:
    page.goto(start)
    page.get_by_role("link", name="Compare with other units and cycles").click()
    page.get_by_role("group", name="Second part").get_by_label("Cycle").select_option(str(before))
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url(f"**cycle={here}**cycle={before}**")
    rows = page.get_by_role("region", name="Overall levels of each part").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("region", name="Medians of each part").locator("tbody tr")).to_have_count(6)


def charts_are_taken_away(page: Page, folder: Path) -> None:
    beside = page.locator("figure, .stack").filter(has_text="Save as").first
    for ending, beginning in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"")):
        with page.expect_download() as fetched:
            beside.get_by_role("link", name=re.compile(f"^{ending}", re.IGNORECASE)).first.click()
        path = folder / fetched.value.suggested_filename
        fetched.value.save_as(path)
        assert path.suffix == f".{ending}"
        assert beginning in path.read_bytes()[:200]
        assert path.stat().st_size > 100


def files_say_the_same(page: Page, start: str, folder: Path, teams: int) -> None:
    """Every file from the same page, and the same number of teams in each of them."""
    taken = {}
    for word in ("Workbook (XLSX)", "Teams (CSV)", "Everything (JSON)", "Report (PDF)", "Slides (PPTX)"):
        page.goto(start)
        taken[word] = saved(page, folder, word)

    rows = list(openpyxl.load_workbook(taken["Workbook (XLSX)"])["Teams"].iter_rows(values_only=True))
    names = {row[rows[0].index("Team")] for row in rows[1:]}
    with taken["Teams (CSV)"].open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    whole = json.loads(taken["Everything (JSON)"].read_text(encoding="utf-8"))
    report = "\n".join(each.extract_text() for each in PdfReader(taken["Report (PDF)"]).pages)
    slides = pptx.Presentation(str(taken["Slides (PPTX)"]))
    said = "\n".join(shape.text for slide in slides.slides for shape in slide.shapes if shape.has_text_frame)

    assert len(rows) - 1 == len(lines) == len(whole["teams"]) == teams
    assert {line["Team"] for line in lines} == names == {each["team"] for each in whole["teams"]}
    for text in (report, said):
        assert f"of {teams} teams" in " ".join(text.split())
