"""What a team agreed on over the cycles: a line for each category, its table, and what changed since the last time."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.charts.figures import trend_figure
from app.charts.from_result import scale
from app.charts.picture import TrendFigure, TrendLine
from app.domain.errors import Missing
from app.domain.progress import Height, Standing
from app.domain.results import LadderCategory
from app.domain.rubric import Rubric
from app.queries.agreed import TeamResult, results_of_team
from app.queries.teams import TeamLine, seen_team
from app.web.changed import Changed, changed, height
from app.web.deps import Db, Me
from app.web.render import render, translated
from app.web.rubric_reading import wishes_of
from app.web.texts import Translated

router = APIRouter()

MOST = 12
"""Results that one line shows, the newest ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """One category of the newest version, at each time; None where that version had none."""

    name: str
    heights: tuple[Height | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The results by one rubric of the team, or of one of its ML systems, the oldest first."""

    number: int
    results: tuple[TeamResult, ...]
    standings: tuple[Standing, ...]
    changed: Changed | None
    texts: Translated

    @property
    def rubric(self) -> Rubric:
        return self.results[-1].rubric

    @property
    def system(self) -> str:
        return self.results[-1].system

    @property
    def names(self) -> Sequence[str]:
        return [name_of(each, self.texts) for each in self.results]

    @property
    def rows(self) -> Sequence[Row]:
        found = [{each.key: each for each in standing.result.categories} for standing in self.standings]
        return [
            Row(category.name, tuple(height(then.get(category.key)) for then in found))
            for category in self.rubric.categories
        ]

    @property
    def overall(self) -> Sequence[Height | None]:
        return [standing.result.overall for standing in self.standings]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    team: TeamLine
    series: tuple[Series, ...]


def name_of(result: TeamResult, texts: Translated) -> str:
    """The cycle of a result; outside any cycle the day on which it was agreed."""
    return result.cycle or texts.day_in_words(result.agreed_at)


@router.get("/teams/{team_id}/history", name="team-history")
def shown_history(request: Request, db: Db, me: Me, team_id: int) -> Response:
    team = seen_team(db.connection(), me, team_id)
    return render(
        request,
        "history/history.html",
        HistoryPage(team, _series(db, me.organisation_id, team_id, translated(request))),
    )


@router.get("/teams/{team_id}/history/{number}.json", name="team-trend")
def figures(request: Request, db: Db, me: Me, team_id: int, number: int) -> Response:
    """The lines for Plotly, which the page asks for when it has shown all else."""
    seen_team(db.connection(), me, team_id)
    found = next(
        (each for each in _series(db, me.organisation_id, team_id, translated(request)) if each.number == number), None
    )
    if found is None:
        raise Missing("There is no such history.")
    figure = _trend(found)
    both = {"light": trend_figure(figure, "light"), "dark": trend_figure(figure, "dark")}
    return Response(orjson.dumps(both), media_type="application/json")


def _series(db: Db, organisation_id: int, team_id: int, texts: Translated) -> tuple[Series, ...]:
    """By rubric and ML system: the team's own first, those with the newest results first."""
    found: dict[tuple[int | None, str], list[TeamResult]] = {}
    for result in results_of_team(db.connection(), organisation_id, team_id, wishes_of(db)):
        found.setdefault((result.system_id, result.rubric.key), []).append(result)
    kept = sorted(found.items(), key=lambda each: each[0][0] is not None)
    return tuple(_one(number, results, texts) for number, (_, results) in enumerate(kept, start=1))


def _one(number: int, newest_first: Sequence[TeamResult], texts: Translated) -> Series:
    results = tuple(reversed(newest_first[:MOST]))
    last = changed(results[-2], results[-1]) if len(results) > 1 else None
    return Series(number, results, tuple(each.standing for each in results), last, texts)


def _trend(series: Series) -> TrendFigure:
    """Its lines are the indexes of a ladder, which move before a level does, or the scores of points."""
    rubric, number = series.rubric, series.texts.number(series.rubric)
    top, marks = scale(rubric)
    lines = []
    for category in rubric.categories:
        values, hover = [], []
        for name, standing in zip(series.names, series.standings, strict=True):
            found = next((each for each in standing.result.categories if each.key == category.key), None)
            value = found.index if isinstance(found, LadderCategory) else found.score if found else None
            values.append(value)
            hover.append(f"{name}: {category.name} {'–' if value is None else number(value)}")
        lines.append(TrendLine(category.name, tuple(values), tuple(hover)))
    return TrendFigure(tuple(series.names), tuple(lines), marks, top)
