"""`shortstave advise` with real files."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.cli.test_score import LADDER, POINTS, written


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["advise", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def ladder(tmp_path: Path) -> str:
    return written(tmp_path, LADDER)


@pytest.fixture
def points(tmp_path: Path) -> str:
    return written(tmp_path, POINTS)


def test_it_works(ladder: str) -> None:
    status, out, err = run(ladder)

    assert (status, err) == (0, "")
    assert out.startswith("MLOps maturity: the first steps to level 2 (Coordinating).\n\n1. ")
    assert "\n3. " in out
    assert "\n4. " not in out
    assert "On the way to level 2 (Coordinating):\n" in out


def test_the_json(ladder: str) -> None:
    status, out, err = run(ladder, "--json", "--target", "4")
    found = json.loads(out)

    assert (status, err) == (0, "")
    assert list(found) == ["overall", "target", "waves", "next"]
    assert (found["overall"], found["target"]) == (1, 4)
    assert [wave["to"] for wave in found["waves"]] == [2, 3, 4]
    assert found["next"] == found["waves"][0]["statements"][:3]


def test_one_level_up_is_the_default(ladder: str) -> None:
    assert run(ladder, "--json") == run(ladder, "--json", "--target", "2")


@pytest.mark.parametrize("target", ["0", "1"])
def test_a_target_that_is_reached(ladder: str, target: str) -> None:
    found = json.loads(run(ladder, "--json", "--target", target)[1])

    assert (found["target"], found["waves"], found["next"]) == (int(target), [], [])
    assert "nothing is left to do for level" in run(ladder, "--target", target)[1]


@pytest.mark.parametrize("target", ["5", "-1", "1.5"])
def test_a_level_that_does_not_exist(ladder: str, target: str) -> None:
    assert run(ladder, "--target", target) == (
        2,
        "",
        f"The target {target} is not a level of gigaom-mlops; give a level from 0 to 4.\n",
    )


def test_points_go_for_the_next_band_by_the_fewest_statements(points: str) -> None:
    found = json.loads(run(points, "--json")[1])

    assert (found["overall"], found["target"]) == (0, 0.5)
    assert [wave["to"] for wave in found["waves"]] == [0.5]
    assert len(found["waves"][0]["statements"]) == 3


def test_a_score_out_of_reach(points: str) -> None:
    assert run(points, "--target", "7.5") == (
        2,
        "",
        "The target 7.5 is out of reach in ml-test-score; give a score from 0 to 7.\n",
    )


def test_what_is_open_is_to_be_found_out(points: str) -> None:
    assert run(points)[1].count("Find out whether this is so: ") == 3


def test_problems_are_lines_on_standard_error(tmp_path: Path) -> None:
    file = written(tmp_path, LADDER.replace("strategy: 2", "strategy: 5"))
    status, out, err = run(file)

    assert (status, out) == (2, "")
    assert err.startswith(f"{file}:3: picks.strategy: ")
