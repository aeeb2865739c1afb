"""Rubrics as files: read into a draft, and taken away as YAML or as a table."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import begin_from_rubric
from app.domain.errors import Invalid, Sentence
from app.domain.rubric import Rubric
from app.domain.rubric_file import read_rubric, write_rubric
from app.domain.yaml_file import LARGEST, Problem, Problems
from app.exports.cells import as_text
from app.queries import rubrics
from app.web.deps import Db, Me, Now, check_coding
from app.web.downloads import download
from app.web.drafts import studio_of, to_draft
from app.web.forms import UNASKED
from app.web.render import render
from app.web.rubrics import shipped_rubric

router = APIRouter()

SHOWN = 100
"""Problems of a file that the page lists."""
NO_FILE = Sentence("Choose a file first.")
COLUMNS = (
    "category", "key", "kind", "level", "gate", "text", "do", "proof",
    "help", "enough", "not_enough", "asked", "effort", "needs", "criteria",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`file` is the name of the file that was refused, `problems` why; `problem` where there was none to read."""

    problem: str = ""
    file: str = ""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class SentRubric:
    name: str
    data: bytes


async def sent_rubric(request: Request) -> SentRubric:
    """Raises an HTTPException with 400 for what cannot be read, Invalid for what was not asked for."""
    check_coding(request)
    async with request.form(max_files=1, max_fields=0, max_part_size=LARGEST) as form:
        file = form.get("file")
        if set(form) - {"file"} or (file is not None and not isinstance(file, UploadFile)):
            raise Invalid(UNASKED)
        if file is None:
            return SentRubric("", b"")
        return SentRubric(file.filename or "rubric.yaml", await file.read())


Sent = Annotated[SentRubric, Depends(sent_rubric)]


@router.get("/rubrics/read", name="rubric-read")
def ask(request: Request, me: Me) -> Response:
    studio_of(me)
    return _page(request, ReadPage())


@router.post("/rubrics/read", name="rubric-read-send")
def read(request: Request, db: Db, me: Me, sent: Sent, now: Now) -> Response:
    """Begin a draft with what the file says; where it breaks the format, every problem with its line, and no draft."""
    studio_of(me)
    if not sent.data:
        return _page(request, ReadPage(NO_FILE), HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        found = read_rubric(sent.data, sent.name)
    except Problems as wrong:
        page = ReadPage("", sent.name, wrong.problems[:SHOWN])
        return _page(request, page, HTTP_422_UNPROCESSABLE_CONTENT)
    return to_draft(request, begin_from_rubric(db, me, found.rubric, now).id)


def _page(request: Request, page: ReadPage, status: int = HTTP_200_OK) -> Response:
    return render(request, "studio/read.html", page, status)


@router.get("/rubrics/versions/{version_id}/rubric.yaml", name="rubric-yaml")
def yaml_file(db: Db, me: Me, version_id: int) -> Response:
    rubric = rubrics.published(db.connection(), studio_of(me).organisation_id, version_id).rubric
    return _yaml(rubric)


@router.get("/rubrics/versions/{version_id}/rubric.csv", name="rubric-csv")
def csv_file(db: Db, me: Me, version_id: int) -> Response:
    return _csv(rubrics.published(db.connection(), studio_of(me).organisation_id, version_id).rubric)


@router.get("/rubrics/shipped/{key}/rubric.yaml", name="rubric-shipped-yaml")
def shipped_yaml(me: Me, key: str) -> Response:
    return _yaml(shipped_rubric(studio_of(me), key))


@router.get("/rubrics/shipped/{key}/rubric.csv", name="rubric-shipped-csv")
def shipped_csv(me: Me, key: str) -> Response:
    return _csv(shipped_rubric(studio_of(me), key))


def _yaml(rubric: Rubric) -> Response:
    return download(write_rubric(rubric), "application/yaml", f"{rubric.key}.yaml")


def _csv(rubric: Rubric) -> Response:
    """A line for each statement. The mark at the beginning tells Excel that the file is in UTF-8."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(_rows(rubric))
    return download("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", f"{rubric.key}.csv")


def _rows(rubric: Rubric) -> Iterator[Sequence[str]]:
    for category in rubric.categories:
        for statement in category.statements:
            yield [as_text(category.name), *(as_text(_cell(getattr(statement, name))) for name in COLUMNS[1:])]


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)
