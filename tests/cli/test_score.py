"""`shortstave score` with real files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.domain.rubric_file import shipped, write_rubric

LADDER = """\
format: 1
rubric: gigaom-mlops
picks: {strategy: 2, architecture: 1, modeling: 4, processes: 3, governance: 1}
answers:
  bias-unknown: 0.5
  no-data-scientists: {not_applicable: we buy the service}
"""
POINTS = "format: 1\nrubric: ml-test-score\nanswers: {feature-schema: 1, feature-benefit: 0.5}\n"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["score", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def ladder(tmp_path: Path) -> str:
    return written(tmp_path, LADDER)


@pytest.fixture
def points(tmp_path: Path) -> str:
    return written(tmp_path, POINTS)


def written(folder: Path, text: str, name: str = "answers.yaml") -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_it_works(ladder: str) -> None:
    status, out, err = run(ladder)

    assert (status, err) == (0, "")
    assert out.startswith("MLOps maturity: level 1 (Exploring), held there by Architecture and Governance.\n")
    assert "Answered as not applicable: 1.\n" in out
    assert "Two levels or more ahead of the lowest category: Modeling and Processes.\n" in out


def test_the_json(ladder: str) -> None:
    status, out, err = run(ladder, "--json")
    found = json.loads(out)

    assert (status, err) == (0, "")
    assert (found["overall"], found["limiting"], found["spread"]) == (1, ["architecture", "governance"], 3)
    assert list(found["categories"]) == ["strategy", "architecture", "modeling", "processes", "governance"]
    assert found["categories"]["strategy"]["not_applicable"] == 1


def test_points_are_an_interval(points: str) -> None:
    status, out, _ = run(points)

    assert status == 0
    assert out.startswith(
        "ML Test Score: 0 points (Experiment) so far, and up to 6.5 points (Outstanding); 26 open answers decide.\n"
    )
    assert "0 to 7\n" in out
    assert "2 of 28 needed answers are given.\n" in out


def test_the_rubric_may_be_named_by_key_or_by_file(tmp_path: Path, ladder: str) -> None:
    rubric = written(tmp_path, write_rubric(shipped()["gigaom-mlops"]), "rubric.yaml")

    assert run(rubric, ladder) == run("gigaom-mlops", ladder) == run(ladder)


@pytest.mark.parametrize(("least", "status"), [("0", 0), ("1", 0), ("1.0", 0), ("1.5", 1), ("2", 1), ("-1", 0)])
def test_fail_under(ladder: str, least: str, status: int) -> None:
    assert run(ladder, "--fail-under", least)[0] == status
    assert json.loads(run(ladder, "--json", "--fail-under", least)[1])["overall"] == 1


def test_no_score_is_below_any(tmp_path: Path) -> None:
    statements = shipped()["ml-test-score"].statements
    nothing = "".join(f"  {key}: {{not_applicable: no model}}\n" for key in statements)
    file = written(tmp_path, f"format: 1\nrubric: ml-test-score\nanswers:\n{nothing}")

    assert run(file)[1].startswith("ML Test Score: no score, because nothing applies.\n")
    assert json.loads(run(file, "--json")[1])["overall"] is None
    assert run(file, "--fail-under", "0")[0] == 1


@pytest.mark.parametrize("number", ["", "x", "nan", "inf", "1e9", "1" * 21, "1/2"])
def test_a_least_result_is_a_number(ladder: str, number: str) -> None:
    status, out, err = run(ladder, "--fail-under", number)

    assert (status, out) == (2, "")
    assert "give a number such as 2 or 2.5." in err


def test_problems_are_lines_on_standard_error(tmp_path: Path) -> None:
    file = written(tmp_path, LADDER + "  nonsense: 1\n  bias-unknwn: 3\n")
    status, out, err = run(file, "--json")

    assert (status, out) == (2, "")
    assert [line.split(": ")[:2] for line in err.splitlines()] == [
        [f"{file}:7", "answers.nonsense"],
        [f"{file}:8", "answers.bias-unknwn"],
    ]


def test_a_rubric_that_is_not_shipped_has_to_be_named(tmp_path: Path) -> None:
    file = written(tmp_path, "format: 1\nrubric: our-own\nanswers: {}\n")

    assert run(file) == (
        2,
        "",
        f'{file}:2: rubric: is "our-own", which is not shipped; name the file of that rubric before the answers.\n',
    )


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    status, out, err = run(str(tmp_path / "absent.yaml"))

    assert (status, out) == (2, "")
    assert err.endswith("absent.yaml: cannot be read: No such file or directory.\n")


def test_answers_to_another_rubric(points: str) -> None:
    status, out, err = run("gigaom-mlops", points)

    assert (status, out) == (2, "")
    assert f"{points}:2: rubric: " in err


def test_too_many_files(ladder: str) -> None:
    assert run(ladder, ladder, ladder)[:2] == (2, "")


def test_the_command_itself(ladder: str) -> None:
    command = [sys.executable, "-c", "from app.cli import app; app()", "score", ladder, "--fail-under", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == run(ladder)[1]
