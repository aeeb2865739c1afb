"""A part of the organisation as slides for a management meeting, with charts that the program itself draws and edits.

The title of each slide is its finding; its notes say where the numbers come from. python-pptx is an extra of the
installation, and loaded when the first slides are made.
"""

import datetime
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from app.charts.style import LEVEL_INKS, LIGHT, tint_of
from app.charts.svg import sayable
from app.domain.errors import DomainError, Sentence
from app.domain.investments import in_order
from app.domain.reports import OF_ONE_SIZE, OrganisationReport, counted
from app.domain.rollup import highest
from app.exports.cells import as_text

WIDE, HIGH, EDGE = 13.333, 7.5, 0.6
"""Inches of a slide, and of the margin round what stands on it."""
ROWS = 11
"""Rows of the longest table on one slide."""
NAME = 60
"""Characters of a name beside a chart or in a cell."""
LINE = 220
"""Characters of a line in a table of small print."""
LEAST_AXES = 3
SPECIAL = ("{=", "internal:", "external:", "http:", "https:", "ftp:", "ftps:", "mailto:", "file:")
"""How a text begins that the workbook behind a chart would take for more than a text."""


class NoSlides(DomainError):
    def __init__(self) -> None:
        super().__init__(Sentence("This server cannot make slides: it lacks python-pptx (install shortstave[pptx])."))


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class Language:
    """How a deck speaks: what becomes of a sentence and of a day, and the language's name."""

    said: Callable[[str], str] = str
    day: Callable[[datetime.date], str] = _day
    tag: str = "en-GB"


ENGLISH = Language()


def write_slides(report: OrganisationReport, path: Path, library: str = "pptx", language: Language = ENGLISH) -> None:
    """Write the whole file. Raises NoSlides where the library is not installed, OSError where the disk is full."""
    try:
        pptx = importlib.import_module(library)
    except ImportError:
        raise NoSlides from None
    presentation = pptx.Presentation()
    presentation.slide_width, presentation.slide_height = _inches(WIDE), _inches(HIGH)
    presentation.core_properties.title = _plain(report.title)
    presentation.core_properties.author = "Shortstave"
    presentation.core_properties.language = language.tag
    deck = Deck(presentation, report, language)
    deck.first()
    if report.teams:
        for slide in (deck.distribution, deck.categories, deck.limits, deck.units, deck.investments):
            slide()
        deck.trend()
        deck.steps()
    presentation.save(str(path))


def _inches(length: float) -> int:
    """In the unit of the format, of which an inch has 914,400."""
    return round(length * 914_400)


def _plain(text: str, most: int = 400) -> str:
    """What XML can hold, on one line and not without end."""
    one = " ".join(sayable(text).split())
    return one if len(one) <= most else one[: most - 1] + "…"


def _label(text: str) -> str:
    """A name for a chart: the workbook behind it takes no formula and no link."""
    name = as_text(_plain(text, NAME))
    return f"'{name}" if name.startswith(SPECIAL) else name


