"""What can be taken away from a sheet: the answers, the result, and the radar in three forms."""

import csv
import io
from collections.abc import Callable

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.domain.answers import Answer
from app.domain.answers_file import write_answers
from app.domain.scoring import result_json, score
from app.exports.cells import as_text
from app.exports.png import png
from app.web.pictures import plotly_figures, radar_file, radar_of
from app.web.render import translated
from app.web.sheet import OpenSheet

PNG_WIDTH = 1600  # pixels: sharp on a slide


def download(body: str | bytes, media_type: str, name: str) -> Response:
    """A file that a browser saves and never shows as a page of ours."""
    return Response(body, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def downloads(home: str, name: str, opened: Callable[..., OpenSheet]) -> APIRouter:
    """The routes of one kind of sheet: their paths begin with `home`, their names with `name`, `opened` finds it."""
    router = APIRouter()
    sheet_of = Depends(opened)

    @router.get(f"{home}/answers.yaml", name=f"{name}-answers-file")
    def answers_file(sheet: OpenSheet = sheet_of) -> Response:
        answers = {key: Answer(saved.value, saved.reason, saved.note) for key, saved in sheet.counted.items()}
        text = write_answers(sheet.rubric, answers, sheet.rubric_version.number)
        return download(text, "application/yaml", f"{sheet.rubric.key}-answers.yaml")

    @router.get(f"{home}/result.json", name=f"{name}-result-file")
    def result_file(sheet: OpenSheet = sheet_of) -> Response:
        result = result_json(sheet.rubric, score(sheet.rubric, sheet.values))
        body = orjson.dumps(result, option=orjson.OPT_INDENT_2)
        return download(body, "application/json", f"{sheet.rubric.key}-result.json")

    @router.get(f"{home}/radar.svg", name=f"{name}-radar-svg")
    def radar_svg(request: Request, sheet: OpenSheet = sheet_of) -> Response:
        return download(_radar(request, sheet), "image/svg+xml", f"{sheet.rubric.key}-radar.svg")

    @router.get(f"{home}/radar.png", name=f"{name}-radar-png")
    def radar_png(request: Request, sheet: OpenSheet = sheet_of) -> Response:
        return download(png(_radar(request, sheet), PNG_WIDTH), "image/png", f"{sheet.rubric.key}-radar.png")

    @router.get(f"{home}/radar.csv", name=f"{name}-radar-csv")
    def radar_csv(request: Request, sheet: OpenSheet = sheet_of) -> Response:
        return download(_figures(request, sheet), "text/csv; charset=utf-8", f"{sheet.rubric.key}-radar.csv")

    @router.get(f"{home}/radar.json", name=f"{name}-radar-figures")
    def radar_figures(request: Request, sheet: OpenSheet = sheet_of) -> Response:
        """The radar for Plotly, which the page asks for when it has shown all else."""
        figure = radar_of(sheet.rubric, score(sheet.rubric, sheet.values), translated(request))
        return Response(orjson.dumps(plotly_figures(figure)), media_type="application/json")

    return router


def _radar(request: Request, sheet: OpenSheet) -> str:
    return radar_file(radar_of(sheet.rubric, score(sheet.rubric, sheet.values), translated(request)))


def _figures(request: Request, sheet: OpenSheet) -> str:
    """The figures behind the radar, one line a category. Category names may begin like a formula: they are quoted."""
    figure = radar_of(sheet.rubric, score(sheet.rubric, sheet.values), translated(request))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([translated(request).gettext("Category"), *(series.name for series in figure.series)])
    for place, axis in enumerate(figure.axes):
        values = (series.values[place] for series in figure.series)
        table.writerow([as_text(axis.name), *("" if value is None else float(value) for value in values)])
    return text.getvalue()
