"""An export takes the same memory for any number of teams, and two statements more for each portion of them."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import insert, select

from app.actions.counting import count_teams
from app.db.base import table
from app.db.engine import reading_at_once, writing
from app.db.tables.assessments import Assessment
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team
from app.domain.exported import Exported, ExportedPart, ExportedTeam
from app.domain.exports import Asked, ExportKind, Filters
from app.domain.rollup import Distribution, Overview
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.exports import tables
from app.exports.xlsx import Book, write_xlsx
from app.queries.exported import AT_ONCE
from app.worker.exports import WRITERS
from app.worker.writing import Progress, Seen
from tests.cast import NOW, Cast
from tests.company import Company, company_of
from tests.conftest import StatementCount

FEW, MANY = AT_ONCE, 10 * AT_ONCE
"""A portion of teams, and ten of them."""
MORE = 1.25
"""How much more memory the many may take: what the cache of statements and the like come to."""


@pytest.fixture
def company(cast: Cast) -> Company:
    """With a portion of teams named few, and nine named many; each has the result of Risk."""
    company = company_of(cast)
    company.agreed("Autumn", "Risk", 1, 2, 1, 2, 1)
    names = [f"{'few' if number < FEW else 'many'} {number}" for number in range(MANY - 1)]
    with writing(company.engine) as session:
        connection, ours = session.connection(), {"organisation_id": cast.tram}
        agreed = connection.execute(select(table(AgreedResult))).mappings().one()
        team, assessment, result = table(Team), table(Assessment), table(AgreedResult)
        rows = [{**ours, "unit_id": cast.units["Models"], "name": name} for name in names]
        teams = connection.execute(insert(team).returning(team.c.id), rows).scalars().all()
        asked = {**ours, "rubric_version_id": agreed["rubric_version_id"], "cycle_id": company.cycles["Autumn"]}
        rows = [{**asked, "team_id": id, "created_at": NOW} for id in teams]
        assessments = connection.execute(insert(assessment).returning(assessment.c.id), rows).scalars().all()
        same = {name: value for name, value in agreed.items() if name not in {"id", "assessment_id"}}
        connection.execute(insert(result), [{**same, "assessment_id": id} for id in assessments])
        count_teams(session, cast.tram, teams)
    return company


def write(company: Company, kind: ExportKind, path: Path, search: str = "") -> None:
    actor = company.cast.actor("admin")

    @contextmanager
    def reads() -> Iterator[Seen]:
        with reading_at_once(company.engine) as session:
            yield Seen(session.connection(), actor)

    asked = Asked(kind, company.cycles["Autumn"], filters=Filters(search=search))
    WRITERS[kind](reads, asked, path, Progress(lambda _done, _total: True, lambda: NOW))


def peak(write: Callable[[], object]) -> int:
    """The bytes that it took at most, beyond those that were there."""
    gc.collect()
    tracemalloc.start()
    try:
        write()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_takes_the_same_memory(company: Company, count_statements: StatementCount, tmp_path: Path) -> None:
    """Both in one, since it takes a while to fill the organisation."""
    write(company, ExportKind.JSON, tmp_path / "warm", "few 1")
    few = peak(lambda: write(company, ExportKind.JSON, tmp_path / "few", "few"))
    many = peak(lambda: write(company, ExportKind.JSON, tmp_path / "many"))
    assert (tmp_path / "many").stat().st_size > 9 * (tmp_path / "few").stat().st_size
    assert many < MORE * few

    counts = []
    for search in ("few", ""):
        with count_statements(company.engine) as statements:
            write(company, ExportKind.TEAMS_CSV, tmp_path / f"teams {search}", search)
        counts.append(len(statements))
    # Who asks, the cycles, the organisation, the figures and the units; the end of a search is looked for twice.
    assert counts == [5 + 2 + 1, 5 + 2 * MANY // AT_ONCE]


def small_rubric() -> Rubric:
    rubric = shipped()["gigaom-mlops"]
    first = rubric.categories[0]
    return replace(rubric, categories=(replace(first, statements=first.statements[:3]),))


def exported(teams: int) -> Exported:
    rubric = small_rubric()
    overview = Overview(Distribution({1: teams}), {}, {}, {}, {})
    part = ExportedPart("Tram", "Spring", NOW.date(), NOW.date(), "", "", rubric, 1, NOW, overview, None, Filters())
    unmet = tuple(rubric.statements)
    one = ExportedTeam(1, "", "", ("Data",), 1, {}, (), None, NOW, rubric, 1, unmet, {})
    return Exported(part, lambda _answers: (replace(one, team=f"Team {number}") for number in range(teams)))


def test_a_workbook_takes_the_same_memory(tmp_path: Path) -> None:
    def written(teams: int, name: str) -> None:
        write_xlsx(exported(teams), tmp_path / name)()

    written(5, "warm")
    few, many = peak(lambda: written(50, "few")), peak(lambda: written(500, "many"))
    assert openpyxl.load_workbook((tmp_path / "many").rename(tmp_path / "many.xlsx"))["Answers"].max_row == 3 * 500 + 1
    assert many < MORE * few


@pytest.mark.parametrize(("teams", "sheets"), [(3, [10]), (4, [10, 4]), (6, [10, 10]), (7, [10, 10, 4])])
def test_more_rows_than_a_sheet_holds_go_on(tmp_path: Path, teams: int, sheets: list[int]) -> None:
    path, of = tmp_path / "book.xlsx", exported(teams)
    book = Book(xlsxwriter.Workbook(str(path), {"constant_memory": True}), of.part, rows=10)
    book.table(tables.answers(of))
    book.finish()
    read = openpyxl.load_workbook(path)
    assert read.sheetnames == ["Answers", "Answers 2", "Answers 3"][: len(sheets)]
    assert [sheet.max_row for sheet in read] == sheets
    rows = [row for sheet in read for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row[1] for row in rows] == [f"Team {number}" for number in range(teams) for _ in range(3)]
    assert {sheet.auto_filter.ref.split(":")[0] for sheet in read} == {"A1"}
