"""A team's word against what was answered above it: one page with one field."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.asked_once import ONLY_TEAM, object_to
from app.domain.answers import NOTE_LIMIT
from app.domain.asked_once import GivenAbove
from app.domain.errors import Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rubric import Rubric, Statement
from app.queries.asked_once import taken_over_by
from app.queries.assessing import Assessing, assessing
from app.queries.objections import ObjectionLine, objections_of_team
from app.web.assessments import answerable
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, acted, filled, lines
from app.web.render import Site, render, translated
from app.web.rubric_reading import read_version
from app.web.words import answer_word

router = APIRouter()


class ObjectForm(Form):
    note: Annotated[str, lines(NOTE_LIMIT)]


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """`standing` is what the team said against the same answer before, None where it did not."""

    found: Assessing
    rubric: Rubric
    statement: Statement
    above: GivenAbove
    word: str
    standing: ObjectionLine | None
    form: Checked[ObjectForm]


@router.get("/assessments/{assessment_id}/objections/{statement}", name="objection")
def shown(request: Request, db: Db, me: Me, now: Now, assessment_id: int, statement: str) -> Response:
    return _page(request, db, me, now, assessment_id, statement, filled(ObjectForm))


@router.post("/assessments/{assessment_id}/objections/{statement}", name="object")
def make(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int, statement: str) -> Response:
    def act(form: ObjectForm) -> None:
        object_to(db, me, assessment_id, statement, form.note, now.date(), now)

    checked = acted(ObjectForm, posted, act, "note")
    if checked.form is None:
        return _page(request, db, me, now, assessment_id, statement, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    found = assessing(db.connection(), me, assessment_id)
    rubric = read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric
    category = rubric.category_of[statement].key
    path = Site(request).path("agreed-category", assessment_id=assessment_id, category=category)
    return RedirectResponse(f"{path}#statement-{statement}", 303)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: Now,
    assessment_id: int,
    statement: str,
    form: Checked[ObjectForm],
    status: int = HTTP_200_OK,
) -> Response:
    connection = db.connection()
    found = assessing(connection, me, assessment_id)
    if me.person_id is None or not me.may_answer(found.place):
        raise NotAllowed(ONLY_TEAM)
    if not (found.alone.may_see_agreed_sheet() and answerable(found, now)) or found.result is not None:
        raise NotAllowed("A team objects after the reveal, and before its result is agreed.")
    rubric = read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric
    above = taken_over_by(connection, found, rubric).get(statement)
    if above is None:
        raise Missing("Nothing is answered for the organisation or a unit here.")
    before = objections_of_team(connection, found).get(statement)
    page = ObjectPage(
        found,
        rubric,
        rubric.statements[statement],
        above,
        answer_word(rubric, rubric.statements[statement], above.answer.value, translated(request)),
        before if before and before.stands(above) else None,
        form,
    )
    return render(request, "answered_above/object.html", page, status)
