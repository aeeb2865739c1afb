"""For whatever watches over the service: is the process alive, and can it work?"""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

router = APIRouter()


@router.get("/health", name="health")
async def health() -> Response:
    """Alive: asks nothing of the database, so that a restart is never tried against a database that is away."""
    return PlainTextResponse("ok\n")
