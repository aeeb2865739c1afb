"""The application as FastAPI has it, except that the address of a page is found by its name at once."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.datastructures import URLPath
from starlette.routing import NoMatchFound


class Application(FastAPI):
    """A page links to dozens of others, and FastAPI asks one route after the other whether it is meant: of a page of
    the dashboard that was the half. No route is added after the first address was asked for."""

    @cached_property
    def _named(self) -> dict[str, list[RouteContext]]:
        found: dict[str, list[RouteContext]] = defaultdict(list)
        for route in iter_route_contexts(self.routes):
            if route.name:
                found[route.name].append(route)
        return dict(found)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route of that name that takes these parameters; NoMatchFound where there is none."""
        for route in self._named.get(name, ()):
            try:
                path: URLPath = route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
            return path
        raise NoMatchFound(name, path_params)
