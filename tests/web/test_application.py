"""Addresses by name: found at once, and the same that FastAPI finds by asking one route after the other."""

import re
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import NoMatchFound

ROUTES_AT_LEAST = 280
PARAMETER = re.compile(r"{(\w+)")


def test_it_works(app: FastAPI) -> None:
    routes = list(iter_route_contexts(app.routes))
    assert len(routes) >= ROUTES_AT_LEAST
    for route in routes:
        numbers = count(7)
        values = {each: next(numbers) for each in PARAMETER.findall(str(route.path))}
        found = app.url_path_for(str(route.name), **values)
        assert found == FastAPI.url_path_for(app, str(route.name), **values)
        assert not PARAMETER.search(found)


@pytest.mark.parametrize(
    ("name", "values"), [("no-such-page", {}), ("team", {}), ("team", {"unit_id": 1}), ("dashboard", {"team_id": 1})]
)
def test_what_leads_nowhere(app: FastAPI, name: str, values: dict[str, int]) -> None:
    with pytest.raises(NoMatchFound):
        app.url_path_for(name, **values)
