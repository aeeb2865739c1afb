"""For whatever watches over the service: is the process alive, and can it work?"""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.queries import readiness

router = APIRouter()


@router.get("/health", name="health")
async def health() -> Response:
    """Alive: asks nothing of the database, so that a restart is never tried against a database that is away."""
    return PlainTextResponse("ok\n")


@router.get("/ready", name="ready")
def ready(request: Request) -> Response:
    """Able to work: the database answers and its schema is that of this release."""
    with request.app.state.reading() as session:
        if readiness.ready(session):
            return PlainTextResponse("ready\n")
    return PlainTextResponse("The database is not at this release's schema. Run: shortstave migrate\n", 503)
