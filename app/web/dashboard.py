"""The organisation at a glance: one page of what is counted of agreed results, whose address says all that is asked."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.cycles import may_be_answered
from app.domain.errors import Invalid, Sentence
from app.domain.people import Actor
from app.domain.rollup import NOBODY, Headline, Movement, Overview, sharing_first
from app.domain.rubric import Category, Rubric, Subject
from app.domain.text import plain
from app.queries import parts
from app.queries.dashboard import CycleChoice, TrendPoint
from app.queries.parts import Figures, Part
from app.web import overview as shown_as
from app.web.charts import ChartView, view
from app.web.dashboard_charts import ChartName, ChartsOf, chart
from app.web.deps import Db, Me, Now
from app.web.heat_map import HeatAsked, HeatView, heat_view
from app.web.lists import addressed, number
from app.web.overview import Block, Column, Lift, Limit, Spread
from app.web.render import render, translated
from app.web.rubric_reading import wishes_of
from app.web.units import choices

router = APIRouter()

WHOLE_WORDS = Sentence("the whole organisation")


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """Everything is None or empty where nothing is agreed in the part; without any cycle there is no part.

    `trend` has what moved since the cycle before beside each cycle; it is of `category` where one is asked for.
    `runs`: the cycle takes answers, so that how far it has come is asked for when the rest of the page stands. `newer`
    is a cycle due later that takes answers, and `newer_address` tells how far that one has come.
    """

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
    trend: Sequence[tuple[Spread, Movement | None]] = ()
    heat: HeatView | None = None
    unit_choices: Sequence[tuple[str, str]] = ()
    charts: Mapping[str, ChartView] = field(default_factory=dict)
    category: Category | None = None
    compare: str = ""
    runs: bool = False
    newer: CycleChoice | None = None
    newer_address: str = ""
    progress_address: str = ""
    board_address: str = ""
    share: str = ""

    @property
    def teams(self) -> int:
        return self.overview.teams if self.overview else 0

    @property
    def block_most(self) -> int:
        """How many statements block as many as the one that blocks most."""
        return sharing_first(self.overview.ranked_blocks()) if self.overview else 0

    @property
    def before_teams(self) -> int:
        """How many the columns before add up to."""
        return sum(column.before or 0 for column in self.columns)

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
        """A row for each level before that somebody came from, or left at, with how many stand at each level now."""
        if self.moves is None:
            return ()
        flows = self.moves.flows
        rows = [(then, [flows.get((then.level, now.level), 0) for now in self.columns]) for then in self.columns]
        return [(then, counts) for then, counts in rows if any(counts) or self.moves.left.at(then.level)]

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
    now: Now,
    cycle: str = "",
    unit: str = "",
    since: str = "",
    category: str = "",
    q: str = "",
    level: str = "",
    limiting: str = "",
    moved: str = "",
    sort: str = "",
    after: str = "",
) -> Response:
    part = part_asked(db, me, cycle, unit, since)
    path = request.app.url_path_for("dashboard")
    if part is None:
        return render(request, "dashboard/dashboard.html", DashboardPage(path=path))
    heat = HeatAsked(plain(q.strip(), 200), number(level), limiting, moved, sort, after)
    page = _page(request, db, me, part, path, heat, category_of(part.rubric, category))
    shown = {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
    progress, board = (request.app.url_path_for(name) for name in ("dashboard-progress", "board"))
    newer = _newer(part, now.date())
    page = replace(
        page,
        runs=may_be_answered(part.cycle.rules, now.date()),
        progress_address=addressed(progress, shown),
        board_address=addressed(board, shown),
        newer=newer,
        newer_address=addressed(progress, {**shown, "cycle": str(newer.id)}) if newer else "",
    )
    return render(request, "dashboard/dashboard.html", page)


def _newer(part: Part, today: datetime.date) -> CycleChoice | None:
    """The last due of the cycles that take answers, where it is due after the shown one."""
    newest = next((each for each in part.cycles if may_be_answered(each.rules, today)), None)
    return newest if newest and newest.due_on > part.cycle.due_on else None


def part_asked(db: Db, me: Actor, cycle: str, unit: str, since: str = "") -> Part | None:
    """The part that an address asks for. Raises what `queries.parts.part` raises, and Invalid for what is no number."""
    return parts.part(db.connection(), me, number(cycle), number(unit), number(since), wishes=wishes_of(db))


def _page(
    request: Request, db: Db, me: Actor, part: Part, path: str, heat: HeatAsked, category: Category | None
) -> DashboardPage:
    organisation_id, rubric = me.organisation_id, part.rubric
    figures = parts.figures(db.connection(), organisation_id, part)
    found, offered = figures.overview, unit_choices(me, part)
    if not found.teams:
        return DashboardPage(part, path, unit_choices=offered)
    drawn = charts_of(request, part, figures, category)
    return DashboardPage(
        part,
        path,
        found,
        figures.head,
        figures.moves,
        shown_as.columns(rubric, found.overall, figures.overall_before),
        shown_as.spread(rubric, "", found.overall),
        shown_as.categories(rubric, found),
        [shown_as.spread(rubric, each.name, each.overall, each.id) for each in figures.below if each.overall.teams],
        shown_as.limits(rubric, found),
        shown_as.blocks(rubric, found),
        shown_as.lifts(rubric, found),
        [_trend_row(drawn, each) for each in figures.points if each.overall.teams],
        heat_view(db, organisation_id, part.cycle, part.before, part.unit, rubric, heat, path, part.asked),
        offered,
        _views(request, part, drawn),
        category,
        addressed(
            request.app.url_path_for("dashboard-compare"), {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
        ),
        share=addressed(
            request.app.url_path_for("share-part-new"), {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
        ),
    )


def charts_of(request: Request, part: Part, figures: Figures, category: Category | None) -> ChartsOf:
    """What the charts of a part are drawn from."""
    texts = translated(request)
    return ChartsOf(
        part.rubric,
        f"{part.unit.name if part.unit else texts.gettext('Whole organisation')}, {part.cycle.name}",
        figures.overview,
        figures.points,
        {each.id: each.name for each in part.by_rubric},
        part.before.name if part.before else "",
        part.cycle.name,
        figures.moves,
        category,
        texts,
    )


def category_of(rubric: Rubric, key: str) -> Category | None:
    """The category that the trend is asked for; None for the overall levels."""
    if key and key not in rubric.category_by_key:
        raise Invalid("This rubric has no such category.")
    return rubric.category_by_key[key] if key else None


def _trend_row(drawn: ChartsOf, point: TrendPoint) -> tuple[Spread, Movement | None]:
    of = point.categories.get(drawn.category.key, NOBODY) if drawn.category else point.overall
    return shown_as.spread(drawn.rubric, drawn.cycles[point.cycle_id], of), point.movement


def _views(request: Request, part: Part, drawn: ChartsOf) -> Mapping[str, ChartView]:
    asked = {**part.asked, "category": drawn.category.key if drawn.category else ""}
    path, names = request.app.url_path_for("dashboard"), [name for name in ChartName if drawn.has(name)]
    return {name: view(chart(name, drawn), name, f"{path}/charts/{name}", asked) for name in names}


def unit_choices(me: Actor, part: Part) -> Sequence[tuple[str, str]]:
    """The units that the reader can look at, the whole organisation first where they may."""
    return choices(part.units, top=WHOLE_WORDS if me.may_see_organisation() else "")
