"""The further languages of a draft: which there are and how much is translated, and each beside its original."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import change_draft
from app.domain.draft_places import entries_of, place_of, section_of
from app.domain.drafts import Overtaken, Set, Translated, mark, translations, with_language, without_language
from app.domain.errors import Conflict, Invalid, Missing
from app.domain.people import Actor
from app.domain.rubric_file import CheckedDocument, Document, Remark
from app.domain.rubric_shape import TRANSLATED
from app.domain.shape import Text
from app.domain.translated import LANGUAGES, beside, parted
from app.queries import studio
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_fields import LABELS, NOTHING_TYPED, SEEN, VALUE, FieldView, Typed, storable, written
from app.web.draft_words import LanguageLine, language_line, part_of, title_of, translated_of
from app.web.drafts import Bar, bar, refused_step, studio_of, to_draft
from app.web.forms import UNASKED, Form, check, line
from app.web.lists import addressed
from app.web.render import render

router = APIRouter()

FRAGMENT = "shortstave-fragment"
ONE_LINE = 120
"""Characters up to which a text is typed into one line."""


def _(text: str) -> str:
    """Marks a text to be translated where it is shown."""
    return text


PARTS = {"": _("The rubric itself"), "levels": _("Levels"), "bands": _("Bands of scores"), "stories": _("Stories")}
"""The parts of a rubric besides its categories; each is translated on a page of its own."""


class LanguageForm(Form):
    language: Annotated[str, line(40)]


@dataclass(frozen=True, slots=True)
class TextView:
    """One text: the original, and the field that holds its translation."""

    original: str
    field: FieldView


@dataclass(frozen=True, slots=True)
class Entry:
    """What the texts below it belong to, with the path of its own page."""

    path: str
    title: str
    texts: Sequence[TextView]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rubric that is translated on one page. `key` is how the address names it."""

    key: str
    title: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class TranslationPage:
    """`gone` are the texts that were typed for what somebody else has removed meanwhile."""

    bar: Bar
    language: LanguageLine
    parts: Sequence[Part]
    part: Part
    missing: bool
    entries: Sequence[Entry]
    changed: bool = False
    gone: Sequence[str] = ()
    wrong: str = ""

    @property
    def trouble(self) -> bool:
        views = [text.field for entry in self.entries for text in entry.texts]
        return any(each.wrong or each.theirs is not None for each in views) or bool(self.gone or self.wrong)


@router.post("/rubrics/drafts/{draft_id}/languages", name="draft-language-add")
def add(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now) -> Response:
    document = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).document
    checked = check(LanguageForm, posted)
    try:
        language = checked.value("language").strip().lower().replace("_", "-")
        change_draft(db, me, draft_id, [with_language(document, language)], now)
    except (Invalid, Conflict) as refused:
        return refused_step(request, db, me, draft_id, refused)
    return _to_part(request, draft_id, language)


@router.post("/rubrics/drafts/{draft_id}/languages/{language}/remove", name="draft-language-remove")
def remove(request: Request, db: Db, me: Me, draft_id: int, language: str, now: Now) -> Response:
    document = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).document
    try:
        change_draft(db, me, draft_id, without_language(document, language), now)
    except (Invalid, Conflict) as refused:
        return refused_step(request, db, me, draft_id, refused)
    return to_draft(request, draft_id)


@router.get("/rubrics/drafts/{draft_id}/languages/{language}", name="draft-translation")
def shown(
    request: Request, db: Db, me: Me, draft_id: int, language: str, part: str = "", missing: str = ""
) -> Response:
    return _page(request, bar(db, me, draft_id), language, part, missing=bool(missing))


@router.post("/rubrics/drafts/{draft_id}/languages/{language}", name="draft-translated")
def save(
    request: Request,
    db: Db,
    me: Me,
    draft_id: int,
    language: str,
    posted: Posted,
    now: Now,
    part: str = "",
    missing: str = "",
) -> Response:
    """Save what was changed. What cannot be taken stays on the page, what can is saved."""
    document = studio.draft(db.connection(), studio_of(me).organisation_id, draft_id).document
    typed, gone = _read(document, language, posted)
    status = HTTP_422_UNPROCESSABLE_CONTENT if gone else HTTP_200_OK
    try:
        typed = _saved(db, me, draft_id, typed, now)
    except Invalid as unfit:
        status = HTTP_422_UNPROCESSABLE_CONTENT
        return _page(request, bar(db, me, draft_id), language, part, typed, gone, str(unfit), status, bool(missing))
    status = HTTP_409_CONFLICT if typed.theirs else status
    if status == HTTP_200_OK and FRAGMENT not in request.headers:
        return _to_part(request, draft_id, language, part, missing)
    return _page(request, bar(db, me, draft_id), language, part, typed, gone, "", status, bool(missing))


def _to_part(request: Request, draft_id: int, language: str, part: str = "", missing: str = "") -> Response:
    path = request.app.url_path_for("draft-translation", draft_id=draft_id, language=language)
    return RedirectResponse(addressed(path, {"part": part, "missing": missing}), HTTP_303_SEE_OTHER)


