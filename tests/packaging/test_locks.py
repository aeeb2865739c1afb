"""The lock files hold what pyproject.toml asks for: exact versions, hashes, and no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parents[2]
LISTS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")


def locked(name: str) -> dict[str, str]:
    """The version of each package of a list. A continued line is one entry: the package, then its hashes."""
    text = (HERE / name).read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert all("--hash=sha256:" in entry for entry in entries), f"{name}: an entry without a hash"
    pinned = [Requirement(entry.split("--hash")[0]) for entry in entries]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in pinned}


def test_it_works() -> None:
    assert {"fastapi", "sqlalchemy", "uvicorn"} <= locked("requirements.txt").keys()


@pytest.mark.parametrize(("name", "extra"), [("requirements.txt", None), ("requirements-dev.txt", "dev")])
def test_what_the_project_asks_for_is_locked(name: str, extra: str | None) -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        Requirement(one) for one in project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    ]
    versions = locked(name)

    wrong = [str(one) for one in asked if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))]
    assert not wrong, f"make lock brings {name} up to date: {wrong}"


def test_the_longer_lists_agree_with_the_shorter() -> None:
    developing = locked("requirements-dev.txt")

    assert locked("requirements.txt").items() <= developing.items()
    assert locked("requirements-build.txt").items() <= developing.items()


@pytest.mark.parametrize("name", LISTS)
def test_no_list_names_an_address(name: str) -> None:
    text = (HERE / name).read_text(encoding="utf-8")

    assert not re.search(r"://|--(?:index|extra-index|find-links|trusted)", text)
