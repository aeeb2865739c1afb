"""Rubrics as files: read into a draft, and taken away as YAML or as a table."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import begin_from_rubric, replace_draft
from app.domain.errors import Conflict, Invalid, Sentence
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_file import read_rubric, write_rubric
from app.domain.yaml_file import LARGEST, Problem, Problems
from app.exports.cells import as_text
from app.queries import rubrics, studio
from app.queries.studio import DraftLine
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
EDITION = re.compile("[0-9]{1,9}")
COLUMNS = (
    "category", "key", "kind", "level", "gate", "text", "do", "proof",
    "help", "enough", "not_enough", "asked", "effort", "needs", "criteria",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`file` is the name of the file that was refused, `problems` why; `problem` where there was none to read.

    `draft` is the one that the file is read into, None where it begins one.
    """

    draft: DraftLine | None = None
    problem: str = ""
    file: str = ""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class SentRubric:
    """`edition` is that of the draft that the file is read into, as the reader saw it; -1 where none was sent."""

    name: str
    data: bytes
    edition: int


async def sent_rubric(request: Request) -> SentRubric:
    """Raises an HTTPException with 400 for what cannot be read, Invalid for what was not asked for."""
    check_coding(request)
    async with request.form(max_files=1, max_fields=1, max_part_size=LARGEST) as form:
        file, edition = form.get("file"), form.get("edition", "")
        if set(form) - {"file", "edition"} or isinstance(file, str) or not isinstance(edition, str):
            raise Invalid(UNASKED)
        seen = int(edition) if EDITION.fullmatch(edition) else -1
        if file is None:
            return SentRubric("", b"", seen)
        return SentRubric(file.filename or "rubric.yaml", await file.read(), seen)


Sent = Annotated[SentRubric, Depends(sent_rubric)]


@router.get("/rubrics/read", name="rubric-read")
def ask(request: Request, me: Me) -> Response:
    studio_of(me)
    return _page(request, ReadPage())


@router.post("/rubrics/read", name="rubric-read-send")
def read(request: Request, db: Db, me: Me, sent: Sent, now: Now) -> Response:
    """Begin a draft with what the file says; where it breaks the format, every problem with its line, and no draft."""
    studio_of(me)
    found = _found(sent)
    if isinstance(found, ReadPage):
        return _page(request, found, HTTP_422_UNPROCESSABLE_CONTENT)
    return to_draft(request, begin_from_rubric(db, me, found, now).id)


@router.get("/rubrics/drafts/{draft_id}/read", name="draft-read")
def ask_into(request: Request, db: Db, me: Me, draft_id: int) -> Response:
    return _page(request, ReadPage(_line(db, me, draft_id)))


@router.post("/rubrics/drafts/{draft_id}/read", name="draft-read-send")
def read_into(request: Request, db: Db, me: Me, draft_id: int, sent: Sent, now: Now) -> Response:
    """Put what the file says in place of the draft, as one change; where it cannot be, the draft stays as it is."""
    line = _line(db, me, draft_id)
    found = _found(sent)
    if isinstance(found, ReadPage):
        return _page(request, replace(found, draft=line), HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        replace_draft(db, me, draft_id, found, sent.edition, now)
    except Invalid as refused:
        return _page(request, ReadPage(line, str(refused)), HTTP_422_UNPROCESSABLE_CONTENT)
    except Conflict as refused:
        return _page(request, ReadPage(line, str(refused)), HTTP_409_CONFLICT)
    return to_draft(request, draft_id)


def _line(db: Db, me: Actor, draft_id: int) -> DraftLine:
    return studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).line


def _found(sent: SentRubric) -> Rubric | ReadPage:
    """The rubric in the file, or the page that says why there is none."""
    if not sent.data:
        return ReadPage(problem=NO_FILE)
    try:
        return read_rubric(sent.data, sent.name).rubric
    except Problems as wrong:
        return ReadPage(file=sent.name, problems=wrong.problems[:SHOWN])


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