def _name(text: Translated) -> str:
    """What the field of a text is called in the form."""
    return f"{text.path}.{text.name}".lstrip(".")


def _read(document: Document, language: str, posted: FormData) -> tuple[Typed, Sequence[str]]:
    """What the form asks for, and what was typed for texts that are gone. Invalid for what was never on a page."""
    texts, steps, gone = _texts(document, language), list[Set](), list[str]()
    typed = dict[str, str]()
    for key, sent in posted.multi_items():
        name = key.removeprefix(VALUE)
        if key.startswith(SEEN):
            continue
        if name == key or not isinstance(sent, str) or name in typed:
            raise Invalid(UNASKED)
        text = storable(sent).strip()
        seen = str(posted.get(SEEN + name, ""))
        if name in texts:
            typed[name] = text
            if mark(text or None) != seen:
                there = texts[name]
                steps.append(Set(there.path, beside(there.name, language), text or None, seen))
        elif section_of(name) not in TRANSLATED:
            raise Invalid(UNASKED)
        elif mark(text or None) != seen:
            gone.append(text)
    return Typed(steps, typed), gone


def _texts(document: Document, language: str) -> dict[str, Translated]:
    """Every text by the name of its field. Missing where the draft does not have this language."""
    if language not in document.get(LANGUAGES, ()):
        raise Missing("This draft has no such language, or not any more.")
    return {_name(each): each for each in translations(document, language)}


def _saved(db: Db, me: Actor, draft_id: int, typed: Typed, now: Now) -> Typed:
    """Save all but what somebody else changed meanwhile; with what they wrote there."""
    steps, theirs = [*typed.steps], dict[str, str]()
    while steps:
        try:
            change_draft(db, me, draft_id, steps, now)
            break
        except Overtaken as by:
            overtaken = [each for each in steps if f"{each.path}.{each.field}".lstrip(".") == by.path]
            if not overtaken:
                raise
            steps = [each for each in steps if each not in overtaken]
            theirs[parted(by.path)[0]] = written(by.now)
    return replace(typed, steps=steps, theirs=theirs)


def _page(
    request: Request,
    head: Bar,
    language: str,
    part: str,
    typed: Typed = NOTHING_TYPED,
    gone: Sequence[str] = (),
    wrong: str = "",
    status: int = HTTP_200_OK,
    missing: bool = False,
) -> Response:
    document = head.draft.document
    texts = _texts(document, language)
    by_part = _by_part(document, texts.values())
    parts = [
        Part(key, PARTS.get(key) or title_of(document, key), translated_of(among), len(among))
        for key, among in by_part.items()
    ]
    chosen = next((each for each in parts if each.key == part or not part), None)
    if chosen is None:
        raise Missing("This draft has no such part, or not any more.")
    if FRAGMENT in request.headers:
        shown_texts = [each for name, each in texts.items() if name in typed.texts]
    else:
        shown_texts = [
            each
            for each in by_part[chosen.key]
            if not missing or each.translation is None or _name(each) in typed.theirs
        ]
    page = TranslationPage(
        head,
        language_line(language, [*texts.values()]),
        parts,
        chosen,
        missing,
        _entries(document, language, shown_texts, head.checked, typed),
        bool(typed.steps),
        gone,
        wrong,
    )
    template = "studio/_translation.html" if FRAGMENT in request.headers else "studio/translation.html"
    return render(request, template, page, status)


def _by_part(document: Document, texts: Iterable[Translated]) -> Mapping[str, Sequence[Translated]]:
    """The texts by the part that they are translated with: statements and actions go with what they stand in."""
    stand_in = {
        f"statements.{each['key']}": path
        for path, category in entries_of(document, "categories")
        for each in category["statements"]
    }
    found: dict[str, list[Translated]] = {}
    for each in texts:
        part = stand_in.get(each.path) or part_of(document, each.path)
        found.setdefault(part, []).append(each)
    return found


def _entries(
    document: Document, language: str, texts: Iterable[Translated], checked: CheckedDocument, typed: Typed
) -> Sequence[Entry]:
    about: dict[tuple[str, str], list[Remark]] = {}
    for remark in checked.problems:
        about.setdefault(place_of(document, remark.at), []).append(remark)
    return [
        Entry(
            path,
            title_of(document, path),
            [_view(each, typed, about.get((path, beside(each.name, language)), ())) for each in among],
        )
        for path, among in groupby(texts, lambda each: each.path)
    ]


def _view(text: Translated, typed: Typed, problems: Sequence[Remark]) -> TextView:
    name, shape = _name(text), TRANSLATED[section_of(text.path)][text.name]
    limit = shape.limit if isinstance(shape, Text) else 0
    value = typed.texts[name] if name in typed.theirs else text.translation or ""
    widget = "lines" if limit > ONE_LINE else "line"
    label, theirs = LABELS[text.name], typed.theirs.get(name)
    field = FieldView(name, label, "", widget, value, mark(text.translation), limit, (), "", theirs, problems, ())
    return TextView(text.original, field)
