"""The arrows of the design: which package imports which, and which library is used where.

Imports inside functions and under TYPE_CHECKING count like all others; that there are none inside functions but in the
command line is ruff's rule PLC0415.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
FILES = sorted((HERE / "app").rglob("*.py"))

PAGES = {"actions", "queries", "charts", "exports", "connectors", "domain", "settings"}
PAGE_LIBRARIES = {"fastapi", "starlette", "jinja2", "pydantic", "prometheus_client", "orjson", "structlog"}


@dataclass(frozen=True, slots=True)
class Arrows:
    """What one package may import: ours by the first name below `app`, foreign by the name of the library."""

    ours: set[str]
    foreign: set[str]


PACKAGES = {
    "domain": Arrows(set(), set()),
    "charts": Arrows({"domain"}, {"orjson", "structlog"}),
    "exports": Arrows({"charts", "domain"}, {"resvg_py", "structlog", "xlsxwriter"}),
    "db": Arrows({"domain"}, {"sqlalchemy", "alembic", "psycopg", "orjson", "structlog"}),
    "queries": Arrows({"db", "domain"}, {"sqlalchemy", "structlog"}),
    "actions": Arrows({"queries", "db", "domain"}, {"sqlalchemy", "structlog"}),
    "connectors": Arrows({"domain"}, {"structlog"}),
    "web": Arrows(PAGES, PAGE_LIBRARIES),
    "api": Arrows(PAGES, PAGE_LIBRARIES),
    "worker": Arrows(PAGES, PAGE_LIBRARIES),
    "settings": Arrows({"domain"}, {"pydantic", "pydantic_settings"}),
}
# These compose all the others.
FREE = {"main", "opening", "cli"}
# Single modules that do with a library, or one module of ours, what nothing else of their package does.
MORE = {
    "domain/yaml_file.py": {"yaml"},
    "domain/yaml_edit.py": {"yaml"},
    # A request and a job are each one transaction: these two begin and end them.
    "actions/addresses.py": {"email_validator"},
    "actions/passwords.py": {"pwdlib", "zxcvbn"},
    "actions/second_factor.py": {"pyotp"},
    "charts/qr.py": {"segno"},
    "connectors/guarded.py": {"httpx2"},
    "connectors/id_token.py": {"joserfc"},
    "connectors/oidc.py": {"httpx2", "authlib", "joserfc"},
    "web/deps.py": {"sqlalchemy", "app.db.engine"},
    # The API's requests are transactions like those of pages, and its links lead to pages.
    "api/deps.py": {"sqlalchemy", "app.web.deps", "app.web.render"},
    # Whoever is invited gets the letter that the page sends.
    "api/people.py": {"app.web.letters"},
    "worker/run.py": {"sqlalchemy", "app.db.engine"},
    "worker/work.py": {"sqlalchemy"},
    "worker/mail.py": {"sqlalchemy"},
    "worker/exports.py": {"sqlalchemy"},
    "worker/writing.py": {"sqlalchemy"},
    "worker/purges.py": {"sqlalchemy"},
    "web/language_names.py": {"babel"},
    "web/render.py": {"markdown_it", "nh3", "markupsafe"},
    "web/texts.py": {"babel", "markupsafe"},
    "web/forms.py": {"pydantic_core"},
    "web/api_guide.py": {"markupsafe"},
    "web/assets.py": {"brotli"},
    "web/compression.py": {"brotli"},
}


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            module = node.module or ""
            # `from app import settings` names the package in the list.
            yield from (f"app.{alias.name}" for alias in node.names) if module == "app" else (module,)
        elif isinstance(node, ast.ImportFrom):
            yield "a relative import"


def wrong_arrows(path: str, source: str) -> list[str]:
    """The imports of a module that its package may not have. `path` is below app/, with forward slashes."""
    package = path.split("/")[0].removesuffix(".py")
    if package in FREE or path == "__init__.py":
        return []
    if package not in PACKAGES:
        return [f"{path}: the design has no package {package}"]
    wanted = imports(ast.parse(source))
    return [f"{path} imports {name}" for name in wanted if not allowed(path, package, name)]


def allowed(path: str, package: str, name: str) -> bool:
    if name in MORE.get(path, set()):
        return True
    first, _, rest = name.partition(".")
    if first != "app":
        return first in PACKAGES[package].foreign | MORE.get(path, set()) | sys.stdlib_module_names
    return rest.split(".")[0] in {"", package, *PACKAGES[package].ours}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(HERE).as_posix())
def test_a_module_keeps_the_arrows(file: Path) -> None:
    wrong = wrong_arrows(file.relative_to(HERE / "app").as_posix(), file.read_text(encoding="utf-8"))

    assert not wrong


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/scoring.py", "from app.db.base import Base"),
        ("domain/scoring.py", "import pydantic"),
        ("domain/rubric_file.py", "import sqlalchemy"),
        ("queries/sheets.py", "from app.actions import sheets"),
        ("queries/sheets.py", "def late():\n    import app.web.render"),
        ("web/home.py", "from app.db.tables.org import Organisation"),
        ("web/home.py", "from sqlalchemy import select"),
        ("web/home.py", "from app import main"),
        ("charts/radar.py", "from app.web.render import render"),
        ("actions/sheets.py", "from ..web import render"),
        ("api/teams.py", "from app.web.deps import Db"),
        ("api/deps.py", "from app.web.forms import check"),
        ("worker/run.py", "from app.db.tables.jobs import Job"),
        ("helpers/text.py", ""),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str) -> None:
    assert len(wrong_arrows(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/yaml_file.py", "import yaml\nfrom app.domain.errors import Invalid"),
        ("web/deps.py", "from sqlalchemy.orm import Session\nfrom app.actions import sheets\nfrom app import settings"),
        ("main.py", "from app.db.engine import make_engine\nimport uvicorn"),
        ("worker/run.py", "import threading\nimport structlog"),
    ],
)
def test_what_the_design_allows_is_not_found(path: str, source: str) -> None:
    assert wrong_arrows(path, source) == []


def test_every_module_was_looked_at() -> None:
    assert len(FILES) >= 15
