"""The pages of an organisation, as its admin sees them: the example with its ten teams, made at the first run."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from pypdf import PdfReader
from sqlalchemy import Engine, select

from app.actions.passwords import hashed
from app.db.engine import make_engine, reading, writing
from app.db.tables.assessments import Assessment
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team
from app.db.tables.people import Person
from tests.browser import assessing
from tests.browser.conftest import Visit
from tests.browser.inside import COLLEAGUE, PASSWORD, SECOND_FACTOR, WAYS, WITH_CODE, as_stranger
from tests.browser.team import sign_in
from tests.browser.test_keyboard import enter, tab_to
from tests.browser.test_pages import cases, is_fine
from tests.server import Server

EMAIL = "admin@tram.example"
EXAMPLE = "Example organisation"

# On a new database the numbers are known: the first team is Fraud detection, the second person its lead.
PAGES: Mapping[str, str] = {
    "home": "/",
    "search": "/search?q=fraud",
    "units": "/units",
    "unit": "/units/1",
    "teams": "/teams",
    "team": "/teams/1",
    "new team": "/teams/new",
    "ML system": "/teams/1/systems/1",
    "result of a team": "/assessments/{result}/agreed/result",
    "answers of a team": "/assessments/{result}/agreed",
    "assessment": "/assessments/{result}",
    "dashboard": "/dashboard?cycle={cycle}",
    "cycles": "/cycles",
    "new cycle": "/cycles/new",
    "people": "/people",
    "person": "/people/2",
    "invitations": "/invitations",
    "invite": "/invitations/new",
    "organisation": "/organisation",
    "remove the example": "/organisation/remove",
    "audit trail": "/audit",
    "mail": "/deliveries",
    "exports": "/exports",
    "account": "/account",
    "second factor": "/account/second-factor",
    "own tokens": "/account/tokens",
    "tokens": "/tokens",
    "new token": "/tokens/new",
    "import": "/people/import",
    "single sign-on": "/organisation/sign-on",
    "new unit": "/units/new",
    "change a team": "/teams/1/edit",
    "new ML system": "/teams/1/systems/new",
    "deactivate": "/people/2/deactivate",
}


@dataclass(frozen=True)
class Works:
    """The running product with an organisation and the example; `signed_in` is its admin's browser, in the example.

    Beside it a team is at work: `lead` is the browser of who leads it, and `numbers` are what its pages are called by.
    """

    server: Server
    signed_in: StorageState
    lead: StorageState
    numbers: Mapping[str, int]

    @property
    def address(self) -> str:
        return self.server.address


def first_result(engine: Engine) -> Mapping[str, int]:
    """The first result of the example, and the cycle that it is of."""
    asked = (
        select(Assessment.id, Assessment.cycle_id)
        .join(AgreedResult, AgreedResult.assessment_id == Assessment.id)
        .where(Assessment.organisation_id == select(Team.organisation_id).where(Team.id == 1).scalar_subquery())
        .order_by(Assessment.id)
    )
    with reading(engine) as session:
        row = session.execute(asked).first()
        assert row
        return {"result": row.id, "cycle": row.cycle_id}


def give_second_factor(engine: Engine) -> None:
    """Somebody of the example has a password and an authenticator app."""
    with writing(engine) as session:
        person = session.get_one(Person, WITH_CODE)
        person.email, person.password_hash, person.totp_secret = COLLEAGUE, hashed(PASSWORD), SECOND_FACTOR


def signed_in_lead(chromium: Browser, server: Server) -> StorageState:
    context = chromium.new_context(base_url=server.address)
    sign_in(context.new_page(), assessing.READER)
    state = context.storage_state()
    context.close()
    return state


def set_up_link(server: Server) -> str:
    found = re.search(r"http://\S+/set-up/\S+", server.log())
    assert found
    return found[0]


@pytest.fixture(scope="module")
def works(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    server = Server(tmp_path_factory.mktemp("works"))
    server.start()
    context = chromium.new_context(base_url=server.address)
    page = context.new_page()
    page.goto(set_up_link(server))
    page.get_by_label("Name of the organisation").fill("Northern Tramways")
    page.get_by_label("Your name").fill("First Admin")
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Add a small example organisation").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Northern Tramways").click()
    page.get_by_role("button", name="Go on there").click()
    expect(page.get_by_role("link", name=EXAMPLE)).to_be_visible()
    state = context.storage_state()
    context.close()
    engine = make_engine(f"sqlite:///{server.folder / 'data' / 'shortstave.sqlite3'}")
    numbers = {**assessing.at_work(engine), **first_result(engine)}
    give_second_factor(engine)
    engine.dispose()
    yield Works(server, state, signed_in_lead(chromium, server), numbers)
    server.kill()


@pytest.mark.parametrize(("name", "theme", "scripts", "width"), cases(PAGES))
def test_page(
    works: Works, visit: Visit, axe: Callable[[Page], None], name: str, theme: str, scripts: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = visit(scripts, color_scheme=theme, viewport=size, reduced_motion="reduce", storage_state=works.signed_in)

    answer = page.goto(PAGES[name].format(**works.numbers))

    assert answer
    assert answer.status == 200
    page.wait_for_load_state("networkidle")
    is_fine(page, axe)
    expect(page.get_by_role("link", name=EXAMPLE).first).to_be_visible()


@pytest.mark.parametrize(("name", "theme", "scripts", "width"), cases(assessing.PAGES))
def test_page_of_a_team_at_work(
    works: Works, visit: Visit, axe: Callable[[Page], None], name: str, theme: str, scripts: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = visit(scripts, color_scheme=theme, viewport=size, reduced_motion="reduce", storage_state=works.lead)

    answer = page.goto(assessing.PAGES[name].format(**works.numbers))

    assert answer
    assert answer.status == 200
    page.wait_for_load_state("load")  # a sheet that is answered together never stops asking
    if name == "agreed sheet" and scripts == "real":
        expect(page.locator("#present")).to_contain_text("Also here: Member")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # where nothing lies under the bar that stays at hand
    is_fine(page, axe)


@pytest.mark.parametrize("scripts", ["real", "empty"])
def test_how_far_a_cycle_has_come_follows_the_dashboard(works: Works, visit: Visit, scripts: str) -> None:
    """Without script it is a link to a page that says the same."""
    page = visit(scripts, storage_state=works.lead)
    page.goto(assessing.PAGES["dashboard"].format(**works.numbers))
    if scripts == "empty":
        page.locator("#progress").get_by_role("link").click()
    expect(page.locator("#progress")).to_contain_text("1 of 1 have agreed")
    expect(page.locator("#progress").get_by_role("columnheader", name="Submitted")).to_be_visible()


def test_the_page_for_the_board_is_one_screen_and_one_sheet_of_paper(works: Works, visit: Visit) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, storage_state=works.lead)
    page.goto(assessing.PAGES["board"].format(**works.numbers))
    assert page.locator(".board").bounding_box()["height"] <= 720  # type: ignore[index] # it is there
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    width, height = printed.pages[0].mediabox[2:]
    assert width > height, "it lies on its side"


@pytest.mark.usefixtures("trouble")  # a way back from a provider that is not good is answered 422
@pytest.mark.parametrize(("name", "theme", "scripts", "width"), cases(WAYS))
def test_page_behind_a_form_or_a_link(
    works: Works, visit: Visit, axe: Callable[[Page], None], name: str, theme: str, scripts: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = visit(scripts, color_scheme=theme, viewport=size, reduced_motion="reduce", storage_state=works.signed_in)

    WAYS[name](page)

    page.wait_for_load_state("networkidle")
    is_fine(page, axe)


@pytest.mark.parametrize(("of", "width", "theme"), [("result", 360, "light"), ("part", 1280, "dark")])
def test_a_shared_report(
    works: Works, visit: Visit, axe: Callable[[Page], None], of: str, width: int, theme: str
) -> None:
    """The link is made by a form, and read by somebody without an account."""
    page = visit(viewport={"width": width, "height": 800}, color_scheme=theme, storage_state=works.lead)
    page.goto(assessing.PAGES[f"share a {of}"].format(**works.numbers))
    page.get_by_role("button", name="Make the link").click()
    page.locator("#link").wait_for()
    is_fine(page, axe)

    as_stranger(page, page.locator("#link").input_value())

    expect(page.get_by_role("heading", level=1)).to_contain_text("evel 2")
    is_fine(page, axe)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_export_arrives(works: Works, visit: Visit, tmp_path: Path, scripts: bool) -> None:
    """By itself where scripts run, by looking again where they do not; and its numbers are the page's."""
    page = visit(java_script_enabled=scripts, storage_state=works.lead)
    page.goto(assessing.PAGES["dashboard"].format(**works.numbers))
    page.get_by_label("As", exact=True).select_option("xlsx")
    page.get_by_role("button", name="Ask for the file").click()
    first = page.locator("li.export").first
    expect(first).to_contain_text("Workbook (XLSX)")
    link = first.get_by_role("link", name="Download")
    if not scripts:
        for _ in range(60):
            if link.count():
                break
            page.get_by_role("link", name="Look again").click()
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)

    rows = list(openpyxl.load_workbook(path)["Teams"].iter_rows(values_only=True))
    assert [row[1:4] for row in rows[1:]] == [("Risk", None, 2)]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_set_up_page(product: Server, visit: Visit, axe: Callable[[Page], None], width: int) -> None:
    page = visit(viewport={"width": width, "height": 800})
    page.goto(set_up_link(product))

    is_fine(page, axe)


