"""Editing a draft in place: the fields of every place of it, and adding, moving and removing entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import change_draft
from app.domain.draft_places import BELOW, entries_of, found, list_at, section_of, values_at
from app.domain.drafts import Add, Move, Overtaken, Step, mark, with_gate, with_translations, without
from app.domain.errors import Conflict, Invalid, Missing
from app.domain.keys import key_of
from app.domain.people import Actor
from app.domain.rubric_file import Document
from app.domain.rubric_shape import LINE
from app.queries import studio
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_fields import NOTHING_TYPED, FieldView, Typed, field_views, read_fields
from app.web.draft_saving import saved
from app.web.draft_words import title_of
from app.web.drafts import Bar, bar, refused_step, studio_of, to_draft, to_entry
from app.web.forms import Checked, Form, Number, check, filled, line
from app.web.render import render

router = APIRouter()

FRAGMENT = "shortstave-fragment"
TOP = 10**6
"""A place behind everything in a list."""

F = TypeVar("F", bound=Form)


class AddForm(Form):
    """`into` is the list that it comes into, `text` what it says or what it is called."""

    into: Annotated[str, line(200)]
    text: Annotated[str, line(LINE.limit)]
    level: Number | None = None
    gap: bool = False


class MoveForm(Form):
    path: Annotated[str, line(200)]
    into: Annotated[str, line(200)]
    at: Number
    seen: Annotated[str, line(200)]


class RemoveForm(Form):
    path: Annotated[str, line(200)]
    seen: Annotated[str, line(200)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Where an entry can be moved to, in words and as the form sends it."""

    name: str
    into: str
    at: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One place. `below` are the entries that it holds, `into` the list that it stands in, empty for what stays."""

    bar: Bar
    path: str
    section: str
    title: str
    fields: Sequence[FieldView]
    below: Sequence[tuple[str, str]]
    into: str
    at: int
    of: int
    marked: str
    neighbours: Sequence[Neighbour]
    changed: bool = False

    @property
    def document(self) -> Document:
        return self.bar.draft.document

    @property
    def trouble(self) -> bool:
        return any(each.wrong or each.theirs is not None for each in self.fields)


@dataclass(frozen=True, slots=True)
class AddPage:
    bar: Bar
    into: str
    section: str
    title: str
    form: Checked[AddForm]
    levels: Sequence[tuple[str, str]]


@router.get("/rubrics/drafts/{draft_id}/edit", name="draft-edit")
def edit(request: Request, db: Db, me: Me, draft_id: int, at: str = "") -> Response:
    return _entry(request, bar(db, me, draft_id), at)


@router.post("/rubrics/drafts/{draft_id}/edit", name="draft-change")
def change(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now, at: str = "") -> Response:
    """Save the fields that were changed. What cannot be taken stays on the page, what can is saved."""
    before = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id)
    values_at(before.document, at)  # what is not there, or not any more, is Missing
    typed = read_fields(before.document, at, posted)
    typed = saved(
        db,
        me,
        draft_id,
        typed,
        lambda step: step.field,
        lambda steps: with_translations(before.document, with_gate(before.document, steps)),
        now,
    )
    status = HTTP_422_UNPROCESSABLE_CONTENT if typed.wrong else HTTP_200_OK
    status = HTTP_409_CONFLICT if typed.theirs else status
    if status == HTTP_200_OK and FRAGMENT not in request.headers:
        return to_entry(request, draft_id, at)
    return _entry(request, bar(db, me, draft_id), at, typed, status)


def _entry(request: Request, head: Bar, path: str, typed: Typed = NOTHING_TYPED, status: int = HTTP_200_OK) -> Response:
    document = head.draft.document
    here, section = values_at(document, path), section_of(path)
    stands = found(document, path) if path not in ("", "source") else None
    movable = stands if stands and stands.into not in ("answers", "gap_answers", "levels") else None
    page = EntryPage(
        head,
        path,
        section,
        title_of(document, path),
        field_views(document, path, head.checked, typed),
        [(f"{BELOW[section]}.{each['key']}", each.get("text", "")) for each in here[BELOW[section]]]
        if section in BELOW
        else [],
        movable.into if movable else "",
        movable.at if movable else 0,
        len(movable.entries) if movable else 0,
        mark(here) if stands else "",
        _neighbours(document, section, movable.into) if movable else [],
        bool(typed.steps),
    )
    template = "studio/_entry.html" if FRAGMENT in request.headers else "studio/entry.html"
    return render(request, template, page, status)


def _neighbours(document: Document, section: str, into: str) -> Sequence[Neighbour]:
    """The other categories that a statement, or the other levels that an action, can be moved to."""
    above = next((above for above, below in BELOW.items() if below == section), None)
    if above is None:
        return []
    return [Neighbour(title_of(document, path), path, TOP) for path, _ in entries_of(document, above) if path != into]


@router.get("/rubrics/drafts/{draft_id}/add", name="draft-add")
def ask_add(request: Request, db: Db, me: Me, draft_id: int, into: str = "", level: str = "") -> Response:
    head = bar(db, me, draft_id)
    form = filled(AddForm, into=into, level=level if level.isascii() and level.isdecimal() else None)
    return _add_page(request, head, into, form)


@router.post("/rubrics/drafts/{draft_id}/add", name="draft-added")
def add(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    checked = check(AddForm, posted)
    into = checked.value("into")
    document = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).document
    if checked.form is None:
        return _add_page(request, bar(db, me, draft_id), into, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        step, path = _new_entry(document, into, checked.form)
        change_draft(db, me, draft_id, [step], now)
    except (Invalid, Conflict) as refused:
        again = checked.refused(refused)
        return _add_page(request, bar(db, me, draft_id), into, again, HTTP_422_UNPROCESSABLE_CONTENT)
    return to_entry(request, draft_id, path)


def _add_page(request: Request, head: Bar, into: str, form: Checked[AddForm], status: int = HTTP_200_OK) -> Response:
    document = head.draft.document
    section, _ = list_at(document, into)
    levels = [(str(each["level"]), f"{each['level']} {each['name']}") for each in document.get("levels", [])]
    page = AddPage(head, into, section, title_of(document, into), form, levels)
    return render(request, "studio/add.html", page, status)


def _new_entry(document: Document, into: str, form: AddForm) -> tuple[Step, str]:
    """The step that adds what the form says, and the path that it has then."""
    section, entries = list_at(document, into)
    keys = {str(each.get("key")) for _, each in entries_of(document, section)}
    key = key_of(form.text, keys)
    at = len(entries)
    new: dict[str, Callable[[], Document]] = {
        "categories": lambda: {"key": key, "name": form.text, "question": "", "statements": []},
        "statements": lambda: _new_statement(document, key, form),
        "actions": lambda: {"key": key, "text": form.text, "categories": []},
        "levels": lambda: {"name": form.text, "summary": "", "focus": "", "outcome": ""},
        "bands": lambda: {"above": 0, "name": form.text, "summary": ""},
        "stories": lambda: {"text": form.text, "source": "", "statements": []},
        "bears_on": lambda: {"rubric": form.text, "category": "", "statements": []},
    }
    by_key = section in ("categories", "statements", "actions")
    return Add(into, at, new[section]()), f"{section}.{key if by_key else at}"


def _new_statement(document: Document, key: str, form: AddForm) -> Document:
    new = {"key": key, "text": form.text, "do": "", "proof": ""}
    if "levels" not in document:
        return new
    top = len(document["levels"]) - 1
    level = min(max(form.level or 0, 0), top)
    if form.gap:
        return {**new, "kind": "gap", "level": level, "gate": min(level + 1, top)}
    return {**new, "kind": "practice", "level": level, "gate": level}


@router.post("/rubrics/drafts/{draft_id}/move", name="draft-move")
def move(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    def steps(form: MoveForm, _: Document) -> tuple[Sequence[Step], str]:
        return [Move(form.path, form.into, form.at, form.seen)], form.path

    return _stepped(request, db, me, draft_id, check(MoveForm, posted), steps, now)


@router.post("/rubrics/drafts/{draft_id}/remove", name="draft-remove")
def remove(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    def steps(form: RemoveForm, document: Document) -> tuple[Sequence[Step], str]:
        there = _there(document, form.path)
        if mark(there) != form.seen:
            raise Overtaken(form.path, there)
        into = found(document, form.path).into
        return without(document, form.path), into if "." in into else ""

    return _stepped(request, db, me, draft_id, check(RemoveForm, posted), steps, now)


def _there(document: Document, path: str) -> Document:
    try:
        return found(document, path).entry
    except Missing:
        raise Overtaken(path, None) from None


def _stepped(
    request: Request,
    db: Db,
    me: Actor,
    draft_id: int,
    checked: Checked[F],
    steps: Callable[[F, Document], tuple[Sequence[Step], str]],
    now: Now,
) -> Response:
    """Do what one button asks for, and show where it led; the grid with the reason where it is refused."""
    document = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).document
    if checked.form is None:
        raise Invalid("The form is not one of this page. Load the page again.")
    try:
        wanted, path = steps(checked.form, document)
        change_draft(db, me, draft_id, wanted, now)
    except (Invalid, Conflict) as refused:
        return refused_step(request, db, me, draft_id, refused)
    return to_entry(request, draft_id, path) if path else to_draft(request, draft_id)
