"""Evidence for and against one statement of an assessment: links and files, shown, added, taken away and put back."""

import datetime
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import evidence as doing
from app.actions.evidence import About
from app.connectors.evidence_files import EvidenceFiles, making_room
from app.domain.errors import DomainError, Invalid, Missing, NotAllowed
from app.domain.evidence import FILE_LIMIT, FILE_TYPES, LINK_LIMIT, EvidenceFile, checked_days, checked_file, expired
from app.domain.people import Actor
from app.domain.rubric import Rubric, Statement
from app.queries import rubrics
from app.queries.assessing import Assessing, assessing
from app.queries.evidence import EvidenceLine, evidence_by_key, evidence_of_statement
from app.web.admission import BODY_LIMIT, Uploads
from app.web.deps import FORM_PART, Db, Me, Now, Posted, ReaderApart, Reads, check_coding
from app.web.forms import Checked, Form, check, filled, line
from app.web.render import Site, render

router = APIRouter()

TITLE_LIMIT = 200
BEGINNING = 64 * 1024  # bytes in which a file has to show what it is
FIELDS = 10
NO_FILE = "Choose a file first."
MEBIBYTE = 1024 * 1024

Day = Annotated[datetime.date, Field(ge=datetime.date(1990, 1, 1), le=datetime.date(2999, 12, 31))]


class AboutForm(Form):
    title: Annotated[str, line(TITLE_LIMIT)] = ""
    speaks: Literal["for", "against"] = "for"
    dated: Day | None = None
    expires: Day | None = None

    @property
    def about(self) -> About:
        return About(self.title, self.dated, self.expires, self.speaks == "for")


class LinkForm(AboutForm):
    link: Annotated[str, line(LINK_LIMIT)]


class FileForm(AboutForm):
    """The file itself comes apart."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with an upload: its fields, and the file, None where none was chosen."""

    fields: FormData
    file: UploadFile | None


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    line: EvidenceLine
    outdated: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """`back` is the statement on the sheet that the reader came from. `why_not` says why nothing can be added."""

    found: Assessing
    rubric: Rubric
    statement: Statement
    category: str
    standing: Sequence[EvidenceShown]
    removed: Sequence[EvidenceShown]
    why_not: str
    link: Checked[LinkForm]
    file: Checked[FileForm]
    back: str

    @property
    def types(self) -> str:
        return ", ".join(FILE_TYPES)

    @property
    def accepted(self) -> str:
        """The same for the browser's dialog."""
        return ",".join(f".{end}" for end in FILE_TYPES)

    @property
    def megabytes(self) -> int:
        return FILE_LIMIT // MEBIBYTE

    @property
    def supporting(self) -> Sequence[EvidenceShown]:
        return [each for each in self.standing if each.line.speaks_for]

    @property
    def opposing(self) -> Sequence[EvidenceShown]:
        return [each for each in self.standing if not each.line.speaks_for]


def uploads(files: EvidenceFiles) -> Uploads:
    """What the door lets in that is larger than all else: one file, and a little around it."""
    refusal = (
        f"A file of evidence has at most {FILE_LIMIT // MEBIBYTE} MB. Nothing was saved, and the sheet is as it was."
    )
    paths = re.compile(r"/assessments/[0-9]+/evidence/[^/]+/files")
    return Uploads(paths, FILE_LIMIT + BODY_LIMIT, files.folder / "coming-in", refusal)


