"""The token that asks: a program finds out what it holds."""

import datetime

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Shown, read
from app.api.deps import PREFIX, Caller, Held
from app.api.problems import NOT_MODIFIED, VERSION, declared
from app.domain.people import Scope

router = APIRouter(prefix=PREFIX, tags=["tokens"])


class Token(Shown):
    """What a token is good for. Its rights are those that its holder has at the time, cut to scopes and teams."""

    id: int = Field(examples=[4])
    name: str = Field(examples=["nightly export"])
    organisation_id: int = Field(examples=[2])
    person_id: int | None = Field(description="Null for the token of a service.", examples=[5])
    scopes: list[Scope] = Field(examples=[["read"]])
    team_ids: list[int] | None = Field(description="Null for all teams of its holder.", examples=[None])
    expires_at: datetime.datetime | None


@router.get(
    "/token",
    name="api-token",
    response_model=Token,
    responses={200: {"headers": VERSION}, **NOT_MODIFIED, **declared()},
)
def token(request: Request, found: Held, _me: Caller) -> Response:
    """The token that this request came with."""
    shown = Token(
        id=found.id,
        name=found.name,
        organisation_id=found.organisation_id,
        person_id=found.person_id,
        scopes=sorted(found.scopes, key=tuple(Scope).index),
        team_ids=None if found.team_ids is None else sorted(found.team_ids),
        expires_at=found.expires_at,
    )
    return read(request, shown)
