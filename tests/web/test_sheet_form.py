"""Answering in a browser without script: the whole form is sent, and what is refused comes back as it was typed."""

import pytest
from sqlalchemy import Engine

from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value
from app.domain.sheets import SavedAnswer
from tests.conftest import StatementCount
from tests.web.document import Element, document, fields
from tests.web.visitor import Visitor, rows

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def keys(visitor: Visitor) -> list[str]:
    """The statements of the first category."""
    return [statement.key for statement in visitor.categories[0].statements]


def shown(page: Element) -> dict[str, str]:
    return fields(page.one("form", id="sheet"))


def problem_of(page: Element, key: str) -> str:
    return page.one("p", id=f"problem-{key}").text


def test_it_works(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    answer = visitor.press(visitor.page(), "go", here, {keys[0]: "1", keys[1]: "0.5", f"{keys[1]}.note": " half way "})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{visitor.home}/category/{here}")
    assert visitor.answers == {keys[0]: SavedAnswer(Value.YES), keys[1]: SavedAnswer(Value.HALF, "", "half way")}


def test_every_button_says_where_it_goes_on(visitor: Visitor) -> None:
    for go in (visitor.categories[3].key, visitor.categories[1].key):
        assert visitor.press(visitor.page(), "go", go).headers["location"] == f"{visitor.home}/category/{go}"
    assert visitor.press(visitor.page(), "go", "result").headers["location"] == f"{visitor.home}/result"


def test_five_picks_and_the_result(visitor: Visitor) -> None:
    path = ""
    for category in visitor.categories:
        answer = visitor.press(visitor.page(path), "pick", f"{category.key}.2")
        assert answer.status_code == 303
        path = answer.headers["location"].removeprefix(visitor.home)

    assert path == f"/category/{visitor.categories[-1].key}"
    page = visitor.page("/result")
    assert page.one("h1").text.startswith("Level 2, because")
    assert len(visitor.answers) == len(visitor.rubric.statements)


def test_a_pick_goes_on_to_what_is_missing_and_round(visitor: Visitor) -> None:
    first, second, third, *_, last = (category.key for category in visitor.categories)
    visitor.send({"pick": f"{second}.1"})

    answer = visitor.press(visitor.page(), "pick", f"{first}.1")
    assert answer.headers["location"] == f"{visitor.home}/category/{third}"
    answer = visitor.press(visitor.page(f"/category/{last}"), "pick", f"{last}.1")
    assert answer.headers["location"] == f"{visitor.home}/category/{third}"


def test_a_pick_saves_what_was_noted_beside_it(visitor: Visitor, keys: list[str]) -> None:
    pick = f"{visitor.categories[0].key}.4"
    answer = visitor.press(visitor.page(), "pick", pick, {f"{keys[0]}.note": "typed before the pick", keys[0]: "0.5"})

    assert answer.status_code == 303
    assert visitor.answers[keys[0]] == SavedAnswer(Value.YES, "", "typed before the pick")


def test_an_undone_pick_leaves_notes_and_later_refinements(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    visitor.press(visitor.page(), "go", here, {keys[0]: "0.5", keys[1]: "unknown"})
    visitor.press(visitor.page(), "pick", f"{here}.3")
    picked = visitor.page(f"/category/{here}")
    visitor.press(picked, "go", here, {keys[2]: "0.5", f"{keys[1]}.note": "noted after the pick"})
    page = visitor.page(f"/category/{here}")
    assert page.one("button", name="pick", aria_pressed="true")["value"] == f"{here}.3"

    answer = visitor.press(page, "undo", page.one("button", id=f"undo-{here}")["value"])

    assert answer.headers["location"] == f"{visitor.home}/category/{here}"
    assert {key: each for key, each in visitor.answers.items() if each != SavedAnswer()} == {
        keys[0]: SavedAnswer(Value.HALF),
        keys[1]: SavedAnswer(Value.UNKNOWN, "", "noted after the pick"),
        keys[2]: SavedAnswer(Value.HALF),
    }
    undone = visitor.page(f"/category/{here}")
    assert not undone.all("button", name="pick", aria_pressed="true")
    assert undone.one("button", id=f"undo-{here}").disabled


def test_what_was_typed_before_an_undo_is_saved(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    visitor.press(visitor.page(), "pick", f"{here}.3")
    page = visitor.page(f"/category/{here}")
    undo = page.one("button", id=f"undo-{here}")["value"]

    assert visitor.press(page, "undo", undo, {keys[0]: "0.5", f"{keys[1]}.note": "typed"}).status_code == 303
    assert {key: each for key, each in visitor.answers.items() if each != SavedAnswer()} == {
        keys[0]: SavedAnswer(Value.HALF),
        keys[1]: SavedAnswer(None, "", "typed"),
    }


def test_an_answer_is_taken_back(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    visitor.press(visitor.page(), "go", here, {keys[0]: "1", f"{keys[0]}.note": "stays"})
    answer = visitor.press(visitor.page(), "clear", keys[0], {keys[1]: "1"})

    assert answer.headers["location"] == f"{visitor.home}/category/{here}"
    assert visitor.answers == {keys[0]: SavedAnswer(None, "", "stays"), keys[1]: SavedAnswer(Value.YES)}


def test_only_the_category_that_is_shown_is_sent(visitor: Visitor) -> None:
    second = visitor.categories[1]
    form = visitor.form(f"/category/{second.key}")

    assert {name.partition(".")[0] for name in form} == {"sheet", "category", "base"} | {
        statement.key for statement in second.statements
    }


@pytest.mark.both
@pytest.mark.parametrize(
    ("part", "typed", "told"),
    [
        ("reason", "", "Say why it does not apply"),
        ("reason", " \t ", "Say why it does not apply"),
        ("reason", "r" * (REASON_LIMIT + 1), f"too long: {REASON_LIMIT + 1} characters, where {REASON_LIMIT} fit"),
        ("note", "n" * (NOTE_LIMIT + 1), f"too long: {NOTE_LIMIT + 1} characters, where {NOTE_LIMIT} fit"),
        ("note", "a\x00b", "U+0000"),
        ("note", "a\x85b", "U+0085"),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(
    visitor: Visitor, keys: list[str], part: str, typed: str, told: str
) -> None:
    here = visitor.categories[0].key
    visitor.press(visitor.page(), "go", here, {keys[2]: "1"})
    given = {
        keys[0]: "not_applicable", f"{keys[0]}.reason": "said", f"{keys[0]}.{part}": typed,
        keys[1]: "0.5", f"{keys[1]}.note": "<typed> & kept", keys[2]: "0",
    }  # fmt: skip
    before = rows(visitor.quick_check)
    answer = visitor.press(visitor.page(), "go", "result", given)
    page = document(answer.text)

    assert answer.status_code == 422
    assert given.items() <= {name: text.replace("\r\n", "\n") for name, text in shown(page).items()}.items()
    assert told in problem_of(page, keys[0])
    assert told in page.one("div", id="problem").text
    assert problem_of(page, keys[1]) == ""
    assert rows(visitor.quick_check) == before
    assert visitor.answers == {keys[2]: SavedAnswer(Value.YES)}


def test_a_mended_form_saves_all_of_it(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    typed = {keys[0]: "not_applicable", keys[1]: "1", f"{keys[1]}.note": "kept"}
    refused = document(visitor.press(visitor.page(), "go", here, typed).text)

    assert visitor.press(refused, "go", here, {f"{keys[0]}.reason": "one cloud only"}).status_code == 303
    assert visitor.answers == {
        keys[0]: SavedAnswer(Value.NOT_APPLICABLE, "one cloud only"),
        keys[1]: SavedAnswer(Value.YES, "", "kept"),
    }


def test_the_longest_texts_fit(visitor: Visitor, keys: list[str]) -> None:
    reason, note = "🛢" * REASON_LIMIT, "🛢\n" * (NOTE_LIMIT // 2 - 1) + "🛢"
    typed = {keys[0]: "not_applicable", f"{keys[0]}.reason": reason, f"{keys[0]}.note": note.replace("\n", "\r\n")}

    assert visitor.press(visitor.page(), "go", visitor.categories[0].key, typed).status_code == 303
    assert visitor.answers[keys[0]] == SavedAnswer(Value.NOT_APPLICABLE, reason, note)


def test_two_browsers_that_differ_see_both_answers(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    here, old = visitor.categories[0].key, visitor.page()
    friend.press(friend.page(), "go", here, {keys[0]: "0", f"{keys[0]}.note": "theirs", keys[3]: "1"})
    typed = {keys[0]: "1", f"{keys[0]}.note": "mine", keys[1]: "0.5"}
    answer = visitor.press(old, "go", here, typed)
    page = document(answer.text)

    assert answer.status_code == 409
    assert typed.items() <= shown(page).items()
    assert "Not saved yet" in page.one("div", id="problem").text
    told = page.one("div", id=f"differing-{keys[0]}").text
    words = [word.name for word in visitor.rubric.words(visitor.rubric.statements[keys[0]])]
    assert f"changed elsewhere to “{words[0]}”" in told
    assert f"Yours is “{words[2]}”" in told
    assert "The note there: theirs" in told
    assert not page.one("div", id=f"differing-{keys[1]}").text
    assert visitor.answers == {keys[0]: SavedAnswer(Value.NO, "", "theirs"), keys[3]: SavedAnswer(Value.YES)}

    assert visitor.press(page, "go", here).status_code == 303
    assert visitor.answers == {
        keys[0]: SavedAnswer(Value.YES, "", "mine"),
        keys[1]: SavedAnswer(Value.HALF),
        keys[3]: SavedAnswer(Value.YES),
    }


def test_two_browsers_that_answer_different_statements_both_keep_theirs(
    visitor: Visitor, friend: Visitor, keys: list[str]
) -> None:
    here, old = visitor.categories[0].key, visitor.page()
    friend.press(friend.page(), "go", here, {keys[0]: "0"})

    assert visitor.press(old, "go", here, {keys[1]: "1"}).status_code == 303
    assert visitor.answers == {keys[0]: SavedAnswer(Value.NO), keys[1]: SavedAnswer(Value.YES)}


def test_a_pick_never_covers_what_somebody_else_answered_meanwhile(
    visitor: Visitor, friend: Visitor, keys: list[str]
) -> None:
    here, old = visitor.categories[0].key, visitor.page()
    friend.press(friend.page(), "go", here, {keys[0]: "0.5"})
    before = visitor.answers
    answer = visitor.press(old, "pick", f"{here}.4")
    page = document(answer.text)

    assert answer.status_code == 409
    assert visitor.answers == before
    words = [word.name for word in visitor.rubric.words(visitor.rubric.statements[keys[0]])]
    told = page.one("div", id=f"differing-{keys[0]}").text
    assert f"changed elsewhere to “{words[1]}”" in told
    assert f"Yours is “{words[2]}”" in told

    assert visitor.press(page, "pick", f"{here}.4").status_code == 303
    assert visitor.answers[keys[0]].value is Value.YES


def test_an_undo_never_takes_back_a_pick_that_its_reader_has_not_seen(visitor: Visitor, friend: Visitor) -> None:
    here = visitor.categories[0].key
    visitor.press(visitor.page(), "pick", f"{here}.1")
    old = visitor.page(f"/category/{here}")
    friend.press(friend.page(f"/category/{here}"), "pick", f"{here}.3")
    before = visitor.answers

    answer = visitor.press(old, "undo", old.one("button", id=f"undo-{here}")["value"])

    assert answer.status_code == 409
    assert visitor.answers == before


@pytest.mark.both
@pytest.mark.parametrize(
    ("field", "text", "status"),
    [
        ("sheet", "4711", 409), ("sheet", "", 409), ("base", "-1", 422), ("base", "1e3", 422), ("base", "", 422),
        ("base", "99", 422), ("base", str(2**63), 422), ("base", "\u0661", 422), ("category", "none", 422),
        ("pick", "none.1", 422), ("pick", "strategy.5", 422), ("pick", "strategy", 422), ("pick", "", 422),
        ("undo", "none.1", 422), ("undo", "strategy.1", 409), ("mutation", "x", 422), ("client", "x" * 32, 422),
        ("no-such-statement", "1", 422), ("no-such-statement.note", "1", 422),
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(visitor: Visitor, field: str, text: str, status: int) -> None:
    a = visitor.categories[0].statements[0].key
    before = rows(visitor.quick_check)
    answer = visitor.post({**visitor.form(), a: "1", field: text})

    assert answer.status_code == status
    assert "<h1" in answer.text
    assert rows(visitor.quick_check) == before


@pytest.mark.both
@pytest.mark.parametrize("value", ["2", "yes", "0.50", "1.0", "-1", "1e309", "\x00", "Value.YES"])
def test_no_other_value_is_an_answer(visitor: Visitor, value: str) -> None:
    form = visitor.form() | {visitor.categories[0].statements[0].key: value}

    assert visitor.post(form).status_code == 422
    assert visitor.answers == {}


def test_the_answers_of_one_sheet_are_never_taken_for_another(visitor: Visitor, checker: Visitor) -> None:
    answer = checker.post(visitor.form() | {visitor.categories[0].statements[0].key: "1"})

    assert answer.status_code == 409
    assert "belong to another sheet" in answer.text
    assert checker.answers == visitor.answers == {}


def test_a_sheet_that_is_deleted_meanwhile_takes_nothing(visitor: Visitor) -> None:
    form = visitor.form()
    visitor.browser.post(f"{visitor.home}/delete")

    assert visitor.post(form).status_code == 404


def test_a_points_rubric_is_answered_alike(checker: Visitor) -> None:
    first, second, *_ = checker.categories
    answers = dict(zip((each.key for each in first.statements), ["0", "0.5", "1", "unknown"], strict=False))
    answer = checker.press(checker.page(), "go", second.key, answers)

    assert answer.headers["location"] == f"{checker.home}/category/{second.key}"
    assert {key: each.value for key, each in checker.answers.items()} == answers


def test_another_sites_form_saves_nothing(visitor: Visitor) -> None:
    form = visitor.form() | {visitor.categories[0].statements[0].key: "1"}
    answer = visitor.browser.post(
        f"{visitor.home}/answers", data=form, headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    assert visitor.answers == {}


def test_its_sql_is_counted(
    visitor: Visitor, engine: Engine, count_statements: StatementCount, keys: list[str]
) -> None:
    page = visitor.page()
    with count_statements(engine) as saved:
        visitor.press(page, "go", "result", dict.fromkeys(keys, "1"))
    page = visitor.page(f"/category/{visitor.categories[0].key}")
    with count_statements(engine) as picked:
        visitor.press(page, "pick", f"{visitor.categories[0].key}.2")

    assert len(saved) <= 10
    assert len(picked) <= 10
