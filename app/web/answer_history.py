"""The history of one answer: on the agreed sheet for whoever may see it, on an own sheet for its author alone."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rubric import Rubric, Statement
from app.domain.sheets import SavedAnswer
from app.queries.answer_history import answer_history
from app.queries.assessing import Assessing, assessing, own_sheet
from app.queries.sheets import SheetLine
from app.web.deps import Db, Me
from app.web.render import render, translated
from app.web.rubric_reading import read_version
from app.web.texts import Translated
from app.web.words import answer_word

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Changed:
    """One change in words; `note` is what it became where it changed, else None."""

    at: datetime.datetime
    person: str
    before: str
    after: str
    reason: str
    note: str | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    found: Assessing
    rubric: Rubric
    statement: Statement
    own: bool
    changes: Sequence[Changed]


@router.get("/assessments/{assessment_id}/agreed/history/{statement}", name="agreed-history")
def of_agreed(request: Request, db: Db, me: Me, assessment_id: int, statement: str) -> Response:
    found = assessing(db.connection(), me, assessment_id)
    if not found.alone.may_see_agreed_sheet():
        raise NotAllowed("Everybody answers alone first. What the team agrees on is seen after the reveal.")
    return _page(request, db, me, found, found.sheet, statement, own=False)


@router.get("/assessments/{assessment_id}/own/history/{statement}", name="own-history")
def of_own(request: Request, db: Db, me: Me, assessment_id: int, statement: str) -> Response:
    """How somebody came to their own answer is theirs, after the reveal too: others see what they submitted."""
    found = assessing(db.connection(), me, assessment_id)
    if me.person_id is None:
        raise Conflict("A service has no sheet of its own.")
    line = own_sheet(db.connection(), me.organisation_id, assessment_id, me.person_id)
    return _page(request, db, me, found, line, statement, own=True)


def _page(
    request: Request, db: Db, me: Actor, found: Assessing, line: SheetLine, statement: str, *, own: bool
) -> Response:
    connection = db.connection()
    rubric = read_version(db, me.organisation_id, line.rubric_version_id).rubric
    if statement not in rubric.statements:
        raise Missing("This rubric has no such statement.")
    asked, texts = rubric.statements[statement], translated(request)
    changes = [
        Changed(
            each.at,
            each.person,
            _word(rubric, asked, each.before, texts),
            _word(rubric, asked, each.after, texts),
            each.after.reason if each.after.reason != each.before.reason else "",
            each.after.note if each.after.note != each.before.note else None,
        )
        for each in answer_history(connection, line, statement)
    ]
    return render(request, "assessments/history.html", HistoryPage(found, rubric, asked, own, changes))


def _word(rubric: Rubric, statement: Statement, answer: SavedAnswer, texts: Translated) -> str:
    return answer_word(rubric, statement, answer.value, texts)
