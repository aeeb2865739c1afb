"""JSON Schema of our files, for editors and for whoever checks a file without us."""

import hashlib
from functools import cache

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_304_NOT_MODIFIED

from app.api.answers import matches
from app.api.deps import PREFIX
from app.domain.schemas import schema

MEDIA_TYPE = "application/schema+json"

router = APIRouter(prefix=PREFIX)


@router.get("/schema/{name}", name="api-schema", include_in_schema=False)
def shown(request: Request, name: str) -> Response:
    """For everybody: it says how a file looks, and nothing of anybody."""
    body = _body(name)
    headers = {"etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "cache-control": "no-cache"}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


@cache
def _body(name: str) -> bytes:
    """Only names that there are get into the cache: any other raises Missing."""
    return orjson.dumps(schema(name))
