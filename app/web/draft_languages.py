"""The further languages of a draft: which there are and how much is translated, and each beside its original."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import change_draft
from app.domain.drafts import Set, outdated, with_language, without_language
from app.domain.errors import Conflict, Invalid, Missing, Sentence
from app.domain.people import Actor
from app.domain.rubric_file import document as document_of
from app.domain.translated import parted
from app.queries import rubrics, studio
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_fields import NOTHING_TYPED, Typed
from app.web.draft_saving import saved
from app.web.draft_words import LanguageLine, language_line, title_of, translated_of
from app.web.drafts import Bar, bar, refused_step, studio_of, to_draft
from app.web.forms import Form, check, line
from app.web.lists import addressed
from app.web.render import render
from app.web.translated_fields import Entry, by_part, entries, field_name, read_texts, texts_in

router = APIRouter()

FRAGMENT = "shortstave-fragment"

_ = Sentence
"""Marks a text to be translated where it is shown."""

PARTS = {"": _("The rubric itself"), "levels": _("Levels"), "bands": _("Bands of scores"), "stories": _("Stories")}
"""The parts of a rubric besides its categories; each is translated on a page of its own."""


class LanguageForm(Form):
    language: Annotated[str, line(40)]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rubric that is translated on one page. `key` is how the address names it."""

    key: str
    title: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part in a language; `missing` where only what is not translated is wanted."""

    language: str
    part: str
    missing: bool


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

    @property
    def trouble(self) -> bool:
        views = [text.field for entry in self.entries for text in entry.texts]
        return any(each.wrong or each.theirs is not None for each in views) or bool(self.gone)


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
    return _page(request, db, me, draft_id, Wanted(language, part, bool(missing)))


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
    typed, gone = read_texts(document, language, posted)
    typed = saved(db, me, draft_id, typed, _name, list, now)
    status = HTTP_422_UNPROCESSABLE_CONTENT if gone or typed.wrong else HTTP_200_OK
    status = HTTP_409_CONFLICT if typed.theirs else status
    if status == HTTP_200_OK and FRAGMENT not in request.headers:
        return _to_part(request, draft_id, language, part, missing)
    return _page(request, db, me, draft_id, Wanted(language, part, bool(missing)), typed, gone, status)


def _to_part(request: Request, draft_id: int, language: str, part: str = "", missing: str = "") -> Response:
    path = request.app.url_path_for("draft-translation", draft_id=draft_id, language=language)
    return RedirectResponse(addressed(path, {"part": part, "missing": missing}), HTTP_303_SEE_OTHER)


def _name(step: Set) -> str:
    return f"{step.path}.{parted(step.field)[0]}".lstrip(".")


def _page(
    request: Request,
    db: Db,
    me: Actor,
    draft_id: int,
    wanted: Wanted,
    typed: Typed = NOTHING_TYPED,
    gone: Sequence[str] = (),
    status: int = HTTP_200_OK,
) -> Response:
    head = bar(db, me, draft_id)
    document = head.draft.document
    texts = texts_in(document, wanted.language)
    among = by_part(document, texts.values())
    parts = [
        Part(key, PARTS.get(key) or title_of(document, key), translated_of(each), len(each))
        for key, each in among.items()
    ]
    chosen = next((each for each in parts if each.key == wanted.part or not wanted.part), None)
    if chosen is None:
        raise Missing("This draft has no such part, or not any more.")
    stopped = {*typed.theirs, *typed.wrong}
    listed = [
        each
        for each in among[chosen.key]
        if not wanted.missing or each.translation is None or field_name(each) in stopped
    ]
    if FRAGMENT in request.headers:  # the script shows what became of what it sent
        listed = [each for name, each in texts.items() if name in typed.texts]
    page = TranslationPage(
        head,
        language_line(wanted.language, [*texts.values()]),
        parts,
        chosen,
        wanted.missing,
        entries(document, wanted.language, listed, head.checked, typed, _outdated(db, me, head, wanted.language)),
        bool(typed.steps),
        gone,
    )
    template = "studio/_translation.html" if FRAGMENT in request.headers else "studio/translation.html"
    return render(request, template, page, status)


def _outdated(db: Db, me: Actor, head: Bar, language: str) -> Collection[tuple[str, str]]:
    """Against the version that the draft began as; none of a draft from a file."""
    line = head.draft.line
    if line.based_on is None:
        return ()
    before = rubrics.published(db.connection(), me.organisation_id, line.based_on).rubric
    return outdated(document_of(before), head.draft.document, language) if language in before.languages else ()
