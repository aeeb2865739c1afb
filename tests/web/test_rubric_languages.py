"""Respondents read a rubric in their language: on every page that shows its texts, and nobody in somebody else's."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.actions.quick_checks import begin
from app.actions.rubrics import publish
from app.db.engine import reading, writing
from app.domain.organisations import VISITORS
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.translations import texts_of
from app.queries import rubrics
from app.web import rubric_reading as reading_module
from app.web.wishes import _before
from tests.conftest import StatementCount
from tests.quick_check import NOW, QuickCheck
from tests.web.cast import Browser, Cast
from tests.web.test_assessing_pages import Team, opened
from tests.web.visitor import Clock, Visitor

ORIGINAL = replace(shipped()["gigaom-mlops"], translations={})
MARK = "\N{PILCROW SIGN}"
GERMAN = {"accept-language": "de-CH, en;q=0.5"}
NAMES = [category.name for category in ORIGINAL.categories]
SENTENCES = [text for place, text in texts_of(ORIGINAL).items() if place[-1] in ("text", "question")]


def in_two_languages(rubric: Rubric = ORIGINAL) -> Rubric:
    """A translation that is the original with a mark before each text."""
    return replace(rubric, translations={"de": {place: MARK + text for place, text in texts_of(rubric).items()}})


@pytest.fixture
def visitor(browser: Browser, engine: Engine) -> Visitor:
    with writing(engine) as session:
        publish(session, VISITORS, [in_two_languages()], NOW)
        version = rubrics.latest(session.connection(), VISITORS, ORIGINAL.key)
        secret = begin(session, version, "192.0.2.7", NOW)
    return Visitor(browser, QuickCheck(engine, version.rubric, secret))


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    with writing(cast.engine) as session:
        publish(session, cast.admin.organisation_id, [in_two_languages()], NOW)
    return opened(browser, cast, clock)


def unmarked(page: str) -> list[str]:
    """The texts of the original on a page, which a reader of the translation should not see."""
    text = html.unescape(page)
    return [each for each in SENTENCES if text.count(each) > text.count(MARK + each)]


def marked(page: str) -> bool:
    return MARK in html.unescape(page)


def test_it_works(visitor: Visitor) -> None:
    german = visitor.browser.get(visitor.home, headers=GERMAN).text

    assert marked(german)
    assert unmarked(german) == []
    assert not marked(visitor.get().text)


@pytest.mark.parametrize("path", ["", "/category/strategy", "/result", "/delete"])
def test_everybody_reads_a_quick_check_in_their_language(visitor: Visitor, path: str) -> None:
    """Also a result that is kept: the two take turns."""
    visitor.quick_check.pick(0, 2)
    for _ in range(2):
        german, english = visitor.browser.get(visitor.home + path, headers=GERMAN).text, visitor.get(path).text

        assert marked(german)
        assert not marked(english)
        assert unmarked(german) == []


def test_a_kept_translation_takes_no_more_statements(visitor: Visitor, count_statements: StatementCount) -> None:
    visitor.browser.get(visitor.home, headers=GERMAN)
    visitor.get()
    with count_statements(visitor.quick_check.engine) as english:
        visitor.get()
    with count_statements(visitor.quick_check.engine) as german:
        visitor.browser.get(visitor.home, headers=GERMAN)

    assert len(german) == len(english)


def test_a_rubric_is_translated_once(engine: Engine) -> None:
    with writing(engine) as session:
        publish(session, VISITORS, [in_two_languages()], NOW)
        plain = replace(shipped()["ml-test-score"], translations={})
        publish(session, VISITORS, [plain], NOW)
    with reading(engine) as session:
        connection = session.connection()
        original, german, austrian, french, mixed = (
            rubrics.latest(connection, VISITORS, ORIGINAL.key, wishes)
            for wishes in ((), ("de",), ("de-at",), ("fr",), ("fr", "de"))
        )
        other = [rubrics.latest(connection, VISITORS, plain.key, wishes) for wishes in ((), ("de",))]

    assert german is austrian is mixed
    assert (german.language, german.rubric.title) == ("de", MARK + ORIGINAL.title)
    assert original is french
    assert other[0] is other[1]


def test_every_page_of_a_team_is_in_the_language_of_its_reader(team: Team, cast: Cast) -> None:
    first = ORIGINAL.categories[0].statements[0].key
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    for player in (cast.lead, cast.admin):
        team.browser(player)
    pages = [
        f"{team.home}/own",
        f"{team.home}/own/category/strategy",
        f"{team.home}/own/result",
        f"{team.home}/comparison",
        f"{team.home}/agreed",
        f"{team.home}/agreed/category/strategy",
        f"{team.home}/agreed/result",
        f"{team.home}/comments/{first}",
        f"{team.home}/agreed/history/{first}",
        f"{team.home}/own/history/{first}",
        f"{team.home}/evidence/{first}",
        team.cycle,
        "/cycles",
        f"/teams/{cast.fraud.id}",
    ]
    read(team, cast, pages)
    team.pick(cast.lead, 2, "/agreed")
    team.agreed(cast.lead)
    read(
        team,
        cast,
        [
            f"{team.home}/agreed/result",
            f"{team.home}/revisions/1",
            f"/teams/{cast.fraud.id}/history",
            f"/teams/{cast.fraud.id}/benchmark",
        ],
    )


def read(team: Team, cast: Cast, pages: list[str]) -> None:
    for page in pages:
        german = team.browser(cast.lead).get(page, headers=GERMAN)
        english = team.browser(cast.lead).get(page)
        assert (german.status_code, english.status_code) == (200, 200), page
        assert marked(german.text), page
        assert unmarked(german.text) == [], page
        assert not marked(english.text), page


def test_the_pages_of_managers_are_in_the_language_of_their_reader(team: Team, cast: Cast) -> None:
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    team.pick(cast.lead, 2, "/agreed")
    team.agreed(cast.lead)
    for page in ("/dashboard", "/dashboard/board", "/dashboard/compare", "/dashboard/charts/radar.json", "/cycles/new"):
        german = team.browser(cast.admin).get(page, headers=GERMAN)
        english = team.browser(cast.admin).get(page)
        assert (german.status_code, english.status_code) == (200, 200), page
        assert marked(german.text) or MARK in str(german.text), page
        assert not marked(english.text), page


@pytest.mark.parametrize(
    ("header", "language", "wishes"),
    [
        ("de-CH, en;q=0.5", "de", ("de-ch",)),
        ("en-GB, de;q=0.5", "en", ("en-gb",)),
        ("fr-FR, nl, de;q=0.9, en;q=0.8", "de", ("fr-fr", "nl", "de")),
        ("", "en", ("en",)),
        ("*, <script>, x" + "y" * 90, "en", ("en",)),
        ("de-" + "x" * 40, "de", ("de",)),
        (", ".join(f"q{chr(97 + n)}" for n in range(26)), "en", (*(f"q{chr(97 + n)}" for n in range(10)), "en")),
    ],
)
def test_wishes_end_with_the_language_of_the_pages(header: str, language: str, wishes: tuple[str, ...]) -> None:
    assert _before(header, language) == wishes


def test_pages_read_rubrics_in_one_place() -> None:
    """Only the studio reads originals, which it compares, and the file of a version."""
    studio = {
        "draft_languages.py",
        "drafts.py",
        "printed_rubrics.py",
        "publishing.py",
        "quality.py",
        "rubric_files.py",
        "rubric_reading.py",
        "rubrics.py",
    }
    asked = re.compile(r"rubrics\.(published|latest|offered|known_rubrics|rubrics_to_choose)\(|\bknown_rubrics\(")

    web = Path(reading_module.__file__).parent
    assert {each.name for each in web.glob("*.py") if asked.search(each.read_text("utf-8"))} == studio
