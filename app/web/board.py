"""The page for the board: how ready the organisation is for a date, on one screen and on one sheet of paper."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain import readiness as rules
from app.domain.cycles import YEARS, CycleState, may_be_answered, state
from app.domain.errors import Invalid
from app.domain.people import Actor
from app.domain.readiness import OLD_AFTER_DAYS, Readiness, Round
from app.domain.rollup import highest, level_names
from app.domain.rubric import Subject
from app.queries import board, dashboard, parts
from app.queries.parts import MOST_CYCLES, Part
from app.web.dashboard import unit_choices
from app.web.deps import Db, Me, Now
from app.web.lists import addressed, number
from app.web.overview import Lift, lift
from app.web.render import render
from app.web.rubric_reading import wishes_of

router = APIRouter()

CATEGORIES = 4
"""Categories that stand between; the dashboard has the rest."""
BARS = 5
"""Cycles that the trend shows here."""
TALL = 72
"""Pixels of the tallest column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column. `kind` is "now", "before" or "expected"; `of` is how many there were, None for what is expected."""

    name: str
    day: datetime.date
    value: str
    height: int
    kind: str = "before"
    ready: int = 0
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """A category and how many stand below the level in it; `width` is their share in percent."""

    name: str
    teams: int
    width: str


@dataclass(frozen=True, slots=True)
class Results:
    """The agreed results of the cycle: how many of those asked are there, are old, and were there by when."""

    agreed: int
    old: int
    missing: int
    by: Sequence[Bar]
    old_after: int = OLD_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class BoardPage:
    """`ready` is None where nothing is agreed in the part; without any cycle there is no part. `runs`: still open."""

    path: str
    dashboard: str
    part: Part | None = None
    unit_choices: Sequence[tuple[str, str]] = ()
    levels: Sequence[tuple[int, str]] = ()
    level: int = 0
    on: datetime.date | None = None
    runs: bool = False
    ready: Readiness | None = None
    trend: Sequence[Bar] = ()
    lacking: Sequence[Lacking] = ()
    lifts: Sequence[Lift] = ()
    results: Results | None = None

    @property
    def of_systems(self) -> bool:
        return bool(self.part) and self.part.rubric.subject is Subject.MODEL  # type: ignore[union-attr]

    @property
    def percent(self) -> int:
        return percent(self.ready.now.share) if self.ready else 0

    @property
    def expected(self) -> int | None:
        return None if self.ready is None or self.ready.expected is None else percent(self.ready.expected)

    @property
    def points(self) -> int:
        """Percentage points between the last two cycles, without their sign."""
        return round(abs(self.ready.pace.change) * 100) if self.ready and self.ready.pace else 0

    @property
    def level_name(self) -> str:
        return dict(self.levels).get(self.level, "")


@router.get("/dashboard/board", name="board")
def shown(
    request: Request, db: Db, me: Me, now: Now, cycle: str = "", unit: str = "", level: str = "", on: str = ""
) -> Response:
    part = parts.part(db.connection(), me, number(cycle), number(unit), wishes=wishes_of(db))
    app = request.app
    page = BoardPage(app.url_path_for("board"), app.url_path_for("dashboard"))
    if part:
        asked = {"cycle": part.asked["cycle"], "unit": part.asked["unit"]}
        page = _page(replace(page, dashboard=addressed(page.dashboard, asked)), db, me, now, part, level, on)
    return render(request, "board/board.html", page)


def _page(page: BoardPage, db: Db, me: Actor, now: Now, part: Part, level: str, on: str) -> BoardPage:
    connection, organisation_id = db.connection(), me.organisation_id
    found = dashboard.overview(connection, organisation_id, part.cycle.id, part.unit_id)
    wanted = rules.level_to_reach(part.rubric, found.overall) if not level else _level(part, level)
    day = _day(on) or rules.day_ahead([each.due_on for each in part.by_rubric], now.date())
    page = replace(
        page,
        part=part,
        unit_choices=unit_choices(me, part),
        levels=[(each, name) for each, name in level_names(part.rubric).items() if each],
        level=wanted,
        on=day,
        runs=may_be_answered(part.cycle.rules, now.date()),
    )
    ready = _ready(db, organisation_id, part, wanted, day, now.date())
    if ready is None or not found.teams:
        return page
    return replace(
        page,
        ready=ready,
        trend=_trend(ready),
        lacking=[
            Lacking(part.rubric.category_by_key[key].name, teams, f"{100 * teams / found.teams:.1f}%")
            for key, teams in rules.below(found, wanted)
            if key in part.rubric.category_by_key
        ][:CATEGORIES],
        lifts=[lift(part.rubric, each) for each in rules.investments(part.rubric, found, wanted)],
        results=_results(db, organisation_id, part, now.date()),
    )


def _ready(
    db: Db, organisation_id: int, part: Part, level: int, on: datetime.date, today: datetime.date
) -> Readiness | None:
    """Of the shown cycle and those by its rubric that were due before it."""
    earlier = [each for each in part.by_rubric if each.due_on < part.cycle.due_on][: MOST_CYCLES - 1]
    known = {each.id: each for each in (part.cycle, *earlier)}
    points = dashboard.trend(db.connection(), organisation_id, list(known), part.unit_id)
    rounds = []
    for each in points:
        cycle = known[each.cycle_id]
        over = state(cycle.rules, today) is CycleState.CLOSED
        rounds.append(Round(cycle.name, cycle.due_on, each.overall, over))
    return rules.readiness(rounds, level, on)


def _trend(ready: Readiness) -> Sequence[Bar]:
    bars = [
        Bar(each.name, each.due, f"{percent(each.share)} %", _height(each.share), "before", each.ready, each.teams)
        for each in ready.trend[-BARS:]
    ]
    bars[-1] = replace(bars[-1], kind="now")
    if ready.expected is not None:
        bars.append(Bar("", ready.on, f"{percent(ready.expected)} %", _height(ready.expected), "expected"))
    return bars


def _results(db: Db, organisation_id: int, part: Part, today: datetime.date) -> Results:
    connection, cycle = db.connection(), part.cycle
    agreed_on = board.agreed_on(connection, organisation_id, cycle.id, part.path)
    asked = board.asked_in(connection, organisation_id, cycle.id, cycle.closed_at, part.path)
    agreed = sum(agreed_on.values())
    last = max([cycle.due_on, *agreed_on]) if agreed_on else cycle.due_on
    by = rules.agreed_by(agreed_on, min([cycle.opens_on, *agreed_on]), min(last, max(today, cycle.opens_on)))
    most = max(asked, agreed)
    return Results(
        agreed,
        rules.older(agreed_on, today),
        max(asked - agreed, 0),
        [Bar("", day, str(count), _height(Fraction(count, most or 1)), "now") for day, count in by],
    )


def _level(part: Part, text: str) -> int:
    found = number(text)
    if found is None or not min(1, highest(part.rubric)) <= found <= highest(part.rubric):
        raise Invalid("This rubric has no such level to reach.")
    return found


def _day(text: str) -> datetime.date | None:
    """Invalid for what is no day, and for one that no cycle can be due on."""
    if not text:
        return None
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        raise Invalid("Give a day, as in 2030-12-31.") from None
    if found.year not in YEARS:
        raise Invalid("Give a day between %(first)s and %(last)s.", first=YEARS[0], last=YEARS[-1])
    return found


def percent(share: Fraction) -> int:
    """Rounded down, so that nothing reads as reached too early."""
    return int(share * 100)


def _height(share: Fraction) -> int:
    return max(2, round(TALL * share))
