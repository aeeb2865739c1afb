"""A draft's languages: each text beside its original, saved, undone and marked as every other field of a draft."""

from app.db.engine import reading
from app.domain.translations import texts_of
from app.queries import rubrics
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_rubric_languages import ORIGINAL
from tests.web.test_studio_pages import FIRST, HOSTILE, RUBRIC, begun, pressed
from tests.web.trail import events

STRATEGY = "?part=categories.strategy"
TEXT = f"f.statements.{FIRST.key}.text"
SCRIPT = {"Shortstave-Fragment": "1"}
ALL = len(texts_of(ORIGINAL))


def in_german(admin: Browser) -> str:
    """The path of a new language of a new draft."""
    draft = begun(admin)
    if "de" in RUBRIC.languages:
        admin.post(f"{draft}/languages/de/remove")
    answer = admin.post(f"{draft}/languages", data={"language": "DE"})
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


def form(admin: Browser, german: str, part: str = STRATEGY) -> dict[str, str]:
    return fields(document(admin.get(german + part).text).one("form", id="fields"))


def saved(admin: Browser, german: str, part: str = STRATEGY, **typed: str) -> None:
    answer = admin.post(german + part, data={**form(admin, german, part), **typed})
    assert answer.status_code == 303, answer.text


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    draft = german.partition("/languages")[0]
    assert f"0 of {ALL} texts translated" in admin.get(draft).text

    saved(admin, german, **{TEXT: "Es gibt jemanden."})
    saved(admin, german, "", **{"f.title": "Reife", "f.answers.0.5.name": "Teilweise"})

    assert f"3 of {ALL} texts translated" in admin.get(draft).text
    page = document(admin.get(german + STRATEGY).text)
    assert FIRST.text in page.one("p", id=f"original-statements.{FIRST.key}.text").text
    assert "Es gibt jemanden." in admin.get(f"{draft}/preview?language=de").text
    assert "Es gibt jemanden." not in admin.get(f"{draft}/preview").text
    version = pressed(admin, f"{draft}/publish", "Publish it")
    with reading(cast.engine) as session:
        read = rubrics.latest(session.connection(), cast.organisation_id, ORIGINAL.key, ["de"])
    assert read.rubric.title == "Reife"
    assert "Es gibt jemanden." in admin.get(f"{version}?language=de").text
    assert b"Es gibt jemanden." in admin.get(f"{version}/rubric.yaml").content
    assert events(cast.engine)[-1] == "rubric published"

    again = pressed(admin, version, "Begin a draft")
    saved(admin, f"{again}/languages/de", **{TEXT: "Es gibt niemanden."})
    words = document(admin.get(f"{again}/publish").text)
    assert (words.one("del").text, words.one("ins").text) == ("jemanden", "niemanden")
    assert "No result would move" in words.text
    assert "Only words change" in words.text


def test_a_translation_of_what_was_changed_is_named(browser: Browser, cast: Cast) -> None:
    """Until the translation is changed too."""
    admin = browser(cast.admin)
    german = in_german(admin)
    saved(admin, german, **{TEXT: "Es gibt jemanden."})
    version = pressed(admin, f"{german.partition('/languages')[0]}/publish", "Publish it")
    draft = pressed(admin, version, "Begin a draft")
    german = f"{draft}/languages/de"
    words = "The original was changed in this draft."
    assert words not in admin.get(german + STRATEGY).text

    place = f"{draft}/edit?at=statements.{FIRST.key}"
    fields_there = fields(document(admin.get(place).text).one("form", id="fields"))
    assert admin.post(place, data={**fields_there, "f.text": "Another fact holds."}).status_code == 303

    assert admin.get(german + STRATEGY).text.count(words) == 1
    saved(admin, german, **{TEXT: "Etwas anderes gilt."})
    assert words not in admin.get(german + STRATEGY).text