async def sent_file(request: Request) -> AsyncIterator[Sent]:
    """Raises an HTTPException with 400 for what cannot be read, NoRoom where the disk takes no more."""
    check_coding(request)
    with making_room():
        form = await request.form(max_files=1, max_fields=FIELDS, max_part_size=FORM_PART)
    try:
        file = form.get("file")
        fields: list[tuple[str, UploadFile | str]] = [
            (name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "file"
        ]
        yield Sent(FormData(fields), file if isinstance(file, UploadFile) and file.filename else None)
    finally:
        await form.close()


Upload = Annotated[Sent, Depends(sent_file, scope="function")]


@router.get("/assessments/{assessment_id}/evidence/{statement}", name="assessment-evidence")
def shown(request: Request, db: Db, me: Me, now: Now, assessment_id: int, statement: str) -> Response:
    return _page(request, db, me, now, assessment_id, statement)


@router.post("/assessments/{assessment_id}/evidence/{statement}/links", name="evidence-link")
def add_link(
    request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int, statement: str
) -> Response:
    checked = check(LinkForm, posted)
    if checked.form is None:
        return _page(request, db, me, now, assessment_id, statement, link=checked)
    try:
        doing.add_link(db, me, assessment_id, statement, checked.form.link, checked.form.about, now)
    except Invalid as refused:
        return _page(request, db, me, now, assessment_id, statement, link=checked.refused(refused, "link"))
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/evidence/{statement}/files", name="evidence-file-send")
def add_file(
    request: Request,
    reader: ReaderApart,
    reads: Reads,
    db: Db,
    sent: Upload,
    now: Now,
    assessment_id: int,
    statement: str,
) -> Response:
    """The file is on the disk before the transaction begins that names it."""
    me, files = reader.actor, _files(request)
    with reads() as session:
        found, _ = _found(session, me, assessment_id, statement)
        doing.check_may_add(me, found, now)
        standing = evidence_of_statement(session.connection(), found, me, statement)
    checked = check(FileForm, sent.fields)
    if checked.form is None:
        return _page(request, db, me, now, assessment_id, statement, file=checked)
    about = checked.form.about
    try:
        file, content = _taken(sent)
        checked_days(about.dated, about.expires)
        _check_new(files, standing, file.size, content)
        key = files.keep(content.file)
        try:
            doing.add_file(db, me, assessment_id, statement, file, key, about, now)
        except Exception:
            files.discard(key)
            raise
    except Invalid as refused:
        return _page(request, db, me, now, assessment_id, statement, file=checked.refused(refused, "file"))
    return _back(request, assessment_id, statement)


@router.get("/assessments/{assessment_id}/evidence/{statement}/files/{file_key}", name="evidence-file")
def file(request: Request, db: Db, me: Me, assessment_id: int, statement: str, file_key: str) -> Response:
    """Never shown as a page of ours, and asked for by a name that nobody guesses."""
    found, _ = _found(db, me, assessment_id, statement)
    kept = evidence_by_key(db.connection(), found, me, statement, file_key)
    return FileResponse(_files(request).path(file_key), media_type=kept.media_type, filename=kept.file_name)


@router.post("/assessments/{assessment_id}/evidence/{statement}/{evidence_id}/remove", name="evidence-remove")
def remove(
    request: Request, db: Db, me: Me, now: Now, assessment_id: int, statement: str, evidence_id: int
) -> Response:
    doing.remove_evidence(db, me, assessment_id, statement, evidence_id, now)
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/evidence/{statement}/{evidence_id}/restore", name="evidence-restore")
def restore(
    request: Request, db: Db, me: Me, now: Now, assessment_id: int, statement: str, evidence_id: int
) -> Response:
    doing.restore_evidence(db, me, assessment_id, statement, evidence_id, now)
    return _back(request, assessment_id, statement)


def _files(request: Request) -> EvidenceFiles:
    files: EvidenceFiles = request.app.state.evidence_files
    return files


def _found(db: Db, me: Actor, assessment_id: int, statement: str) -> tuple[Assessing, Rubric]:
    """Missing where there is no such statement, NotAllowed for who is to see nothing beside it yet."""
    found = assessing(db.connection(), me, assessment_id)
    rubric = rubrics.published(db.connection(), me.organisation_id, found.sheet.rubric_version_id).rubric
    if statement not in rubric.statements:
        raise Missing("This rubric has no such statement.")
    person = found.viewer(me).person
    if not (found.alone.may_see_agreed_sheet() or found.own(person)):
        raise NotAllowed("Everybody answers alone first. Evidence is seen after the reveal.")
    return found, rubric


def _taken(sent: Sent) -> tuple[EvidenceFile, UploadFile]:
    if sent.file is None:
        raise Invalid(NO_FILE)
    content = sent.file.file
    content.seek(0)
    return checked_file(sent.file.filename or "", sent.file.size or 0, content.read(BEGINNING)), sent.file


def _check_new(files: EvidenceFiles, standing: Sequence[EvidenceLine], size: int, content: UploadFile) -> None:
    """Invalid where the same file stands there already: it was sent twice."""
    alike = (each for each in standing if each.file_key and each.size == size and each.removed_at is None)
    if any(files.holds(each.file_key or "", content.file) for each in alike):
        raise Invalid("This file stands here already.")


def _back(request: Request, assessment_id: int, statement: str) -> Response:
    path = request.app.url_path_for("assessment-evidence", assessment_id=assessment_id, statement=statement)
    return RedirectResponse(path, 303)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    assessment_id: int,
    statement: str,
    link: Checked[LinkForm] | None = None,
    file: Checked[FileForm] | None = None,
) -> Response:
    found, rubric = _found(db, me, assessment_id, statement)
    why_not = _why_not(me, found, now)
    lines = [
        EvidenceShown(each, expired(each.evidence, now.date()), not why_not and doing.may_change(me, found, each))
        for each in evidence_of_statement(db.connection(), found, me, statement)
    ]
    page = EvidencePage(
        found,
        rubric,
        rubric.statements[statement],
        rubric.category_of[statement].name,
        [each for each in lines if each.line.removed_at is None],
        [each for each in lines if each.line.removed_at is not None],
        why_not,
        link or filled(LinkForm, speaks="for"),
        file or filled(FileForm, speaks="for"),
        _sheet(request, found, rubric, me, statement),
    )
    status = HTTP_422_UNPROCESSABLE_CONTENT if link or file else HTTP_200_OK
    return render(request, "evidence/evidence.html", page, status)


def _why_not(me: Actor, found: Assessing, now: datetime.datetime) -> str:
    try:
        doing.check_may_add(me, found, now)
    except DomainError as reason:
        return str(reason)
    return ""


def _sheet(request: Request, found: Assessing, rubric: Rubric, me: Actor, statement: str) -> str:
    """The statement on the sheet that the reader has open: the agreed one, or before the reveal their own."""
    own = found.own(me.person_id)
    if not found.alone.may_see_agreed_sheet() and (own is None or own.sheet_id is None):
        return Site(request).path("assessment", assessment_id=found.id)
    name = "agreed-category" if found.alone.may_see_agreed_sheet() else "own-category"
    category = rubric.category_of[statement].key
    return f"{Site(request).path(name, assessment_id=found.id, category=category)}#statement-{statement}"
