"""The rubrics of an organisation: their versions and what uses them, which are offered, and the drafts in work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import begin_from_rubric, begin_from_version
from app.actions.rubrics import make_default, offer, retire
from app.domain.errors import Conflict, Invalid, Missing, Sentence
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.translations import in_language, missing, texts_of
from app.queries import rubrics, studio
from app.queries.studio import DraftLine, VersionLine
from app.web.deps import Db, Me, Now, Posted
from app.web.draft_words import LanguageLine
from app.web.drafts import studio_of, to_draft
from app.web.forms import Checked, Form, check, filled, line
from app.web.language_names import language_name
from app.web.render import render

router = APIRouter()


class OfferForm(Form):
    rubric: Annotated[str, line(60)]
    do: Literal["offer", "withdraw", "default"]


class CopyForm(Form):
    """The key and the title of a rubric of the organisation's own."""

    key: Annotated[str, line(60)]
    title: Annotated[str, line(120)]


@dataclass(frozen=True, slots=True)
class Family:
    """One rubric with all its versions. Without any it is a shipped one, as it came."""

    key: str
    title: str
    versions: Sequence[VersionLine]
    drafts: Sequence[DraftLine]
    offered: bool
    default: bool
    retired: bool
    shipped: bool


@dataclass(frozen=True, slots=True)
class RubricsPage:
    families: Sequence[Family]
    drafts: Sequence[DraftLine]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version to read. `line` is None for a shipped rubric that the organisation has no version of.

    The rubric reads in that `language` of its `languages`, where one was asked for.
    """

    rubric: Rubric
    line: VersionLine | None
    others: Sequence[VersionLine]
    copy: Checked[CopyForm]
    language: str
    languages: Sequence[LanguageLine]


@router.get("/rubrics", name="rubrics")
def shown(request: Request, db: Db, me: Me) -> Response:
    return _page(request, db, me)


def _page(request: Request, db: Db, me: Actor, wrong: str = "", status: int = HTTP_200_OK) -> Response:
    connection, organisation_id = db.connection(), studio_of(me).organisation_id
    versions, drafts = studio.versions(connection, organisation_id), studio.drafts(connection, organisation_id)
    known = rubrics.known_rubrics(connection, organisation_id)
    withdrawn = rubrics.kept_back(connection, organisation_id)
    default = rubrics.default_rubric(connection, organisation_id)
    titles = {each.key: each.title for each in reversed(versions)} | {key: of.title for key, of in known.items()}
    families = [
        Family(
            key,
            title,
            [each for each in versions if each.key == key],
            [each for each in drafts if each.key == key],
            key in known and key not in withdrawn,
            key == default,
            key not in known,
            key in shipped(),
        )
        for key, title in sorted(titles.items(), key=lambda each: (each[0] != default, each[1]))
    ]
    begun = [each for each in drafts if each.key not in titles]
    return render(request, "studio/rubrics.html", RubricsPage(families, begun, wrong), status)


@router.post("/rubrics/offers", name="rubric-offer")
def decide(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    form = check(OfferForm, posted).form
    studio_of(me)
    if form is None:
        return _page(request, db, me, Sentence("This is none of the choices."), HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        if form.do == "default":
            make_default(db, me, form.rubric, now)
        else:
            offer(db, me, form.rubric, now, offered=form.do == "offer")
    except Conflict as refused:
        return _page(request, db, me, str(refused), HTTP_409_CONFLICT)
    return _to_rubrics(request)


@router.get("/rubrics/versions/{version_id}", name="rubric-version")
def version(request: Request, db: Db, me: Me, version_id: int, language: str = "") -> Response:
    return _version_page(request, db, me, version_id, None, language=language)


@router.get("/rubrics/shipped/{key}", name="rubric-shipped")
def shipped_one(request: Request, me: Me, key: str, language: str = "") -> Response:
    rubric = shipped_rubric(studio_of(me), key)
    form = filled(CopyForm, title=rubric.title)
    page = VersionPage(in_language(rubric, language), None, [], form, language, _languages(rubric))
    return render(request, "studio/version.html", page)


def shipped_rubric(_: Actor, key: str) -> Rubric:
    """A rubric that comes with the product; Missing for any other."""
    if key not in shipped():
        raise Missing("There is no such rubric.")
    return shipped()[key]


def _languages(rubric: Rubric) -> Sequence[LanguageLine]:
    texts = len(texts_of(rubric))
    return [LanguageLine(tag, language_name(tag), texts - len(missing(rubric, tag)), texts) for tag in rubric.languages]


def _version_page(
    request: Request,
    db: Db,
    me: Actor,
    version_id: int,
    copy: Checked[CopyForm] | None,
    status: int = HTTP_200_OK,
    language: str = "",
) -> Response:
    connection, organisation_id = db.connection(), studio_of(me).organisation_id
    found = rubrics.published(connection, organisation_id, version_id)
    lines = [each for each in studio.versions(connection, organisation_id) if each.key == found.key]
    here = next(each for each in lines if each.id == version_id)
    page = VersionPage(
        in_language(found.rubric, language),
        here,
        [each for each in lines if each.id != version_id],
        copy or filled(CopyForm, title=found.rubric.title),
        language,
        _languages(found.rubric),
    )
    return render(request, "studio/version.html", page, status)


@router.post("/rubrics/versions/{version_id}/draft", name="draft-begin")
def begin(request: Request, db: Db, me: Me, version_id: int, now: Now) -> Response:
    return to_draft(request, begin_from_version(db, me, version_id, now).id)


@router.post("/rubrics/shipped/{key}/draft", name="draft-begin-shipped")
def begin_shipped(request: Request, db: Db, me: Me, key: str, now: Now) -> Response:
    return to_draft(request, begin_from_rubric(db, me, shipped_rubric(studio_of(me), key), now).id)


@router.post("/rubrics/versions/{version_id}/copy", name="rubric-copy")
def copy(request: Request, db: Db, me: Me, version_id: int, posted: Posted, now: Now) -> Response:
    checked = check(CopyForm, posted)
    studio_of(me)
    if checked.form:
        try:
            draft = begin_from_version(db, me, version_id, now, key=checked.form.key, title=checked.form.title)
            return to_draft(request, draft.id)
        except (Invalid, Conflict) as refused:
            checked = checked.refused(refused, "key")
    return _version_page(request, db, me, version_id, checked, HTTP_422_UNPROCESSABLE_CONTENT)


@router.post("/rubrics/versions/{version_id}/retire", name="rubric-retire")
def retire_one(request: Request, db: Db, me: Me, version_id: int, now: Now) -> Response:
    """Retire the version; one that is retired comes back."""
    connection, organisation_id = db.connection(), studio_of(me).organisation_id
    here = next((each for each in studio.versions(connection, organisation_id) if each.id == version_id), None)
    retire(db, me, version_id, now, again=here is not None and here.retired)
    return RedirectResponse(request.app.url_path_for("rubric-version", version_id=version_id), HTTP_303_SEE_OTHER)


def _to_rubrics(request: Request) -> Response:
    return RedirectResponse(request.app.url_path_for("rubrics"), HTTP_303_SEE_OTHER)
