"""A draft as a respondent sees it, with the score of trial answers, which can be kept with the draft as its test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import keep_trial, remove_trial
from app.domain.answers import Value
from app.domain.errors import Conflict, Invalid
from app.domain.results import Result
from app.domain.rollup import highest, level_names, levels
from app.domain.rubric import Rubric
from app.domain.scoring import score
from app.domain.sheets import SavedAnswer
from app.domain.translations import in_language
from app.queries import studio
from app.queries.rubrics import RubricVersion
from app.queries.sheets import SheetLine
from app.queries.studio import TrialLine
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_words import LanguageLine, languages_of
from app.web.drafts import Bar, bar
from app.web.forms import UNASKED
from app.web.lists import addressed
from app.web.pictures import Picture, staves_picture
from app.web.render import render, translated
from app.web.sheet import OpenSheet, Section, sheet_page

router = APIRouter()

NAME, EXPECTED, KEEP = "trial:name", "trial:expected", "trial:keep"
"""Fields of the form that are no statements: a key has no colon."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Trial answers that are kept, with the level or the place of the band that they come to by the draft today."""

    line: TrialLine
    comes_to: int | None
    unknown: int

    @property
    def as_expected(self) -> bool:
        return self.line.expected is None or self.line.expected == self.comes_to


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Without a rubric the draft breaks the format, and there is nothing to see yet. `level` is what it comes to."""

    bar: Bar
    sheet: OpenSheet | None = None
    sections: Sequence[Section] = ()
    result: Result | None = None
    level: int | None = None
    staves: Picture | None = None
    names: Sequence[tuple[str, str]] = ()
    trials: Sequence[Tried] = ()
    name: str = ""
    problem: str = ""
    language: str = ""
    languages: Sequence[LanguageLine] = ()

    @property
    def rubric(self) -> Rubric | None:
        return self.sheet.rubric if self.sheet else None


@router.get("/rubrics/drafts/{draft_id}/preview", name="draft-preview")
def shown(request: Request, db: Db, me: Me, draft_id: int, trial: str = "", language: str = "") -> Response:
    """`trial` is the number of trial answers to begin with; read in the original where no `language` is named."""
    head = bar(db, me, draft_id)
    kept = studio.trials(db.connection(), me.organisation_id, draft_id)
    chosen = next((each for each in kept if str(each.id) == trial), None)
    answers, name = (chosen.answers, chosen.name) if chosen else ({}, "")
    return _page(request, head, kept, answers, name, language=language)


@router.post("/rubrics/drafts/{draft_id}/preview", name="draft-tried")
def tried(request: Request, db: Db, me: Me, draft_id: int, posted: Posted, now: Now, language: str = "") -> Response:
    """Score the answers; and keep them, where that button was pressed."""
    head = bar(db, me, draft_id)
    kept = studio.trials(db.connection(), me.organisation_id, draft_id)
    if head.checked.rubric is None:
        return _page(request, head, kept, {}, status=HTTP_422_UNPROCESSABLE_CONTENT)
    answers, name = _answers(head.checked.rubric, posted), str(posted.get(NAME, ""))
    if posted.get(KEEP) is None:
        return _page(request, head, kept, answers, name, language=language)
    try:
        keep_trial(db, me, draft_id, name, answers, _expected(head.checked.rubric, posted), now)
    except (Invalid, Conflict) as refused:
        status = HTTP_422_UNPROCESSABLE_CONTENT
        return _page(request, head, kept, answers, name, str(refused), status, language)
    kept = studio.trials(db.connection(), me.organisation_id, draft_id)
    trial = next((str(each.id) for each in kept if each.name == name.strip()), "")
    return _to_preview(request, draft_id, trial, language)


@router.post("/rubrics/drafts/{draft_id}/trials/{trial_id}/remove", name="trial-remove")
def remove(request: Request, db: Db, me: Me, draft_id: int, trial_id: int, now: Now) -> Response:
    remove_trial(db, me, draft_id, trial_id, now)
    return _to_preview(request, draft_id, "")


def _to_preview(request: Request, draft_id: int, trial: str, language: str = "") -> Response:
    path = request.app.url_path_for("draft-preview", draft_id=draft_id)
    return RedirectResponse(addressed(path, {"trial": trial, "language": language}), HTTP_303_SEE_OTHER)


def _answers(rubric: Rubric, posted: FormData) -> dict[str, Value]:
    """The answers of the form. Invalid where it holds what the rubric does not ask."""
    found = {}
    for name, sent in posted.multi_items():
        statement, dot, part = name.partition(".")
        if name in (NAME, EXPECTED, KEEP) or (dot and statement in rubric.statements and part in ("reason", "note")):
            continue
        if name not in rubric.statements or sent not in tuple(Value):
            raise Invalid(UNASKED)
        found[name] = Value(sent)
    return found


def _expected(rubric: Rubric, posted: FormData) -> int | None:
    text = str(posted.get(EXPECTED, ""))
    if not text:
        return None
    if text not in {str(level) for level in range(highest(rubric) + 1)}:
        raise Invalid("This is none of the choices.")
    return int(text)


def _page(
    request: Request,
    head: Bar,
    kept: Sequence[TrialLine],
    answers: Mapping[str, Value],
    name: str = "",
    problem: str = "",
    status: int = HTTP_200_OK,
    language: str = "",
) -> Response:
    rubric = head.checked.rubric
    if rubric is None:
        return render(request, "studio/preview.html", PreviewPage(head), status)
    rubric = in_language(rubric, language)
    known = {key: value for key, value in answers.items() if key in rubric.statements}
    sheet = _sheet(head, rubric, known)
    page = sheet_page(sheet, {}, translated(request))
    found = levels(rubric, page.result)
    preview = PreviewPage(
        head,
        sheet,
        page.sections,
        page.result,
        found.overall if found else None,
        staves_picture(rubric, page.result, translated(request), height=150),
        [(str(level), name) for level, name in level_names(rubric).items()],
        [_tried(rubric, each) for each in kept],
        name,
        problem,
        language,
        languages_of(head.draft.document),
    )
    return render(request, "studio/preview.html", preview, status)


def _sheet(head: Bar, rubric: Rubric, answers: Mapping[str, Value]) -> OpenSheet:
    """A sheet that is nowhere kept."""
    line = SheetLine(0, 0, 0, 0, 0, head.draft.line.begun_at, None)
    saved = {key: SavedAnswer(value, version=0) for key, value in answers.items()}
    return OpenSheet(line, RubricVersion(0, rubric.key, 0, rubric), saved, "", "")


def _tried(rubric: Rubric, line: TrialLine) -> Tried:
    known = {key: value for key, value in line.answers.items() if key in rubric.statements}
    found = levels(rubric, score(rubric, known))
    return Tried(line, found.overall if found else None, len(line.answers) - len(known))
