"""Whom the lead asks to answer alone, and for which categories."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import assessing as doing
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.people import Actor, RoleKind
from app.domain.rubric import Rubric
from app.queries import teams
from app.queries.assessing import Assessing, OwnSheet
from app.queries.teams import TeamPerson
from app.web.assessments import found_with_rubric, to_assessment
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, check, filled
from app.web.render import render

router = APIRouter()


class AskForm(Form):
    """`asked` holds people, and people with a category as `7.governance`."""

    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskPage:
    """`people` are the leads and members of the team."""

    found: Assessing
    rubric: Rubric
    people: Sequence[TeamPerson]
    form: Checked[AskForm]


@router.get("/assessments/{assessment_id}/people", name="assessment-people")
def people(request: Request, db: Db, me: Me, assessment_id: int) -> Response:
    found, rubric = found_with_rubric(db, me, assessment_id)
    asked = [_named(one) for one in found.respondents if one.asked]
    return _ask_page(request, db, me, found, rubric, filled(AskForm, asked=[each for some in asked for each in some]))


@router.post("/assessments/{assessment_id}/people", name="assessment-ask")
def ask(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int) -> Response:
    found, rubric = found_with_rubric(db, me, assessment_id)
    checked = check(AskForm, posted)
    try:
        if checked.form is None:
            raise Invalid(checked.problem())
        doing.ask_people(db, me, assessment_id, _asked(checked.form.asked), now)
    except Invalid as refused:
        again = checked.refused(refused)
        return _ask_page(request, db, me, found, rubric, again, HTTP_422_UNPROCESSABLE_CONTENT)
    return to_assessment(request, assessment_id)


def _ask_page(
    request: Request,
    db: Db,
    me: Actor,
    found: Assessing,
    rubric: Rubric,
    form: Checked[AskForm],
    status: int = HTTP_200_OK,
) -> Response:
    if not me.may_agree(found.place):
        raise NotAllowed("Only the team's lead asks people.")
    if not found.alone.may_ask_more():
        raise Conflict("Nobody is asked any more: the answers were revealed, or the team answers together.")
    team = teams.people_of_team(db.connection(), me.organisation_id, found.place.team_id)
    answering = {one.person_id: one for one in team if one.kind in {RoleKind.LEAD, RoleKind.MEMBER}}
    page = AskPage(found, rubric, tuple(answering.values()), form)
    return render(request, "assessments/people.html", page, status)


def _named(one: OwnSheet) -> Sequence[str]:
    return [str(one.person_id), *(f"{one.person_id}.{category}" for category in one.categories)]


def _asked(names: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Who is asked for what; a category without its person asks that person too."""
    asked: dict[int, list[str]] = {}
    for name in names:
        number, _, category = name.partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            raise Invalid("This is none of the choices.")
        categories = asked.setdefault(int(number), [])
        if category:
            categories.append(category)
    return {person: tuple(categories) for person, categories in asked.items()}
