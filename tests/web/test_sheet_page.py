"""The sheet as it is shown: every category in one page, one of them open."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.domain.rubric_file import shipped
from tests.conftest import StatementCount
from tests.quick_check import begun
from tests.web.visitor import Visitor

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("key", sorted(shipped()))
def test_it_works(browser: TestClient, engine: Engine, key: str) -> None:
    visitor = Visitor(browser, begun(engine, key))
    page = visitor.page()

    sections = page.all("fieldset", class_="category")
    assert [section["data-category"] for section in sections] == [category.key for category in visitor.categories]
    assert [section.hidden for section in sections] == [False] + [True] * (len(sections) - 1)
    for statement in visitor.rubric.statements.values():
        choices = page.all("input", type="radio", name=statement.key)
        assert [choice["value"] for choice in choices] == ["0", "0.5", "1", "unknown", "not_applicable"]
        assert (
            page.one("fieldset", data_statement=statement.key)
            .one("legend")
            .text.startswith(" ".join(statement.text.split()))
        )


def test_all_level_cards_are_buttons_to_be_read_at_once(visitor: Visitor) -> None:
    first = visitor.page().all("fieldset", class_="category")[0]

    cards = first.all("li", class_="level-card")
    assert [card.one("button")["value"] for card in cards] == [f"{visitor.categories[0].key}.{n}" for n in range(5)]
    assert all(card.all("li") for card in cards)
    assert not any(card.hidden for card in cards)


def test_a_points_rubric_has_no_cards(checker: Visitor) -> None:
    page = checker.page()

    assert not page.all("button", name="pick")
    assert len(page.all("fieldset", class_="statement")) == len(checker.rubric.statements)


def test_each_category_has_a_page_of_its_own(visitor: Visitor) -> None:
    for category in visitor.categories:
        page = visitor.page(f"/category/{category.key}")
        [shown] = [each for each in page.all("fieldset", class_="category") if not each.hidden]
        assert shown["data-category"] == category.key
        assert page.one("nav", id="rail").one("button", aria_current="step")["value"] == category.key
        assert page.one("head").one("title").text.startswith(category.name)


def test_it_begins_where_something_is_missing(visitor: Visitor) -> None:
    first, second, *_ = visitor.categories
    visitor.send({"pick": f"{first.key}.1"})

    shown = [each for each in visitor.page().all("fieldset", class_="category") if not each.hidden]
    assert shown[0]["data-category"] == second.key


def test_what_was_answered_is_shown_as_given(visitor: Visitor) -> None:
    a, b, c, d = (statement.key for statement in visitor.categories[0].statements[:4])
    visitor.send({a: "0.5", f"{a}.note": "first line\nsecond <line> & “more”"})
    visitor.send({b: "not_applicable", f"{b}.reason": 'we have none, "really"'})
    visitor.send({c: "unknown"})
    form = visitor.form(f"/category/{visitor.categories[0].key}")

    assert form[a] == "0.5"
    assert form[f"{a}.note"] == "first line\r\nsecond <line> & “more”"
    assert form[b] == "not_applicable"
    assert form[f"{b}.reason"] == 'we have none, "really"'
    assert form[c] == "unknown"
    assert d not in form


@pytest.mark.parametrize("note", ["\nbegins with a line end", "\n\n", "  blanks  ", "</textarea><script>", "&amp;"])
def test_a_note_comes_back_as_it_was_typed(visitor: Visitor, note: str) -> None:
    a = visitor.categories[0].statements[0].key
    visitor.send({f"{a}.note": note})
    saved = visitor.answers.get(a)

    assert visitor.form()[f"{a}.note"].replace("\r\n", "\n") == (saved.note if saved else "") == note.strip()


def test_progress_counts_towards_completeness(visitor: Visitor) -> None:
    first = visitor.categories[0]
    before = visitor.page().one("progress")
    visitor.send({"pick": f"{first.key}.0"})
    page = visitor.page()

    assert before["value"] == "0"
    assert int(page.one("progress")["value"]) == len([s for s in first.statements if (s.gate or 0) <= 1])
    assert "complete" in page.one("button", id=f"go-{first.key}").text
    assert "not begun" in page.one("button", id=f"go-{visitor.categories[1].key}").text


def test_the_link_to_keep_is_whole(visitor: Visitor) -> None:
    assert visitor.page().one("input", id="link")["value"] == f"https://testserver{visitor.home}"


def test_the_sheet_itself_may_not_be_posted_to(visitor: Visitor) -> None:
    assert visitor.browser.post(visitor.home).status_code == 405
    assert visitor.get("/answers").status_code == 405


def test_its_sql_is_counted(visitor: Visitor, engine: Engine, count_statements: StatementCount) -> None:
    visitor.send({"pick": f"{visitor.categories[0].key}.2"})
    for path in ("", f"/category/{visitor.categories[1].key}"):
        with count_statements(engine) as statements:
            visitor.get(path)
        assert len(statements) == 3, path
