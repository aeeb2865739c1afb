"""What every page owes to those who do not see it: names, labels and headings in order."""

from collections import Counter
from itertools import pairwise

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.actions.rubrics import load_shipped
from app.domain.rubric_file import shipped
from tests.quick_check import NOW, begun
from tests.web.document import Element, document
from tests.web.visitor import Visitor

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TO_BE_NAMED = ("input", "textarea", "select", "button", "a", "summary", "fieldset", "section", "nav", "aside")
NAMED = ("aria-labelledby", "aria-describedby", "for")


def name(page: Element, element: Element) -> str:
    """What a screen reader calls an element, roughly."""
    if label := element.attributes.get("aria-label"):
        return label
    if "aria-labelledby" in element:
        return " ".join(page.one(id=id).text for id in element["aria-labelledby"].split())
    inside = element.text if element.tag in {"a", "button", "summary"} else ""
    labels = [each.text for each in element.within() if each.tag == "label"]
    legends = [each.text for each in element.children if isinstance(each, Element) and each.tag == "legend"]
    if inside or labels or legends or "id" not in element:
        return " ".join((inside, *labels, *legends))
    return " ".join(each.text for each in page.all("label", for_=element["id"]))


def shown_headings(page: Element) -> list[int]:
    return [int(each.tag[1]) for each in page.all(*HEADINGS) if not each.hidden]


def faults(page: Element) -> list[str]:
    """All that is wrong with the page's structure, in words."""
    ids = Counter(each["id"] for each in page.inside if "id" in each)
    found = [f"id {id} {count} times" for id, count in ids.items() if count > 1]
    found += [f"{each.tag} without id {id}" for each in page.inside for id in references(each) if id not in ids]
    for each in page.all(*TO_BE_NAMED):
        needs_none = each.tag == "section" and not {"aria-label", "aria-labelledby"} & set(each.attributes)
        if each.attributes.get("type") != "hidden" and not needs_none and not name(page, each).strip():
            found.append(f"{each.tag} {each.attributes} has no name")
    found += [f"image without name {each.attributes}" for each in page.all("img", "svg") if not is_named_image(each)]
    return found + heading_faults(page)


def references(element: Element) -> list[str]:
    return [id for attribute in NAMED for id in element.attributes.get(attribute, "").split()]


def is_named_image(image: Element) -> bool:
    hidden = any(each.attributes.get("aria-hidden") == "true" for each in (image, *image.within()))
    inside = any(each.attributes.get("role") == "img" for each in image.within())
    return (
        hidden
        or inside
        or "alt" in image
        or bool(image.attributes.get("aria-label") or image.all("title") or references(image))
    )


def heading_faults(page: Element) -> list[str]:
    levels = shown_headings(page)
    found = [] if levels.count(1) == 1 else [f"{levels.count(1)} first headings shown"]
    return found + [f"h{b} follows h{a}" for a, b in pairwise(levels) if b > a + 1]


def test_the_faults_are_found() -> None:
    page = """
    <main><h1>a</h1><h3 id="x">b</h3><h1>c</h1><input id="x"><label for="y">l</label><button></button>
    <section hidden><h1>d</h1></section><svg></svg><nav></nav><input type="hidden"></main>"""

    assert [fault.split(" {")[0] for fault in faults(document(page))] == [
        "id x 2 times", "label without id y", "input", "button", "nav", "image without name", "2 first headings shown",
        "h3 follows h1",
    ]  # fmt: skip


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_page_of_a_quick_check(browser: TestClient, engine: Engine, key: str) -> None:
    visitor = Visitor(browser, begun(engine, key))
    visitor.send(dict(zip(visitor.rubric.statements, ["1", "0.5", "0", "unknown", "1", "1"] * 20, strict=False)))
    last = visitor.categories[-1].key
    for path in (visitor.home, f"{visitor.home}/category/{last}", f"{visitor.home}/result", f"{visitor.home}/delete"):
        page = document(browser.get(path).text)
        assert faults(page) == [], path
        assert page.one("html")["lang"] == "en-GB"
        assert len(page.all("main")) == 1
    assert faults(document(browser.get(f"/check/{key}").text)) == []


def test_every_category_has_its_headings_in_order(visitor: Visitor) -> None:
    """The script shows one after the other without asking the server."""
    for section in visitor.page().all("fieldset", class_="category"):
        section.attributes.pop("hidden", None)
        assert heading_faults(Element("", {}, None, [section])) == []


def test_pages_that_refuse(visitor: Visitor, friend: Visitor) -> None:
    here = visitor.categories[0]
    a, b = here.statements[0].key, here.statements[1].key
    old = visitor.page()
    friend.send({a: "0", f"{a}.note": "theirs"})
    for typed, status in (({a: "1"}, 409), ({b: "not_applicable"}, 422)):
        answer = visitor.press(old, "go", here.key, typed)
        assert answer.status_code == status
        assert faults(document(answer.text)) == []


@pytest.mark.parametrize("path", ["/", "/about", "/nowhere"])
def test_pages_for_everybody(browser: TestClient, path: str) -> None:
    assert faults(document(browser.get(path).text)) == []


def test_a_check_that_is_over(visitor: Visitor, app: FastAPI) -> None:
    with app.state.writing() as session:
        load_shipped(session, NOW)
    assert faults(document(visitor.browser.post(f"{visitor.home}/delete").text)) == []
    assert faults(document(visitor.get().text)) == []
