"""What can be taken away: files that other programs read, and that say what the page says."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app as command_line
from app.domain.answers_file import read_answers
from app.domain.rubric_file import shipped
from app.domain.sheets import SavedAnswer
from app.exports.cells import as_text
from tests.conftest import StatementCount
from tests.quick_check import begun
from tests.web.visitor import Visitor

FILES = {
    "answers.yaml": "application/yaml",
    "result.json": "application/json",
    "radar.svg": "image/svg+xml",
    "radar.png": "image/png",
    "radar.csv": "text/csv; charset=utf-8",
}


def answered(browser: TestClient, engine: Engine, key: str) -> Visitor:
    visitor = Visitor(browser, begun(engine, key))
    a, b, c, *_, z = visitor.rubric.statements
    answers = dict(zip(visitor.rubric.statements, ["1", "0.5", "0", "unknown", "1", "1"] * 20, strict=False))
    answers |= {
        a: "not_applicable", f"{a}.reason": "- no: 'cloud' #1", f"{a}.note": "line one\n\n  line: three\t\n# four",
        f"{b}.note": "=SUM(A1)", c: "", f"{c}.note": "a note alone 🛢", z: "",
    }  # fmt: skip
    assert visitor.send(answers).status_code == 200
    return visitor


def file(visitor: Visitor, name: str) -> Response:
    answer = visitor.get(f"/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FILES[name]
    kind, ending = name.split(".")
    assert answer.headers["content-disposition"] == f'attachment; filename="{visitor.rubric.key}-{kind}.{ending}"'
    return answer


@pytest.mark.parametrize("key", sorted(shipped()))
def test_it_works(browser: TestClient, engine: Engine, key: str, tmp_path: Path) -> None:
    visitor = answered(browser, engine, key)
    yaml = file(visitor, "answers.yaml").content
    read = read_answers(yaml, "answers.yaml", visitor.rubric)

    assert (read.rubric, read.version, read.picks) == (key, 1, {})
    assert {statement: SavedAnswer(each.value, each.reason, each.note) for statement, each in read.answers.items()} == {
        statement: each for statement, each in visitor.answers.items() if each != SavedAnswer()
    }
    (tmp_path / "answers.yaml").write_bytes(yaml)
    printed = CliRunner().invoke(command_line, ["score", "--json", str(tmp_path / "answers.yaml")])
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == file(visitor, "result.json").json()


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_picture_is_one(browser: TestClient, engine: Engine, key: str) -> None:
    visitor = answered(browser, engine, key)
    svg = file(visitor, "radar.svg").text
    root = ElementTree.fromstring(svg)
    table = list(csv.reader(io.StringIO(file(visitor, "radar.csv").text)))

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert visitor.rubric.title in "".join(root.itertext())
    assert "<script" not in svg
    assert [line[0] for line in table] == ["Category", *(category.name for category in visitor.categories)]
    assert all(cell == "" or float(cell) >= 0 for line in table[1:] for cell in line[1:])


def test_the_picture_in_pixels(visitor: Visitor) -> None:
    png = file(visitor, "radar.png").content

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(png[16:20], "big") == 1600


@pytest.mark.parametrize("name", FILES)
def test_an_empty_sheet_can_be_taken_away_too(visitor: Visitor, checker: Visitor, name: str) -> None:
    for each in (visitor, checker):
        assert file(each, name).content


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_secret_link_is_kept_nowhere_and_never_shown_as_a_page(visitor: Visitor, name: str) -> None:
    answer = file(visitor, name)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", FILES)
def test_its_sql_is_counted(visitor: Visitor, engine: Engine, count_statements: StatementCount, name: str) -> None:
    visitor.get()
    with count_statements(engine) as statements:
        visitor.get(f"/{name}")

    assert len(statements) == 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(sign: str) -> None:
    assert as_text(f"{sign}1+1") == f"'{sign}1+1"
    assert as_text("1 = 1") == "1 = 1"
