"""The report of the organisation as PDF and as slides, read back: every figure is that of `domain.rollup`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import pptx
import pypdf
import pytest

from app.actions.exporting import KIND, ask_export
from app.actions.organisations import rename_organisation
from app.actions.units import rename_unit
from app.charts.style import LIGHT, tint_of
from app.connectors.kept_files import KeptFiles
from app.db.engine import reading, reading_at_once, writing
from app.domain.exports import Asked, ExportKind, Filters
from app.domain.investments import ranked
from app.domain.reports import OF_ONE_SIZE
from app.domain.rollup import WHOLE, highest, movement, rollup
from app.exports.pdf import NO_PDF, Printer
from app.exports.slides import NoSlides, write_slides
from app.main import slides
from app.queries.exports import own_export
from app.queries.reports import organisation_report
from app.web.render import Templates
from app.web.reports import print_style, report_document
from app.worker import documents, exports
from app.worker.run import Worker
from tests.cast import NOW, Cast
from tests.company import Company, company_of
from tests.queries.test_dashboard import found

TEAMS = ("Risk", "Timetable", "Reports", "Wagons")
HOSTILE = '=cmd|"x" <b>&{{ 1 }} {=1+1}'


@pytest.fixture
def company(cast: Cast) -> Company:
    """Spring with three teams, autumn with four."""
    company, random = company_of(cast), Random(5)
    for cycle, teams in (("Spring", TEAMS[:3]), ("Autumn", TEAMS)):
        for team in teams:
            company.agreed(cycle, team, *(random.randrange(5) for _ in range(5)))
    return company


def asked(company: Company, kind: ExportKind, unit: str = "") -> Asked:
    return Asked(kind, company.cycles["Autumn"], company.cast.units[unit] if unit else WHOLE, filters=Filters())


def file(company: Company, folder: Path, kind: ExportKind, unit: str = "", printer: Printer | None = None) -> Path:
    """The finished file of an export that an admin asked for; AssertionError with the words of one that failed."""
    admin, engine, files = company.cast.actor("admin"), company.engine, KeptFiles(folder)
    with writing(engine) as session:
        export_id = ask_export(session, admin, asked(company, kind, unit), NOW)
    environment = Templates()
    setter = printer or Printer(style=print_style(environment))
    printed = documents.pdf(partial(report_document, environment), setter)
    writers = MappingProxyType({**exports.WRITERS, ExportKind.PDF: printed})
    doing = exports.Writing(
        partial(reading_at_once, engine), partial(writing, engine), files, lambda: NOW, writers=writers
    )
    assert Worker(engine, {}, {}, lambda: NOW, errands={KIND: doing.errand()}).turn()
    with reading(engine) as session:
        made = own_export(session.connection(), admin, export_id, NOW)
    assert made.error is None, made.error
    return files.path(made.file_key or "").rename(folder / made.file_name)


def words(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def figures(company: Company, unit: str = "") -> Any:
    id = company.cast.units[unit] if unit else WHOLE
    with reading(company.engine) as session:
        spring, autumn = (found(company, session, company.cycles[name], id) for name in ("Spring", "Autumn"))
    return rollup(autumn), movement(spring, autumn)


@pytest.mark.parametrize("unit", ["", "Data"])
def test_the_pdf_says_what_the_results_come_to(company: Company, tmp_path: Path, unit: str) -> None:
    path = file(company, tmp_path, ExportKind.PDF, unit)
    overview, moves = figures(company, unit)

    said, reader = words(path), pypdf.PdfReader(path)

    assert reader.metadata
    assert reader.metadata.title == f"{unit or 'Tram'}: Autumn"
    assert str(reader.root_object["/Lang"]) == "en-GB"
    assert f"of {overview.teams} teams" in said
    assert f"{moves.rose} rose, {moves.fell} fell and {moves.stayed} stayed" in said
    for category in company.rubric.categories:
        of = overview.categories[category.key]
        counts = " ".join(str(of.at(level)) for level in range(5))
        assert f"{category.name} {counts} {of.floor} {of.median} {of.upper_quartile}" in said
    overall = " ".join(str(overview.overall.at(level)) for level in range(5))
    assert f"Overall (the least) {overall}" in said
    for key, teams in overview.ranked_blocks()[:3]:
        assert f"{teams} {company.rubric.statements[key].text}" in said
    assert len(list(outline(reader.outline))) >= 6


def outline(entries: Any) -> Iterator[str]:
    for each in entries:
        if isinstance(each, list):
            yield from outline(each)
        else:
            yield str(each.title)


def test_the_slides_hold_the_figures_as_charts_to_edit(company: Company, tmp_path: Path) -> None:
    overview, moves = figures(company)
    deck = pptx.Presentation(str(file(company, tmp_path, ExportKind.PPTX)))

    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    distribution, radar, limits, trend = charts
    assert list(distribution.plots[0].series[-1].values) == [overview.overall.at(level) for level in range(5)]
    drawn = {series.name: list(series.values) for series in radar.plots[0].series}
    of = [overview.categories[category.key] for category in company.rubric.categories]
    assert drawn == {
        "lowest": [each.floor for each in of],
        "median": [each.median for each in of],
        "upper quartile": [each.upper_quartile for each in of],
    }
    assert "RADAR" in str(radar.chart_type)
    names = {key: category.name for key, category in company.rubric.category_by_key.items()}
    expected = [(names[key], teams) for key, teams in overview.ranked_limits()]
    assert list(zip(limits.plots[0].categories, limits.plots[0].series[0].values, strict=True)) == expected
    then = sum(moves.flows.values()) + moves.left.teams
    assert list(trend.plots[0].categories) == [f"Spring ({then})", f"Autumn ({overview.teams})"]
    assert [series.values[1] for series in trend.plots[0].series] == [overview.overall.at(level) for level in range(5)]
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert f"Since Spring {moves.rose} rose, {moves.fell} fell and {moves.stayed} stayed" in titles
    assert all("counted by Shortstave" in slide.notes_slide.notes_text_frame.text for slide in deck.slides)


def table_of(deck: Any, first: str) -> Any:
    """The one table of the slides that begins with these words."""
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    [table] = [each for each in tables if each.cell(0, 0).text == first]
    return table


def test_the_slide_of_investments_names_every_statement(company: Company, tmp_path: Path) -> None:
    """Whole, each on a line of its own; and the last slide asks who takes on those that lift most."""
    overview, _ = figures(company)
    deck = pptx.Presentation(str(file(company, tmp_path, ExportKind.PPTX)))
    table = table_of(deck, "Teams")
    best = [each for size in (1, 2, 3) for each in ranked(overview.needs, size)[: OF_ONE_SIZE - 1]]
    known = company.rubric.statements
    rows = [(table.cell(row, 0).text, set(table.cell(row, 1).text.split("\n"))) for row in range(1, len(table.rows))]
    of = {key: category.name for key, category in company.rubric.category_of.items()}
    assert rows == [(str(each.teams), {f"{known[key].do} ({of[key]})" for key in each.statements}) for each in best]
    most = max(best, key=lambda each: (each.teams, -len(each.statements)))
    last = {shape.text_frame.text for shape in deck.slides[-1].shapes if shape.has_text_frame}
    assert any({known[key].do for key in most.statements} <= set(text.split("\n")) for text in last)


def test_the_units_are_a_heat_map(company: Company, tmp_path: Path) -> None:
    deck = pptx.Presentation(str(file(company, tmp_path, ExportKind.PPTX)))
    table = table_of(deck, "Median level")
    for row, unit in enumerate(("Data", "Depots"), 1):
        overview, _ = figures(company, unit)
        of = [overview.categories[category.key].median for category in company.rubric.categories]
        assert [table.cell(row, place).text for place in range(8)] == [
            unit,
            *map(str, of),
            str(overview.overall.median),
            str(overview.teams),
        ]
        tint = LIGHT.levels[tint_of(highest(company.rubric), of[0] or 0)]
        assert str(table.cell(row, 1).fill.fore_color.rgb) == tint[1:].upper()


def test_any_name_is_text(company: Company, tmp_path: Path) -> None:
    admin = company.cast.actor("admin")
    company.do(lambda session: rename_organisation(session, admin, HOSTILE, NOW))
    company.do(lambda session: rename_unit(session, admin, company.cast.units["Data"], HOSTILE, NOW))

    assert HOSTILE in words(file(company, tmp_path, ExportKind.PDF))
    deck = pptx.Presentation(str(file(company, tmp_path, ExportKind.PPTX)))
    assert deck.slides[0].shapes.title.text_frame.text == f"{HOSTILE}: Autumn"


def test_where_nothing_is_agreed_both_say_so(cast: Cast, tmp_path: Path) -> None:
    company = company_of(cast)

    assert "Nothing is agreed here yet." in words(file(company, tmp_path, ExportKind.PDF))
    assert len(pptx.Presentation(str(file(company, tmp_path, ExportKind.PPTX))).slides) == 1


def test_what_the_server_lacks_is_said(company: Company, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=re.escape(NO_PDF)):
        file(company, tmp_path, ExportKind.PDF, printer=Printer("no_such_library"))
    with reading(company.engine) as session:
        wanted = asked(company, ExportKind.PPTX)
        report = organisation_report(session.connection(), company.cast.actor("admin"), wanted, NOW)
    with pytest.raises(NoSlides, match="install"):
        write_slides(report, tmp_path / "deck.pptx", "no_such_library")


def test_they_are_in_the_language_of_who_asked(company: Company, tmp_path: Path) -> None:
    wanted = replace(asked(company, ExportKind.PPTX), filters=Filters(language="de"))
    with reading(company.engine) as session:
        report = organisation_report(session.connection(), company.cast.actor("admin"), wanted, NOW)
    _, moves = figures(company)
    slides(report, tmp_path / "deck.pptx")
    found = f"Seit Spring sind {moves.rose} gestiegen, {moves.fell} gefallen und {moves.stayed} geblieben"

    titles = [slide.shapes.title.text_frame.text for slide in pptx.Presentation(str(tmp_path / "deck.pptx")).slides]
    html = report_document(Templates(), report)

    assert found in titles
    assert f"<h2>{found}</h2>" in html
    assert '<html lang="de">' in html
