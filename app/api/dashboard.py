"""The organisation at a glance: the figures of the dashboard, of one cycle in a unit, or in the whole organisation."""

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.api.answers import LARGEST, Sent, Shown, read
from app.api.deps import PREFIX, Caller, Db, Now
from app.api.problems import NOT_MODIFIED, VERSION, declared
from app.domain import rollup
from app.domain.cycles import CycleState, Stage, may_be_answered, overdue, state
from app.domain.errors import Missing
from app.domain.investments import ranked
from app.domain.people import Actor
from app.domain.rollup import MOST_TOGETHER, NOBODY, Overview, level_names
from app.domain.rubric import DEFAULT, Rubric
from app.domain.scoring import number
from app.queries import parts
from app.queries.dashboard import CycleChoice
from app.queries.parts import Figures, Part
from app.queries.stages import Counts, stages

router = APIRouter(prefix=PREFIX, tags=["dashboard"])

Number = Annotated[int, Field(ge=1, le=LARGEST)]


class AskedDashboard(Sent):
    """What is left out: the whole organisation, or the unit that the holder manages, in the latest cycle."""

    cycle: Number | None = Field(
        None, description="The cycle's number; the latest of the default rubric is the default."
    )
    unit: Number | None = Field(None, description="The unit's number: with all below it.")
    progress: bool = Field(True, description="Whether to count how far a running cycle has come, which takes longer.")


class Level(Shown):
    """How many stand at a level, and how many at it or above; of points, a band is a level."""

    level: int = Field(examples=[1])
    name: str = Field(examples=["Exploring"])
    teams: int = Field(examples=[34])
    share: float = Field(examples=[0.566667])
    teams_at_or_above: int = Field(examples=[48])
    share_at_or_above: float = Field(examples=[0.8])


class Distribution(Shown):
    """How the teams are spread over the levels; of a rubric about ML systems, these are counted for teams."""

    teams: int = Field(examples=[60])
    floor: int | None = Field(description="The lowest level that somebody stands at; null for nobody.", examples=[0])
    median: int | None = Field(examples=[1])
    upper_quartile: int | None = Field(examples=[2])
    levels: list[Level]


class Category(Shown):
    category: str = Field(examples=["governance"])
    name: str = Field(examples=["Governance"])
    distribution: Distribution


class Headline(Shown):
    """The level with most teams, and the category that limits most of these: null at the top."""

    teams: int = Field(examples=[60])
    level: int = Field(examples=[1])
    at_level: int = Field(examples=[34])
    limiting: str | None = Field(examples=["governance"])
    limited: int = Field(examples=[21])
    rose: int = Field(description="Since the cycle before.", examples=[9])
    fell: int = Field(examples=[2])


class Limit(Shown):
    """A category, and how many it limits: they stand there at their overall level."""

    category: str = Field(examples=["governance"])
    teams: int = Field(examples=[21])


class Block(Shown):
    """A statement, and how many it keeps from their next overall level, alone or with others."""

    statement: str = Field(examples=["inventory-of-models"])
    category: str = Field(examples=["governance"])
    teams: int = Field(examples=[17])


class Investment(Shown):
    """Statements, and how many would rise by a level overall if all of them were met everywhere."""

    size: int = Field(examples=[1])
    statements: list[str] = Field(examples=[["inventory-of-models"]])
    teams: int = Field(examples=[6])


class Flow(Shown):
    """How many stood at one level in the cycle before and stand at another now."""

    before: int = Field(examples=[1])
    now: int = Field(examples=[2])
    teams: int = Field(examples=[9])


class Movement(Shown):
    """What moved since another cycle. Who joined, or has no result any more, is neither risen nor fallen."""

    since: int = Field(description="The number of that cycle.", examples=[3])
    rose: int = Field(examples=[9])
    fell: int = Field(examples=[2])
    stayed: int = Field(examples=[40])
    joined: int = Field(examples=[9])
    left: int = Field(examples=[3])
    flows: list[Flow]