@dataclass(frozen=True, slots=True)
class Deck:
    """The slides that are being made, of one report."""

    presentation: Any
    report: OrganisationReport
    language: Language

    def first(self) -> None:
        report, part = self.report, self.report.part
        slide = self._slide(report.title, size=38)
        self._text(slide, 2.2, [self._said(report.headline)], 24)
        about = [
            f"{part.organisation} · {self._said(part.whole)}",
            self._said(
                Sentence(
                    "%(cycle)s, due on %(day)s · %(rubric)s, version %(version)s",
                    cycle=part.cycle,
                    day=self.language.day(part.due_on),
                    rubric=part.rubric.title,
                    version=part.version,
                )
            ),
            self._said(Sentence("Made on %(day)s", day=self.language.day(part.made_at))),
        ]
        if part.so_far:
            about.append(self._said(part.so_far))
        self._text(slide, 5.4, about, 14, LIGHT.ink_soft)
        self._logo(slide)

    def distribution(self) -> None:
        part, overall = self.report.part, self.report.part.overview.overall
        slide = self._slide(self.report.distribution_finding)
        series: list[tuple[str, Sequence[int | None]]] = []
        if self.report.earlier:
            series.append(
                (
                    f"{part.before} ({self.report.earlier.teams})",
                    [self.report.earlier.at(level) for level in part.level_names],
                )
            )
        series.append((f"{part.cycle} ({overall.teams})", [overall.at(level) for level in part.level_names]))
        chart = self._chart(slide, "COLUMN_CLUSTERED", self.report.levels_in_words, series)
        self._quiet(chart)
        if self.report.earlier:
            self._fill(chart.plots[0].series[0].format, LIGHT.wood_line)
        now = chart.plots[0].series[len(series) - 1]
        self._fill(now.format, LIGHT.accent)  # the legend's, and of a program that leaves the colours of points alone
        for place, level in enumerate(part.level_names):
            self._level(now.points[place].format, level)

    def categories(self) -> None:
        report = self.report
        found = [report.category(each) for each in report.part.rubric.categories]
        kind = "RADAR_MARKERS" if len(found) >= LEAST_AXES else "BAR_CLUSTERED"
        slide = self._slide(report.categories_finding)
        names = [each.name for each in report.part.rubric.categories]
        series = [
            (self._said(Sentence("lowest")), [each.floor for each in found]),
            (self._said(Sentence("median")), [each.median for each in found]),
            (self._said(Sentence("upper quartile")), [each.upper_quartile for each in found]),
        ]
        chart = self._chart(slide, kind, names, series)
        chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = 0, highest(report.part.rubric)
        chart.value_axis.major_unit = 1
        for one, colour in zip(chart.plots[0].series, (LIGHT.wood_line, LIGHT.accent, LIGHT.levels[2]), strict=True):
            one.format.line.color.rgb = self._colour(colour)
            one.format.line.width = _inches(0.03)
            if kind == "RADAR_MARKERS":
                self._fill(one.marker.format, colour)
            else:
                self._fill(one.format, colour)

    def limits(self) -> None:
        limits = self.report.part.limits()
        if not limits:
            return
        slide = self._slide(self.report.limits_finding)
        chart = self._chart(
            slide,
            "BAR_CLUSTERED",
            [each.name for each, _ in limits],
            [(self._said(Sentence("Teams limited")), [teams for _, teams in limits])],
        )
        self._quiet(chart)
        # A bar chart begins at the bottom; what limits most comes first.
        chart.category_axis.reverse_order = True
        self._fill(chart.plots[0].series[0].format, LIGHT.accent)

    def units(self) -> None:
        """A table of medians, coloured like the heat map of the dashboard; on as many slides as it takes."""
        categories, units = self.report.part.rubric.categories, self.report.units
        for begin in range(0, len(units), ROWS):
            slide = self._slide(self.report.units_finding)
            here = units[begin : begin + ROWS]
            table = self._table(slide, len(here) + 1, [3, *[1.6] * len(categories), 1.2, 1])
            last = [self._said(Sentence("Overall")), self._said(Sentence("Teams"))]
            self._row(table, 0, [self._said(Sentence("Median level")), *(each.name for each in categories), *last])
            for row, unit in enumerate(here, 1):
                medians = [of.median if (of := unit.categories.get(each.key)) else None for each in categories]
                levels = [*medians, unit.overall.median]
                written = ["–" if level is None else str(level) for level in levels]
                self._row(table, row, [unit.name, *written, str(unit.overall.teams)])
                for place, level in enumerate(levels, 1):
                    if level is not None:
                        self._tint(table.cell(row, place), level)

    def investments(self) -> None:
        best = self.report.shown_investments(OF_ONE_SIZE - 1)
        slide = self._slide(self.report.investments_finding)
        if not best:
            return
        of = self.report.part.rubric.category_of
        table = self._table(slide, len(best) + 1, [1, 10], high=0.3)
        self._row(table, 0, [self._said(Sentence("Teams")), self._said(Sentence("What would be met everywhere"))])
        for row, each in enumerate(best, 1):
            among = in_order(self.report.part.rubric, each)
            self._lines(table, row, [[str(each.teams)], [f"{one.do} ({of[one.key].name})" for one in among]])

    def trend(self) -> None:
        part, trend = self.report.part, self.report.trend
        slide = self._slide(self.report.trend_finding)
        series = [
            (f"{level} {name}", [moment.overall.at(level) for moment in trend])
            for level, name in part.level_names.items()
        ]
        names = [f"{moment.name} ({moment.overall.teams})" for moment in trend]
        chart = self._chart(slide, "COLUMN_STACKED_100", names, series)
        chart.plots[0].gap_width, chart.plots[0].overlap = 60, 100
        for one, level in zip(chart.plots[0].series, part.level_names, strict=True):
            self._level(one.format, level)

    def steps(self) -> None:
        slide = self._slide(Sentence("Next: decide who takes these on, and by when"))
        rest = Sentence("Keep what is in place, and look again in half a year.")
        self._text(slide, 1.8, [self._said(each) for each in self.report.steps() or [rest]], 24)

    def _slide(self, title: str, size: int = 28) -> Any:
        # Title only: the title is one to screen readers and in the outline too.
        slide = self.presentation.slides.add_slide(self.presentation.slide_layouts[5])
        placed = slide.shapes.title
        placed.left, placed.top, placed.width, placed.height = map(_inches, (EDGE, 0.4, WIDE - 2 * EDGE, 1.2))
        text = _plain(self._said(title), 240)
        placed.text_frame.text = text
        placed.text_frame.word_wrap = True
        paragraph = placed.text_frame.paragraphs[0]
        paragraph.alignment = importlib.import_module("pptx.enum.text").PP_ALIGN.LEFT
        self._type(paragraph, size if len(text) < 90 else 20, LIGHT.ink, bold=True)
        slide.notes_slide.notes_text_frame.text = self._source()
        return slide

    def _source(self) -> str:
        part = self.report.part
        source = Sentence(
            "Source: agreed results of %(teams)s in the cycle %(cycle)s, %(part)s, of %(organisation)s, counted by "
            "Shortstave on %(day)s as on its dashboard. Rubric: %(rubric)s, version %(version)s, after %(author)s. A "
            "team’s level is that of its weakest category; the median is the level that at least half of the teams "
            "stand at or below.",
            teams=counted(self.report.teams),
            cycle=part.cycle,
            part=part.whole,
            organisation=part.organisation,
            day=self.language.day(part.made_at),
            rubric=part.rubric.title,
            version=part.version,
            author=part.rubric.source.author,
        )
        return _plain(self._said(source), 2000)

    def _said(self, sentence: str) -> str:
        return self.language.said(sentence)

    def _text(self, slide: Any, top: float, lines: Sequence[str], size: int, colour: str = LIGHT.ink) -> None:
        box = slide.shapes.add_textbox(*map(_inches, (EDGE, top, WIDE - 2 * EDGE, 1)))
        box.text_frame.word_wrap = True
        for place, line in enumerate(lines):
            paragraph = box.text_frame.paragraphs[0] if place == 0 else box.text_frame.add_paragraph()
            paragraph.text = _plain(line)
            paragraph.space_after = round(size * 12_700 * 0.5)
            self._type(paragraph, size, colour)

    def _logo(self, slide: Any) -> None:
        if not self.report.logo:
            return
        try:
            picture = slide.shapes.add_picture(BytesIO(self.report.logo), 0, _inches(6.2), height=_inches(0.8))
        except Exception:  # whatever the picture is: a logo that cannot be read is left out, as a browser does
            return
        if picture.width > _inches(4):
            picture.height = round(picture.height * _inches(4) / picture.width)
            picture.width = _inches(4)
        picture.left = _inches(WIDE - EDGE) - picture.width
        picture.name = "Logo"

    def _chart(self, slide: Any, kind: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[Any]]]) -> Any:
        data = importlib.import_module("pptx.chart.data").CategoryChartData(number_format="0")
        data.categories = [_label(name) for name in names]
        for name, values in series:
            data.add_series(_label(name), values)
        enum = importlib.import_module("pptx.enum.chart")
        place = map(_inches, (EDGE, 1.7, WIDE - 2 * EDGE, HIGH - 2.2))
        chart = slide.shapes.add_chart(enum.XL_CHART_TYPE[kind], *place, data).chart
        chart.font.size = 14 * 12_700
        chart.font.color.rgb = self._colour(LIGHT.ink_soft)
        chart.has_title = False
        chart.has_legend = len(series) > 1
        if chart.has_legend:
            chart.legend.position = enum.XL_LEGEND_POSITION.BOTTOM
            chart.legend.include_in_layout = False
        chart.value_axis.major_gridlines.format.line.color.rgb = self._colour(LIGHT.line)
        return chart

    def _quiet(self, chart: Any) -> None:
        """Numbers at the bars in place of an axis."""
        plot = chart.plots[0]
        plot.has_data_labels, plot.gap_width = True, 60
        chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
        chart.value_axis.minimum_scale = 0

    def _table(self, slide: Any, rows: int, widths: Sequence[float], high: float = 0.4) -> Any:
        """`high`: the inches of a row whose text needs no more."""
        inner = WIDE - 2 * EDGE
        place = map(_inches, (EDGE, 1.7, inner, high * rows))
        table = slide.shapes.add_table(rows, len(widths), *place).table
        for column, width in zip(table.columns, widths, strict=True):
            column.width = _inches(inner * width / sum(widths))
        return table

    def _row(self, table: Any, row: int, cells: Sequence[str]) -> None:
        for place, text in enumerate(cells):
            cell = table.cell(row, place)
            cell.text_frame.text = _plain(text, NAME)
            self._fill(cell, LIGHT.accent if row == 0 else LIGHT.paper)
            self._type(cell.text_frame.paragraphs[0], 13, LIGHT.paper if row == 0 else LIGHT.ink, bold=row == 0)

    def _lines(self, table: Any, row: int, cells: Sequence[Sequence[str]]) -> None:
        """Small cells of several lines, one below the other."""
        for place, lines in enumerate(cells):
            cell = table.cell(row, place)
            cell.text_frame.text = "\n".join(_plain(line, LINE) for line in lines)
            cell.margin_top = cell.margin_bottom = _inches(0.03)
            self._fill(cell, LIGHT.paper)
            for paragraph in cell.text_frame.paragraphs:
                self._type(paragraph, 11, LIGHT.ink)

    def _tint(self, cell: Any, level: int) -> None:
        tint = tint_of(highest(self.report.part.rubric), level)
        self._fill(cell, LIGHT.levels[tint])
        self._type(cell.text_frame.paragraphs[0], 13, LEVEL_INKS[tint], bold=True)

    def _level(self, format: Any, level: int) -> None:
        self._fill(format, LIGHT.levels[tint_of(highest(self.report.part.rubric), level)])
        format.line.color.rgb = self._colour(LIGHT.wood_line)

    def _fill(self, filled: Any, colour: str) -> None:
        filled.fill.solid()
        filled.fill.fore_color.rgb = self._colour(colour)

    def _type(self, paragraph: Any, size: int, colour: str, *, bold: bool = False) -> None:
        font = paragraph.font
        font.size, font.bold, font.name = size * 12_700, bold, "Segoe UI"
        font.color.rgb = self._colour(colour)

    def _colour(self, colour: str) -> Any:
        made: Callable[[str], Any] = importlib.import_module("pptx.dml.color").RGBColor.from_string
        return made(colour.removeprefix("#").upper())
