"""Version 1 of the API, put together, and its description after OpenAPI 3.1."""

from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response

from app.api import dashboard, people, schemas, teams, tokens
from app.api.deps import PREFIX, conventions
from app.api.problems import Problem

ABOUT = """The dashboard, teams and people of one organisation, by the rights of the token's holder.

Errors are `application/problem+json` (RFC 9457). Lists come in pages: follow `next`. What is read has an ETag; whoever
changes it sends If-Match. A POST with an Idempotency-Key is done once. The guide to all of this is at `/api`."""


def _operation(route: APIRoute) -> str:
    return route.name.removeprefix("api-").replace("-", "_")


resources = APIRouter(dependencies=[Depends(conventions)], generate_unique_id_function=_operation)
for resource in (tokens, dashboard, teams, people):
    resources.include_router(resource.router)

router = APIRouter()
router.include_router(resources)
router.include_router(schemas.router)


@cache
def description() -> dict[str, Any]:
    """All addresses with all that they take and answer."""
    described = FastAPI(title="Shortstave", version="1", description=ABOUT)
    described.include_router(resources)
    document = described.openapi()
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs")
    return document


@router.get(f"{PREFIX}/openapi.json", name="api-description", include_in_schema=False)
def openapi() -> Response:
    """For everybody: it says what the service can do, and nothing of anybody."""
    return Response(orjson.dumps(description()), media_type="application/json", headers={"cache-control": "no-cache"})
