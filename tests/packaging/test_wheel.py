"""The wheel is whole: installed on its own, far from the checkout, it serves."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.server import Server
from tools.first_answer import LEVEL, first_answer

HERE = Path(__file__).parents[2]
INSIDE = {"app": "app"} | {name: f"app/{name}" for name in ("templates", "static", "migrations", "locale")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    building = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(HERE)]
    built = subprocess.run(building, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def shortstave(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment that holds the wheel, and finds its libraries where these tests do."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    place = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(place) / "libraries.pth").write_text("\n".join(sorted(libraries)), encoding="utf-8")
    python = next(programs.glob("python*"))
    installing = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(installing, capture_output=True, check=True)
    return programs / "shortstave"


def test_it_carries_every_file(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"{inside}/{file.relative_to(HERE / folder).as_posix()}"
        for folder, inside in INSIDE.items()
        for file in (HERE / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    assert wanted
    wanted.add("app/docs/api.md")
    assert wanted <= carried, sorted(wanted - carried)


def test_it_serves_outside_the_checkout(shortstave: Path, tmp_path: Path) -> None:
    server = Server(tmp_path, command=(str(shortstave),))
    server.start()

    assert first_answer(server.address) == LEVEL
    assert str(HERE) not in server.log()
    server.stop()
