"""An assessment of a team: where it stands, who answers it, and what comes next."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import assessing as doing
from app.domain.answers import NOTE_LIMIT
from app.domain.asked_once import mark, with_taken
from app.domain.cycles import CycleState, Mode, may_be_answered, state
from app.domain.errors import Conflict, NotAllowed
from app.domain.people import Actor
from app.domain.results import Result
from app.domain.reveal import Alone, Viewer
from app.domain.rubric import Rubric, Statement
from app.domain.scoring import score
from app.domain.sheets import values
from app.queries import sheets
from app.queries.agreements import AgreedLine
from app.queries.asked_once import counting, differing_now, taken_over_by
from app.queries.assessing import Assessing, OwnSheet, assessing
from app.web.carried import Carried, carried_of
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled, line, lines
from app.web.render import render
from app.web.rubric_reading import read_version

router = APIRouter()


class ReopenForm(Form):
    reason: Annotated[str, lines(NOTE_LIMIT)]


class AgreeForm(Form):
    """`above` marks what is taken over from above, as the reader saw it."""

    version: Number
    above: Annotated[str, line(8)] = ""


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """`own` is the reader's own sheet, None where they were not asked. `result` is None as long as it is not shown.

    `differing` are the statements of what is agreed that are answered otherwise above by now.
    """

    found: Assessing
    rubric: Rubric
    state: CycleState | None
    own: OwnSheet | None
    viewer: Viewer
    result: Result | None
    carried: Carried | None
    answerable: bool
    leads: bool
    edits: bool
    reopen: Checked[ReopenForm]
    differing: Sequence[Statement]

    @property
    def alone(self) -> Alone:
        return self.found.alone

    @property
    def answers_alone(self) -> bool:
        return self.found.mode is Mode.ALONE_FIRST

    @property
    def agreed(self) -> AgreedLine | None:
        return self.found.result

    @property
    def submitted(self) -> int:
        return len(self.alone.submitted)

    @property
    def may_answer_own(self) -> bool:
        own = self.own
        return self.answerable and own is not None and self.alone.may_change_own_sheet(own.person_id)

    @property
    def may_reveal(self) -> bool:
        return self.answerable and self.leads and self.alone.may_reveal(self.viewer)

    @property
    def may_compare(self) -> bool:
        return self.alone.may_compare(self.viewer)

    @property
    def may_ask(self) -> bool:
        return self.answerable and self.leads and self.alone.may_ask_more()

    @property
    def may_agree(self) -> bool:
        return self.answerable and self.leads and self.alone.may_change_agreed_sheet()

    @property
    def earlier(self) -> Sequence[AgreedLine]:
        """What was agreed and reopened, the last one first."""
        return [each for each in reversed(self.found.agreements) if each.reopened_at]


@dataclass(frozen=True, slots=True)
class SubmitPage:
    found: Assessing
    rubric: Rubric
    result: Result
    answered: int


@dataclass(frozen=True, slots=True)
class AgreePage:
    found: Assessing
    rubric: Rubric
    result: Result
    carried: Carried | None
    form: Checked[AgreeForm]


@router.get("/assessments/{assessment_id}", name="assessment")
def shown(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    return _page(request, db, me, now, assessment_id, filled(ReopenForm))


@router.post("/assessments/{assessment_id}/own", name="own-begin")
def begin(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    doing.begin_own_sheet(db, me, assessment_id, now.date(), now)
    return RedirectResponse(request.app.url_path_for("own-sheet", assessment_id=assessment_id), 303)


@router.get("/assessments/{assessment_id}/submit", name="own-submit-ask")
def ask_submit(request: Request, db: Db, me: Me, assessment_id: int) -> Response:
    found, rubric = found_with_rubric(db, me, assessment_id)
    own = found.own(me.person_id)
    if own is None or own.sheet_id is None or not found.alone.may_change_own_sheet(own.person_id):
        raise NotAllowed("There is nothing of yours to submit here.")
    connection = db.connection()
    given = sheets.answers(connection, me.organisation_id, own.sheet_id)
    counted = values(with_taken(given, taken_over_by(connection, found, rubric)))
    page = SubmitPage(found, rubric, score(rubric, counted), len(values(given)))
    return render(request, "assessments/submit.html", page)


@router.post("/assessments/{assessment_id}/submit", name="own-submit")
def submit(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    doing.submit(db, me, assessment_id, now.date(), now)
    return to_assessment(request, assessment_id)


@router.post("/assessments/{assessment_id}/reveal", name="assessment-reveal")
def reveal(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    doing.reveal(db, me, assessment_id, now)
    return to_assessment(request, assessment_id)


@router.get("/assessments/{assessment_id}/agree", name="assessment-agree-ask")
def ask_agree(request: Request, db: Db, me: Me, assessment_id: int) -> Response:
    return _agree_page(request, db, me, assessment_id, None)


@router.post("/assessments/{assessment_id}/agree", name="assessment-agree")
def agree(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int) -> Response:
    checked = check(AgreeForm, posted)
    if checked.form is None:
        return _agree_page(request, db, me, assessment_id, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    doing.agree(db, me, assessment_id, checked.form.version, now.date(), now, checked.form.above)
    return RedirectResponse(request.app.url_path_for("agreed-result", assessment_id=assessment_id), 303)


@router.post("/assessments/{assessment_id}/reopen", name="assessment-reopen")
def reopen(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int) -> Response:
    checked = check(ReopenForm, posted)
    if checked.form is None:
        return _page(request, db, me, now, assessment_id, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    doing.reopen(db, me, assessment_id, checked.form.reason, now.date(), now)
    return to_assessment(request, assessment_id)


def to_assessment(request: Request, assessment_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("assessment", assessment_id=assessment_id), 303)


def answerable(found: Assessing, now: datetime.datetime) -> bool:
    """Whether the assessment's cycle takes answers on this day; outside any cycle it always does."""
    return found.cycle is None or may_be_answered(found.cycle.rules, now.date())


