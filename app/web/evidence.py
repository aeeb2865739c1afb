"""Evidence for and against one statement of an assessment: links and files, shown, added, taken away and put back."""

import datetime
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import evidence as doing
from app.actions.evidence import About, Above, Of
from app.connectors.kept_files import KeptFiles, making_room
from app.domain.errors import Invalid, Sentence
from app.domain.evidence import FILE_LIMIT, FILE_TYPES, LINK_LIMIT, EvidenceFile, checked_days, checked_file, expired
from app.domain.people import Actor
from app.domain.rubric import Rubric, Statement
from app.queries.assessing import Assessing
from app.queries.evidence import EvidenceLine, evidence_by_key, evidence_of_statement
from app.web.admission import BODY_LIMIT, Uploads
from app.web.deps import FORM_PART, Db, Me, Now, Posted, ReaderApart, Reads, Transactions, check_coding
from app.web.evidence_seen import Around, around, home_of
from app.web.forms import Checked, Form, check, filled, line
from app.web.render import render

TITLE_LIMIT = 200
BEGINNING = 64 * 1024  # bytes in which a file has to show what it is
FIELDS = 10
NO_FILE = Sentence("Choose a file first.")
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
    """`why_not` says why nothing can be added."""

    around: Around
    statement: Statement
    standing: Sequence[EvidenceShown]
    removed: Sequence[EvidenceShown]
    why_not: str
    link: Checked[LinkForm]
    file: Checked[FileForm]

    @property
    def found(self) -> Assessing | None:
        return self.around.found

    @property
    def rubric(self) -> Rubric:
        return self.around.opened.rubric

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


def uploads(files: KeptFiles) -> Uploads:
    """What the door lets in that is larger than all else: one file, and a little around it."""
    refusal = Sentence(
        "A file of evidence has at most %(limit)s MB. Nothing was saved, and the sheet is as it was.",
        limit=FILE_LIMIT // MEBIBYTE,
    )
    paths = re.compile(r"/(assessments/[0-9]+|cycles/[0-9]+/(organisation|units/[0-9]+))/evidence/[^/]+/files")
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


def evidence_routes(home: str, page: str, prefix: str, place: Callable[..., Of]) -> APIRouter:
    """The routes of evidence below the path `home`, which `place` reads; `page` names its page, `prefix` the others."""
    routes = APIRouter()
    home = f"{home}/evidence/{{statement}}"
    place_of = Depends(place)

    @routes.get(home, name=page)
    def shown(request: Request, db: Db, me: Me, now: Now, statement: str, of: Of = place_of) -> Response:
        return _page(request, db, me, now, of, statement)

    @routes.post(f"{home}/links", name=f"{prefix}evidence-link")
    def add_link(
        request: Request, db: Db, me: Me, now: Now, posted: Posted, statement: str, of: Of = place_of
    ) -> Response:
        checked = check(LinkForm, posted)
        if checked.form is None:
            return _page(request, db, me, now, of, statement, link=checked)
        try:
            doing.add_link(db, me, of, statement, checked.form.link, checked.form.about, now)
        except Invalid as refused:
            return _page(request, db, me, now, of, statement, link=checked.refused(refused, "link"))
        return RedirectResponse(home_of(request, of, statement), 303)

    @routes.post(f"{home}/files", name=f"{prefix}evidence-file-send")
    def add_file(
        request: Request,
        reader: ReaderApart,
        reads: Reads,
        db: Db,
        sent: Upload,
        now: Now,
        statement: str,
        of: Of = place_of,
    ) -> Response:
        """The file is on the disk before the transaction begins that names it."""
        return _sent(request, reader.actor, reads, db, sent, now, of, statement)

    @routes.get(f"{home}/files/{{file_key}}", name=f"{prefix}evidence-file")
    def file(request: Request, db: Db, me: Me, now: Now, statement: str, file_key: str, of: Of = place_of) -> Response:
        """Never shown as a page of ours, and asked for by a name that nobody guesses."""
        beside = around(request, db, me, now, of, statement).opened.beside
        kept = evidence_by_key(db.connection(), beside, statement, file_key)
        return FileResponse(_files(request).path(file_key), media_type=kept.media_type, filename=kept.file_name)

    @routes.post(f"{home}/{{evidence_id}}/remove", name=f"{prefix}evidence-remove")
    def remove(
        request: Request, db: Db, me: Me, now: Now, statement: str, evidence_id: int, of: Of = place_of
    ) -> Response:
        doing.remove_evidence(db, me, of, statement, evidence_id, now)
        return RedirectResponse(home_of(request, of, statement), 303)

    @routes.post(f"{home}/{{evidence_id}}/restore", name=f"{prefix}evidence-restore")
    def restore(
        request: Request, db: Db, me: Me, now: Now, statement: str, evidence_id: int, of: Of = place_of
    ) -> Response:
        doing.restore_evidence(db, me, of, statement, evidence_id, now)
        return RedirectResponse(home_of(request, of, statement), 303)

    return routes


