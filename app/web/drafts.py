"""A draft of a rubric in the studio: the grid of categories by levels, its history, and taking a change back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import NoMatchFound
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import ONLY_ADMINS, discard_draft, undo_change
from app.domain.draft_places import entries_of
from app.domain.drafts import mark
from app.domain.errors import Conflict, DomainError, Invalid, NotAllowed
from app.domain.people import Actor
from app.domain.rubric_file import CheckedDocument, Document, check_document
from app.queries import studio
from app.queries.rubrics import known_rubrics
from app.queries.studio import ChangeLine, OpenDraft
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_words import LanguageLine, Remarked, Said, languages_of, remarked, said
from app.web.forms import Form, Number, check, line
from app.web.lists import addressed
from app.web.render import render

router = APIRouter()


TRANSLATION = "translations."
"""What the place of a page begins with that has a part of the draft in a language: `translations.de.levels`."""


class UndoForm(Form):
    """`back` is the place that the reader was at; empty for the grid."""

    edition: Number
    back: Annotated[str, line(200)] = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands above every page of a draft. `last` is what undoing would take back."""

    draft: OpenDraft
    checked: CheckedDocument
    last: ChangeLine | None
    last_said: Sequence[Said]

    @property
    def problems(self) -> int:
        return len(self.checked.problems)


@dataclass(frozen=True, slots=True)
class Cell:
    """The statements that a level of a category shows, with their paths."""

    level: int
    statements: Sequence[tuple[str, Document]]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A category. `cells` are its levels in a ladder; a points rubric has one, with all its statements."""

    path: str
    category: Document
    cells: Sequence[Cell]
    marked: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    bar: Bar
    rows: Sequence[GridRow]
    problems: Sequence[Remarked]
    warnings: Sequence[Remarked]
    languages: Sequence[LanguageLine]
    wrong: str = ""

    @property
    def document(self) -> Document:
        return self.bar.draft.document


@dataclass(frozen=True, slots=True)
class HistoryPage:
    bar: Bar
    lines: Sequence[tuple[ChangeLine, Sequence[Said]]]
    further: str


@dataclass(frozen=True, slots=True)
class DiscardPage:
    draft: OpenDraft


def studio_of(me: Actor) -> Actor:
    if not me.may_edit_rubrics():
        raise NotAllowed(ONLY_ADMINS)
    return me


def bar(db: Db, me: Actor, draft_id: int) -> Bar:
    """The draft with what is wrong with it, for the head of a page."""
    connection = db.connection()
    opened = studio.draft(connection, studio_of(me).organisation_id, draft_id)
    checked = check_document(opened.document, known_rubrics(connection, me.organisation_id).get)
    last = studio.last_change(connection, me.organisation_id, draft_id)
    return Bar(opened, checked, last, [said(each) for each in last.steps] if last else [])


@router.get("/rubrics/drafts/{draft_id}", name="draft")
def shown(request: Request, db: Db, me: Me, draft_id: int) -> Response:
    return _grid(request, bar(db, me, draft_id))


def _grid(request: Request, head: Bar, wrong: str = "", status: int = HTTP_200_OK) -> Response:
    document = head.draft.document
    rows = [
        GridRow(path, category, _cells(document, category), mark(category))
        for path, category in entries_of(document, "categories")
    ]
    problems, warnings = (remarked(document, each) for each in (head.checked.problems, head.checked.warnings))
    page = DraftPage(head, rows, problems, warnings, languages_of(document), wrong)
    return render(request, "studio/draft.html", page, status)


def _cells(document: Document, category: Document) -> Sequence[Cell]:
    held = [(f"statements.{each['key']}", each) for each in category["statements"]]
    if "levels" not in document:
        return [Cell(0, held)]
    return [
        Cell(level, [(path, each) for path, each in held if each.get("level") == level])
        for level in range(len(document["levels"]))
    ]


@router.post("/rubrics/drafts/{draft_id}/undo", name="draft-undo")
def undo(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    studio_of(me)
    form = check(UndoForm, posted).form
    if form is None:
        raise Invalid("The form is not one of this page. Load the page again.")
    try:
        undo_change(db, me, draft_id, form.edition, now)
    except (Invalid, Conflict) as refused:
        return refused_step(request, db, me, draft_id, refused)
    if form.back.startswith(TRANSLATION):
        return _to_translation(request, draft_id, form.back.removeprefix(TRANSLATION))
    return to_entry(request, draft_id, form.back) if form.back else to_draft(request, draft_id)


def refused_step(request: Request, db: Db, me: Actor, draft_id: int, refused: DomainError) -> Response:
    status = HTTP_409_CONFLICT if isinstance(refused, Conflict) else HTTP_422_UNPROCESSABLE_CONTENT
    return _grid(request, bar(db, me, draft_id), str(refused), status)


@router.get("/rubrics/drafts/{draft_id}/history", name="draft-history")
def history(request: Request, db: Db, me: Me, draft_id: int, before: str = "") -> Response:
    head = bar(db, me, draft_id)
    if before and not (before.isascii() and before.isdecimal() and len(before) <= 18):
        raise Invalid("This list has no such page. Begin with the first one.")
    lines = studio.changes(db.connection(), me.organisation_id, draft_id, int(before) if before else None)
    path = request.app.url_path_for("draft-history", draft_id=draft_id)
    further = addressed(path, {"before": str(lines[-1].edition)}) if lines and lines[-1].edition > 1 else ""
    page = HistoryPage(head, [(each, [said(step) for step in each.steps]) for each in lines], further)
    return render(request, "studio/history.html", page)


@router.get("/rubrics/drafts/{draft_id}/discard", name="draft-discard")
def ask_discard(request: Request, db: Db, me: Me, draft_id: int) -> Response:
    found_draft = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id)
    return render(request, "studio/discard.html", DiscardPage(found_draft))


@router.post("/rubrics/drafts/{draft_id}/discard", name="draft-discarded")
def discard(request: Request, db: Db, me: Me, draft_id: int, now: Now) -> Response:
    discard_draft(db, me, draft_id, now)
    return RedirectResponse(request.app.url_path_for("rubrics"), HTTP_303_SEE_OTHER)


def _to_translation(request: Request, draft_id: int, back: str) -> Response:
    language, _, part = back.partition(".")
    try:
        path = request.app.url_path_for("draft-translation", draft_id=draft_id, language=language)
    except NoMatchFound:
        return to_draft(request, draft_id)
    return RedirectResponse(addressed(path, {"part": part}), HTTP_303_SEE_OTHER)


def to_draft(request: Request, draft_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("draft", draft_id=draft_id), HTTP_303_SEE_OTHER)


def to_entry(request: Request, draft_id: int, path: str) -> Response:
    address = addressed(request.app.url_path_for("draft-edit", draft_id=draft_id), {"at": path})
    return RedirectResponse(address, HTTP_303_SEE_OTHER)
