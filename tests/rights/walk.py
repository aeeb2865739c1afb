"""One application over one database, asked by every walker for every route; what a request changed is put back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.connectors.oidc import Providers
from app.db.tables.audit import AuditEvent
from app.domain.rubric_file import shipped_files
from app.main import create_app
from app.settings import Settings
from app.web.deps import this_moment
from tests.quick_check import RUBRIC
from tests.rights.filling import EXPORT
from tests.rights.matrix import Matrix, Route, matrix, routes
from tests.rights.rows import Rows, Watch, changed, organisations, put_back, rows, typed_rows, watching
from tests.rights.stage import PNG, Stage, Walker, set_stage
from tests.web.cast import COOKIE
from tests.web.visitor import Clock

PUBLIC = "https://testserver"
CHART = {"file": ("chart.png", PNG, "image/png")}
RUBRIC_FILE = {"file": ("rubric.yaml", shipped_files()[RUBRIC], "application/yaml")}
FILES = {
    "logo-change": {"logo": ("logo.png", PNG, "image/png")},
    "evidence-file-send": CHART,
    "above-organisation-evidence-file-send": CHART,
    "above-unit-evidence-file-send": CHART,
    "rubric-read-send": RUBRIC_FILE,
    "draft-read-send": RUBRIC_FILE,
}


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs since the walk began: the tables, the organisations of the rows, and the audit events."""

    tables: set[str]
    organisations: set[object]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    app: FastAPI
    client: TestClient
    engine: Engine
    stage: Stage
    matrix: Matrix
    routes: list[Route]
    before: Rows
    kept: Rows
    watch: Watch

    def ask(self, route: Route, walker: str, swapped: Mapping[str, str] | None = None) -> str:
        """Ask as the walker does; the answer in the matrix's word.

        `swapped` takes the place of values that the request would name.
        """
        path, form = self.request(route, walker, swapped or {})
        return word(self.answer(route, walker, path, form, FILES.get(route.name)))

    def page(self, route: Route, walker: str) -> Response:
        """What the walker is shown; a form is sent empty."""
        return self.answer(route, walker, self.request(route, walker, {})[0], {})

    def answer(
        self, route: Route, walker: str, path: str, form: Mapping[str, Any], files: Mapping[str, Any] | None = None
    ) -> Response:
        self.go(self.stage.walkers[walker])
        if route.program:
            headers = {"accept": "application/json", "if-match": "*"}
            return self.client.request(route.method, path, json=form if route.writes else None, headers=headers)
        return self.client.request(route.method, path, data=form if route.writes else None, files=files)

    def changed(self) -> Changed:
        """What requests changed, which is put back."""
        if not self.watch.moved():
            return Changed(set(), set(), ())
        after = rows(self.engine)
        tables = changed(self.before, after)
        known = {row.id for row in self.before[AuditEvent.__tablename__]}
        events = [row for row in after[AuditEvent.__tablename__] if row.id not in known]
        found = Changed(
            tables,
            organisations(self.before, after, tables),
            tuple(row.action for row in sorted(events, key=lambda row: row.id)),
        )
        if tables:
            put_back(self.engine, self.kept, tables)
            self.watch.moved()
        return found

    def go(self, walker: Walker) -> None:
        """From here on the browser is this walker's."""
        self.client.cookies.clear()
        self.client.headers.pop("authorization", None)
        if walker.token:
            self.client.headers["authorization"] = f"Bearer {walker.token}"
        self.client.cookies.set(f"{COOKIE}-code", self.stage.code_secret, domain="testserver.local")
        if walker.cookie:
            self.client.cookies.set(COOKIE, walker.cookie, domain="testserver.local")

    def request(self, route: Route, walker: str, swapped: Mapping[str, str]) -> tuple[str, Mapping[str, Any]]:
        """The path and the form of a request."""
        goes = self.stage.walkers[walker]
        own = {"signed_in_id": goes.other, "own_token": goes.own_token, "me": goes.person, "own_sheet": goes.own_sheet}
        values = {**self.stage.ours, **{name: str(number) for name, number in own.items()}, **goes.exports}
        if route.name == "static":
            return self.static(), {}
        named = {**values, **_written(self.matrix.paths.get(route.name, {}), values), **swapped}
        path = route.path
        for name in self.parameters(route):
            path = path.replace(f"{{{name}}}", named[name])
        if route.program:
            return path, _filled(self.matrix.sends.get(route.name, {}), {**values, **swapped})
        form = _written(self.matrix.sends.get(route.name, {}), values)
        return path, {name: swapped.get(name, value) for name, value in form.items()}

    def static(self) -> str:
        return str(self.client.get("/favicon.ico").headers["location"])

    @staticmethod
    def parameters(route: Route) -> list[str]:
        """The names in the path of a route."""
        return [part.split("}")[0] for part in route.path.split("{")[1:]]


def word(answer: Response) -> str:
    """The answer as the matrix says it."""
    if answer.is_success:
        return "ok"
    if not answer.is_redirect:
        return str(answer.status_code)
    to = urlsplit(answer.headers["location"])
    return "sign" if to.path == "/sign-in" and "done" not in parse_qs(to.query) else "done"


def _written(texts: Mapping[str, object], values: Mapping[str, str]) -> dict[str, str]:
    return {name: str(text).format_map(values) for name, text in texts.items()}


def _filled(sent: Any, values: Mapping[str, str]) -> Any:
    """What is sent to the API: the values filled in, and numbers as numbers."""
    if isinstance(sent, dict):
        return {name: _filled(value, values) for name, value in sent.items()}
    if isinstance(sent, list):
        return [_filled(value, values) for value in sent]
    text = str(sent).format_map(values)
    return int(text) if text.isdecimal() else text


@contextmanager
def walk(folder: Path, database_url: str) -> Iterator[Walk]:
    """On a database of one's own, migrated."""
    clock = Clock()
    mail = SecretStr("smtp://mail.example.org?from=shortstave@example.org")
    app = create_app(
        Settings(data_dir=folder, public_url=PUBLIC, worker="off", mail_url=mail, database_url=SecretStr(database_url))
    )
    app.dependency_overrides[this_moment] = clock
    app.state.providers = Providers()  # the stage's is on this machine
    engine: Engine = app.state.engine
    stage = set_stage(engine, clock)
    kept = [("evidence", stage.ours[each]) for each in ("file_key", "above_file", "unit_file")]
    for of, key in [*kept, ("exports", EXPORT)]:
        file = folder / of / key[:2] / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PNG[::-1])
    asking = TestClient(app, base_url=PUBLIC, headers={"accept": "text/html"}, follow_redirects=False)
    with asking as client, watching(engine) as watch:
        yield Walk(app, client, engine, stage, matrix(), routes(app), rows(engine), typed_rows(engine), watch)
