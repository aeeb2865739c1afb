"""The pages of the floor: rendered by the product's own templates, so that both sides do what cannot be left out.

The floor reads rows by hand-written SQL and hands them to scoring and templates without FastAPI, sessions, forms,
checks and middleware. What it leaves out is what the ratio shows.
"""

import datetime
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request

from app.domain.answers import Value
from app.domain.rubric_file import shipped
from app.domain.sheets import SavedAnswer
from app.main import create_app
from app.queries.rubrics import RubricVersion
from app.queries.sheets import SheetLine
from app.settings import Settings
from app.web.compression import CODINGS
from app.web.render import render
from app.web.result import result_page
from app.web.sheet import OpenSheet, sheet_page
from app.web.sheet_saving import AnsweredPage
from app.web.texts import texts
from bench.form import AnswersLine

RUBRIC = "gigaom-mlops"


class Pages:
    """The product without a server: its templates, addresses and words."""

    def __init__(self, chosen: Settings) -> None:
        self.product = create_app(chosen)
        self.translated = texts()
        self.version = RubricVersion(1, RUBRIC, 1, shipped()[RUBRIC])

    def result(self, request: Request, sheet: Sequence[Any], answers: Sequence[AnswersLine]) -> bytes:
        """The page of a result, compressed as the product does."""
        page = result_page(self.opened(request, sheet, answers), self.translated)
        return self.compressed(request, "quick-check-result", "quick_checks/result.html", page)

    def saved(self, request: Request, sheet: Sequence[Any], answers: Sequence[AnswersLine], statement: str) -> bytes:
        """The fragment that answers a save."""
        opened = self.opened(request, sheet, answers)
        category = self.version.rubric.category_of[statement].key
        page = sheet_page(opened, {}, self.translated, self.version.rubric.categories[0].key, filled={category})
        changed = {statement: opened.answers[statement]}
        answered = AnsweredPage(page, opened.line.version, changed, "", {})
        return self.compressed(request, "quick-check-answer", "sheet/_answered.html", answered)

    def opened(self, request: Request, sheet: Sequence[Any], answers: Sequence[AnswersLine]) -> OpenSheet:
        org, assessment, id, rubric_version, version, begun_at, answered_at = sheet
        line = SheetLine(org, assessment, id, rubric_version, version, moment(begun_at), moment(answered_at))
        given = {key: SavedAnswer(value and Value(value), *more) for key, value, *more in answers}
        home = f"/c/{request.path_params['secret']}"
        return OpenSheet(line, self.version, given, home, f"{request.base_url}{home[1:]}")

    def compressed(self, request: Request, route: str, template: str, page: object) -> bytes:
        asked = Request({**request.scope, "app": self.product, "route": SimpleNamespace(name=route)})
        return CODINGS[0][1](bytes(render(asked, template, page).body))


def moment(stored: Any) -> Any:
    """SQLite gives the text of naive UTC, PostgreSQL the moment."""
    return datetime.datetime.fromisoformat(stored).replace(tzinfo=datetime.UTC) if isinstance(stored, str) else stored
