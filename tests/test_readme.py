"""What the README and the guides tell people to type is there, and does what they say."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app

HERE = Path(__file__).parents[1]
README = (HERE / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "docs/users.md", "docs/admins.md", "docs/api.md", "docs/operators.md", "docs/rubric-format.md")
# These work on files alone, so that the test runs them as they stand.
RUN = {"score", "advise", "rubric"}


def blocks(page: str) -> list[list[str]]:
    """The lines of each shell block of a page."""
    text = (HERE / page).read_text(encoding="utf-8")
    return [block.splitlines() for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def commands(start: str) -> list[str]:
    return [line for page in PAGES for block in blocks(page) for line in block if line.startswith(start)]


def steps(target: str) -> list[str]:
    """What make would run for a target."""
    make = ["make", "--no-print-directory", "-n", target, "PYTHON=python3", "PORT=8000", "WORKERS=2"]
    listed = subprocess.run(make, cwd=HERE, capture_output=True, text=True, check=True).stdout
    return [line.removeprefix("exec ") for line in listed.splitlines()]


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def test_it_works() -> None:
    """A picture first, then two commands."""
    assert README.index("![") < README.index("```sh")
    assert blocks("README.md")[0] == ["make run", "make test"]


@needs_make
@pytest.mark.parametrize("target", ["run", "test"])
def test_the_plain_commands_are_those_of_make(target: str) -> None:
    assert steps(target) in blocks("README.md")


def test_windows_gets_the_same() -> None:
    block = re.search(r"^```bat\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

    assert block
    elsewhere = {"py ": "python3 ", "Scripts": "bin", "\\": "/"}
    told = block[1]
    for theirs, ours in elsewhere.items():
        told = told.replace(theirs, ours)
    assert told.splitlines() in blocks("README.md")


@needs_make
@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)", README))))
def test_every_target_that_is_named_exists(target: str) -> None:
    assert steps(target)


def test_every_target_is_named() -> None:
    makefile = (HERE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))

    assert targets - {"help"} <= set(re.findall(r"`make ([a-z-]+)", README))


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, since one writes what the next one reads; a command that serves is only asked for its help."""
    shutil.copytree(HERE / "docs", tmp_path / "docs")
    shutil.copytree(HERE / "app" / "rubrics", tmp_path / "app" / "rubrics")
    monkeypatch.chdir(tmp_path)
    named = commands("shortstave ")
    assert len(named) >= 10

    for line in named:
        words = shlex.split(line)[1:]
        result = CliRunner().invoke(app, words if words[0] in RUN else [*words, "--help"])
        assert result.exit_code == 0, f"{line}\n{result.output}"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (HERE / page).read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    missing = [link for link in links if link and not ((HERE / page).parent / link).exists()]
    assert not missing