def may_edit_agreed(found: Assessing, me: Actor) -> bool:
    """Whether the agreed sheet is the actor's to change: together the whole team's, after a reveal the lead's."""
    together = found.mode is Mode.TOGETHER
    right = me.may_answer(found.place) if together else me.may_agree(found.place)
    return right and found.alone.may_change_agreed_sheet()


def found_with_rubric(db: Db, me: Actor, assessment_id: int) -> tuple[Assessing, Rubric]:
    connection = db.connection()
    found = assessing(connection, me, assessment_id)
    return found, read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    assessment_id: int,
    form: Checked[ReopenForm],
    status: int = HTTP_200_OK,
) -> Response:
    found, rubric = found_with_rubric(db, me, assessment_id)
    result = carried = None
    differing: tuple[Statement, ...] = ()
    if found.alone.may_see_agreed_sheet():
        counted = counting(db.connection(), found, rubric)
        carried = carried_of(rubric, counted.answers)
        # What is taken over alone is no answer of the team's yet.
        result = score(rubric, values(counted.answers)) if values(counted.own) else None
        differing = tuple(rubric.statements[key] for key in differing_now(db.connection(), found, rubric, counted))
    page = AssessmentPage(
        found,
        rubric,
        state(found.cycle.rules, now.date()) if found.cycle else None,
        found.own(me.person_id),
        found.viewer(me),
        result,
        carried,
        answerable(found, now),
        me.may_agree(found.place),
        may_edit_agreed(found, me) and answerable(found, now),
        form,
        differing,
    )
    return render(request, "assessments/assessment.html", page, status)


def _agree_page(
    request: Request,
    db: Db,
    me: Actor,
    assessment_id: int,
    form: Checked[AgreeForm] | None,
    status: int = HTTP_200_OK,
) -> Response:
    found, rubric = found_with_rubric(db, me, assessment_id)
    if not me.may_agree(found.place):
        raise NotAllowed("Only the team's lead agrees on its result.")
    if not found.alone.may_change_agreed_sheet():
        raise Conflict("There is nothing to agree on now.")
    counted = counting(db.connection(), found, rubric)
    answers = counted.answers
    checked = form or filled(AgreeForm, version=found.sheet.version, above=mark(counted.taken))
    page = AgreePage(found, rubric, score(rubric, values(answers)), carried_of(rubric, answers), checked)
    return render(request, "assessments/agree.html", page, status)
