"""Cycles: their list, a cycle with how far everybody has come, and extending, closing and reopening one."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import cycles as opening
from app.actions import running_cycles as changing
from app.domain.answers import REASON_LIMIT
from app.domain.cycles import CycleState, Stage, state
from app.domain.errors import Invalid, Missing
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.queries import cycles, reminders, rubrics, units
from app.queries.asked_once import differing_in_cycle
from app.queries.carrying import Copying, copying
from app.queries.cycles import CycleLine, Standing
from app.queries.pages import Page
from app.queries.unasked import Unasked, teams_unasked
from app.web.answered_above import AskedOnce, asked_once_of
from app.web.cycle_seen import seen_cycle
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, check, filled, line
from app.web.lists import Asked, Listing
from app.web.render import render
from app.web.rubric_reading import read_version
from app.web.units import choices

router = APIRouter()


class DayForm(Form):
    due_on: datetime.date


class ReopenForm(Form):
    reason: Annotated[str, line(REASON_LIMIT)]


@dataclass(frozen=True, slots=True)
class Summary:
    """A cycle, where it stands today, and how many assessments have come how far."""

    cycle: CycleLine
    rubric: Rubric
    state: CycleState
    counts: Mapping[Stage, int]

    @property
    def asked(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class CyclesPage:
    cycles: Sequence[Summary]
    may_open: bool
    first: str
    further: str


@dataclass(frozen=True, slots=True)
class CyclePage:
    """`waited_for`: who is, by assessment; None for whom it is not. `done`: a word for what just happened.

    `unasked` are the teams that could be asked too, None for whom it is not.
    `carried` names the cycle whose answers it begins with; `copying` is how far these are copied, None when done.
    `differing` are the statements of agreed results for which something else is said above by now, by assessment.
    `newer` is the number of a newer version of the rubric, which the cycle can go on with; None where there is none.
    """

    summary: Summary
    standings: Page[Standing]
    listing: Listing
    stage: Stage | None
    first: str
    further: str
    may_manage: bool
    waited_for: Mapping[int, Sequence[str]] | None
    done: str
    due: Checked[DayForm]
    reopen: Checked[ReopenForm]
    carried: str = ""
    copying: Copying | None = None
    asked_once: AskedOnce | None = None
    differing: Mapping[int, Sequence[str]] = field(default_factory=dict)
    unasked: Unasked | None = None
    newer: int | None = None

    @property
    def cycle(self) -> CycleLine:
        return self.summary.cycle


@router.get("/cycles", name="cycles")
def shown(request: Request, db: Db, me: Me, now: Now, asked: Asked) -> Response:
    found, path = cycles.cycle_lines(db.connection(), me, asked.after), request.app.url_path_for("cycles")
    page = CyclesPage(
        summaries(db, me, found.lines, now.date()),
        bool(scopes(db, me)),
        asked.first(path),
        asked.further(path, found.after),
    )
    return render(request, "cycles/cycles.html", page)


@router.get("/cycles/{cycle_id}", name="cycle")
def cycle(
    request: Request, db: Db, me: Me, now: Now, asked: Asked, cycle_id: int, stage: str = "", done: str = ""
) -> Response:
    return _page(request, db, me, now, cycle_id, asked, _stage(stage), done=done)


@router.post("/cycles/{cycle_id}/due", name="cycle-extend")
def extend(request: Request, db: Db, me: Me, posted: Posted, now: Now, cycle_id: int) -> Response:
    seen_cycle(db, me, cycle_id)
    checked = check(DayForm, posted)
    try:
        if checked.form is None:
            return _page(request, db, me, now, cycle_id, due=checked)
        changing.extend_cycle(db, me, cycle_id, checked.form.due_on, now.date(), now)
    except Invalid as refused:
        return _page(request, db, me, now, cycle_id, due=checked.refused(refused, "due_on"))
    return to_cycle(request, cycle_id)


@router.post("/cycles/{cycle_id}/teams", name="cycle-ask-more")
def ask_more(request: Request, db: Db, me: Me, now: Now, cycle_id: int) -> Response:
    """Ask the teams that came into the cycle's part of the organisation since it was opened."""
    seen_cycle(db, me, cycle_id)
    opening.ask_more(db, me, cycle_id, (), (), now)
    return to_cycle(request, cycle_id)