class Cycle(Shown):
    id: int = Field(examples=[4])
    name: str = Field(examples=["Autumn"])
    rubric: str = Field(examples=["gigaom-mlops"])
    opens_on: datetime.date
    due_on: datetime.date
    state: CycleState


class Point(Shown):
    """One cycle of the trend; `movement` is since the one before it, null for the first."""

    cycle: Cycle
    overall: Distribution
    categories: list[Category]
    movement: Movement | None


class Unit(Shown):
    """A unit right below the shown part, with all below it."""

    id: int = Field(examples=[3])
    name: str = Field(examples=["Risk"])
    overall: Distribution
    categories: list[Category]


class Stages(Shown):
    """How many assessments are asked for, and how many of them are at which stage; overdue are not agreed in time."""

    asked: int = Field(examples=[72])
    not_begun: int = Field(examples=[4])
    begun: int = Field(examples=[6])
    submitted: int = Field(examples=[2])
    agreed: int = Field(examples=[60])
    overdue: int = Field(examples=[0])


class UnitStages(Stages):
    id: int = Field(examples=[3])
    name: str = Field(examples=["Risk"])


class Progress(Stages):
    units: list[UnitStages]


class Place(Shown):
    id: int = Field(examples=[3])
    name: str = Field(examples=["Risk"])


class Dashboard(Shown):
    """All figures of the dashboard. Everything but `progress` and `trend` is of the agreed results of one cycle."""

    cycle: Cycle
    unit: Place | None = Field(description="Null for the whole organisation.")
    teams: int = Field(examples=[60])
    headline: Headline | None = Field(description="Null where nothing is agreed yet.")
    overall: Distribution
    categories: list[Category] = Field(description="In the rubric's order.")
    limits: list[Limit] = Field(description="What limits most first.")
    blocks: list[Block] = Field(description="What blocks most first.")
    investments: list[Investment] = Field(description="Of one statement, two and three; what lifts most first.")
    movement: Movement | None = Field(description="Since the cycle before by the same rubric; null without one.")
    trend: list[Point] = Field(description="The cycles by the same rubric with results here, in the order of numbers.")
    units: list[Unit] = Field(description="Those right below, by name.")
    progress: Progress | None = Field(description="Of a running cycle; null for others, and where it is not asked for.")


@router.get(
    "/dashboard",
    name="api-dashboard",
    response_model=Dashboard,
    responses={200: {"headers": VERSION}, **NOT_MODIFIED, **declared(404)},
)
def dashboard(request: Request, db: Db, me: Caller, now: Now, asked: Annotated[AskedDashboard, Query()]) -> Response:
    """The figures of the dashboard: of the cycle that is named, else of the default rubric's latest with results."""
    part = parts.part(db.connection(), me, asked.cycle, asked.unit, rubric=DEFAULT)
    if part is None:
        raise Missing("There is no cycle with the default rubric yet. Name another one.")
    figures = parts.figures(db.connection(), me.organisation_id, part)
    progress = _progress(db, me, part, now.date()) if asked.progress else None
    return read(request, _shown(part, figures, progress, now.date()))


def _shown(part: Part, figures: Figures, progress: Progress | None, today: datetime.date) -> Dashboard:
    rubric, found = part.rubric, figures.overview
    known = {each.id: each for each in part.cycles}
    return Dashboard(
        cycle=_cycle(part.cycle, today),
        unit=Place(id=part.unit.id, name=part.unit.name) if part.unit else None,
        teams=found.teams,
        headline=_headline(figures),
        overall=_distribution(rubric, found.overall),
        categories=_categories(rubric, found.categories),
        limits=[Limit(category=key, teams=n) for key, n in found.ranked_limits() if key in rubric.category_by_key],
        blocks=[
            Block(statement=key, category=rubric.category_of[key].key, teams=teams)
            for key, teams in found.ranked_blocks()
            if key in rubric.statements
        ],
        investments=_investments(rubric, found),
        movement=_movement(part.before.id, figures.moves) if part.before and figures.moves else None,
        trend=_trend(rubric, figures, known, today),
        units=[
            Unit(
                id=each.id,
                name=each.name,
                overall=_distribution(rubric, each.overall),
                categories=_categories(rubric, each.categories),
            )
            for each in figures.below
        ],
        progress=progress,
    )