def of_team(assessment_id: int) -> Of:
    return assessment_id


def of_organisation(cycle_id: int) -> Of:
    return Above(cycle_id, None)


def of_unit(cycle_id: int, unit_id: int) -> Of:
    return Above(cycle_id, unit_id)


router = evidence_routes("/assessments/{assessment_id}", "assessment-evidence", "", of_team)
organisation_router = evidence_routes(
    "/cycles/{cycle_id}/organisation", "above-organisation-evidence", "above-organisation-", of_organisation
)
unit_router = evidence_routes("/cycles/{cycle_id}/units/{unit_id}", "above-unit-evidence", "above-unit-", of_unit)


def _sent(
    request: Request,
    me: Actor,
    reads: Transactions,
    db: Db,
    sent: Sent,
    now: datetime.datetime,
    of: Of,
    statement: str,
) -> Response:
    files = _files(request)
    with reads() as session:
        here = around(request, session, me, now, of, statement)
        if here.refusal:
            raise here.refusal
        standing = evidence_of_statement(session.connection(), here.opened.beside, statement)
    checked = check(FileForm, sent.fields)
    if checked.form is None:
        return _page(request, db, me, now, of, statement, file=checked)
    about = checked.form.about
    try:
        file, content = _taken(sent)
        checked_days(about.dated, about.expires)
        _check_new(files, standing, file.size, content)
        key = files.keep(content.file)
        try:
            doing.add_file(db, me, of, statement, file, key, about, now)
        except Exception:
            files.discard(key)
            raise
    except Invalid as refused:
        return _page(request, db, me, now, of, statement, file=checked.refused(refused, "file"))
    return RedirectResponse(home_of(request, of, statement), 303)


def _files(request: Request) -> KeptFiles:
    files: KeptFiles = request.app.state.evidence_files
    return files


def _taken(sent: Sent) -> tuple[EvidenceFile, UploadFile]:
    if sent.file is None:
        raise Invalid(NO_FILE)
    content = sent.file.file
    content.seek(0)
    return checked_file(sent.file.filename or "", sent.file.size or 0, content.read(BEGINNING)), sent.file


def _check_new(files: KeptFiles, standing: Sequence[EvidenceLine], size: int, content: UploadFile) -> None:
    """Invalid where the same file stands there already: it was sent twice."""
    alike = (each for each in standing if each.file_key and each.size == size and each.removed_at is None)
    if any(files.holds(each.file_key or "", content.file) for each in alike):
        raise Invalid("This file stands here already.")


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    of: Of,
    statement: str,
    link: Checked[LinkForm] | None = None,
    file: Checked[FileForm] | None = None,
) -> Response:
    here = around(request, db, me, now, of, statement)
    opened, why_not = here.opened, str(here.refusal or "")
    lines = [
        EvidenceShown(each, expired(each.evidence, now.date()), not why_not and opened.may_change(me, each))
        for each in evidence_of_statement(db.connection(), opened.beside, statement)
    ]
    page = EvidencePage(
        here,
        opened.rubric.statements[statement],
        [each for each in lines if each.line.removed_at is None],
        [each for each in lines if each.line.removed_at is not None],
        why_not,
        link or filled(LinkForm, speaks="for"),
        file or filled(FileForm, speaks="for"),
    )
    status = HTTP_422_UNPROCESSABLE_CONTENT if link or file else HTTP_200_OK
    return render(request, "evidence/evidence.html", page, status)
