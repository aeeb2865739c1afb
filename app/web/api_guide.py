"""The guide to the API as a page, for everybody who writes a program for it."""

from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from app.web.assets import folder
from app.web.home import KEEP_BUT_ASK
from app.web.render import guide, render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class GuidePage:
    """The text of docs/api.md as HTML."""

    text: Markup


@cache
def text() -> Markup:
    return guide((folder("docs") / "api.md").read_text(encoding="utf-8"))


@router.get("/api", name="api-guide")
def shown(request: Request) -> Response:
    answer = render(request, "api_guide/guide.html", GuidePage(text()))
    answer.headers["cache-control"] = KEEP_BUT_ASK
    return answer
