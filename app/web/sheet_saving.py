"""Saving what a sheet's form asks for, and the answer to it: a page for a plain browser, a fragment for the script."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.status import HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import sheets as saving
from app.actions.mutations import Saved
from app.domain.errors import Conflict, Invalid
from app.domain.scoring import pick, score
from app.domain.sheets import UNSET, AnswersDiffer, AnswerUnfit, Mutation, SavedAnswer
from app.queries import sheets
from app.queries.live import changed_by
from app.web.deps import Db
from app.web.render import render, translated
from app.web.sheet import OpenSheet, SheetPage, Typed, sheet_page
from app.web.sheet_form import Asked, read_form

FRAGMENT = "shortstave-fragment"


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """What one save changes on the page; `changed` are the answers that its reader has not seen as they stand now.

    `overtaken` is the category whose pick met other answers, and so is not saved. `by` names who else changed a
    statement last.
    """

    page: SheetPage
    version: int
    changed: Mapping[str, SavedAnswer]
    overtaken: str
    by: Mapping[str, str]


def answer_sheet(
    request: Request, db: Db, sheet: OpenSheet, posted: FormData, now: datetime.datetime, template: str
) -> Response:
    """Saves the form. Refused, the page `template` comes back with what was typed, or the script is told why.

    The sheet comes without its answers: saving reads them when nobody else can change them.
    """
    try:
        fields = ((name, str(text)) for name, text in posted.multi_items())
        asked = read_form(sheet.rubric, sheet.line.sheet_id, fields, sheet.person)
        return _answered(request, db, sheet, asked, now, template)
    except (Invalid, Conflict) as refused:
        if FRAGMENT not in request.headers:
            raise
        return _sentence(request, refused)


def _answered(
    request: Request, db: Db, sheet: OpenSheet, asked: Asked, now: datetime.datetime, template: str
) -> Response:
    try:
        saved = _saved(db, sheet, asked, now)
    except AnswersDiffer as differ:
        return _differing(request, db, sheet, asked, differ, template)
    except Invalid as invalid:
        return _refused(request, db, sheet, asked, invalid, template)
    if FRAGMENT in request.headers:
        return _fragment(request, db, sheet, asked, saved, now)
    return RedirectResponse(_next_address(sheet, saved, asked), 303)


def _saved(db: Db, sheet: OpenSheet, asked: Asked, now: datetime.datetime) -> Saved:
    line, rubric, by = sheet.line, sheet.rubric, sheet.person
    # A browser without script cannot ask again by itself, so each of its forms is a mutation of its own.
    id = asked.mutation or uuid.uuid4().hex
    if asked.pick:
        notes = {key: change.note for key, change in asked.changes.items() if change.note is not UNSET}
        return saving.pick(
            db,
            line,
            rubric,
            id,
            asked.base,
            *asked.pick,
            now,
            client=asked.client,
            notes=notes,
            by=by,
            above=sheet.taken,
        )
    mutation = Mutation(id, asked.base, asked.changes, asked.client, whole_form=not asked.mutation)
    if not (asked.undo or asked.confirm):
        return saving.save(db, line, rubric, mutation, now, by=by, above=sheet.taken)
    if asked.changes:
        # Without script the button sends the form: what was typed in it and not yet saved is not to be lost.
        first = replace(mutation, id=uuid.uuid4().hex)
        saving.save(db, line, rubric, first, now, by=by, above=sheet.taken)
    if not asked.undo:
        return saving.confirm(db, line, rubric, id, asked.base, asked.confirm, now, client=asked.client, by=by)
    category, pick_version = asked.undo
    return saving.undo_pick(
        db,
        line,
        rubric,
        id,
        asked.base,
        category,
        now,
        client=asked.client,
        pick_version=pick_version,
        by=by,
    )


def _next_address(sheet: OpenSheet, saved: Saved, asked: Asked) -> str:
    """Where a plain browser goes on: where its button says, after a pick to what is still missing."""
    if asked.go == "result":
        return f"{sheet.home}/result"
    category = asked.category
    if asked.pick:
        category = _still_missing(sheet, saved, asked.pick[0])
    elif asked.undo:
        category = asked.undo[0]
    elif asked.go in sheet.rubric.category_by_key:
        category = asked.go
    return f"{sheet.home}/category/{category}"


def _still_missing(sheet: OpenSheet, saved: Saved, category: str) -> str:
    """The next category that is not complete, looking on from this one and round; else this one."""
    result = score(sheet.rubric, replace(sheet, answers=saved.answers).values)
    keys = [each.key for each in sheet.rubric.categories]
    here = keys.index(category)
    complete = {figures.key: figures.complete for figures in result.categories}
    return next((key for key in keys[here + 1 :] + keys[:here] if not complete[key]), category)


def _fragment(
    request: Request, db: Db, sheet: OpenSheet, asked: Asked, saved: Saved, now: datetime.datetime
) -> Response:
    line = replace(sheet.line, version=saved.version, answered_at=now)
    return _parts(request, db, replace(sheet, line=line, answers=saved.answers), asked)


def _parts(
    request: Request, db: Db, sheet: OpenSheet, asked: Asked, typed: Typed | None = None, status: int = 200
) -> Response:
    line = sheet.line
    picks = sheets.last_picks(db.connection(), line.organisation_id, line.sheet_id)
    changed = sheet.changed_since(asked.base)
    touched = {sheet.rubric.category_of[key].key for key in (*changed, *(typed or Typed()).theirs)}
    page = sheet_page(sheet, picks, translated(request), asked.category, typed or Typed(), touched)
    overtaken = asked.pick[0] if asked.pick and status == HTTP_409_CONFLICT else ""
    # One version more is the reader's own save.
    others = sheet.live and line.version > asked.base + 1
    by = changed_by(db.connection(), line, asked.base, sheet.person) if others else {}
    return render(request, "sheet/_answered.html", AnsweredPage(page, line.version, changed, overtaken, by), status)


def _differing(
    request: Request, db: Db, sheet: OpenSheet, asked: Asked, differ: AnswersDiffer, template: str
) -> Response:
    """Both answers, side by side, for the reader to choose; nothing of the form is saved, all of it is shown."""
    theirs = {each.statement: each.theirs for each in differ.conflicts}
    # A pick is shown as the answers that it gives, so that saving the form again gives them.
    picked = pick(sheet.rubric.category_by_key[asked.pick[0]], asked.pick[1]) if asked.pick else {}
    typed = Typed({**asked.fields, **picked}, theirs=theirs, problem=str(differ))
    return _again(request, db, sheet, asked, typed, HTTP_409_CONFLICT, template)


def _refused(request: Request, db: Db, sheet: OpenSheet, asked: Asked, invalid: Invalid, template: str) -> Response:
    if FRAGMENT in request.headers:
        return _sentence(request, invalid)
    problems = {invalid.statement: str(invalid)} if isinstance(invalid, AnswerUnfit) else {}
    typed = Typed(asked.fields, problems, problem=str(invalid))
    return _again(request, db, sheet, asked, typed, HTTP_422_UNPROCESSABLE_CONTENT, template)


def _sentence(request: Request, refused: Invalid | Conflict) -> Response:
    """What the script shows as it is. It may name what was sent, and a lone surrogate in it could not be written."""
    status = HTTP_409_CONFLICT if isinstance(refused, Conflict) else HTTP_422_UNPROCESSABLE_CONTENT
    return PlainTextResponse(translated(request).said(str(refused)).encode("utf-8", "replace"), status)


def _as_saved(db: Db, sheet: OpenSheet) -> OpenSheet:
    return replace(sheet, answers=sheets.answers(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id))


def _again(
    request: Request, db: Db, sheet: OpenSheet, asked: Asked, typed: Typed, status: int, template: str
) -> Response:
    sheet = _as_saved(db, sheet)
    if FRAGMENT in request.headers:
        return _parts(request, db, sheet, asked, typed, status)
    picks = sheets.last_picks(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id)
    return render(request, template, sheet_page(sheet, picks, translated(request), asked.category, typed), status)
