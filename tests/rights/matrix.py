"""The matrix: who may use which route, what the walk sends there, and what it leaves in the audit trail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

FILE = Path(__file__).with_name("matrix.yaml")
ANONYMOUS, STRONGEST = "anonymous", "token_to_administer"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Route:
    """A route under one method; `key` is how the matrix names it. `program`: it is for programs, with a token."""

    name: str
    method: str
    path: str

    @property
    def key(self) -> str:
        return f"{self.name} {self.method}"

    @property
    def program(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def writes(self) -> bool:
        return self.method not in SAFE


@dataclass(frozen=True, slots=True)
class Matrix:
    """The file. `lines`: the expected answer by route and walker; the other mappings are by the route's name."""

    at_least: int
    walkers: tuple[str, ...]
    lines: Mapping[str, Mapping[str, str]]
    paths: Mapping[str, Mapping[str, str]]
    sends: Mapping[str, Mapping[str, Any]]
    events: Mapping[str, tuple[str, ...]]

    def disagreements(self, found: list[Route]) -> list[str]:
        """What is wrong between the lines and the routes, in sentences."""
        keys = [route.key for route in found]
        few = [f"There are {len(keys)} routes, fewer than {self.at_least}."] if len(keys) < self.at_least else []
        return [
            *few,
            *(f"{key} has no line in the matrix." for key in keys if key not in self.lines),
            *(f"{key} is in the matrix and nowhere else." for key in self.lines if key not in keys),
            *(f"{key} is there twice." for key in sorted(set(keys)) if keys.count(key) > 1),
        ]


def read_matrix(text: str) -> Matrix:
    """Raises ValueError for a line that has not one word for each walker."""
    document = yaml.safe_load(text)
    walkers, tokens = tuple(document["walkers"]), tuple(document["tokens"])
    pages, api = _lines(walkers, document["routes"]), _lines(tokens, document["api"])
    for line in pages.values():
        line |= {each: line[ANONYMOUS] for each in tokens if each == STRONGEST}
    lines = pages | {key: line | dict.fromkeys(walkers, "401") for key, line in api.items()}
    events = {name: tuple(actions) for name, actions in document["events"].items()}
    return Matrix(document["routes_at_least"], walkers, lines, document["paths"], document["sends"], events)


def _lines(walkers: tuple[str, ...], written: Mapping[str, object]) -> dict[str, dict[str, str]]:
    return {key: dict(zip(walkers, str(line).split(), strict=True)) for key, line in written.items()}


def matrix() -> Matrix:
    return read_matrix(FILE.read_text(encoding="utf-8"))


def routes(app: FastAPI) -> list[Route]:
    """All of the application's, those of included routers among them."""
    return list(_routes(app))


def _routes(app: FastAPI) -> Iterator[Route]:
    for context in iter_route_contexts(app.routes):
        # What is no APIRoute, such as a mounted application, would be walked past without a word.
        assert isinstance(context.original_route, APIRoute), context.original_route
        for method in sorted(context.methods or ()):
            yield Route(str(context.name), method, str(context.path))
