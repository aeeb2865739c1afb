"""tools/environment.py makes the environment once, and again only when the locked packages have changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "environment.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of no packages at all."""
    (tmp_path / "tools").mkdir()
    shutil.copy(SCRIPT, tmp_path / "tools")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("# nothing\n", encoding="utf-8")
    return tmp_path


def made(project: Path, *options: str, pythonpath: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(pythonpath or "")}
    script = str(project / "tools" / "environment.py")
    return subprocess.run(
        [sys.executable, script, *options], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long
def test_it_works(project: Path) -> None:
    assert "Making the environment" in made(project).stdout
    assert (project / ".venv" / "pyvenv.cfg").exists()

    assert made(project).stdout == "", "nothing changed, nothing is done"

    assert "Installing the packages of requirements-dev.txt" in made(project, "--dev").stdout
    assert made(project).stdout == "", "the developing list holds the running one"

    (project / "requirements.txt").write_text("# another version\n", encoding="utf-8")
    assert "Making the environment" in made(project).stdout


@pytest.mark.long
def test_an_interrupted_installation_is_begun_again(project: Path) -> None:
    (project / "requirements.txt").write_text("--no-index\nmissing==1 --hash=sha256:" + "0" * 64, encoding="utf-8")
    failed = made(project)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("The environment could not be made")

    (project / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    assert made(project).returncode == 0


def test_a_python_without_venv_gets_one_line(project: Path, tmp_path: Path) -> None:
    lacking = tmp_path / "lacking"
    lacking.mkdir()
    (lacking / "ensurepip.py").write_text("raise ImportError", encoding="utf-8")

    told = made(project, pythonpath=lacking)

    assert told.returncode == 1
    assert told.stderr == "Shortstave needs Python's venv module. On Debian and Ubuntu: apt install python3-venv\n"
    assert not (project / ".venv").exists()
