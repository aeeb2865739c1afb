"""The floor: the same statements, written by hand, behind a bare Starlette route under uvicorn with the same options.

Where the product renders, it renders too (bench/rendering.py); where the product sends a page that it keeps, it sends
the very bytes that the product sent for one sheet. So it pays for HTTP, SQL, scoring, templates and sending; the
product pays for its framework, sessions, forms, checks, headers and log as well.
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
from bench.load import KEPT
from bench.rendering import Pages

HEADERS = {"content-type": "text/html; charset=utf-8", "content-encoding": "br"}
RESULT = "result.br"
"""The file of the working directory with the body that the product sent."""


def floor(chosen: Settings) -> Starlette:
    """Three routes and nothing else."""
    store = Sqlite(chosen.database) if chosen.embedded else Postgresql(chosen.database)
    pages, kept = Pages(chosen), Path(RESULT).read_bytes()

    async def view(request: Request) -> Response:
        now = datetime.datetime.now(datetime.UTC)
        if KEPT in request.headers:
            known = await store.look_up(digest(request), now - ENDS_AFTER)
            return Response(kept, 200 if known else 404, HEADERS)
        found = await store.view(digest(request), now - ENDS_AFTER)
        return Response(pages.result(request, *found), 200, HEADERS) if found else Response(status_code=404)

    async def save(request: Request) -> Response:
        asked = read_save(await request.body())
        found = await store.save(digest(request), asked.now - ENDS_AFTER, asked)
        return (
            Response(pages.saved(request, *found, asked.statement), 200, HEADERS)
            if found
            else Response(status_code=404)
        )

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
