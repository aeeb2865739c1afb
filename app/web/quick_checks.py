"""The quick check: a rubric answered without an account, behind a secret link."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from app.actions import quick_checks, sheets
from app.actions.sheets import AnswersDiffer
from app.db.tables.org import VISITORS
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.rubric import Rubric
from app.queries.rubrics import RubricVersion, latest_version, published
from app.web.deps import Now, Reading, Writing
from app.web.render import render
from app.web.result import result_page
from app.web.sheet import OpenSheet, Typed, sheet_page
from app.web.sheet_form import Asked, posted

router = APIRouter()


@dataclass(frozen=True, slots=True)
class IntroPage:
    rubric: Rubric
    days: int
    open: bool


@router.get("/check/{rubric}", name="quick-check-intro")
def intro(request: Request, db: Reading, rubric: str) -> Response:
    version = latest_version(db, VISITORS, rubric)
    page = IntroPage(version.rubric, quick_checks.DAYS, request.app.state.settings.quick_check == "on")
    return render(request, "quick_checks/intro.html", page)
