"""How far a cycle has come in a part of the organisation: in figures, by unit, and who is waited for.

It looks at every assessment of the cycle, so it has an address of its own, which the dashboard asks for only while the
cycle runs. It says no more than the cycle's own page: what was done, and nothing of what anybody answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.cycles import CycleState, Stage, may_be_answered, overdue, state
from app.domain.errors import Missing
from app.domain.people import Actor
from app.queries import cycles, reminders
from app.queries.cycles import CycleLine, Standing
from app.queries.pages import Page
from app.queries.parts import Part
from app.queries.stages import Counts, stages
from app.web.dashboard import part_asked, unit_choices
from app.web.deps import Db, Me, Now
from app.web.lists import Asked, Listing, addressed
from app.web.render import render
from app.web.sheet_saving import FRAGMENT

router = APIRouter()

EVERY, WAITED_FOR = "all", ""
"""What the address calls the list of all, and that of those who have not agreed."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """How far a unit has come. `address` is its own progress, `remind` where its people are reminded; empty for none.

    `agreed_width` and `open_width` are the shares of the bar in percent: of what is agreed, and of what is begun.
    """

    name: str
    counts: Counts
    overdue: int
    address: str = ""
    remind: str = ""

    @property
    def asked(self) -> int:
        return sum(self.counts.values())

    @property
    def waited_for(self) -> int:
        return self.asked - self.counts[Stage.AGREED]

    @property
    def agreed_width(self) -> str:
        return _percent(self.counts[Stage.AGREED], self.asked)

    @property
    def open_width(self) -> str:
        return _percent(self.counts[Stage.SUBMITTED] + self.counts[Stage.BEGUN], self.asked)


@dataclass(frozen=True, slots=True)
class Progress:
    """`rows` are the units right below, and those teams that are in the unit itself, where somebody is asked."""

    cycle: CycleLine
    state: CycleState
    whole: StageRow
    rows: Sequence[StageRow]
    address: str


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """`waited_for`: who is, by assessment, for those lines whose people the reader may remind.

    Alone as a fragment there are no lines.
    """

    part: Part
    progress: Progress
    path: str
    unit_choices: Sequence[tuple[str, str]] = ()
    standings: Page[Standing] | None = None
    listing: Listing | None = None
    tabs: Sequence[tuple[str, str, int, bool]] = ()
    waited_for: Mapping[int, Sequence[str]] | None = None
    reminded: frozenset[int] = frozenset()
    first: str = ""
    further: str = ""
    done: str = ""


@router.get("/dashboard/progress", name="dashboard-progress")
def shown(
    request: Request,
    db: Db,
    me: Me,
    now: Now,
    asked: Asked,
    cycle: str = "",
    unit: str = "",
    stage: str = "",
    done: str = "",
) -> Response:
    part = part_asked(db, me, cycle, unit)
    if part is None:
        raise Missing("There is no cycle yet.")
    progress = _progress(request, db, me, now, part)
    page = ProgressPage(part, progress, request.app.url_path_for("dashboard-progress"), done=done)
    if FRAGMENT in request.headers:
        return render(request, "dashboard/_progress.html", page)
    return render(request, "dashboard/progress.html", _listed(db, me, page, asked, stage))


def _progress(request: Request, db: Db, me: Actor, now: Now, part: Part) -> Progress:
    today, organisation_id = now.date(), me.organisation_id
    cycle = cycles.cycle_line(db.connection(), organisation_id, part.cycle.id)
    path = request.app.url_path_for("dashboard-progress")
    remind = request.app.url_path_for("cycle-remind-ask", cycle_id=cycle.id)
    found = stages(db.connection(), organisation_id, cycle.id, cycle.closed_at, part.unit_id, part.path)
    runs = may_be_answered(cycle.rules, today)

    def row(name: str, counts: Counts, unit_id: int = 0, unit_path: str = "") -> StageRow:
        may = runs and me.may_manage_cycles(unit_path or cycle.unit_path)
        unit = {"unit": str(unit_id)} if unit_id else {}
        here = StageRow(name, counts, overdue(cycle.rules, counts, today))
        return replace(
            here,
            address=addressed(path, {"cycle": str(cycle.id), **unit}),
            remind=addressed(remind, unit) if may and here.waited_for else "",
        )

    whole = row(part.unit.name if part.unit else "", found.counts, part.unit_id, part.path)
    below = [row(each.name, each.counts, each.id, f"{part.path or '/'}{each.id}/") for each in found.below]
    own = [StageRow("", found.here, overdue(cycle.rules, found.here, today))] if part.unit and below else []
    rows = [each for each in (*own, *below) if each.asked]
    return Progress(cycle, state(cycle.rules, today), whole, rows, whole.address)


def _listed(db: Db, me: Actor, page: ProgressPage, asked: Listing, stage: str) -> ProgressPage:
    """The page with the assessments that are asked for."""
    part, counts = page.part, page.progress.whole.counts
    if stage not in {EVERY, WAITED_FOR, *Stage}:
        raise Missing("There is no such list.")
    found = cycles.standings(
        db.connection(),
        me,
        part.cycle.id,
        search=asked.search,
        stage=Stage(stage) if stage in {*Stage} else None,
        unit_path=part.path,
        agreed=stage != WAITED_FOR,
        after=asked.after,
    )
    more = {"cycle": part.asked["cycle"], "unit": part.asked["unit"], "stage": stage}
    theirs = [each.assessment_id for each in found.lines if me.may_manage_cycles(each.place.unit_path)]
    named = reminders.waited_for(db.connection(), me.organisation_id, theirs) if theirs else {}
    tabs = [(WAITED_FOR, page.progress.whole.waited_for), *counts.items(), (EVERY, page.progress.whole.asked)]
    return replace(
        page,
        unit_choices=unit_choices(me, part),
        standings=found,
        listing=asked,
        tabs=[(name, addressed(page.path, {**more, "stage": name}), n, name == stage) for name, n in tabs],
        waited_for=named,
        reminded=frozenset(theirs),
        first=asked.first(page.path, more),
        further=asked.further(page.path, found.after, more),
    )


def _percent(count: int, of: int) -> str:
    return f"{100 * count / (of or 1):.1f}%"
