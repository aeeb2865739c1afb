"""Takes the pictures of the README from the running product: python -m tools.screenshots, or make screenshots.

All are of one check on a fresh server with an empty embedded database: Governance holds a team at level 1, and in
Processes somebody still has to ask. Each stays well below 300 KB, so that a clone stays quick.
"""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from app.domain.rubric_file import shipped
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


SHOTS: Mapping[str, Shot] = {
    "home": Shot("/"),
    "sheet": Shot("/category/governance"),
    "result": Shot("/result", height=1500),
    "result-dark": Shot("/result", theme="dark"),
    "result-phone": Shot("/result", width=360, height=740),
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


def take(browser: Browser, address: str, path: str, name: str, shot: Shot) -> None:
    size: ViewportSize = {"width": shot.width, "height": shot.height}
    page = browser.new_page(base_url=address, viewport=size, color_scheme=shot.theme, reduced_motion="reduce")
    page.goto("/" if shot.page == "/" else f"{path}{shot.page}")
    if shot.page == "/result":
        page.locator("#radar[data-drawn]").wait_for(state="attached")
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
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
