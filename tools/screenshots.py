"""Takes the pictures of the README from the running product: python -m tools.screenshots, or make screenshots.

Each is a page of a fresh server with an empty embedded database, in a real Chromium. A page that needs answers first
gets its function in SHOTS.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser.chromium import ARGUMENTS, LACKING, executable
from tests.server import Server

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZE: ViewportSize = {"width": 1280, "height": 800}


def home(page: Page) -> None:
    page.goto("/")


SHOTS: dict[str, Callable[[Page], None]] = {"home": home}


def main() -> None:
    path = executable()
    if path is None:
        sys.exit(LACKING)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.start()
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        for name, prepare in SHOTS.items():
            page = browser.new_page(base_url=server.address, viewport=SIZE, color_scheme="light")
            prepare(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
            print(f"docs/images/{name}.png")
            page.close()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