def test_only_what_is_missing(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    saved(admin, german, **{TEXT: "Es gibt jemanden."})

    assert TEXT not in form(admin, german, f"{STRATEGY}&missing=1")
    assert TEXT in form(admin, german)
    answer = admin.post(f"{german}{STRATEGY}&missing=1", data=form(admin, german, f"{STRATEGY}&missing=1"))
    assert answer.headers["location"].endswith("&missing=1")


def test_of_two_who_translate_a_text_the_second_sees_both(browser: Browser, cast: Cast) -> None:
    """And everything else that the second typed is saved."""
    admin = browser(cast.admin)
    german = in_german(admin)
    other = f"f.statements.{FIRST.key}.do"
    before = form(admin, german)
    saved(admin, german, **{TEXT: "Vom ersten."})

    answer = admin.post(german + STRATEGY, data={**before, TEXT: "Vom zweiten.", other: "Tun."})

    page = document(answer.text)
    assert answer.status_code == 409
    assert page.one("blockquote").text == "Vom ersten."
    again = fields(page.one("form", id="fields"))
    assert again[TEXT] == "Vom zweiten."
    assert (form(admin, german)[TEXT], form(admin, german)[other]) == ("Vom ersten.", "Tun.")
    assert admin.post(german + STRATEGY, data=again).status_code == 303
    assert form(admin, german)[TEXT] == "Vom zweiten."


def test_what_is_typed_for_what_is_gone_is_shown(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    draft, before = german.partition("/languages")[0], form(admin, german)
    pressed(admin, f"{draft}/edit?at=statements.{FIRST.key}", "Remove it")

    answer = admin.post(german + STRATEGY, data={**before, TEXT: "Verloren?"})

    assert answer.status_code == 422
    assert document(answer.text).one("blockquote").text == "Verloren?"


def test_a_field_by_script(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    name = TEXT.removeprefix("f.")
    seen = form(admin, german)[f"seen.{name}"]

    answer = admin.post(german + STRATEGY, data={TEXT: "x" * 300, f"seen.{name}": seen}, headers=SCRIPT)

    page = document(answer.text)
    assert answer.status_code == 200
    assert not page.all("html")
    assert "the limit is 200" in page.one("div", id=f"told-{name}").text
    assert fields(page.one("form", id="fields")).keys() == {TEXT, f"seen.{name}"}
    draft = german.partition("/languages")[0]
    problem = next(each for each in document(admin.get(draft).text).all("a") if each["href"].endswith(f"#field-{name}"))
    assert problem["href"].partition("#")[0] == f"{german}{STRATEGY}"


def test_a_language_is_removed_and_comes_back(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    saved(admin, german, **{TEXT: "Es gibt jemanden."})
    draft = pressed(admin, german, "Remove this language")
    assert admin.get(german).status_code == 404
    assert "<td>" in admin.get(f"{draft}/history").text

    pressed(admin, draft, "Undo the last change")

    assert form(admin, german)[TEXT] == "Es gibt jemanden."


def test_undoing_leads_back_to_the_page(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    saved(admin, german, **{TEXT: "Es gibt jemanden."})

    location = pressed(admin, german + STRATEGY, "Undo the last change")

    assert location == german + STRATEGY
    assert form(admin, german)[TEXT] == ""


def test_what_is_no_language_is_refused_in_words(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    draft = german.partition("/languages")[0]

    for language, words in (("Deutsch!", "no language"), ("de", "there already"), ("", "no language")):
        answer = admin.post(f"{draft}/languages", data={"language": language})
        assert answer.status_code == 422
        assert words in answer.text
    assert admin.get(f"{draft}/languages/fr").status_code == 404
    assert admin.get(f"{german}?part=nowhere").status_code == 404
    assert admin.post(german, data={"f.minutes": "7"}).status_code == 422
    assert admin.post(german, data={"pick": "7"}).status_code == 422
    assert admin.post(german, data={"f.title": "\x00"}).status_code == 422
    assert admin.post(f"{draft}/languages/fr/remove").status_code == 409


def test_hostile_texts_stay_texts(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)
    draft = german.partition("/languages")[0]
    saved(admin, german, **{TEXT: HOSTILE})
    saved(admin, german, "", **{"f.title": HOSTILE})

    for path in (
        german,
        german + STRATEGY,
        draft,
        f"{draft}/preview?language=de",
        f"{draft}/history",
        f"{draft}/publish",
    ):
        page = admin.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path


def test_statements_of_the_page(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    admin = browser(cast.admin)
    german = in_german(admin)

    with count_statements(cast.engine) as statements:
        assert admin.get(german + STRATEGY).status_code == 200

    assert len(statements) == 6, statements  # one more for a draft of a version that nobody has read yet
