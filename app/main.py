"""The application, put together: it reads from top to bottom."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from app.settings import Settings
from app.web import assets, health, home
from app.web.admission import Door
from app.web.errors import add_error_pages
from app.web.render import templates
from app.web.requests import Requests
from app.web.security import Gate, SecurityHeaders

# As many threads as the database has connections: more would only wait for each other.
THREADS = 8
# Above 5, HTML becomes hardly smaller and takes twice the time.
COMPRESSION = 5


def create_app(settings: Settings) -> FastAPI:
    """The whole service, without opening anything before it starts."""
    app = FastAPI(
        title="Shortstave",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders, https=settings.public_url.startswith("https://")),
            Middleware(Requests),
            Middleware(Gate, public_url=settings.public_url, host=settings.host),
            Middleware(GZipMiddleware, minimum_size=assets.WORTH_COMPRESSING, compresslevel=COMPRESSION),
            Middleware(Door),
        ],
    )
    app.state.settings = settings
    app.state.assets = assets.Assets(assets.folder("static"), settings.data_dir / "cache")
    app.state.templates = templates()

    app.include_router(home.router)
    app.include_router(health.router)
    app.include_router(assets.router)
    add_error_pages(app, unavailable=(OperationalError, InterfaceError, WaitedTooLong))
    return app


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    # What was imported lives as long as the process: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