@router.post("/cycles/{cycle_id}/copying", name="cycle-copy-again")
def copy_again(request: Request, db: Db, me: Me, now: Now, cycle_id: int) -> Response:
    """Have what the sheets begin with copied on, where that failed."""
    seen_cycle(db, me, cycle_id)
    changing.carry_on_again(db, me, cycle_id, now)
    return to_cycle(request, cycle_id)


@router.post("/cycles/{cycle_id}/close", name="cycle-close")
def close(request: Request, db: Db, me: Me, now: Now, cycle_id: int) -> Response:
    seen_cycle(db, me, cycle_id)
    changing.close_cycle(db, me, cycle_id, now)
    return to_cycle(request, cycle_id)


@router.post("/cycles/{cycle_id}/reopen", name="cycle-reopen")
def reopen(request: Request, db: Db, me: Me, posted: Posted, now: Now, cycle_id: int) -> Response:
    seen_cycle(db, me, cycle_id)
    checked = check(ReopenForm, posted)
    if checked.form is None:
        return _page(request, db, me, now, cycle_id, reopen=checked)
    changing.reopen_cycle(db, me, cycle_id, checked.form.reason, now.date(), now)
    return to_cycle(request, cycle_id)


def to_cycle(request: Request, cycle_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("cycle", cycle_id=cycle_id), 303)


def summaries(db: Db, me: Actor, found: Sequence[CycleLine], today: datetime.date) -> Sequence[Summary]:
    """These cycles with where they stand. One statement, and one for each rubric that the process has not read yet."""
    connection = db.connection()
    counts = cycles.counts(connection, me.organisation_id, [each.id for each in found]) if found else {}
    return [
        Summary(
            each,
            read_version(db, me.organisation_id, each.rubric_version_id).rubric,
            state(each.rules, today),
            counts[each.id],
        )
        for each in found
    ]


def _page(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    cycle_id: int,
    asked: Listing | None = None,
    stage: Stage | None = None,
    due: Checked[DayForm] | None = None,
    reopen: Checked[ReopenForm] | None = None,
    done: str = "",
) -> Response:
    cycle, listing = seen_cycle(db, me, cycle_id), asked or Listing("", archived=False, after=None)
    found = cycles.standings(db.connection(), me, cycle_id, search=listing.search, stage=stage, after=listing.after)
    path = request.app.url_path_for("cycle", cycle_id=cycle_id)
    more = {"stage": stage.value} if stage else {}
    manages = me.may_manage_cycles(cycle.unit_path)
    shown = [line.assessment_id for line in found.lines]
    waited_for = reminders.waited_for(db.connection(), me.organisation_id, shown) if manages else None
    summary = summaries(db, me, [cycle], now.date())[0]
    page = CyclePage(
        summary,
        found,
        listing,
        stage,
        listing.first(path, more),
        listing.further(path, found.after, more),
        manages,
        waited_for,
        done,
        due or filled(DayForm, due_on=cycle.due_on),
        reopen or filled(ReopenForm),
        asked_once=asked_once_of(db, me, cycle, summary.rubric),
        differing=differing_in_cycle(db.connection(), me.organisation_id, cycle_id, summary.rubric, found.lines),
    )
    if manages and cycle.closed_at is None:
        subject = page.summary.rubric.subject
        page = replace(
            page,
            unasked=teams_unasked(db.connection(), me.organisation_id, cycle, subject),
            newer=rubrics.newer(db.connection(), me.organisation_id, cycle.rubric_version_id),
        )
    if cycle.carried_from is not None:
        begun_with = cycles.cycle_line(db.connection(), me.organisation_id, cycle.carried_from).name
        under_way = copying(db.connection(), me.organisation_id, cycle_id)
        page = replace(page, carried=begun_with, copying=under_way)
    status = HTTP_422_UNPROCESSABLE_CONTENT if due or reopen else HTTP_200_OK
    return render(request, "cycles/cycle.html", page, status)


def scopes(db: Db, me: Actor) -> Sequence[tuple[str, str]]:
    """The parts of the organisation whose cycles the actor may open."""
    if me.may_manage_cycles():
        return [("", "")]
    return choices(each for each in units.unit_lines(db.connection(), me) if me.may_manage_cycles(each.path))


def _stage(word: str) -> Stage | None:
    if not word:
        return None
    try:
        return Stage(word)
    except ValueError:
        raise Missing("There is no such list.") from None
