"""Somebody with the link of a quick check, in a browser without script or with our script."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.db.base import Base
from app.db.engine import reading
from app.domain.rubric import Category, Rubric
from app.domain.sheets import SavedAnswer
from tests.quick_check import NOW, QuickCheck
from tests.web.document import Element, document, fields

NOTHING: Mapping[str, str] = {}
SCRIPT = {"shortstave-fragment": "1"}


@dataclass
class Clock:
    """What the product takes for now; it stands still until it is moved."""

    now: datetime.datetime = NOW

    def __call__(self) -> datetime.datetime:
        return self.now

    def move(self, by: datetime.timedelta) -> None:
        self.now += by


@dataclass
class Visitor:
    """`client` is what our script would call this browser."""

    browser: TestClient
    quick_check: QuickCheck
    client: str = field(default_factory=lambda: uuid4().hex)

    @property
    def home(self) -> str:
        return f"/c/{self.quick_check.secret}"

    @property
    def rubric(self) -> Rubric:
        return self.quick_check.rubric

    @property
    def categories(self) -> tuple[Category, ...]:
        return self.rubric.categories

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        return self.quick_check.answers

    @property
    def version(self) -> int:
        return self.quick_check.sheet.version

    def get(self, path: str = "") -> Response:
        return self.browser.get(self.home + path)

    def page(self, path: str = "") -> Element:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return document(answer.text)

    def form(self, path: str = "") -> dict[str, str]:
        """What a browser without script would send from this page, were there no button."""
        return fields(self.page(path).one("form", id="sheet"))

    def post(self, sent: Mapping[str, str]) -> Response:
        """Exactly these fields, as a browser without script sends them."""
        return self.browser.post(f"{self.home}/answers", data=dict(sent))

    def press(self, page: Element, button: str, value: str, typed: Mapping[str, str] = NOTHING) -> Response:
        """Press a button of the sheet's form after typing; fails where the page has no such button or field."""
        form = page.one("form", id="sheet")
        assert [each for each in form.all("button", name=button, value=value) if not each.disabled], (button, value)
        for name in typed:
            assert [each for each in form.all("input", "textarea", name=name) if not each.disabled], name
        return self.post({**fields(form), **typed, button: value})

    def send(self, sent: Mapping[str, str], base: int | None = None, mutation: str = "") -> Response:
        """One thing as the script sends it: a fragment comes back. Without `base` it has just looked."""
        ours = {
            "sheet": str(self.quick_check.sheet.sheet_id),
            "base": str(self.version if base is None else base),
            "mutation": mutation or uuid4().hex,
            "client": self.client,
        }
        return self.browser.post(f"{self.home}/answers", data={**ours, **sent}, headers=SCRIPT)


def rows(quick_check: QuickCheck) -> dict[str, int]:
    """How many rows every table has."""
    with reading(quick_check.engine) as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
