"""Pages that are kept: never out of date, never for somebody who has no right to them."""

import datetime
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from app.queries.sheets import SheetLine
from app.web.finished_pages import FinishedPages

NOW = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
LINE = SheetLine(1, 1, 1, 1, 3, NOW, NOW)
LINK = "https://testserver/c/secret"
ENGLISH = ("en", "")


class Printer:
    """Makes a new page each time it is asked, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Response:
        self.made += 1
        return HTMLResponse(f"page {self.made}")


def test_the_same_sheet_is_made_once() -> None:
    pages, printer = FinishedPages(), Printer()

    assert [pages.of(LINE, LINK, ENGLISH, printer).body for _ in range(3)] == [b"page 1"] * 3
    assert pages.of(LINE, LINK, ENGLISH, printer).headers["content-type"] == "text/html; charset=utf-8"


def test_a_new_version_another_sheet_address_or_language_is_made_anew() -> None:
    pages, printer = FinishedPages(), Printer()
    pages.of(LINE, LINK, ENGLISH, printer)

    pages.of(replace(LINE, version=4), LINK, ENGLISH, printer)
    pages.of(replace(LINE, sheet_id=2), LINK, ENGLISH, printer)
    pages.of(replace(LINE, organisation_id=2), LINK, ENGLISH, printer)
    pages.of(LINE, "https://localhost/c/secret", ENGLISH, printer)

    pages.of(LINE, LINK, ("de", ""), printer)
    pages.of(LINE, LINK, ("en", "de"), printer)

    assert printer.made == 7


def test_the_one_that_was_asked_for_longest_ago_goes_first() -> None:
    pages, printer = FinishedPages(kept=2), Printer()
    second, third = replace(LINE, sheet_id=2), replace(LINE, sheet_id=3)
    for line in (LINE, second, LINE, third):
        pages.of(line, LINK, ENGLISH, printer)

    assert pages.of(LINE, LINK, ENGLISH, printer).body == b"page 1"
    assert pages.of(second, LINK, ENGLISH, printer).body == b"page 4"
