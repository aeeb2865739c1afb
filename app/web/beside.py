"""Any two agreed results by the same rubric side by side: radar over radar, and the difference in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.charts.from_result import RadarWords, radar_figure_of
from app.charts.picture import Frame, RadarFigure, Series
from app.domain.errors import Invalid
from app.domain.people import Actor
from app.domain.progress import Height, Standing
from app.domain.results import LadderCategory
from app.domain.rubric import Rubric
from app.queries.agreed import ResultName, TeamResult, result_of, results_seen
from app.web.changed import height
from app.web.deps import Db, Me
from app.web.history import name_of
from app.web.pictures import Picture, plotly_figures, radar_picture
from app.web.render import render, translated
from app.web.rubric_reading import wishes_of
from app.web.texts import Translated

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Compared:
    """One category in both results; None where a version has none, or nothing of it applies."""

    name: str
    here: Height | None
    there: Height | None

    @property
    def more(self) -> Height | None:
        return None if self.here is None or self.there is None else self.here - self.there


@dataclass(frozen=True, slots=True)
class BesidePage:
    """`others` are further results to put beside this one."""

    here: TeamResult
    there: TeamResult
    names: tuple[str, str]
    rows: tuple[Compared, ...]
    overall: Compared
    radar: Picture
    others: Sequence[ResultName]

    @property
    def rubric(self) -> Rubric:
        return self.here.rubric

    @property
    def same(self) -> bool:
        return self.here.assessment_id == self.there.assessment_id


@router.get("/assessments/{assessment_id}/beside/{other}", name="beside")
def shown_beside(request: Request, db: Db, me: Me, assessment_id: int, other: int) -> Response:
    here, there = _both(db, me, assessment_id, other)
    now, then = here.standing, there.standing
    seen = results_seen(db.connection(), me, here.rubric.key)
    page = BesidePage(
        here,
        there,
        _names(here, there, translated(request)),
        tuple(
            Compared(category.name, _height(now, category.key), _height(then, category.key))
            for category in here.rubric.categories
        ),
        Compared("", now.result.overall, then.result.overall),
        radar_picture(_radar(here, there, translated(request))),
        [each for each in seen if each.assessment_id not in {assessment_id, other}],
    )
    return render(request, "history/beside.html", page)


@router.get("/assessments/{assessment_id}/beside/{other}/radar.json", name="beside-radar")
def figures(request: Request, db: Db, me: Me, assessment_id: int, other: int) -> Response:
    figure = _radar(*_both(db, me, assessment_id, other), translated(request))
    return Response(orjson.dumps(plotly_figures(figure)), media_type="application/json")


def _both(db: Db, me: Actor, assessment_id: int, other: int) -> tuple[TeamResult, TeamResult]:
    here, there = (result_of(db.connection(), me, each, wishes_of(db)) for each in (assessment_id, other))
    if (here.rubric.key, here.rubric.kind) != (there.rubric.key, there.rubric.kind):
        raise Invalid("Only results of the same rubric can be compared.")
    return here, there


def _names(here: TeamResult, there: TeamResult, texts: Translated) -> tuple[str, str]:
    """By what tells them apart: the cycle within one team, else the team, or its ML system, too."""
    if (here.team_id, here.system_id) == (there.team_id, there.system_id):
        return name_of(here, texts), name_of(there, texts)
    return _whole_name(here, texts), _whole_name(there, texts)


def _whole_name(result: TeamResult, texts: Translated) -> str:
    return ", ".join(each for each in (result.team, result.system, name_of(result, texts)) if each)


def _height(standing: Standing, category: str) -> Height | None:
    return height(next((each for each in standing.result.categories if each.key == category), None))


def _radar(here: TeamResult, there: TeamResult, texts: Translated) -> RadarFigure:
    rubric, then = here.rubric, {each.key: each for each in there.standing.result.categories}
    name, other = _names(here, there, texts)
    number = texts.number(rubric)
    values = []
    for category in rubric.categories:
        found = then.get(category.key)
        values.append(found.index if isinstance(found, LadderCategory) else found.score if found else None)
    label = texts.gettext("Radar of two results: %(here)s and %(there)s. The table says the same.")
    frame = Frame(label % {"here": name, "there": other})
    figure = radar_figure_of(rubric, here.standing.result, RadarWords(frame, name, "", "", number=number))
    hover = tuple(
        f"{other}: {category.name} {'–' if value is None else number(value)}"
        for category, value in zip(rubric.categories, values, strict=True)
    )
    previous = Series("previous", other, tuple(values), hover)
    return replace(figure, series=(figure.series[0], previous))
