"""The report of a part of the organisation as HTML: a document to be set as PDF, and the same on a shared page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from app.charts.picture import KeyEntry
from app.charts.radar import radar
from app.charts.style import LEVEL_INKS, LIGHT
from app.charts.svg import Svg
from app.domain.reports import OF_ONE_SIZE, SHOWN, OrganisationReport, UnitFigures
from app.domain.rubric import Rubric, Subject
from app.web import overview as shown_as
from app.web.language import LANGUAGES
from app.web.overview import Block, Column, Lift, Limit, Spread
from app.web.render import Templates
from app.web.texts import Translated, texts


@dataclass(frozen=True, slots=True)
class MedianCell:
    """The median of a unit in a category, with its colours; None where nobody has a level."""

    level: int | None
    tint: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    spread: Spread
    cells: Sequence[MedianCell]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`radar` is painted by class in a page, with a `key` beside it, and whole in a document."""

    report: OrganisationReport
    columns: Sequence[Column]
    overall: Spread
    categories: Sequence[Spread]
    units: Sequence[UnitLine]
    trend: Sequence[Spread]
    limits: Sequence[Limit]
    blocks: Sequence[Block]
    lifts: Sequence[Sequence[Lift]]
    flows: Sequence[tuple[Column, Sequence[int]]]
    radar: Svg
    key: Sequence[KeyEntry]
    logo: str
    language: str

    @property
    def rubric(self) -> Rubric:
        return self.report.part.rubric

    @property
    def of_systems(self) -> bool:
        return self.rubric.subject is Subject.MODEL

    @property
    def paints(self) -> Sequence[tuple[str, str]]:
        """The colour of each level and of the letters on it, for what no style sheet reaches."""
        return list(zip(LIGHT.levels, LEVEL_INKS, strict=True))

    @property
    def accent(self) -> str:
        return LIGHT.accent


def report_page(report: OrganisationReport, translated: Translated, *, document: bool = False) -> ReportPage:
    rubric, found = report.part.rubric, report.part.overview
    figure = shown_as.radar_of(rubric, found, translated)
    columns = shown_as.columns(rubric, found.overall, report.earlier)
    return ReportPage(
        report,
        columns,
        shown_as.spread(rubric, "", found.overall),
        shown_as.categories(rubric, found),
        [_unit(rubric, each) for each in report.units],
        [shown_as.spread(rubric, each.name, each.overall) for each in report.trend],
        shown_as.limits(rubric, found),
        shown_as.blocks(rubric, found)[:SHOWN],
        [each[:OF_ONE_SIZE] for each in shown_as.lifts(rubric, found) if each],
        _flows(report, columns),
        radar(figure, standalone=document),
        () if document else figure.key,
        data_address(report.logo, report.logo_type),
        translated.tag,
    )


def report_document(templates: Templates, report: OrganisationReport) -> str:
    """The whole HTML to be set as PDF, in the language of who asked; it names nothing that would have to be fetched."""
    language = report.part.filters.language or LANGUAGES[0]
    page = report_page(report, texts(language), document=True)
    return templates[language].get_template("reports/organisation.html").render(page=page)


def print_style(templates: Templates) -> str:
    """How reports are set on paper, with the colours of levels."""
    paints = list(zip(LIGHT.levels, LEVEL_INKS, strict=True))
    return templates[LANGUAGES[0]].get_template("reports/_print.css").render(paints=paints)


def data_address(picture: bytes, media_type: str) -> str:
    """An address that holds the picture itself; empty without one."""
    return f"data:{media_type};base64,{base64.b64encode(picture).decode()}" if picture else ""


def _unit(rubric: Rubric, unit: UnitFigures) -> UnitLine:
    cells = []
    for category in rubric.categories:
        median = unit.categories[category.key].median if category.key in unit.categories else None
        cells.append(MedianCell(median, shown_as.tint(rubric, median or 0)))
    return UnitLine(shown_as.spread(rubric, unit.name, unit.overall), cells)


def _flows(report: OrganisationReport, columns: Sequence[Column]) -> Sequence[tuple[Column, Sequence[int]]]:
    if report.part.moves is None:
        return ()
    flows = report.part.moves.flows
    rows = [(then, [flows.get((then.level, now.level), 0) for now in columns]) for then in columns]
    return [(then, counts) for then, counts in rows if any(counts)]
