"""The application, put together: it reads from top to bottom."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from starlette.middleware import Middleware

from app.actions import exporting, mail, reset_letters
from app.actions.reminders import KIND as REMINDERS
from app.actions.reminders import send_reminders
from app.api import version_1
from app.api.once import AnsweredBefore, answer_again
from app.connectors.kept_files import KeptFiles
from app.connectors.oidc import Providers
from app.db.engine import POOL_SIZE, reading, reading_at_once, writing
from app.domain.exports import ExportKind
from app.domain.reports import OrganisationReport
from app.domain.sign_on import on_loopback
from app.exports.pdf import Printer
from app.exports.slides import Language, write_slides
from app.opening import open_engine
from app.settings import Settings
from app.web import (
    accepting,
    account,
    agreed_sheets,
    answer_history,
    answered_above,
    api_guide,
    asking,
    assessments,
    assets,
    audit,
    benchmark,
    beside,
    board,
    chart_files,
    claiming,
    comments,
    compare,
    comparisons,
    cycles,
    dashboard,
    deliveries,
    draft_editing,
    draft_languages,
    draft_preview,
    drafts,
    evidence,
    example,
    exports,
    health,
    history,
    home,
    identities,
    imports,
    invitations,
    live,
    ml_systems,
    new_cycles,
    new_rubrics,
    objecting,
    organisation,
    own_sheets,
    people,
    printed_rubrics,
    publishing,
    quality,
    quick_checks,
    reminders,
    reset,
    rubric_files,
    rubrics,
    search,
    second_factor,
    set_up,
    shared,
    shares,
    sign_in,
    sign_on,
    sso,
    stages,
    team_reports,
    teams,
    tokens,
    units,
)
from app.web.admission import Door
from app.web.application import Application
from app.web.compression import Compression
from app.web.errors import add_error_pages
from app.web.finished_pages import FinishedPages
from app.web.language import LANGUAGES
from app.web.letters import Letters
from app.web.reminders import reminder_letter
from app.web.render import Templates
from app.web.reports import print_style, report_document
from app.web.requests import Requests
from app.web.safely import Unsafe, needs_https
from app.web.security import Gate, SecurityHeaders
from app.web.texts import texts
from app.worker import documents, purges
from app.worker.exports import WRITERS, Writing
from app.worker.mail import mail_errand
from app.worker.run import start as start_worker
from app.worker.run import utc_now
from app.worker.work import PERIODIC, WORK, Work

SAVES = 3
# Of the last two connections one is for what passes beside the door, the worker and /ready, the other for an export.
PAGES = POOL_SIZE - SAVES - 2


def evidence_files(settings: Settings) -> KeptFiles:
    """Where the files of evidence lie."""
    return KeptFiles(settings.data_dir / "evidence")


def export_files(settings: Settings) -> KeptFiles:
    """Where finished exports lie."""
    return KeptFiles(settings.data_dir / "exports")


def letters(settings: Settings, templates: Templates) -> Letters:
    """Who writes the letters of these settings, from these templates."""
    return Letters(templates, settings.public_url, able=settings.mail is not None)


def work(letters: Letters) -> dict[str, Work]:
    """The jobs of the worker, those that write letters among them."""
    write = partial(reset.reset_letter, letters)
    remind = partial(reminder_letter, letters) if letters.able else None
    return {
        **WORK,
        REMINDERS: lambda session, job, now: send_reminders(session, remind, job, now),
        reset_letters.KIND: lambda session, job, now: reset_letters.send_reset_letter(
            session, write, job["email"], job.get("language", ""), now
        ),
    }


def slides(report: OrganisationReport, path: Path) -> None:
    """The slides of a report, in the language of who asked for them."""
    words = texts(report.part.filters.language or LANGUAGES[0])
    write_slides(report, path, language=Language(words.said, words.day_in_words, words.tag))


def start_work(engine: Engine, settings: Settings, letters: Letters) -> Callable[[], None]:
    """Do background jobs from now on; call what it returns to stop."""
    finished = export_files(settings)
    ending = threading.Event()
    printed = documents.pdf(partial(report_document, letters.templates), Printer(style=print_style(letters.templates)))
    exports_at_work = Writing(
        partial(reading_at_once, engine),
        partial(writing, engine),
        finished,
        utc_now,
        ending.is_set,
        {**WRITERS, ExportKind.PDF: printed, ExportKind.PPTX: documents.reports(slides)},
    )
    errands = {
        mail.KIND: mail_errand(settings.mail),
        exporting.KIND: exports_at_work.errand(),
        purges.EVIDENCE: purges.evidence_purge(evidence_files(settings), utc_now),
        purges.EXPORTS: purges.export_purge(finished, utc_now),
    }
    periodic = {**PERIODIC, **dict.fromkeys(purges.ALL, purges.EVERY)}
    stop = start_worker(engine, errands, work(letters), periodic)

    def stopped() -> None:
        # An export would else be waited for, minutes long.
        ending.set()
        stop()

    return stopped


def create_app(settings: Settings) -> FastAPI:
    """The whole service. It opens nothing before it starts, and needs a database that is at this release's schema."""
    engine = open_engine(settings)
    files = evidence_files(settings)

    app = Application(
        title="Shortstave",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders, https=settings.public_url.startswith("https://")),
            Middleware(Requests),
            Middleware(Gate, public_url=settings.public_url, host=settings.host),
            Middleware(Compression),
            Middleware(Door, saves=SAVES, pages=PAGES, uploads=evidence.uploads(files)),
        ],
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.reading = partial(reading, engine)
    app.state.writing = partial(writing, engine)
    app.state.evidence_files = files
    app.state.export_files = export_files(settings)
    app.state.assets = assets.Assets(assets.folder("static"), settings.data_dir / "cache")
    app.state.templates = Templates()
    app.state.finished_results = FinishedPages()
    app.state.letters = letters(settings, app.state.templates)
    app.state.printed = Printer(style=print_style(app.state.templates))
    app.state.providers = Providers(loopback=not settings.public_url or on_loopback(settings.public_url))
    app.state.has_account = False  # Not known yet; see web.set_up.

    app.include_router(home.router)
    app.include_router(quick_checks.router)
    app.include_router(quick_checks.downloads_router)
    for pages in (
        claiming,
        organisation,
        example,
        units,
        teams,
        ml_systems,
        imports,  # /people/import is no person's number: it comes before people.
        people,
        invitations,
        accepting,
        search,
        audit,
        deliveries,
        tokens,
        sign_on,
        assessments,
        asking,
        own_sheets,
        agreed_sheets,
        comparisons,
        evidence,
        comments,
        answer_history,
        live,
        new_cycles,  # /cycles/new is no cycle's number: it comes before cycles.
        cycles,
        answered_above,
        objecting,
        reminders,
        history,
        beside,
        benchmark,
        dashboard,
        stages,
        board,
        compare,  # compare is no name of a chart of one part: it comes before chart_files.
        chart_files,
        team_reports,
        shares,
        shared,
        exports,
        rubrics,
        rubric_files,
        printed_rubrics,
        new_rubrics,
        drafts,
        draft_editing,
        draft_languages,
        draft_preview,
        publishing,
        quality,
    ):
        app.include_router(pages.router)
    app.include_router(agreed_sheets.downloads_router)
    app.include_router(own_sheets.downloads_router)
    app.include_router(answered_above.organisation_router)
    app.include_router(answered_above.unit_router)
    app.include_router(evidence.organisation_router)
    app.include_router(evidence.unit_router)
    app.include_router(set_up.router)
    app.include_router(sign_in.router)
    app.include_router(sso.router)
    app.include_router(reset.router)
    app.include_router(account.router)
    app.include_router(identities.router)
    app.include_router(second_factor.router)
    app.include_router(version_1.router)
    app.include_router(api_guide.router)
    app.include_router(health.router)
    app.include_router(assets.router)
    add_error_pages(app, unavailable=(OperationalError, InterfaceError, WaitedTooLong))
    app.add_exception_handler(Unsafe, needs_https)
    app.add_exception_handler(AnsweredBefore, answer_again)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # As many threads as connections: more would only wait for each other.
    anyio.to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE
    state = app.state
    stop_work = start_work(state.engine, state.settings, state.letters) if state.settings.worker == "on" else None
    yield
    if stop_work:
        await anyio.to_thread.run_sync(stop_work)
    app.state.engine.dispose()