def test_signing_in_by_keyboard(works: Works, visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 800}, reduced_motion="reduce")
    page.goto("/sign-in?next=/account")
    tab_to(page, "#email")
    page.keyboard.type(EMAIL)
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "main button.primary")
    enter(page)
    page.wait_for_url(f"{works.address}/account")

    tab_to(page, "a[href='/account#organisations']")
    enter(page)
    tab_to(page, "button[name='organisation']")
    enter(page)
    page.wait_for_url(f"{works.address}/")


def test_somebody_reads_german(works: Works, visit: Visit, axe: Callable[[Page], None]) -> None:
    """Chosen once, for all their browsers; long words stay on a telephone's page, with script and without."""
    page = visit(viewport={"width": 360, "height": 800}, reduced_motion="reduce", storage_state=works.lead)
    page.goto("/account")
    page.get_by_label("Language").select_option("Deutsch")
    page.get_by_role("button", name="Keep the preferences").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")

    for name, words in {"dashboard": "auf Stufe 2", "own sheet": "Nachweis", "agreed result": "Stufe 2"}.items():
        page.goto(assessing.PAGES[name].format(**works.numbers))
        expect(page.locator("main")).to_contain_text(words)
        is_fine(page, axe)

    page.goto("/account")
    page.get_by_label("Sprache").select_option("wie der Browser")
    page.get_by_role("button", name="Einstellungen speichern").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
