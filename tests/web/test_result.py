"""The result: why the level is what it is, and what comes next."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.domain.rubric_file import shipped
from tests.conftest import StatementCount
from tests.quick_check import begun
from tests.web.document import document
from tests.web.visitor import Visitor

pytestmark = pytest.mark.usefixtures("database")


def pick_all(visitor: Visitor, *levels: int) -> None:
    for category, level in zip(visitor.categories, levels, strict=True):
        assert visitor.send({"pick": f"{category.key}.{level}"}).status_code == 200


@pytest.mark.parametrize("key", sorted(shipped()))
def test_it_works(browser: TestClient, engine: Engine, key: str) -> None:
    visitor = Visitor(browser, begun(engine, key))
    empty = visitor.page("/result")
    answers = dict(zip(visitor.rubric.statements, ["1", "0.5", "0", "unknown", "1", "1"] * 20, strict=False))
    assert visitor.send(answers).status_code == 200
    page = visitor.page("/result")

    assert "Nothing is answered yet" in empty.one("h1").text
    assert "Nothing is answered yet" not in page.one("h1").text
    for category in visitor.categories:
        assert category.name in page.text
    assert len(page.one("table").one("tbody").all("tr")) == len(visitor.categories)
    figures = browser.get(page.one("figure", id="radar")["data-figures"]).json()
    assert set(figures) == {"light", "dark"}


def test_the_headline_says_why(visitor: Visitor) -> None:
    pick_all(visitor, 3, 3, 3, 3, 1)

    weakest = visitor.categories[-1].name
    assert visitor.page("/result").one("h1").text.startswith(f"Level 1, because {weakest} is at 1:")


def test_the_top_has_nothing_left_to_do(visitor: Visitor) -> None:
    pick_all(visitor, 4, 4, 4, 4, 4)
    page = visitor.page("/result")

    assert page.one("h1").text == "Level 4, the top: every category stands there."
    assert not page.all("section", id="steps")


def test_three_steps_come_with_what_proves_them(visitor: Visitor) -> None:
    pick_all(visitor, 1, 1, 1, 1, 1)
    steps = visitor.page("/result").one("ol", class_="steps").all("li", class_="step")

    assert len(steps) == 3
    for step in steps:
        assert step.one("h3").text
        assert "Proof" in [term.text for term in step.all("dt")]


def test_what_is_open_is_to_be_found_out_and_not_built(visitor: Visitor) -> None:
    pick_all(visitor, 1, 1, 1, 1, 1)
    second = next(each for each in visitor.categories[0].statements if each.gate == 2)
    visitor.send({second.key: "unknown"})
    page = visitor.page("/result")

    [asked] = [each for each in page.one("section", id="find-out").all("a") if each["href"].endswith(second.key)]
    assert asked["href"] == f"{visitor.home}/category/{visitor.categories[0].key}#statement-{second.key}"
    assert second.do not in page.one("ol", class_="steps").text


def test_it_says_how_many_answers_do_not_apply(visitor: Visitor) -> None:
    pick_all(visitor, 1, 1, 1, 1, 1)
    key = visitor.categories[0].statements[0].key
    visitor.send({key: "not_applicable", f"{key}.reason": "one <cloud> only"})
    page = visitor.page("/result")

    assert "This rests on one answer “not applicable”" in page.text
    assert "one <cloud> only" in page.text


def test_drifting_categories_are_warned_of(visitor: Visitor) -> None:
    pick_all(visitor, 4, 4, 4, 4, 1)
    assert "The categories drift apart" in visitor.get("/result").text

    visitor.send({"pick": f"{visitor.categories[-1].key}.4"})
    assert "The categories drift apart" not in visitor.get("/result").text


def test_islands_are_pointed_out(visitor: Visitor) -> None:
    pick_all(visitor, 0, 0, 0, 0, 0)
    top = next(each for each in visitor.categories[0].statements if each.gate == 4)
    visitor.send({top.key: "1"})

    [islands] = visitor.page("/result").all("div", class_="islands")
    assert top.text.split()[0] in islands.text


def test_every_link_on_it_leads_somewhere(visitor: Visitor) -> None:
    pick_all(visitor, 1, 2, 1, 1, 1)
    page = visitor.page("/result")
    ids = {each["id"] for each in page.inside if "id" in each}

    for link in page.all("a"):
        path, _, place = link["href"].partition("#")
        assert place in ids or not place or path
        if path:
            answer = visitor.browser.get(path)
            if answer.is_redirect:
                # A claim needs somebody who is signed in.
                answer = visitor.browser.get(answer.headers["location"])
            assert answer.status_code == 200, link["href"]
            assert not place or document(answer.text).all(id=place)


@pytest.mark.parametrize(
    "hostile", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "%s %(a)s"]
)
def test_what_people_write_stays_text(visitor: Visitor, hostile: str) -> None:
    key = visitor.categories[0].statements[0].key
    visitor.send({key: "not_applicable", f"{key}.reason": hostile, f"{key}.note": hostile})

    for path in ("", f"/category/{visitor.categories[0].key}", "/result"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert hostile not in answer.text or "<" not in hostile
    assert hostile in visitor.page("/result").text


def test_its_sql_is_counted(visitor: Visitor, engine: Engine, count_statements: StatementCount) -> None:
    pick_all(visitor, 1, 2, 3, 2, 1)
    with count_statements(engine) as statements:
        visitor.get("/result")

    assert len(statements) == 2
