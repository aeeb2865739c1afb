"""The wizard for a rubric of an organisation's own: its kind, its categories, its levels; then the draft is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.drafts import begin_empty
from app.domain.errors import Conflict, Invalid, Sentence
from app.domain.keys import checked_key, key_of
from app.domain.new_rubrics import (
    FEWEST_CATEGORIES,
    FEWEST_LEVELS,
    MOST_CATEGORIES,
    MOST_LEVELS,
    bands_in,
    new_ladder,
    new_points,
)
from app.domain.rubric import Kind, Unit
from app.domain.rubric_file import Document
from app.domain.rubric_shape import NAME, TITLE
from app.web.deps import Db, Me, Now, Posted
from app.web.drafts import studio_of, to_draft
from app.web.forms import Checked, Form, Number, check, filled, line, lines
from app.web.render import render

router = APIRouter()

USUAL_TOP = 4


class NewForm(Form):
    """`categories` are names, one in each line. `top` and `levels` are for a ladder, `unit` and `bands` for points.

    `levels` are names from level 0 up, `bands` lines such as `2.5 Reasonably tested`; both may be left to the draft.
    """

    title: Annotated[str, line(TITLE.limit)]
    key: Annotated[str, line(60)] = ""
    kind: Kind
    categories: Annotated[str, lines(20 * NAME.limit)]
    top: Number = USUAL_TOP
    levels: Annotated[str, lines(20 * NAME.limit)] = ""
    unit: Unit = Unit.POINTS
    bands: Annotated[str, lines(40 * NAME.limit)] = ""


@dataclass(frozen=True, slots=True)
class NewRubricPage:
    form: Checked[NewForm]
    tops: Sequence[tuple[str, str]]
    fewest: int
    most: int


@router.get("/rubrics/new", name="rubric-new")
def new(request: Request, me: Me) -> Response:
    studio_of(me)
    return _page(request, filled(NewForm, kind=Kind.LADDER, top=USUAL_TOP, unit=Unit.POINTS))


@router.post("/rubrics/new", name="rubric-begin")
def begin(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    studio_of(me)
    checked = check(NewForm, posted)
    if checked.form is None:
        return _page(request, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    form = checked.form
    field = "key"
    try:
        key = _key(form)
        field = "categories"
        categories = _categories(form)
        field = "top"
        if not FEWEST_LEVELS <= form.top <= MOST_LEVELS:
            raise Invalid("This is none of the choices.")
        field = "levels" if form.kind is Kind.LADDER else "bands"
        skeleton = _skeleton(form, key, categories)
        field = "key"
        return to_draft(request, begin_empty(db, me, skeleton, now).id)
    except (Invalid, Conflict) as refused:
        return _page(request, checked.refused(refused, field), HTTP_422_UNPROCESSABLE_CONTENT)


def _key(form: NewForm) -> str:
    return checked_key(form.key or key_of(form.title))


def _skeleton(form: NewForm, key: str, categories: Sequence[tuple[str, str]]) -> Document:
    if form.kind is Kind.LADDER:
        names = [each.strip() for each in form.levels.splitlines() if each.strip()]
        _check_names(Sentence("The name of a level"), names)
        return new_ladder(key, form.title, categories, form.top, names)
    bands = bands_in(form.bands)
    _check_names(Sentence("The name of a band"), [name for _, name in bands])
    return new_points(key, form.title, categories, form.unit, bands)


def _check_names(of: Sentence, names: Sequence[str]) -> None:
    if any(len(name) > NAME.limit for name in names):
        raise Invalid("%(of)s has at most %(most)s characters.", of=of, most=NAME.limit)


def _categories(form: NewForm) -> Sequence[tuple[str, str]]:
    names = [each.strip() for each in form.categories.splitlines() if each.strip()]
    if not FEWEST_CATEGORIES <= len(names) <= MOST_CATEGORIES:
        raise Invalid(
            "A rubric has from %(least)s to %(most)s categories, one in each line.",
            least=FEWEST_CATEGORIES,
            most=MOST_CATEGORIES,
        )
    _check_names(Sentence("The name of a category"), names)
    keys: list[str] = []
    for name in names:
        keys.append(key_of(name, keys))
    return list(zip(keys, names, strict=True))


def _page(request: Request, form: Checked[NewForm], status: int = HTTP_200_OK) -> Response:
    tops = [(str(top), f"0–{top}") for top in range(FEWEST_LEVELS, MOST_LEVELS + 1)]
    return render(request, "studio/new.html", NewRubricPage(form, tops, FEWEST_CATEGORIES, MOST_CATEGORIES), status)