def _cycle(cycle: CycleChoice, today: datetime.date) -> Cycle:
    return Cycle(
        id=cycle.id,
        name=cycle.name,
        rubric=cycle.rubric,
        opens_on=cycle.opens_on,
        due_on=cycle.due_on,
        state=state(cycle.rules, today),
    )


def _headline(figures: Figures) -> Headline | None:
    head = figures.head
    if head is None:
        return None
    return Headline(
        teams=head.teams,
        level=head.level,
        at_level=head.at_level,
        limiting=head.limiting,
        limited=head.limited,
        rose=head.rose,
        fell=head.fell,
    )


def _distribution(rubric: Rubric, of: rollup.Distribution) -> Distribution:
    levels = [
        Level(
            level=level,
            name=name,
            teams=of.at(level),
            share=_share(of.share(level)),
            teams_at_or_above=of.at_or_above(level),
            share_at_or_above=_share(of.share_at_or_above(level)),
        )
        for level, name in level_names(rubric).items()
    ]
    return Distribution(
        teams=of.teams, floor=of.floor, median=of.median, upper_quartile=of.upper_quartile, levels=levels
    )


def _share(share: Fraction) -> float:
    return float(number(share) or 0)


def _categories(rubric: Rubric, of: Mapping[str, rollup.Distribution]) -> list[Category]:
    return [
        Category(category=each.key, name=each.name, distribution=_distribution(rubric, of.get(each.key, NOBODY)))
        for each in rubric.categories
    ]


def _investments(rubric: Rubric, found: Overview) -> list[Investment]:
    return [
        Investment(size=size, statements=list(each.statements), teams=each.teams)
        for size in range(1, MOST_TOGETHER + 1)
        for each in ranked(found.needs, size)
        if all(key in rubric.statements for key in each.statements)
    ]


def _movement(since: int, moves: rollup.Movement) -> Movement:
    return Movement(
        since=since,
        rose=moves.rose,
        fell=moves.fell,
        stayed=moves.stayed,
        joined=moves.joined.teams,
        left=moves.left.teams,
        flows=[Flow(before=then, now=now, teams=teams) for (then, now), teams in moves.flows.items()],
    )


def _trend(rubric: Rubric, figures: Figures, known: Mapping[int, CycleChoice], today: datetime.date) -> list[Point]:
    before = [None, *(each.cycle_id for each in figures.points)]
    return [
        Point(
            cycle=_cycle(known[each.cycle_id], today),
            overall=_distribution(rubric, each.overall),
            categories=_categories(rubric, each.categories),
            movement=_movement(since, each.movement) if since and each.movement else None,
        )
        for since, each in zip(before, figures.points, strict=False)
        if each.overall.teams
    ]


def _progress(db: Db, me: Actor, part: Part, today: datetime.date) -> Progress | None:
    cycle = part.cycle
    if not may_be_answered(cycle.rules, today):
        return None
    found = stages(db.connection(), me.organisation_id, cycle.id, cycle.closed_at, part.unit_id, part.path)
    units = [UnitStages(id=each.id, name=each.name, **_stages(cycle, each.counts, today)) for each in found.below]
    return Progress(units=units, **_stages(cycle, found.counts, today))


def _stages(cycle: CycleChoice, counts: Counts, today: datetime.date) -> dict[str, int]:
    by_name = {stage.value: counts[stage] for stage in Stage}
    return {"asked": sum(counts.values()), **by_name, "overdue": overdue(cycle.rules, counts, today)}
