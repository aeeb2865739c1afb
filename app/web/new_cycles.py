"""Opening a cycle: which rubric, which teams, from when until when."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.cycles import NewCycle, open_cycle
from app.actions.running_cycles import ONLY_MANAGERS
from app.domain.cycles import Mode, Schedule
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.people import Actor
from app.queries import rubrics, teams, units
from app.web.carried import LAST, earlier, earlier_choices
from app.web.cycles import scopes, to_cycle
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled, line
from app.web.render import render
from app.web.rubric_reading import read_choices
from app.web.units import NAME_LIMIT, choices

router = APIRouter()

USUAL = datetime.timedelta(days=28)
"""From the opening to the due day that the form of a new cycle proposes."""
OFFERED_TEAMS = 200
"""Teams that the form of a new cycle offers one by one; where there are more, units choose."""


class OpenForm(Form):
    """`before` and `after` are days as people write them: "7, 1".

    `carried_from` is the number of a cycle, LAST, or empty where the sheets begin empty.
    """

    name: Annotated[str, line(NAME_LIMIT)]
    rubric: Annotated[str, line(100)]
    mode: Mode
    opens_on: datetime.date
    due_on: datetime.date
    unit_id: Number | None = None
    units: tuple[Number, ...] = ()
    teams: tuple[Number, ...] = ()
    before: Annotated[str, line(100)] = ""
    after: Annotated[str, line(100)] = ""
    carried_from: Annotated[str, line(20)] = ""


@dataclass(frozen=True, slots=True)
class NewCyclePage:
    """`scopes` are the parts of the organisation whose cycle the reader may open; `units` and `teams` are to choose."""

    form: Checked[OpenForm]
    rubrics: Sequence[tuple[str, str]]
    scopes: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]
    earlier: Sequence[tuple[str, str]]


@router.get("/cycles/new", name="cycle-new")
def new(request: Request, db: Db, me: Me, now: Now) -> Response:
    today = now.date()
    proposed = filled(
        OpenForm,
        rubric=rubrics.default_rubric(db.connection(), me.organisation_id),
        mode=Mode.ALONE_FIRST,
        opens_on=today,
        due_on=today + USUAL,
        before="7, 1",
        after="3",
        carried_from=LAST,
    )
    return _new_page(request, db, me, proposed)


@router.post("/cycles/new", name="cycle-open")
def open_one(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    if not scopes(db, me):
        raise NotAllowed(ONLY_MANAGERS)
    checked = check(OpenForm, posted)
    if checked.form is None:
        return _new_page(request, db, me, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    form = checked.form
    try:
        schedule = Schedule(_days(form.before), _days(form.after))
        chosen = NewCycle(
            form.name,
            form.rubric,
            form.mode,
            form.opens_on,
            form.due_on,
            form.unit_id,
            form.units,
            form.teams,
            schedule,
            earlier(db, me.organisation_id, form.carried_from, form.rubric, form.unit_id),
        )
        # What was made of a cycle that is refused in the end is not kept.
        with db.begin_nested():
            cycle = open_cycle(db, me, chosen, now)
    except (Invalid, Conflict) as refused:
        return _new_page(request, db, me, checked.refused(refused), HTTP_422_UNPROCESSABLE_CONTENT)
    return to_cycle(request, cycle.id)


def _new_page(request: Request, db: Db, me: Actor, form: Checked[OpenForm], status: int = HTTP_200_OK) -> Response:
    parts = scopes(db, me)
    if not parts:
        raise NotAllowed(ONLY_MANAGERS)
    connection = db.connection()
    mine = [each for each in units.unit_lines(connection, me) if me.may_manage_cycles(each.path)]
    found = teams.team_lines(connection, me, limit=OFFERED_TEAMS)
    offered = [each for each in found.lines if me.may_manage_cycles(each.unit_path)] if found.after is None else []
    page = NewCyclePage(
        form,
        _rubrics(db, me),
        parts,
        choices(mine),
        [(str(each.id), f"{each.name} ({each.unit})") for each in offered],
        earlier_choices(db, me.organisation_id, dict(_rubrics(db, me)), dict(parts)),
    )
    return render(request, "cycles/new.html", page, status)


def _rubrics(db: Db, me: Actor) -> Sequence[tuple[str, str]]:
    """The rubrics that the organisation offers, with their titles; the default one first."""
    offered = read_choices(db, me.organisation_id)
    return [(key, rubric.title) for key, rubric in offered]


def _days(text: str) -> tuple[int, ...]:
    days = [each.strip() for each in text.split(",") if each.strip()]
    if not all(each.isascii() and each.isdecimal() and len(each) < 5 for each in days):
        raise Invalid("Write the days of reminders as numbers with commas between them, such as 7, 1.")
    return tuple(int(each) for each in days)
