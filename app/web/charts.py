"""A chart in all its forms: drawn in a page, for Plotly, and to take away as SVG, PNG and CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
from starlette.responses import Response

from app.charts.figures import Figure, radar_figure
from app.charts.picture import KeyEntry, RadarFigure, StackedFigure
from app.charts.radar import radar
from app.charts.stacked import stacked, stacked_file
from app.charts.stacked_figures import stacked_figure
from app.charts.svg import Svg
from app.exports.cells import as_text
from app.exports.png import png
from app.web.downloads import PNG_WIDTH, download
from app.web.lists import addressed

Cell = str | int | float | None


class Ending(StrEnum):
    """The forms of a chart: figures for Plotly, and the files."""

    JSON = "json"
    SVG = "svg"
    PNG = "png"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and the table of the same numbers, whose first line names the columns."""

    figure: RadarFigure | StackedFigure
    table: Sequence[Sequence[Cell]]

    @property
    def title(self) -> str:
        """What it finds, in a sentence."""
        return self.figure.frame.title


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart on a page: its title, how it is drawn, its key, and where its other forms are."""

    name: str
    title: str
    svg: Svg
    key: Sequence[KeyEntry]
    figures: str
    files: Sequence[tuple[str, str]]


def view(chart: Chart, name: str, path: str, asked: Mapping[str, str] | str) -> ChartView:
    """The chart as a page shows it; `path` ends where the ending of its files begins, `asked` is their query."""
    drawn = radar(chart.figure) if isinstance(chart.figure, RadarFigure) else stacked(chart.figure)
    at = {each: _address(f"{path}.{each}", asked) for each in Ending}
    files = [(each.upper(), at[each]) for each in (Ending.SVG, Ending.PNG, Ending.CSV)]
    return ChartView(name, chart.title, drawn, chart.figure.key, at[Ending.JSON], files)


def _address(path: str, asked: Mapping[str, str] | str) -> str:
    return f"{path}?{asked}" if isinstance(asked, str) else addressed(path, asked)


def answered(chart: Chart, ending: Ending, name: str) -> Response:
    """The chart in one of its forms; `name` is the file's without its ending."""
    if ending is Ending.JSON:
        return Response(orjson.dumps(plotly(chart)), media_type="application/json")
    if ending is Ending.CSV:
        return download(_csv(chart.table), "text/csv; charset=utf-8", f"{name}.csv")
    svg = file(chart)
    if ending is Ending.SVG:
        return download(svg, "image/svg+xml", f"{name}.svg")
    return download(png(svg, PNG_WIDTH), "image/png", f"{name}.png")


def file(chart: Chart) -> str:
    """The chart as a whole SVG file."""
    figure = chart.figure
    return radar(figure, standalone=True) if isinstance(figure, RadarFigure) else stacked_file(figure)


def plotly(chart: Chart) -> Mapping[str, Figure]:
    """The chart for Plotly, by the reader's theme."""
    figure = chart.figure
    if isinstance(figure, RadarFigure):
        return {"light": radar_figure(figure, "light"), "dark": radar_figure(figure, "dark")}
    return {"light": stacked_figure(figure, "light"), "dark": stacked_figure(figure, "dark")}


def _csv(table: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    for line in table:
        lines.writerow([as_text(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in line])
    return text.getvalue()
