"""Pages of an organisation that no address alone leads to: behind a form, a link that works once, or a password."""

import secrets
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser.pages import Going, address, begun

PASSWORD = "tram bells at noon 7 stave"
SECOND_FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
COLLEAGUE, WITH_CODE = "colleague@tram.example", 3
"""A person of the example who signs in by a password and a code, and their number."""
LEAD = 2
LINES = b"""unit,team,name,email,role
Bank,New team,First,first-%(once)b@example.org,lead
Bank,New team,Second with a name that is rather long,second-%(once)b@long-name-of-a-department.example.org,member
Ports / Quays,,Third,third-%(once)b@example.org,manager
"""


def planned(page: Page, lines: bytes = LINES) -> None:
    """Each time of people whom nobody has invited yet."""
    page.goto("/people/import")
    once = secrets.token_hex(4).encode()
    file: Any = {"name": "people.csv", "mimeType": "text/csv", "buffer": lines.replace(b"%(once)b", once)}
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Look at what would happen").click()
    page.get_by_role("heading", level=1).wait_for()


def problems(page: Page) -> None:
    planned(page, LINES + b"Bank,,,=1+1,manager\nBank,Risk,Fourth,no address,emperor\n")


def imported(page: Page) -> None:
    planned(page)
    page.get_by_role("button", name="Do all of this").click()
    page.get_by_text("The file is imported.").wait_for()


def invited(page: Page) -> None:
    page.goto("/invitations/new")
    page.get_by_label("E-mail address").fill(f"{secrets.token_hex(4)}@example.org")
    page.get_by_label("Name", exact=True).fill("Newcomer")
    page.locator("main button.primary").click()
    page.locator("#link").wait_for()


def reset_link(page: Page) -> None:
    page.goto(f"/people/{LEAD}")
    page.get_by_role("button", name="Make a link").click()
    page.locator("#link").wait_for()


def as_stranger(page: Page, path: str) -> None:
    page.context.clear_cookies()
    page.goto(path)


def invitation(page: Page) -> None:
    invited(page)
    as_stranger(page, page.locator("#link").input_value())


def choose_password(page: Page) -> None:
    reset_link(page)
    as_stranger(page, page.locator("#link").input_value())


def code(page: Page) -> None:
    as_stranger(page, "/sign-in")
    page.get_by_label("E-mail address").fill(COLLEAGUE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/sign-in/code*")


def token_made(page: Page) -> None:
    page.goto("/account/tokens")
    page.get_by_label("Name").fill("Nightly export")
    page.locator("main button.primary").click()
    page.locator("#secret").wait_for()


def claim(page: Page) -> None:
    page.goto(f"{begun(page)}/claim")


def lost_on_the_way(page: Page) -> None:
    as_stranger(page, "/sso/callback?state=x")


def refused(page: Page) -> None:
    page.goto("/units/999999")


WAYS: Mapping[str, Going] = {
    "import, what would happen": planned,
    "import, problems": problems,
    "imported": imported,
    "invited": invited,
    "invitation": invitation,
    "link to a password": reset_link,
    "choose a password": choose_password,
    "code": code,
    "token made": token_made,
    "claim": claim,
    "single sign-on failed": lost_on_the_way,
    "not there": refused,
    "guide of the API": address("/api"),  # the same for everybody
}
