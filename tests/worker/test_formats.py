"""Each format read back, every figure of it compared with `domain.rollup` on the same results."""

import csv
import datetime
import json
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from sqlalchemy import select, update

from app.actions.exporting import KIND, ask_export
from app.actions.sheets import save
from app.charts.style import LIGHT
from app.connectors.kept_files import KeptFiles
from app.db.engine import reading, reading_at_once, writing
from app.db.tables.assessments import Assessment
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team
from app.domain.exported import in_words
from app.domain.exports import Asked, ExportKind, Filters
from app.domain.frozen_answers import from_document
from app.domain.investments import ranked
from app.domain.rollup import WHOLE, Counted, Overview, levels, movement, rollup
from app.domain.sheets import NEVER_ANSWERED, Change, Mutation, SavedAnswer
from app.domain.translations import in_language
from app.exports.cells import CELL_LIMIT, CUT, as_text, fitting
from app.queries.assessing import assessing
from app.queries.exported import exported_part, exported_teams, found_part
from app.queries.exports import own_export
from app.worker import exports
from app.worker.run import Worker
from tests.cast import NOW, Cast
from tests.company import Company, company_of
from tests.teamwork import new_id

TEAMS = ("Risk", "Timetable", "Reports", "Wagons")
UNITS = {"Risk": "Data / Models", "Timetable": "Data / Models", "Reports": "Data", "Wagons": "Depots"}
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\tthird",
    'a "quoted"\nline',
    "https://example.org",
    "_x0041_",
)


@pytest.fixture
def company(cast: Cast) -> Company:
    """Spring with three teams, autumn with four; some moved, and each with answers of its own."""
    company, random = company_of(cast), Random(5)
    for cycle, teams in (("Spring", TEAMS[:3]), ("Autumn", TEAMS)):
        for team in teams:
            company.agreed(cycle, team, *(random.randrange(5) for _ in range(5)))
    return company


def file(company: Company, folder: Path, kind: ExportKind, unit: str = "", **filters: Any) -> Path:
    """The finished file of an export, asked for by an admin."""
    unit_id = company.cast.units[unit] if unit else WHOLE
    if "since" not in filters:
        filters["since"] = company.cycles["Spring"]
    asked = Asked(kind, company.cycles["Autumn"], unit_id, filters=Filters(**filters))
    admin, engine, files = company.cast.actor("admin"), company.engine, KeptFiles(folder)
    with writing(engine) as session:
        export_id = ask_export(session, admin, asked, NOW)
    doing = exports.Writing(partial(reading_at_once, engine), partial(writing, engine), files, lambda: NOW)
    assert Worker(engine, {}, {}, lambda: NOW, errands={KIND: doing.errand()}).turn()
    with reading(engine) as session:
        found = own_export(session.connection(), admin, export_id, NOW)
    assert found.error is None
    assert found.done == found.total
    return files.path(found.file_key or "").rename(folder / found.file_name)


def counted(company: Company, cycle: str) -> dict[str, Counted]:
    """The results by plain Python, by the names of the teams."""
    with reading(company.engine) as session:
        rows = session.execute(
            select(Team.name, Team.id, AgreedResult.result)
            .join(Assessment, Assessment.team_id == Team.id)
            .join(AgreedResult, AgreedResult.assessment_id == Assessment.id)
            .where(Assessment.cycle_id == company.cycles[cycle], AgreedResult.reopened_at.is_(None))
        ).all()
    found = {}
    for name, team_id, result in rows:
        of = levels(company.rubric, result)
        assert of
        found[name] = Counted(team_id, None, company.cycles[cycle], (WHOLE,), of)
    return found


def frozen(company: Company) -> dict[str, dict[str, SavedAnswer]]:
    with reading(company.engine) as session:
        rows = session.execute(
            select(Team.name, AgreedResult.answers)
            .join(Assessment, Assessment.team_id == Team.id)
            .join(AgreedResult, AgreedResult.assessment_id == Assessment.id)
            .where(Assessment.cycle_id == company.cycles["Autumn"], AgreedResult.reopened_at.is_(None))
        )
        return {name: from_document(answers).answers for name, answers in rows}


def autumn(company: Company) -> Overview:
    return rollup(counted(company, "Autumn").values())


