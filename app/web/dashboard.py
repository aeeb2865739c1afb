"""The organisation at a glance: one page of what is counted of agreed results, whose address says all that is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.charts.picture import RadarFigure
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rollup import WHOLE, Headline, Movement, Overview, headline
from app.domain.rubric import Rubric, Subject
from app.domain.text import plain
from app.queries import dashboard, rubrics, units
from app.queries.dashboard import CycleChoice
from app.queries.units import UnitLine
from app.web import overview as shown_as
from app.web.deps import Db, Me
from app.web.heat_map import HeatAsked, HeatView, heat_view
from app.web.lists import addressed
from app.web.overview import Block, Column, Lift, Limit, Spread
from app.web.pictures import Picture, plotly_figures
from app.web.render import render, translated
from app.web.units import choices

router = APIRouter()

MOST_CYCLES = 12
"""Cycles that the trend shows, the newest ones."""
WHOLE_WORDS = "the whole organisation"


@dataclass(frozen=True, slots=True)
class Part:
    """What the reader asked to see, as far as they may: a cycle in a unit, or in the whole organisation (None)."""

    cycle: CycleChoice
    before: CycleChoice | None
    unit: UnitLine | None
    rubric: Rubric
    cycles: Sequence[CycleChoice]
    units: Sequence[UnitLine]

    @property
    def unit_id(self) -> int:
        return self.unit.id if self.unit else WHOLE

    @property
    def befores(self) -> Sequence[CycleChoice]:
        """Cycles by the same rubric that it can be compared with, the last due first."""
        return [each for each in self.cycles if each.rubric == self.cycle.rubric and each.id != self.cycle.id]

    @property
    def asked(self) -> dict[str, str]:
        return {
            "cycle": str(self.cycle.id),
            "unit": str(self.unit.id) if self.unit else "",
            "since": str(self.before.id) if self.before else "",
        }


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """Everything is None or empty where nothing is agreed in the part; without any cycle there is no part."""

    part: Part | None = None
    path: str = ""
    overview: Overview | None = None
    head: Headline | None = None
    moves: Movement | None = None
    columns: Sequence[Column] = ()
    overall: Spread | None = None
    categories: Sequence[Spread] = ()
    units_below: Sequence[Spread] = ()
    limits: Sequence[Limit] = ()
    blocks: Sequence[Block] = ()
    lifts: Sequence[Sequence[Lift]] = ()
    trend: Sequence[Spread] = ()
    radar: Picture | None = None
    radar_address: str = ""
    heat: HeatView | None = None
    unit_choices: Sequence[tuple[str, str]] = ()
    share: str = ""

    @property
    def teams(self) -> int:
        return self.overview.teams if self.overview else 0

    @property
    def of_systems(self) -> bool:
        return bool(self.part) and self.part.rubric.subject is Subject.MODEL  # type: ignore[union-attr]

    @property
    def best(self) -> Lift | None:
        """What lifts most, the smallest of those that lift as many."""
        every = [lift for lifts in self.lifts for lift in lifts]
        return max(every, key=lambda lift: (lift.teams, -len(lift.statements)), default=None)

    @property
    def flows(self) -> Sequence[tuple[Column, Sequence[int]]]:
        """A row for each level before that somebody came from, with how many stand at each level now."""
        if self.moves is None:
            return ()
        flows = self.moves.flows
        rows = [(then, [flows.get((then.level, now.level), 0) for now in self.columns]) for then in self.columns]
        return [(then, counts) for then, counts in rows if any(counts)]

    @property
    def taken(self) -> dict[str, str]:
        """What a file of this page is asked for with."""
        if self.part is None or self.heat is None:
            return {}
        asked = self.heat.asked
        level = "" if asked.level is None else str(asked.level)
        return {**self.part.asked, "q": asked.search, "level": level, "limiting": asked.limiting, "moved": asked.moved}

    @property
    def filtered(self) -> bool:
        """Whether some teams are left out of the table."""
        return self.part is not None and any(self.taken[name] for name in ("q", "level", "limiting", "moved"))

    def address(self, **more: str) -> str:
        """This page with something else asked."""
        return addressed(self.path, {**(self.part.asked if self.part else {}), **more})


@router.get("/dashboard", name="dashboard")
def shown(
    request: Request,
    db: Db,
    me: Me,
    cycle: str = "",
    unit: str = "",
    since: str = "",
    q: str = "",
    level: str = "",
    limiting: str = "",
    moved: str = "",
    sort: str = "",
    after: str = "",
) -> Response:
    part = asked_part(db, me, cycle, unit, since)
    path = request.app.url_path_for("dashboard")
    if part is None:
        return render(request, "dashboard/dashboard.html", DashboardPage(path=path))
    heat = HeatAsked(plain(q.strip(), 200), number(level), limiting, moved, sort, after)
    return render(request, "dashboard/dashboard.html", _page(request, db, me, part, path, heat))


@router.get("/dashboard/radar.json", name="dashboard-radar")
def radar(request: Request, db: Db, me: Me, cycle: str = "", unit: str = "") -> Response:
    part = asked_part(db, me, cycle, unit, "")
    if part is None:
        raise Missing("There is nothing to draw yet.")
    figure = _radar(request, part, dashboard.overview(db.connection(), me.organisation_id, part.cycle.id, part.unit_id))
    return Response(orjson.dumps(plotly_figures(figure)), media_type="application/json")


def asked_part(db: Db, me: Actor, cycle: str, unit: str, since: str) -> Part | None:
    """NotAllowed for whom no dashboard is, Missing for a cycle or a unit that is not theirs; None without any cycle."""
    connection = db.connection()
    if not me.may_see_dashboard():
        raise NotAllowed("The dashboard is for managers and admins, and for all where the organisation is open.")
    seen = units.unit_lines(connection, me)
    chosen = number(unit)
    if chosen is None and not me.may_see_organisation():
        chosen = next((each.id for each in seen if me.may_see_unit(each.path)), None)
        if chosen is None:
            raise Missing("The unit that you manage is not there any more.")
    here = dashboard.seen_part(connection, me, WHOLE if chosen is None else chosen)
    cycles = [each for each in dashboard.cycle_choices(connection, me.organisation_id) if _concerns(each, here, seen)]
    if not cycles:
        return None
    asked = number(cycle)
    one = cycles[0] if asked is None else next((each for each in cycles if each.id == asked), None)
    if one is None:
        raise Missing("There is no such cycle.")
    rubric = rubrics.published(connection, me.organisation_id, one.rubric_version_id).rubric
    part = Part(one, None, here, rubric, cycles, seen)
    return Part(one, _before(part, number(since)), here, rubric, cycles, seen)


def _before(part: Part, asked: int | None) -> CycleChoice | None:
    """The cycle to compare with: the one asked for, else the last one before."""
    if asked is not None:
        found = next((each for each in part.befores if each.id == asked), None)
        if found is None:
            raise Missing("There is no such cycle to compare with.")
        return found
    return next((each for each in part.befores if (each.due_on, each.id) < (part.cycle.due_on, part.cycle.id)), None)


def _concerns(cycle: CycleChoice, here: UnitLine | None, seen: Sequence[UnitLine]) -> bool:
    """Whether a cycle may ask teams of the shown part: one of the whole organisation, of a unit above it, or below."""
    if cycle.unit_id is None or here is None:
        return True
    below = next((each for each in seen if each.id == cycle.unit_id), None)
    return f"/{cycle.unit_id}/" in here.path or (below is not None and below.path.startswith(here.path))


def _page(request: Request, db: Db, me: Actor, part: Part, path: str, heat: HeatAsked) -> DashboardPage:
    connection, organisation_id, rubric = db.connection(), me.organisation_id, part.rubric
    found = dashboard.overview(connection, organisation_id, part.cycle.id, part.unit_id)
    offered = choices(part.units, top=WHOLE_WORDS if me.may_see_organisation() else "")
    if not found.teams:
        return DashboardPage(part, path, unit_choices=offered)
    by_rubric = [each for each in part.cycles if each.rubric == part.cycle.rubric][:MOST_CYCLES]
    points = dashboard.trend(connection, organisation_id, [each.id for each in by_rubric], part.unit_id)
    names = {each.id: each.name for each in by_rubric}
    before = next((each.overall for each in points if part.before and each.cycle_id == part.before.id), None)
    moves = None
    if part.before:
        moves = dashboard.movement(connection, organisation_id, part.before.id, part.cycle.id, part.unit_id)
    below = dashboard.unit_rows(connection, organisation_id, part.cycle.id, part.unit_id)
    return DashboardPage(
        part,
        path,
        found,
        headline(rubric, found, moves),
        moves,
        shown_as.columns(rubric, found.overall, before),
        shown_as.spread(rubric, "", found.overall),
        shown_as.categories(rubric, found),
        [shown_as.spread(rubric, each.name, each.overall, each.id) for each in below if each.overall.teams],
        shown_as.limits(rubric, found),
        shown_as.blocks(rubric, found),
        shown_as.lifts(rubric, found),
        [shown_as.spread(rubric, names[each.cycle_id], each.overall) for each in points if each.overall.teams],
        shown_as.radar_picture(_radar(request, part, found)),
        addressed(
            request.app.url_path_for("dashboard-radar"), {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
        ),
        heat_view(db, organisation_id, part.cycle, part.before, part.unit, rubric, heat, path, part.asked),
        offered,
        addressed(
            request.app.url_path_for("share-part-new"), {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
        ),
    )


def _radar(request: Request, part: Part, found: Overview) -> RadarFigure:
    return shown_as.radar_of(part.rubric, found, translated(request))


def number(text: str) -> int | None:
    """A number of an address; None where nothing is asked. Invalid for what is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid("This is none of the choices.")
    return int(text)
