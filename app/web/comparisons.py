"""After the reveal: statement by statement who answered what, the farthest apart first, and what is decided."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import sheets as saving
from app.actions.assessing import check_answered_now, dissent
from app.domain.agreement import Agreement, StatementComparison, Strength, agreement, compared, in_words
from app.domain.agreement import OwnSheet as Submitted
from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value
from app.domain.asked_once import GivenAbove
from app.domain.errors import Conflict, Invalid, NotAllowed, Sentence
from app.domain.evidence import Held
from app.domain.people import Actor
from app.domain.rubric import AnswerWord, Category, Rubric, Statement
from app.domain.sheets import NEVER_ANSWERED, Change, Mutation, SavedAnswer, values
from app.queries import sheets
from app.queries.agreements import DissentLine, dissents
from app.queries.asked_once import taken_over_by
from app.queries.assessing import Assessing, answers_of_sheets, assessing
from app.web.assessments import answerable, may_edit_agreed
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, line, lines
from app.web.own_sheets import held
from app.web.render import render, translated
from app.web.rubric_reading import read_version
from app.web.texts import Translated
from app.web.words import answer_word

router = APIRouter()


class DecideForm(Form):
    base: Number
    value: Value
    reason: Annotated[str, line(REASON_LIMIT)] = ""
    note: Annotated[str, lines(NOTE_LIMIT)] = ""


class TakeForm(Form):
    base: Number


class DissentForm(Form):
    note: Annotated[str, lines(NOTE_LIMIT)]


@dataclass(frozen=True, slots=True)
class Word:
    """What one respondent said of a statement."""

    person: str
    value: Value | None
    word: str
    reason: str
    note: str
    own: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement with everybody's word on it, what is agreed so far, and what was typed if it was refused."""

    comparison: StatementComparison
    statement: Statement
    category: Category
    answers: tuple[AnswerWord, ...]
    words: tuple[Word, ...]
    agreed: SavedAnswer
    agreed_word: str
    dissents: tuple[DissentLine, ...]
    form: Checked[DecideForm] | None

    @property
    def decided(self) -> bool:
        return self.agreed.value is not None

    @property
    def taken(self) -> bool:
        """Whether the agreed sheet holds what all said."""
        return self.comparison.unanimous and self.agreed.value == self.comparison.proposal


@dataclass(frozen=True, slots=True)
class Taken:
    """What the team does not decide, because it is answered above."""

    statement: Statement
    word: str
    above: GivenAbove


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """`apart` are the statements that people see differently, `alike` those where all say the same."""

    found: Assessing
    rubric: Rubric
    agreement: Agreement
    strength: Strength | None
    apart: tuple[Compared, ...]
    alike: tuple[Compared, ...]
    decides: bool
    may_agree: bool
    may_dissent: bool
    problem: str
    evidence: Held
    taken: tuple[Taken, ...]

    @property
    def undecided(self) -> int:
        return sum(not each.decided for each in self.apart)

    @property
    def to_take(self) -> int:
        return sum(not each.taken for each in self.alike)

    @property
    def ready(self) -> bool:
        """Whether the reader can agree on the result: nothing is left to be taken over or decided."""
        return self.may_agree and not self.undecided and not self.to_take


@router.get("/assessments/{assessment_id}/comparison", name="comparison")
def shown(request: Request, db: Db, me: Me, now: Now, assessment_id: int) -> Response:
    return _page(request, db, me, now, assessment_id)


@router.post("/assessments/{assessment_id}/comparison", name="comparison-take")
def take(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int) -> Response:
    """Take over into the agreed sheet whatever all said alike."""
    found, rubric = _decidable(db, me, now, assessment_id)
    checked = check(TakeForm, posted)
    if checked.form is None:
        raise Invalid("Reload the page and try again.")
    given, taken = _submitted(db, found), taken_over_by(db.connection(), found, rubric)
    changes = {
        each.statement: Change(each.proposal, reason=_reason(given, each))
        for each in compared(rubric, _sheets(found, given))
        if each.unanimous and each.statement not in taken
    }
    try:
        _save(db, me, now, found, rubric, checked.form.base, changes)
    except Conflict as refused:
        return _page(request, db, me, now, assessment_id, problem=str(refused), status=HTTP_409_CONFLICT)
    return _back(request, assessment_id)


@router.post("/assessments/{assessment_id}/comparison/{statement}", name="comparison-decide")
def decide(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int, statement: str) -> Response:
    found, rubric = _decidable(db, me, now, assessment_id)
    checked = check(DecideForm, posted)
    if checked.form is None:
        return _again(request, db, me, now, assessment_id, statement, checked, Sentence("Choose an answer."))
    form = checked.form
    reason = form.reason if form.value is Value.NOT_APPLICABLE else ""
    try:
        _save(db, me, now, found, rubric, form.base, {statement: Change(form.value, reason, form.note)})
    except Conflict as refused:
        return _page(request, db, me, now, assessment_id, problem=str(refused), status=HTTP_409_CONFLICT)
    except Invalid as refused:
        return _again(request, db, me, now, assessment_id, statement, checked, str(refused))
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/dissent/{statement}", name="assessment-dissent")
def disagree(
    request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int, statement: str
) -> Response:
    """Put one's own word on record where the team agrees on another."""
    checked = check(DissentForm, posted)
    if checked.form is None:
        raise Invalid("Say why you see it differently: one sentence is enough.")
    found = assessing(db.connection(), me, assessment_id)
    own = _submitted(db, found).get(me.person_id or 0, {}).get(statement, NEVER_ANSWERED)
    dissent(db, me, assessment_id, statement, own.value, checked.form.note, now)
    return _back(request, assessment_id, statement)


