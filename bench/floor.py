"""The floor: the same statements, written by hand, behind a bare Starlette route under uvicorn with the same options.

It sends the very bytes that the product sent for one sheet, as they left it, compressed. So it pays for HTTP, SQL and
sending; the product pays for its framework, its checks, scoring, templates and compression as well.
"""

import datetime
import gc
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.cli.serving import server_options
from app.queries.sheets import ENDS_AFTER
from app.settings import Settings, settings
from bench.floor_postgresql import Postgresql
from bench.floor_sqlite import Sqlite
from bench.form import read_save

HEADERS = {"content-type": "text/html; charset=utf-8", "content-encoding": "br"}
RESULT = "result.br"
SAVED = "saved.br"
"""Files of the working directory with the bodies that the product sent."""


def floor(chosen: Settings) -> Starlette:
    """Three routes and nothing else."""
    store = Sqlite(chosen.database) if chosen.embedded else Postgresql(chosen.database)
    result, saved = Path(RESULT).read_bytes(), Path(SAVED).read_bytes()

    async def view(request: Request) -> Response:
        now = datetime.datetime.now(datetime.UTC)
        answers = await store.view(digest(request), now - ENDS_AFTER)
        return Response(result, 200 if answers else 404, HEADERS)

    async def save(request: Request) -> Response:
        asked = read_save(await request.body())
        answers = await store.save(digest(request), asked.now - ENDS_AFTER, asked)
        return Response(saved, 200 if answers else 404, HEADERS)

    async def ready(_request: Request) -> Response:
        return Response()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await store.open()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)  # As the product does.
        yield
        await store.close()

    routes = [
        Route("/c/{secret}/result", view),
        Route("/c/{secret}/answers", save, methods=["POST"]),
        Route("/ready", ready),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def digest(request: Request) -> bytes:
    return hashlib.sha256(request.path_params["secret"].encode()).digest()


if __name__ == "__main__":
    chosen = settings()
    uvicorn.run(floor(chosen), **{**server_options(chosen), "port": int(sys.argv[-1])})