def cells(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def block(rows: list[tuple[Any, ...]], title: str) -> list[tuple[Any, ...]]:
    """The rows of a block of the summary below its head."""
    begin = next(place for place, row in enumerate(rows) if row[0] == title) + 2
    end = next((place for place in range(begin, len(rows)) if rows[place][0] is None), None)
    return [tuple(cell for cell in row if cell is not None) for row in rows[begin:end]]


def test_the_summary_of_a_workbook(company: Company, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    assert book.sheetnames == ["Summary", "Teams", "Answers", "Blockers"]
    rows, overview = cells(book["Summary"]), autumn(company)
    moves = movement(counted(company, "Spring").values(), counted(company, "Autumn").values())
    about = {row[0]: row[1] for row in rows[:12]}

    assert rows[0][0] == "Tram"
    assert (about["Cycle"], about["Compared with"], about["Unit"]) == ("Autumn", "Spring", "the whole organisation")
    assert about["Agreed results"] == 4
    assert about["Made on"].date() == NOW.date()
    assert f"{moves.rose} rose and {moves.fell} fell" in about["Headline"]
    of = {"Overall": overview.overall}
    of |= {category.name: overview.categories[category.key] for category in company.rubric.categories}
    assert block(rows, "Where the teams stand") == [
        (name, each.teams, each.floor, each.median, each.upper_quartile, *(each.at(level) for level in range(5)))
        for name, each in of.items()
    ]
    assert block(rows, "Share of the teams at each level or above") == [
        (name, *(pytest.approx(float(each.share_at_or_above(level))) for level in range(1, 5)))
        for name, each in of.items()
    ]
    names = company.rubric.category_by_key
    assert [row[:2] for row in block(rows, "What limits the teams")] == [
        (names[key].name, teams) for key, teams in overview.ranked_limits()
    ]
    assert [row[:2] for row in block(rows, "What keeps teams from their next level")] == list(overview.ranked_blocks())
    lifts = [each for size in (1, 2, 3) for each in ranked(overview.needs, size)]
    if lifts:
        assert [row[:2] for row in block(rows, "What would lift most teams, met everywhere")] == [
            (" + ".join(each.statements), each.teams) for each in lifts
        ]
    moved = {row[0]: row[1] for row in block(rows, "What moved since Spring")}
    assert (moved["rose"], moved["stayed"], moved["fell"]) == (moves.rose, moves.stayed, moves.fell)
    assert (moved["joined"], moved["missing (left, or have not agreed), by their level then"]) == (
        moves.joined.teams,
        moves.left.teams,
    )


def test_the_teams_of_a_workbook(company: Company, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    sheet, now, then = book["Teams"], counted(company, "Autumn"), counted(company, "Spring")
    head, *rows = cells(sheet)

    assert head[:4] == ("Unit", "Team", "ML system", "Overall")
    assert head[4:9] == tuple(category.name for category in company.rubric.categories)
    assert [row[1] for row in rows] == sorted(TEAMS)
    for row in rows:
        of, before = now[row[1]].of, then.get(row[1])
        assert row[0] == UNITS[row[1]]
        assert row[3:9] == (of.overall, *(of.levels[category.key] for category in company.rubric.categories))
        assert row[9] == ", ".join(company.rubric.category_by_key[key].name for key in of.limiting)
        moved = (before.of.overall, of.overall - before.of.overall) if before else (None, None)
        assert row[10:12] == moved
        assert row[12] == datetime.datetime.combine(NOW.date(), datetime.time())
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:M{len(rows) + 1}"
    for line in sheet.iter_rows(min_row=2, min_col=4, max_col=9):
        assert [cell.fill.fgColor.rgb for cell in line] == [
            f"FF{LIGHT.levels[cell.value][1:].upper()}" for cell in line
        ]
    assert sheet.oddFooter.left.text == "Tram · Autumn · the whole organisation"


def test_the_answers_and_blockers_of_a_workbook(company: Company, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    _, *rows = cells(book["Answers"])
    found, rubric = frozen(company), company.rubric

    assert len(rows) == len(TEAMS) * len(rubric.statements)
    for _, team, _, category, key, text, gate, answer, reason, note in rows:
        statement, given = rubric.statements[key], found[team].get(key, NEVER_ANSWERED)
        assert (category, text, gate) == (rubric.category_of[key].name, statement.text, statement.gate)
        assert answer == in_words(rubric, statement, given)
        assert (reason or "", note or "") == (given.reason, given.note)
    _, *blocking = cells(book["Blockers"])
    assert Counter(row[5] for row in blocking) == autumn(company).blocks
    assert Counter(row[1] for row in blocking) == {
        name: len(each.of.unmet) for name, each in counted(company, "Autumn").items() if each.of.unmet
    }


@pytest.mark.parametrize(
    ("kind", "sheet"),
    [(ExportKind.TEAMS_CSV, "Teams"), (ExportKind.ANSWERS_CSV, "Answers"), (ExportKind.BLOCKERS_CSV, "Blockers")],
)
def test_csv_says_the_same(company: Company, tmp_path: Path, kind: ExportKind, sheet: str) -> None:
    written = file(company, tmp_path, kind)
    assert written.read_bytes().startswith(b"\xef\xbb\xbf")
    with written.open(encoding="utf-8-sig", newline="") as lines:
        rows = [tuple(row) for row in csv.reader(lines)]

    def as_csv(cell: Any) -> str:
        if isinstance(cell, datetime.datetime):
            return cell.date().isoformat()
        return as_text(cell) if isinstance(cell, str) else "" if cell is None else str(cell)

    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    assert rows == [tuple(map(as_csv, row)) for row in cells(book[sheet])]


def test_json_says_the_same(company: Company, tmp_path: Path) -> None:
    document = json.loads(file(company, tmp_path, ExportKind.JSON).read_text())
    overview, now = autumn(company), counted(company, "Autumn")
    moves = movement(counted(company, "Spring").values(), now.values())

    assert document["format"] == "shortstave export 1"
    assert document["overall"]["at_level"] == {str(level): teams for level, teams in overview.overall.counts.items()}
    for each in document["categories"]:
        of = overview.categories[each["key"]]
        assert (each["floor"], each["median"], each["upper_quartile"]) == (of.floor, of.median, of.upper_quartile)
        assert each["at_level"] == {str(level): teams for level, teams in of.counts.items()}
    assert [(each["category"], each["teams"]) for each in document["limits"]] == list(overview.ranked_limits())
    assert [(each["statement"], each["teams"]) for each in document["blocks"]] == list(overview.ranked_blocks())
    assert {(each["from"], each["to"]): each["teams"] for each in document["movement"]["flows"]} == moves.flows
    assert document["movement"]["joined"] == {str(level): teams for level, teams in moves.joined.counts.items()}
    for team in document["teams"]:
        one = now[team["team"]].of
        assert (team["overall"], team["levels"]) == (one.overall, one.levels)
        assert (tuple(team["limiting"]), tuple(team["blockers"])) == (one.limiting, one.unmet)
        answers = frozen(company)[team["team"]]
        assert {key: each["value"] for key, each in team["answers"].items() if each["value"]} == {
            key: answer.value for key, answer in answers.items() if answer.value
        }


def test_the_guide_names_every_member_of_the_document(company: Company, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    document = json.loads(file(company, tmp_path, ExportKind.JSON).read_text())
    answer = next(iter(document["teams"][0]["answers"].values()))
    parts = (document, document["cycle"], document["rubric"], document["overall"], document["movement"])
    named = {name for part in (*parts, document["teams"][0], answer) for name in part}
    assert {name for name in named if f"`{name}`" not in guide} == set()


def test_a_unit_and_filters(company: Company, tmp_path: Path) -> None:
    document = json.loads(file(company, tmp_path, ExportKind.JSON, unit="Data").read_text())
    assert [team["team"] for team in document["teams"]] == ["Reports", "Risk", "Timetable"]
    assert (document["unit"], document["overall"]["teams"]) == ("Data", 3)
    document = json.loads(file(company, tmp_path, ExportKind.JSON, search="is").read_text())
    # What is said of the whole part is not filtered.
    assert ([team["team"] for team in document["teams"]], document["overall"]["teams"]) == (["Risk"], 4)
    document = json.loads(file(company, tmp_path, ExportKind.JSON, moved="joined").read_text())
    assert [team["team"] for team in document["teams"]] == ["Wagons"]
    document = json.loads(file(company, tmp_path, ExportKind.JSON, since=None).read_text())
    assert (document["movement"], document["compared_with"]) == (None, None)


def test_the_rubric_is_read_in_the_language_of_who_asked(company: Company, tmp_path: Path) -> None:
    """The keys by which files are compared, and the words of the columns, stay."""
    told = cells(openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX, language="de"))["Answers"])
    plain = cells(openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))["Answers"])
    german = in_language(company.rubric, "de")
    text, statement = plain[0].index("Text"), plain[0].index("Statement")

    assert told[0] == plain[0]
    assert [row[statement] for row in told] == [row[statement] for row in plain]
    assert [row[text] for row in told[1:]] == [german.statements[row[statement]].text for row in told[1:]]
    assert all(one != other for one, other in zip(told[1:], plain[1:], strict=True))


def test_hostile_texts_are_texts(company: Company, tmp_path: Path) -> None:
    """In the names of the organisation's parts, and in what people wrote."""
    keys = list(company.rubric.statements)
    company.reopened("Autumn", "Risk")
    with writing(company.engine) as session:
        found = assessing(session.connection(), company.operator, company.assessment("Autumn", "Risk"))
        changes = {key: Change(note=text) for key, text in zip(keys, HOSTILE, strict=False)}
        save(session, found.sheet, company.rubric, Mutation(new_id(), found.sheet.version, changes), NOW)
        session.execute(update(Team).where(Team.name == "Wagons").values(name="=1+1"))
    company.agreed("Autumn", "Risk", 1, 1, 1, 1, 1)
    with writing(company.engine) as session:
        # What came in by another way than a form, such as an old file.
        result = session.scalars(select(AgreedResult).order_by(AgreedResult.id.desc()).limit(1)).one()
        written = {**result.answers}
        written[keys[20]] = {**written[keys[20]], "note": "a\x00b\x1b\ufffec"}
        written[keys[21]] = {**written[keys[21]], "note": "é" * 40_000}
        result.answers = written

    path = file(company, tmp_path, ExportKind.XLSX)
    sheet = openpyxl.load_workbook(path)["Answers"]
    notes = {row[4].value: row[9] for row in sheet.iter_rows(min_row=2) if row[1].value == "Risk"}
    for key, text in zip(keys, HOSTILE, strict=False):
        # Excel reads _x0041_ as a letter, so the sign before it is written as such a letter itself.
        assert unescape(notes[key].value) == text
        assert notes[key].data_type in {"s", "inlineStr"}
        assert notes[key].hyperlink is None
    assert notes[keys[20]].value == "abc"
    assert len(notes[keys[21]].value) == CELL_LIMIT
    assert notes[keys[21]].value.endswith(CUT)
    lines = file(company, tmp_path, ExportKind.ANSWERS_CSV).read_text(encoding="utf-8-sig")
    for row in csv.reader(lines.splitlines(keepends=True)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("letter", ["a", "\N{GRINNING FACE}"])
def test_a_cell_holds_as_much_as_utf_16_counts(letter: str) -> None:
    size = len(letter.encode("utf-16-le")) // 2
    whole = letter * (CELL_LIMIT // size)
    assert fitting(whole) == whole
    cut = fitting(whole + letter)
    assert cut.endswith(letter + CUT)
    assert CELL_LIMIT - size < len(cut.encode("utf-16-le")) // 2 <= CELL_LIMIT


def test_an_organisation_without_results(cast: Cast, tmp_path: Path) -> None:
    company = company_of(cast)
    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    assert [len(cells(book[name])) for name in ("Teams", "Answers", "Blockers")] == [1, 1, 1]
    assert json.loads(file(company, tmp_path, ExportKind.JSON).read_text())["teams"] == []
    assert len(file(company, tmp_path, ExportKind.TEAMS_CSV).read_text().splitlines()) == 1


def test_what_is_not_agreed_is_nowhere(company: Company, tmp_path: Path) -> None:
    """Neither a result that was reopened, nor what is answered meanwhile."""
    company.reopened("Autumn", "Risk")
    with writing(company.engine) as session:
        found = assessing(session.connection(), company.operator, company.assessment("Autumn", "Risk"))
        changes = {next(iter(company.rubric.statements)): Change(note="between us")}
        save(session, found.sheet, company.rubric, Mutation(new_id(), found.sheet.version, changes), NOW)
    for kind in (ExportKind.TEAMS_CSV, ExportKind.ANSWERS_CSV, ExportKind.BLOCKERS_CSV, ExportKind.JSON):
        text = file(company, tmp_path, kind).read_text(encoding="utf-8-sig")
        assert ("between us" in text, "Risk" in text, "Reports" in text) == (False, False, True)
    with ZipFile(file(company, tmp_path, ExportKind.PPTX)) as slides:
        assert not [name for name in slides.namelist() if b"between us" in slides.read(name)]
    book = openpyxl.load_workbook(file(company, tmp_path, ExportKind.XLSX))
    assert {row[1] for sheet in book.worksheets[1:] for row in cells(sheet)[1:]} == {"Reports", "Timetable", "Wagons"}


def test_all_of_a_file_is_of_one_moment(company: Company) -> None:
    """What happens while it is written is in none of it, on both databases."""
    admin, before = company.cast.actor("admin"), counted(company, "Autumn")
    asked = Asked(ExportKind.JSON, company.cycles["Autumn"])
    with reading_at_once(company.engine) as session:
        connection = session.connection()
        part = found_part(connection, admin, asked)
        company.reopened("Autumn", "Risk")
        figures = exported_part(connection, admin, asked, part, NOW)
        listed = list(exported_teams(connection, company.cast.tram, asked, part, answers=True))
    assert figures.overview == rollup(before.values())
    assert {team.team: team.levels for team in listed} == {name: each.of.levels for name, each in before.items()}
    assert autumn(company) != figures.overview
