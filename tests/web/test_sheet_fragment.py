"""Answering with our script: one thing at a time, the parts of the page come back, and nothing counts twice."""

from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import Engine

from app.domain.answers import NOTE_LIMIT, Value
from app.domain.sheets import SavedAnswer
from tests.conftest import StatementCount
from tests.web.document import Element, document
from tests.web.visitor import Visitor, rows

pytestmark = pytest.mark.usefixtures("database")
NO, YES = SavedAnswer(Value.NO), SavedAnswer(Value.YES)


@pytest.fixture
def keys(visitor: Visitor) -> list[str]:
    """The statements of the first category."""
    return [statement.key for statement in visitor.categories[0].statements]


def parts(answer: Response, status: int = 200) -> Element:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<html" not in answer.text
    return document(answer.text)


def sentence(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


def version(fragment: Element) -> int:
    return int(fragment.one("template")["data-version"])


def changes(fragment: Element) -> dict[str, str]:
    """The statements that the fragment tells anew, with their values."""
    return {each["data-statement"]: each["data-value"] for each in fragment.one("template").all("i")}


def test_it_works(visitor: Visitor, keys: list[str]) -> None:
    fragment = parts(visitor.send({keys[0]: "1"}))

    assert visitor.answers == {keys[0]: YES}
    assert version(fragment) == visitor.version == 1
    assert changes(fragment) == {keys[0]: "1"}
    page = visitor.page()
    ids = [child["id"] for child in fragment.children if isinstance(child, Element) and child.tag != "template"]
    assert {"rail", "standing"} <= set(ids)
    assert len(ids) == len(set(ids))
    for id in ids:
        assert page.all(id=id), f"the page has no place for {id}"


def test_a_fragment_reads_as_the_page_does(visitor: Visitor) -> None:
    here = visitor.categories[0].key
    fragment = parts(visitor.send({"pick": f"{here}.2", "category": here}))
    page = visitor.page(f"/category/{here}")

    for part in fragment.children:
        if isinstance(part, Element) and part.tag != "template":
            assert part.text == page.one(id=part["id"]).text, part["id"]


def test_a_repeated_one_is_recognised(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    mutation = uuid4().hex
    visitor.send({keys[0]: "1"}, base=0, mutation=mutation)
    friend.send({keys[0]: "0"})
    before = rows(visitor.quick_check)
    again = parts(visitor.send({keys[0]: "1"}, base=0, mutation=mutation))

    assert changes(again) == {keys[0]: "0"}
    assert visitor.answers == {keys[0]: NO}
    assert rows(visitor.quick_check) == before


@pytest.mark.parametrize("other", [{"value": "0"}, {"value": "1", "note": "x"}, {"pick": "2"}, {"undo": "1"}])
def test_an_id_stands_for_one_thing_only(visitor: Visitor, keys: list[str], other: dict[str, str]) -> None:
    mutation, here = uuid4().hex, visitor.categories[0].key
    visitor.send({keys[0]: "1"}, mutation=mutation)
    names = {"value": keys[0], "note": f"{keys[0]}.note"}
    sent = {names.get(name, name): text if name in names else f"{here}.{text}" for name, text in other.items()}

    assert "used for something else" in sentence(visitor.send(sent, mutation=mutation), 409)
    assert visitor.answers == {keys[0]: YES}


def test_a_browser_never_contradicts_itself(visitor: Visitor, keys: list[str]) -> None:
    """The first save arrived and its answer was lost, so the second one builds on what its reader had seen before."""
    visitor.send({keys[0]: "1"}, base=0)
    fragment = parts(visitor.send({keys[0]: "0.5"}, base=0))

    assert visitor.answers == {keys[0]: SavedAnswer(Value.HALF)}
    assert version(fragment) == 2


def test_a_pick_and_its_refinement_go_out_before_any_answer_is_in(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    visitor.send({"pick": f"{here}.4"}, base=0)
    visitor.send({keys[0]: "0"}, base=0)
    visitor.send({f"{keys[0]}.note": "but"}, base=0)
    parts(visitor.send({"pick": f"{here}.0"}, base=0))

    assert visitor.answers[keys[0]].note == "but"


def test_two_browsers_that_differ_are_both_shown(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    friend.send({keys[0]: "0", f"{keys[0]}.note": "theirs"}, base=0)
    told = parts(visitor.send({keys[0]: "1"}, base=0), 409).one("div", id=f"differing-{keys[0]}")

    assert visitor.answers == {keys[0]: SavedAnswer(Value.NO, "", "theirs")}
    assert (told["data-value"], told["data-note"], told["data-version"]) == ("0", "theirs", "1")
    assert [each["data-choose"] for each in told.all("button")] == ["theirs", "mine"]

    parts(visitor.send({keys[0]: "1"}, base=int(told["data-version"])))
    assert visitor.answers == {keys[0]: SavedAnswer(Value.YES, "", "theirs")}


def test_nothing_of_a_refused_one_is_saved(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    friend.send({keys[0]: "0"}, base=0)
    before = rows(visitor.quick_check)
    parts(visitor.send({keys[0]: "1", keys[1]: "1"}, base=0), 409)

    assert visitor.answers == {keys[0]: NO}
    assert rows(visitor.quick_check) == before


def test_two_browsers_answer_side_by_side(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    friend.send({keys[0]: "0"}, base=0)
    fragment = parts(visitor.send({keys[1]: "1"}, base=0))

    assert changes(fragment) == {keys[0]: "0", keys[1]: "1"}


def test_an_overtaken_pick_is_told(visitor: Visitor, friend: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    friend.send({keys[0]: "0.5"}, base=0)
    fragment = parts(visitor.send({"pick": f"{here}.4"}, base=0), 409)

    assert "Your pick is not saved" in fragment.one("div", id=f"told-{here}").text
    assert visitor.answers == {keys[0]: SavedAnswer(Value.HALF)}
    assert changes(fragment) == {keys[0]: "0.5"}


def test_a_pick_is_undone(visitor: Visitor, keys: list[str]) -> None:
    here = visitor.categories[0].key
    visitor.send({keys[0]: "0.5"})
    picked = parts(visitor.send({"pick": f"{here}.3"}))
    undone = parts(visitor.send({"undo": picked.one("button", id=f"undo-{here}")["value"]}))

    assert visitor.answers[keys[0]] == SavedAnswer(Value.HALF)
    assert undone.one("button", id=f"undo-{here}").disabled
    assert set(changes(undone).values()) == {"", "0.5"}


def test_an_undo_without_a_pick(visitor: Visitor) -> None:
    answer = visitor.send({"undo": f"{visitor.categories[0].key}.0"})

    assert "no pick to undo" in sentence(answer, 409)


@pytest.mark.both
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"pick": "strategy.5"}, "level"),
        ({"pick": "strategy.99999999999999999999"}, "whole number"),
        ({"pick": "none.1"}, "no category"),
        ({"no-such-statement": "1"}, "no statement “no-such-statement”"),
        ({"no-such-statement.note": "1"}, "no statement"),
        ({"base": "-1"}, "whole number"),
        ({"base": "2"}, "a version that the sheet never had"),
        ({"base": "9" * 15}, "a version that the sheet never had"),
        ({"base": str(2**63)}, "whole number"),
        ({"mutation": "4711"}, "32 hexadecimal digits"),
        ({"mutation": "G" * 32}, "32 hexadecimal digits"),
        ({"client": "\x00" * 32}, "32 hexadecimal digits"),
        ({"a": "2"}, "not one of the answers"),
        ({"a": "not_applicable"}, "Say why"),
        ({"a.note": "n" * (NOTE_LIMIT + 1)}, "too long"),
        ({"a.note": "\x00"}, "U+0000"),
        ({"a.reason.reason": "x"}, "no statement"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    visitor: Visitor, keys: list[str], sent: dict[str, str], told: str
) -> None:
    before = rows(visitor.quick_check)
    named = {keys[0] + name[1:] if name.split(".")[0] == "a" else name: text for name, text in sent.items()}

    assert told in sentence(visitor.send({"category": "strategy", **named}, base=0), 422)
    assert rows(visitor.quick_check) == before


def test_another_sheets_number(visitor: Visitor, checker: Visitor, keys: list[str]) -> None:
    theirs = str(checker.quick_check.sheet.sheet_id)

    assert "belong to another sheet" in sentence(visitor.send({keys[0]: "1", "sheet": theirs}), 409)
    assert visitor.answers == {}


def test_a_points_rubric_takes_no_pick(checker: Visitor) -> None:
    assert sentence(checker.send({"pick": f"{checker.categories[0].key}.1"}), 422)
    assert checker.answers == {}


def test_a_points_rubric_is_answered_alike(checker: Visitor) -> None:
    first = checker.categories[0].statements[0].key
    fragment = parts(checker.send({first: "0.5"}))

    assert changes(fragment) == {first: "0.5"}
    assert not [each for each in fragment.inside if each.attributes.get("id", "").startswith(("undo-", "state-"))]


def test_an_answer_is_taken_back(visitor: Visitor, keys: list[str]) -> None:
    visitor.send({keys[0]: "not_applicable", f"{keys[0]}.reason": "one cloud"})
    parts(visitor.send({keys[0]: ""}))

    assert visitor.answers == {keys[0]: SavedAnswer()}


def test_its_sql_is_counted(
    visitor: Visitor, engine: Engine, count_statements: StatementCount, keys: list[str]
) -> None:
    visitor.send({keys[0]: "1"})
    sheet, base, here = str(visitor.quick_check.sheet.sheet_id), visitor.version, visitor.categories[0].key
    for sent in ({keys[0]: "0"}, {"pick": f"{here}.3"}):
        with count_statements(engine) as statements:
            visitor.browser.post(
                f"{visitor.home}/answers",
                data={"sheet": sheet, "base": str(base), "mutation": uuid4().hex, "client": visitor.client, **sent},
                headers={"shortstave-fragment": "1"},
            )
        assert len(statements) <= 11, statements
        base += 1
