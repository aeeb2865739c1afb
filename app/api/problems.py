"""What can go wrong, as the description of the API declares it; the answers are made where all errors are."""

from typing import Any

from pydantic import Field

from app.api.answers import Shown

MEDIA_TYPE = "application/problem+json"
Declared = dict[int | str, dict[str, Any]]


class Place(Shown):
    """What is wrong with one part of a request."""

    place: str = Field(examples=["body.name"])
    problem: str = Field(examples=["Field required"])


class Problem(Shown):
    """An error, after RFC 9457. `type` never changes its meaning; `detail` is a sentence for people."""

    type: str = Field(examples=["/api#stale"])
    title: str = Field(examples=["It is no longer what you read."])
    status: int = Field(examples=[412])
    detail: str = Field(examples=["It was changed since you read it. Read it again, and decide."])
    request_id: str = Field(examples=["5d41402abc4b2a76"])
    problems: list[Place] | None = Field(None, description="With 422: what does not fit, place by place.")


WORDS = {
    400: "The request cannot be read, or names a host that is not this service's.",
    401: "No token, or one that is not good (any more).",
    403: "The token, or whose it is, may not do that.",
    404: "It does not exist, or belongs to another organisation.",
    406: "The request accepts no JSON.",
    409: "It contradicts what is there; or the first request with this idempotency key is still at work.",
    412: "It was changed since it was read.",
    413: "The body is larger than one megabyte.",
    415: "The body is not application/json.",
    422: "It was understood and does not fit; or the idempotency key was another request's.",
    428: "If-Match is missing.",
    429: "A limit was reached; Retry-After says when to try again.",
    500: "Something broke on the server's side.",
    503: "The service is busy, or its database is away; Retry-After says when to try again.",
}
ALWAYS = (400, 401, 403, 406, 413, 422, 429, 500, 503)
VERSION = {"ETag": {"description": "The version of what is answered.", "schema": {"type": "string"}}}
NOT_MODIFIED: Declared = {304: {"description": "It is what If-None-Match names.", "headers": VERSION}}


def declared(*statuses: int) -> Declared:
    """These problems and those that every address has."""
    return {status: _declared(status) for status in sorted({*ALWAYS, *statuses})}


def _declared(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": WORDS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return found
