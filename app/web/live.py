"""Editing together: what others changed on the agreed sheet since a page was made, and who is at work on it."""

import datetime
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_204_NO_CONTENT, HTTP_304_NOT_MODIFIED

from app.actions.presence import note_present
from app.domain.asked_once import taken_by
from app.domain.errors import Invalid, NotAllowed
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.queries import live, sheets
from app.queries.asked_once import given_to
from app.queries.carrying import cycle_names
from app.queries.live import LiveSheet, Present
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Form, Number, check, line
from app.web.render import Site, render, translated
from app.web.rubric_reading import read_version
from app.web.sheet import OpenSheet, sheet_page
from app.web.sheet_saving import AnsweredPage

router = APIRouter()


class PresenceForm(Form):
    """`at` is the key of a statement, empty for none; `person` whose page it is, which may have been left open."""

    person: Number = 0
    at: Annotated[str, line(200)] = ""


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """`present` are the others at work; `answered` what the page shows anew, None where no answer moved."""

    rubric: Rubric
    home: str
    present: Sequence[Present]
    answered: AnsweredPage | None


@router.get("/assessments/{assessment_id}/agreed/changes", name="agreed-changes")
def changes(request: Request, db: Db, me: Me, now: Now, assessment_id: int, since: int = 0) -> Response:
    """Asked every other second: four statements where nothing moved, those of the sign-in among them."""
    found = _seen(db, me, assessment_id)
    version = found.line.version
    others = _others(db, me, found, now)
    tag = f'"{version}-{zlib.crc32(repr(others).encode()):08x}"'
    if request.headers.get("if-none-match") == tag and since == version:
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    answer = render(request, "sheet/_changes.html", _page(request, db, me, found, others, since))
    answer.headers["ETag"] = tag
    return answer


@router.post("/assessments/{assessment_id}/agreed/presence", name="agreed-presence")
def present(db: Db, me: Me, now: Now, posted: Posted, assessment_id: int) -> Response:
    """The page says every few seconds that it is open, and at which statement its reader is."""
    found = _seen(db, me, assessment_id)
    form = check(PresenceForm, posted).form
    if form is None:
        raise Invalid("Reload the page and try again.")
    if me.person_id is None or form.person not in (0, me.person_id) or not me.may_answer(found.place):
        raise NotAllowed("Who is at work on this sheet is said by those who answer it, of themselves.")
    rubric = read_version(db, me.organisation_id, found.line.rubric_version_id).rubric
    note_present(db, found.line, me.person_id, form.at if form.at in rubric.statements else None, now)
    return Response(status_code=HTTP_204_NO_CONTENT)


def _seen(db: Db, me: Actor, assessment_id: int) -> LiveSheet:
    found = live.live_sheet(db.connection(), me, assessment_id)
    if not found.alone.may_see_agreed_sheet():
        raise NotAllowed("Everybody answers alone first. What the team agrees on is seen after the reveal.")
    return found


def _others(db: Db, me: Actor, found: LiveSheet, now: datetime.datetime) -> list[Present]:
    here = live.present(db.connection(), me.organisation_id, found.line.sheet_id, now)
    return [each for each in here if each.person_id != me.person_id]


def _page(request: Request, db: Db, me: Actor, found: LiveSheet, others: Sequence[Present], since: int) -> ChangesPage:
    connection, sheet_line = db.connection(), found.line
    version = read_version(db, me.organisation_id, sheet_line.rubric_version_id)
    home = Site(request).path("agreed-sheet", assessment_id=sheet_line.assessment_id)
    if since == sheet_line.version:
        return ChangesPage(version.rubric, home, others, None)
    # A version that the sheet never had is of another time: everything is told.
    since = since if 0 <= since < sheet_line.version else 0
    answers = sheets.answers(connection, me.organisation_id, sheet_line.sheet_id)
    picks = sheets.last_picks(connection, me.organisation_id, sheet_line.sheet_id)
    given = given_to(connection, me.organisation_id, found.cycle_id, found.place.unit_path, version.rubric)
    taken = taken_by(version.rubric, given, found.place.unit_path)
    cycles = cycle_names(connection, me.organisation_id) if found.carried else {}
    sheet = OpenSheet(
        sheet_line, version, answers, home, "", person=me.person_id, live=True, cycles=cycles, taken=taken
    )
    changed = sheet.changed_since(since)
    touched = {version.rubric.category_of[key].key for key in changed}
    page = sheet_page(sheet, picks, translated(request), filled=touched)
    by = live.changed_by(connection, sheet_line, since, me.person_id)
    return ChangesPage(version.rubric, home, others, AnsweredPage(page, sheet_line.version, changed, "", by))
