"""Takes the pictures of the README from the running product: python -m tools.screenshots, or make screenshots.

Those of the sheet and the result are of one check on a fresh server: Governance holds a team at level 1, and in
Processes somebody still has to ask. Those of the dashboard and the studio are of the example organisation, as its admin
sees them. Each stays well below 300 KB, so that a clone stays quick.
"""

import datetime
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from app.actions.drafts import begin_from_version
from app.actions.example import add_example
from app.actions.passwords import hashed
from app.actions.people import create_person
from app.db.engine import make_engine, writing
from app.domain.rubric_file import shipped
from app.queries import dashboard, people
from tests.browser.chromium import ARGUMENTS, LACKING, executable
from tests.browser.pages import begun, save
from tests.browser.sheet import MATURITY
from tests.server import Server

FOLDER = Path(__file__).parents[1] / "docs" / "images"
LARGEST = 300_000  # bytes
LEVELS = {"strategy": 2, "architecture": 2, "modeling": 3, "processes": 2, "governance": 1}
MISSING, OPEN = 3, 2


@dataclass(frozen=True)
class Shot:
    """`page` is what follows the address of the check; `/` alone is the start page."""

    page: str
    width: int = 1280
    height: int = 800
    theme: Literal["light", "dark"] = "light"


EXAMPLE_TEAMS = 60
EMAIL, PASSWORD = "admin@example.org", "a stave of wet oak 37"

SHOTS: Mapping[str, Shot] = {
    "home": Shot("/"),
    "sheet": Shot("/category/governance"),
    "result": Shot("/result", height=1500),
    "result-dark": Shot("/result", theme="dark"),
    "result-phone": Shot("/result", width=360, height=740),
}

INSIDE: Mapping[str, Shot] = {
    "dashboard": Shot("/dashboard?cycle={cycle}", height=1250),
    "heat-map": Shot("/dashboard?cycle={cycle}&sort=overall#teams", height=620),
    "board": Shot("/dashboard/board?cycle={cycle}"),
    "studio": Shot("/rubrics/drafts/{draft}", height=900),
}


def play(page: Page) -> str:
    """Picks a card for each category, meets all of Governance's next level but a few, and leaves some answers open."""
    path = begun(page)
    categories = shipped()[MATURITY].category_by_key
    for base, (category, level) in enumerate(LEVELS.items()):
        save(page, path, base, pick=f"{category}.{level}")
    needed = [each.key for each in categories["governance"].statements if each.gate == LEVELS["governance"] + 1]
    refined = dict.fromkeys(needed[MISSING:], "1") | dict.fromkeys(needed[:1], "0.5")
    asked = [each.key for each in categories["processes"].statements if each.gate == LEVELS["processes"] + 1]
    refined |= dict.fromkeys(asked[:OPEN], "unknown")
    save(page, path, len(LEVELS), **refined)
    return path


def fill(server: Server) -> Mapping[str, int]:
    """The example organisation with an admin who signs in by a password; the numbers that its pages go by.

    `cycle` is the last one that is over: in the newest many have not agreed yet.
    """
    engine = make_engine(f"sqlite:///{server.folder / 'data' / 'shortstave.sqlite3'}")
    now = datetime.datetime.now(datetime.UTC)
    with writing(engine) as session:
        admin_id = create_person(session, EMAIL, "Admin", hashed(PASSWORD), now)
        if admin_id is None:
            raise AssertionError("Nobody has an account on a fresh server.")
        organisation_id = add_example(session, admin_id, now, teams=EXAMPLE_TEAMS)
        actor = people.actor(session.connection(), admin_id, organisation_id)
        over = dashboard.cycle_choices(session.connection(), organisation_id)[1]
        draft = begin_from_version(session, actor, over.rubric_version_id, now)
        numbers = {"cycle": over.id, "draft": draft.id}
    engine.dispose()
    return numbers


def signed_in(browser: Browser, address: str) -> StorageState:
    page = browser.new_page(base_url=address)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main button.primary").click()
    page.get_by_role("button", name="Sign out").wait_for()
    state = page.context.storage_state()
    page.close()
    return state


def take(browser: Browser, address: str, path: str, name: str, shot: Shot, state: StorageState | None = None) -> None:
    size: ViewportSize = {"width": shot.width, "height": shot.height}
    page = browser.new_page(
        base_url=address, viewport=size, color_scheme=shot.theme, reduced_motion="reduce", storage_state=state
    )
    page.goto("/" if shot.page == "/" else f"{path}{shot.page}")
    for chart in page.locator("[data-figures]").all():
        page.wait_for_function("chart => 'drawn' in chart.dataset", arg=chart.element_handle())
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file, animations="disabled")
    page.close()
    weight = file.stat().st_size
    print(f"docs/images/{name}.png {weight // 1000} KB")
    if weight > LARGEST:
        sys.exit(f"{name}.png is larger than {LARGEST // 1000} KB.")


def main() -> None:
    path = executable()
    if path is None:
        sys.exit(LACKING)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.start()
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        check = play(browser.new_page(base_url=server.address))
        for name, shot in SHOTS.items():
            take(browser, server.address, check, name, shot)
        numbers, state = fill(server), signed_in(browser, server.address)
        for name, shot in INSIDE.items():
            there = replace(shot, page=shot.page.format(**numbers))
            take(browser, server.address, "", name, there, state)
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
