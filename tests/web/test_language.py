"""The language of a page: that of the person, else of the browser, else English."""

import datetime
from fractions import Fraction

import pytest

from app.domain.errors import Conflict, Invalid, Sentence
from app.web.language import negotiated
from app.web.texts import texts
from tests.web.cast import Browser, Cast
from tests.web.visitor import SCRIPT, Visitor

GERMAN = {"accept-language": "de-CH, de;q=0.8"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-de,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4", "de"),
        ("en;q=0.2,de;q=0.7", "de"),
        ("en;q=0.5, de ; q=0.5", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr, ja", "en"),
        ("*", "en"),
        ("de;q=much", "en"),
        ("de;q=nan", "en"),
        (";;;,,=,", "en"),
        ("x" * 100_000 + ",de", "en"),
    ],
)
def test_the_dearest_of_the_browsers_languages_that_we_have(header: str, language: str) -> None:
    assert negotiated(header) == language


def test_a_page_is_in_the_language_of_the_browser(browser: Browser) -> None:
    german, english = (browser.get("/sign-in", headers=headers) for headers in (GERMAN, {"accept-language": "fr"}))

    assert ('<html lang="de"' in german.text, german.headers["content-language"]) == (True, "de")
    assert ('<html lang="en-GB"' in english.text, english.headers["content-language"]) == (True, "en")
    assert "Accept-Language" in german.headers["vary"]


def test_what_a_person_chose_wins_over_their_browser(browser: Browser, cast: Cast) -> None:
    lead = browser(cast.lead)
    assert lead.post("/account/preferences", data={"language": "de"}).status_code == 303
    assert '<html lang="de"' in lead.get("/account", headers={"accept-language": "en"}).text

    assert lead.post("/account/preferences", data={"language": ""}).status_code == 303
    assert '<html lang="en-GB"' in lead.get("/account", headers={"accept-language": "en"}).text
    assert lead.post("/account/preferences", data={"language": "tlh"}).status_code == 422


def test_a_finished_page_is_kept_in_each_language(visitor: Visitor) -> None:
    german, english, again = (
        visitor.browser.get(f"{visitor.home}/result", headers=headers).text for headers in (GERMAN, {}, GERMAN)
    )

    assert '<html lang="de"' in german
    assert '<html lang="en-GB"' in english
    assert again == german


def test_what_is_wrong_with_a_form_is_said_in_german(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    empty = admin.post("/units/new", data={"name": ""}, headers=GERMAN)
    taken = admin.post("/units/new", data={"name": "Risk"}, headers=GERMAN)

    assert (empty.status_code, taken.status_code) == (422, 422)
    assert "Füllen Sie das aus." in empty.text
    assert "Es gibt bereits eine Einheit Risk." in taken.text


def test_what_a_script_shows_is_in_german(visitor: Visitor) -> None:
    fields = {"sheet": "1", "base": "x"}
    answer = visitor.browser.post(f"{visitor.home}/answers", data=fields, headers={**SCRIPT, **GERMAN})

    assert (answer.status_code, answer.text.startswith("„base“ muss eine ganze Zahl sein.")) == (422, True)


def test_errors_of_pages_are_in_german_and_those_of_the_api_in_english(browser: Browser) -> None:
    page = browser.get("/nothing-here", headers=GERMAN)
    script = browser.get("/nothing-here", headers={**GERMAN, "accept": "application/json"})
    program = browser.get("/api/v1/teams", headers={**GERMAN, "accept": "application/json"})

    assert "Hier ist nichts." in page.text
    assert script.json()["title"] == "Hier ist nichts."
    assert program.json()["title"] == "You are not signed in."


def test_a_sentence_is_english_and_can_be_said_in_another_language() -> None:
    error = Conflict("There is a unit %(name)s already.", name="Home")

    assert str(error) == "There is a unit Home already."
    assert texts("de").said(str(error)) == "Es gibt bereits eine Einheit Home."


def test_what_was_filled_in_is_translated_where_it_is_ours() -> None:
    why = str(Invalid("This may not be empty."))
    sentence = Sentence("The %(part)s cannot be kept: %(why)s", part=Sentence("note"), why=why)

    assert sentence == "The note cannot be kept: This may not be empty."
    assert texts("de").said(sentence) == f"Notiz nicht speicherbar: {texts('de').gettext('This may not be empty.')}"


@pytest.mark.parametrize("typed", ["Home", "", "100 %", "%(name)s"])
def test_what_people_typed_is_never_translated(typed: str) -> None:
    assert texts("de").said(typed) == typed
    assert texts("de").said(Sentence(typed)) == ("Start" if typed == "Home" else typed)


def test_german_numbers_days_and_lists() -> None:
    german, day = texts("de"), datetime.date(2026, 11, 8)
    morning = datetime.datetime(2026, 11, 8, 7, 5, tzinfo=datetime.UTC)

    assert german.index(Fraction(196, 100)) == "1,9"
    assert german.listed(["Eins", "Zwei", "Drei"]) == "Eins, Zwei und Drei"
    assert german.day(day) == '<time datetime="2026-11-08">8. November 2026</time>'
    assert german.moment_in_words(morning) == "8. November 2026, 07:05 UTC"
    assert texts().moment_in_words(morning) == "8 November 2026, 07:05 UTC"
