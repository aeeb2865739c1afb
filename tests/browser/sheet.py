"""A quick check as its reader plays it, and what the database holds of it."""

import datetime
import re
from dataclasses import dataclass
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.db.base import table
from app.db.engine import make_engine, reading
from app.db.tables.assessments import AnswerChange
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.queries.sheets import SheetLine, sheet_by_secret
from tests.server import Server

MATURITY = "gigaom-mlops"
POINTS = "ml-test-score"


class Past(NamedTuple):
    """One line of an answer's history."""

    statement: str
    value: str | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """One page on one sheet."""

    page: Page
    path: str
    rubric: Rubric

    def pick(self, category: str, level: int) -> None:
        self.page.locator(f"[name=pick][value='{category}.{level}']").click()

    def radio(self, statement: str, value: str) -> Locator:
        return self.page.locator(f"input[name='{statement}'][value='{value}']")

    def answer(self, statement: str, value: str) -> None:
        self.unfold(statement)
        self.radio(statement, value).click()

    def field(self, statement: str, part: str) -> Locator:
        return self.page.locator(f"[name='{statement}.{part}']")

    def unfold(self, statement: str) -> None:
        """Opens what is folded around the statement, and its note, as two clicks of the reader would."""
        place = self.page.locator(f"#statement-{statement}")
        place.evaluate(
            "place => { for (let at = place; at; at = at.parentElement) if (at.matches('details')) at.open = true; }"
        )
        place.evaluate("place => { for (const each of place.querySelectorAll('details')) each.open = true; }")

    def shows(self, statement: str, value: str | None) -> None:
        """The page shows this answer and no other; None for none."""
        radios = self.page.locator(f"#statement-{statement} input[type=radio]:checked")
        expect(radios).to_have_count(0 if value is None else 1)
        if value is not None:
            expect(self.radio(statement, value)).to_be_checked()

    def state(self, name: str, text: str | re.Pattern[str] = "") -> None:
        """The save state is in sight, spoken, and says this."""
        state = self.page.locator("#save-state")
        expect(state).to_have_attribute("data-state", name)
        expect(state).to_have_attribute("role", "status")
        expect(state).to_contain_text(text)
        expect(state).to_be_visible()

    def saved(self) -> None:
        self.state("saved", re.compile(r"Saved\s+\d\d:\d\d"))

    def again(self, page: Page) -> "Sheet":
        """The same sheet by its link, on another page."""
        page.goto(self.path)
        return Sheet(page, self.path, self.rubric)


def begin(page: Page, rubric: str = MATURITY, category: str = "") -> Sheet:
    """A sheet begun as the button of the introduction begins it, and opened."""
    answer = page.request.post(f"/check/{rubric}", max_redirects=0)
    assert answer.status == 303, answer.text()
    path = answer.headers["location"]
    page.goto(f"{path}/category/{category}" if category else path)
    return Sheet(page, path, shipped()[rubric])


def history(server: Server, sheet: Sheet) -> list[Past]:
    """What was saved on a sheet, in order. A pick is as many lines as it has statements."""
    url = server.settings["DATABASE_URL"] or f"sqlite:///{server.folder / 'data' / 'shortstave.sqlite3'}"
    engine = make_engine(url)
    try:
        with reading(engine) as session:
            line: SheetLine = sheet_by_secret(
                session.connection(), sheet.path.removeprefix("/c/"), datetime.datetime.now(datetime.UTC)
            )
            change = table(AnswerChange).c
            rows = session.execute(
                select(change.statement, change.value, change.reason, change.note)
                .where(change.organisation_id == line.organisation_id, change.sheet_id == line.sheet_id)
                .order_by(change.version, change.statement)
            )
            return [Past(statement, value and value.value, reason, note) for statement, value, reason, note in rows]
    finally:
        engine.dispose()


def first(rubric: Rubric, category: int = 0) -> list[str]:
    """The keys of a category's statements."""
    return [statement.key for statement in rubric.categories[category].statements]
