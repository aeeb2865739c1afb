"""A rubric to read on paper, whole: each category begins on a page of its own."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.rubric import Rubric
from app.queries import rubrics
from app.web.deps import Db, Me
from app.web.drafts import studio_of
from app.web.render import render
from app.web.rubrics import shipped_rubric

router = APIRouter()


@dataclass(frozen=True, slots=True)
class PrintPage:
    """`back` is the page that it is printed from, `number` that of the version; None for a shipped rubric."""

    rubric: Rubric
    back: str
    number: int | None


@router.get("/rubrics/versions/{version_id}/print", name="rubric-print")
def version(request: Request, db: Db, me: Me, version_id: int) -> Response:
    found = rubrics.published(db.connection(), studio_of(me).organisation_id, version_id)
    back = request.app.url_path_for("rubric-version", version_id=version_id)
    return render(request, "studio/print.html", PrintPage(found.rubric, back, found.number))


@router.get("/rubrics/shipped/{key}/print", name="rubric-shipped-print")
def shipped_one(request: Request, me: Me, key: str) -> Response:
    rubric = shipped_rubric(studio_of(me), key)
    back = request.app.url_path_for("rubric-shipped", key=key)
    return render(request, "studio/print.html", PrintPage(rubric, back, None))
