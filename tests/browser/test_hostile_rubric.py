"""A rubric with markup in every text, in two languages: wherever it is shown, nothing of it is more than text.

Pages are asked without their Content-Security-Policy, which would stop what runs: here it is the escaping that counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.actions.drafts import begin_from_version, change_draft, keep_trial
from app.actions.rubrics import publish
from app.db.engine import make_engine, reading, writing
from app.db.tables.people import Membership, Person
from app.domain.answers import Value
from app.domain.drafts import Set, mark
from app.domain.exports import Asked, ExportKind
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_file import read_rubric, shipped, write_rubric
from app.domain.translations import in_language, texts_of
from app.queries import people, rubrics
from app.queries.reports import organisation_report
from app.web.letters import Letters, MentionLetter, ReminderLetter, ReminderLine
from app.web.render import Templates
from app.web.reports import report_document
from tests.browser.assessing import PAGES, READER, STATEMENT, at_work
from tests.browser.conftest import Visit
from tests.browser.team import sign_in
from tests.cast import NOW, address
from tests.server import Server

MARKUP = '"></title></textarea></script><img src=x onerror=broken=1>'
LADDER, POINTS = "gigaom-mlops", "ml-test-score"

QUIET = {"links", "share a result", "exports", "remind", "submit", "agree"}
"""Pages of a team at work that say nothing of what a rubric says."""
SHARED = (PAGES["share a result"], PAGES["share a part"])

STUDIO = (
    "/rubrics", "/rubrics/difference?old={older}&new={newer}", "/cycles/new", "/dashboard/board?cycle={summer_cycle}",
    "/rubrics/versions/{newer}", "/rubrics/versions/{newer}?language=de", "/rubrics/versions/{newer}/print",
    "/rubrics/versions/{newer}/quality", "/rubrics/versions/{points}", "/rubrics/versions/{points}/print",
    "/rubrics/drafts/{draft}", "/rubrics/drafts/{draft}/history", "/rubrics/drafts/{draft}/publish",
    "/rubrics/drafts/{draft}/preview", "/rubrics/drafts/{draft}/preview?language=de",
    "/rubrics/drafts/{draft}/edit?at=", "/rubrics/drafts/{draft}/edit?at=levels.1",
    "/rubrics/drafts/{draft}/edit?at=categories.strategy",
    "/rubrics/drafts/{draft}/edit?at=statements." + STATEMENT, "/rubrics/drafts/{draft}/languages/de",
    "/rubrics/drafts/{draft}/languages/de?part=categories.strategy",
    "/rubrics/drafts/{draft}/languages/de?part=stories",
    "/rubrics/drafts/{draft}/discard", "/rubrics/drafts/{draft}/read", "/rubrics/drafts/{scored}/preview",
    "/rubrics/drafts/{scored}", "/rubrics/drafts/{scored}/edit?at=bands.0", "/cycles/{spring_cycle}/follow",
)  # fmt: skip


def hostile(rubric: Rubric, more: str = "") -> Rubric:
    texts = {place: f"{MARKUP} {more}{number}" for number, place in enumerate(texts_of(rubric))}
    told = in_language(replace(rubric, translations={"de": texts}), "de")
    source = replace(rubric.source, work=MARKUP, author=MARKUP, publisher=MARKUP)
    stories = tuple(replace(each, source=MARKUP) for each in told.stories)
    german = {place: f"{text} de" for place, text in texts.items()}
    made = replace(told, source=source, stories=stories, translations={"de": german})
    assert read_rubric(write_rubric(made).encode(), "f").rubric == made
    return made


@dataclass(frozen=True)
class Hostile:
    engine: Engine
    numbers: Mapping[str, int]


def acting(session: Session, name: str) -> Actor:
    """Somebody of the cast, as they act in their organisation."""
    of_them = select(Membership).join(Person, Person.id == Membership.person_id).where(Person.email == address(name))
    found = session.scalars(of_them).one()
    return people.actor(session.connection(), found.person_id, found.organisation_id)


@pytest.fixture
def shown(sqlite_url: str, own_server: Server) -> Iterator[Hostile]:
    """A team at work by such a rubric, with a newer version and a draft after that; the server shows it."""
    engine = make_engine(sqlite_url)
    numbers = dict(at_work(engine, hostile(shipped()[LADDER], "once ")))
    with writing(engine) as session:
        admin = acting(session, "admin")
        ours = partial(rubrics.latest, session.connection(), admin.organisation_id)
        older = ours(LADDER).id
        publish(session, admin.organisation_id, [hostile(shipped()[LADDER]), hostile(shipped()[POINTS])], NOW)
        newer, points = ours(LADDER), ours(POINTS)
        draft = begin_from_version(session, admin, newer.id, NOW)
        change_draft(session, admin, draft.id, [Set("", "title", f"{MARKUP} new", mark(newer.rubric.title))], NOW)
        scored = begin_from_version(session, admin, points.id, NOW)
        for of, rubric in ((draft, newer.rubric), (scored, points.rubric)):
            keep_trial(session, admin, of.id, f"{MARKUP} trial", dict.fromkeys(rubric.statements, Value.YES), 1, NOW)
        numbers |= {"older": older, "newer": newer.id, "points": points.id, "draft": draft.id, "scored": scored.id}
    yield Hostile(engine, numbers)
    engine.dispose()


def signed_in(visit: Visit, name: str, locale: str = "en-GB") -> Page:
    """A page without a policy, in the language of this place."""
    page = visit()
    sign_in(page, name)
    return visit(bypass_csp=True, locale=locale, storage_state=page.context.storage_state())


def is_text(page: Page) -> bool:
    """Whether the page shows such a text; it fails where one has become an element."""
    return bool(
        page.evaluate(
            """(markup) => {
                const found = document.querySelectorAll("[onerror]");
                if (found.length) throw new Error(`markup in ${found[0].parentElement.outerHTML.slice(0, 300)}`);
                const fields = [...document.querySelectorAll("input, textarea")].map((each) => each.value);
                return [document.documentElement.textContent, ...fields].some((text) => text.includes(markup));
            }""",
            MARKUP,
        )
    )


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("de-DE", marks=pytest.mark.long)])
def test_where_a_team_is_at_work(shown: Hostile, visit: Visit, locale: str) -> None:
    page = signed_in(visit, READER, locale)

    quiet = set()
    for name, path in PAGES.items():
        page.goto(path.format(**shown.numbers))
        if not is_text(page):
            quiet.add(name)
    assert quiet == QUIET
    for path in SHARED:
        page.goto(path.format(**shown.numbers))
        page.locator("main button.primary").click()
        page.goto(page.locator("#link").input_value())
        assert is_text(page), path
    assert page.evaluate("window.broken") is None


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("de-DE", marks=pytest.mark.long)])
def test_in_the_studio(shown: Hostile, visit: Visit, locale: str) -> None:
    page = signed_in(visit, "admin", locale)

    silent = []
    for path in STUDIO:
        page.goto(path.format(**shown.numbers))
        if not is_text(page):
            silent.append(path)
    assert silent == []
    assert page.evaluate("window.broken") is None


@pytest.mark.usefixtures("trouble")  # at the end markup does run, and asks for a picture that is not there
def test_in_charts_reports_and_letters(shown: Hostile, visit: Visit) -> None:
    page = signed_in(visit, READER)
    page.goto(PAGES["dashboard"].format(**shown.numbers))
    charts = {each.get_attribute("href") or "" for each in page.locator("a[href*='.svg']").all()}
    pictures = [page.request.get(each).text() for each in sorted(charts)]
    with reading(shown.engine) as session:
        me = acting(session, READER)
        rubric = rubrics.latest(session.connection(), me.organisation_id, LADDER).rubric
        asked = Asked(ExportKind.PDF, shown.numbers["summer_cycle"], shown.numbers["unit"])
        report = organisation_report(session.connection(), me, asked, NOW)
    letters = Letters(Templates(), "https://stave.example", able=True)
    statement, days = rubric.statements[STATEMENT].text, NOW.date()
    line = ReminderLine("Risk", "", "/assessments/1")
    mention = letters.write(MentionLetter("/", "Lead", "Risk", statement))
    reminder = letters.write(ReminderLetter("/", "Tram", "Spring", rubric.title, days, False, [line], 0, "/end"))

    assert len(pictures) >= 3
    for html in (*pictures, report_document(Templates(), report), mention.html, reminder.html):
        page.set_content(html)
        assert is_text(page), html[:200]
    assert page.evaluate("window.broken") is None
    page.set_content(MARKUP)
    page.wait_for_function("window.broken === 1")
