"""Every route has its line in the matrix, and every line its route."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.rights.matrix import matrix, read_matrix, routes

KEPT = matrix()


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(Settings(data_dir=tmp_path, worker="off"))


def test_it_works(app: FastAPI) -> None:
    assert KEPT.disagreements(routes(app)) == []


def test_a_route_needs_a_line(app: FastAPI) -> None:
    app.add_api_route("/teams/{team_id}/secrets", lambda team_id: None, name="planted", methods=["DELETE"])

    assert KEPT.disagreements(routes(app)) == ["planted DELETE has no line in the matrix."]


def test_a_line_needs_a_route(app: FastAPI) -> None:
    found = [route for route in routes(app) if route.name != "about"]

    assert "about GET is in the matrix and nowhere else." in KEPT.disagreements(found)


def test_routes_do_not_get_lost(app: FastAPI) -> None:
    assert KEPT.disagreements(routes(app)[:3])[0] == f"There are 3 routes, fewer than {KEPT.at_least}."


def test_the_number_of_routes_is_kept_up(app: FastAPI) -> None:
    assert KEPT.at_least == len(routes(app))


def test_a_line_has_a_word_for_each_walker() -> None:
    text = (
        "{routes_at_least: 1, walkers: [anonymous, member], tokens: [], routes: {home GET: ok}, api: {}, paths: {},"
        " sends: {}, events: {}}"
    )

    with pytest.raises(ValueError, match="zip"):
        read_matrix(text)


def test_what_a_route_needs_is_of_a_route() -> None:
    names = {key.split()[0] for key in KEPT.lines}

    assert set().union(KEPT.paths, KEPT.sends, KEPT.events) <= names