def _decidable(db: Db, me: Actor, now: Now, assessment_id: int) -> tuple[Assessing, Rubric]:
    found = assessing(db.connection(), me, assessment_id)
    _check_compares(found, me)
    check_answered_now(found, now.date())
    if not may_edit_agreed(found, me):
        raise NotAllowed("The team's lead decides, as long as nothing is agreed.")
    return found, read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric


def _check_compares(found: Assessing, me: Actor) -> None:
    if not found.alone.may_compare(found.viewer(me)):
        raise NotAllowed("The answers are compared after the reveal, by those who submitted theirs and by the lead.")


def _submitted(db: Db, found: Assessing) -> Mapping[int, Mapping[str, SavedAnswer]]:
    """The answers of all who submitted, by person."""
    people = {one.sheet_id: one.person_id for one in found.respondents if one.submitted_at and one.sheet_id}
    given = answers_of_sheets(db.connection(), found.sheet.organisation_id, people)
    return {person: given.get(sheet_id, {}) for sheet_id, person in people.items()}


def _sheets(found: Assessing, given: Mapping[int, Mapping[str, SavedAnswer]]) -> Sequence[Submitted]:
    categories = {one.person_id: frozenset(one.categories) or None for one in found.respondents}
    return [Submitted(person, values(answers), categories[person]) for person, answers in given.items()]


def _reason(given: Mapping[int, Mapping[str, SavedAnswer]], comparison: StatementComparison) -> str:
    """Why it does not apply, in the words of the first who said so."""
    reasons = (given[person].get(comparison.statement, NEVER_ANSWERED).reason for person in comparison.values)
    return next((reason for reason in reasons if reason), "")


def _save(
    db: Db, me: Actor, now: Now, found: Assessing, rubric: Rubric, base: int, changes: Mapping[str, Change]
) -> None:
    mutation, taken = Mutation(uuid.uuid4().hex, base, changes), taken_over_by(db.connection(), found, rubric)
    saving.save(db, found.sheet, rubric, mutation, now, by=me.person_id, above=taken)


def _back(request: Request, assessment_id: int, statement: str = "") -> Response:
    path = request.app.url_path_for("comparison", assessment_id=assessment_id)
    return RedirectResponse(f"{path}#statement-{statement}" if statement else path, 303)


def _again(
    request: Request,
    db: Db,
    me: Actor,
    now: Now,
    assessment_id: int,
    statement: str,
    form: Checked[DecideForm],
    problem: str,
) -> Response:
    typed = {statement: form.refused(problem, "value")}
    return _page(request, db, me, now, assessment_id, typed, problem, HTTP_422_UNPROCESSABLE_CONTENT)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: Now,
    assessment_id: int,
    typed: Mapping[str, Checked[DecideForm]] | None = None,
    problem: str = "",
    status: int = HTTP_200_OK,
) -> Response:
    connection = db.connection()
    found = assessing(connection, me, assessment_id)
    _check_compares(found, me)
    rubric = read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric
    taken = taken_over_by(connection, found, rubric)
    # What is answered above is not the team's to compare and decide, though some answered it before.
    given = {
        person: {key: answer for key, answer in answers.items() if key not in taken}
        for person, answers in _submitted(db, found).items()
    }
    own = _sheets(found, given)
    agreed = sheets.answers(connection, me.organisation_id, found.sheet.sheet_id)
    said = dissents(connection, me.organisation_id, assessment_id)
    alpha = agreement(rubric, own)
    lines = [
        _compared(each, rubric, found, me, given, agreed, said, (typed or {}).get(each.statement), translated(request))
        for each in compared(rubric, own)
        if any(value is not None for value in each.values.values())
    ]
    decides = may_edit_agreed(found, me) and answerable(found, now)
    page = ComparisonPage(
        found,
        rubric,
        alpha,
        in_words(alpha.alpha),
        tuple(each for each in lines if not each.comparison.unanimous),
        tuple(each for each in lines if each.comparison.unanimous),
        decides,
        decides and me.may_agree(found.place),
        me.may_answer(found.place),
        problem,
        held(db, me, found, now),
        tuple(_taken(rubric, key, above, translated(request)) for key, above in taken.items()),
    )
    return render(request, "assessments/comparison.html", page, status)


def _taken(rubric: Rubric, key: str, above: GivenAbove, words: Translated) -> Taken:
    statement = rubric.statements[key]
    return Taken(statement, answer_word(rubric, statement, above.answer.value, words), above)


def _compared(
    comparison: StatementComparison,
    rubric: Rubric,
    found: Assessing,
    me: Actor,
    given: Mapping[int, Mapping[str, SavedAnswer]],
    agreed: Mapping[str, SavedAnswer],
    said: Sequence[DissentLine],
    form: Checked[DecideForm] | None,
    words: Translated,
) -> Compared:
    key = comparison.statement
    statement, names = rubric.statements[key], {one.person_id: one.name for one in found.respondents}

    def word(person: int) -> Word:
        answer = given[person].get(key, NEVER_ANSWERED)
        spoken = answer_word(rubric, statement, answer.value, words)
        return Word(names[person], answer.value, spoken, answer.reason, answer.note, own=person == me.person_id)

    standing = agreed.get(key, NEVER_ANSWERED)
    return Compared(
        comparison,
        statement,
        rubric.category_of[key],
        rubric.words(statement),
        tuple(word(person) for person in comparison.values),
        standing,
        answer_word(rubric, statement, standing.value, words),
        tuple(each for each in said if each.statement == key),
        form,
    )
