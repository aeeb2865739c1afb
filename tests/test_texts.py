"""Every text that people read is in the catalogue of every other language, with the same values and marks."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from app.web.language import LANGUAGES
from tools.texts import ENGLISH_ONLY, ERRORS, ROOT, TEXT_FIRST, catalogue, collected, is_open

OTHERS = LANGUAGES[1:]
MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|&#?\w+;|\{\w+\}")
"""Tags and entities, and what a script fills in."""


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """Those of the code and of the templates."""
    return collected()


@pytest.fixture(scope="module", params=OTHERS)
def translated(request: pytest.FixtureRequest) -> Catalog:
    return catalogue(request.param)


def words(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def marks(text: str) -> Counter[str]:
    return Counter(MARKUP.findall(text))


def wrong(message: Message, of: Catalog) -> Iterator[str]:
    """What is wrong with a translation; placeholders are babel's to check."""
    if is_open(message):
        yield "is not translated"
        return
    yield from (str(error) for error in message.check(of))
    originals, translations = words(message.id), words(message.string)
    for translation in translations:
        if marks(translation) not in [marks(original) for original in originals]:
            yield f"has other marks: {translation}"
        if any(original[:1].isspace() != translation[:1].isspace() for original in originals):
            yield "begins another way"


def test_the_catalogue_has_every_text_and_no_other(texts: Catalog, translated: Catalog) -> None:
    wanted, found = ({words(message.id) for message in of} for of in (texts, translated))

    assert len(wanted) > 2000
    assert wanted - found == set(), "run make texts"
    assert found - wanted == set(), "run make texts"
    assert not translated.obsolete


def test_every_text_is_translated_with_the_same_values_and_marks(translated: Catalog) -> None:
    problems = {message.id: found for message in translated if message.id and (found := [*wrong(message, translated)])}

    assert problems == {}


@pytest.mark.parametrize(
    ("original", "translation", "found"),
    [
        ("Team %(name)s", "Team %(name)s", 0),
        ("Team %(name)s", "Team %(namen)s", 1),
        ("A <b>team</b>", "Ein <b>Team</b>", 0),
        ("A <b>team</b>", "Ein <script>Team</script>", 1),
        ("{count} wait", "{zahl} warten", 1),
        ("A team", "", 1),
    ],
)
def test_the_check_finds_a_planted_fault(original: str, translation: str, found: int) -> None:
    planted = Catalog(locale="de")
    message = planted.add(original, translation)

    assert len([*wrong(message, planted)]) == found


def said_in(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """The texts of sentences and errors, by their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in TEXT_FIRST and node.args:
            yield node.lineno, node.args[0]
        elif isinstance(node, ast.Call) and name_of(node) == "AnswerUnfit":
            yield node.lineno, node.args[1]


def unfilled(tree: ast.Module) -> list[int]:
    """The lines where a text names other values than stand beside it; a text without values is not filled in."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or name_of(node) not in (*TEXT_FIRST, "AnswerUnfit"):
            continue
        text = next((each.value for each in node.args if isinstance(each, ast.Constant)), None)
        named = {keyword.arg for keyword in node.keywords}
        # Values that are unpacked into a call have no names here.
        if isinstance(text, str) and None not in named and set(re.findall(r"%\((\w+)\)s", text)) != named:
            found.append(node.lineno)
    return found


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def plain_constants(tree: ast.Module) -> set[str]:
    """The names of the module's texts that are no sentences, and so are not collected."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def untranslatable(tree: ast.Module) -> list[int]:
    """The lines with a text that is put together before it could be translated, or that nobody collects."""
    plain = plain_constants(tree)
    return [
        line
        for line, text in said_in(tree)
        if isinstance(text, ast.JoinedStr | ast.BinOp)
        or (isinstance(text, ast.Name) and text.id in plain)
        or (isinstance(text, ast.IfExp) and any(isinstance(half, ast.Constant) for half in (text.body, text.orelse)))
    ]


@cache
def trees() -> dict[str, ast.Module]:
    """The modules that say something to people, by their paths."""
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "app").rglob("*.py"))]
    return {path: ast.parse((ROOT / path).read_text()) for path in paths if not path.startswith(ENGLISH_ONLY)}


def test_what_people_are_told_can_be_translated() -> None:
    found = {path: lines for path, tree in trees().items() if (lines := untranslatable(tree))}

    assert len(trees()) > 200
    assert found == {}, 'give the values apart: Conflict("There is a unit %(name)s already.", name=name)'


def test_every_value_that_a_text_names_stands_beside_it() -> None:
    found = {path: lines for path, tree in trees().items() if (lines := unfilled(tree))}

    assert found == {}
    assert unfilled(ast.parse('raise Missing("There is no %(kind)s.", name=kind)')) == [1]
    assert unfilled(ast.parse('raise Missing("There is no %(kind)s.", kind=kind)')) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('raise Conflict(f"There is a unit {name} already.")', [1]),
        ('raise errors.Missing("There is no " + name)', [1]),
        ('NO = "There is none."\nraise Missing(NO)', [2]),
        ('raise AnswerUnfit(key, f"{why}")', [1]),
        ('raise Missing("No team." if team else "No unit.")', [1]),
        ('NO = Sentence("There is none.")\nraise Missing(NO)', []),
        ('raise Conflict("There is a unit %(name)s already.", name=name)', []),
        ("raise Invalid(str(unfit))", []),
    ],
)
def test_the_walk_finds_a_planted_text(source: str, lines: list[int]) -> None:
    assert untranslatable(ast.parse(source)) == lines


def test_every_kind_of_error_is_collected() -> None:
    """A new class of errors belongs into the list of those whose texts are collected."""
    raised = {
        node.exc.func.id
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
        if node.exc.args and isinstance(node.exc.args[0], ast.Constant) and node.exc.args[0].value
        if isinstance(node.exc.args[0].value, str)
    }

    assert raised & {"Conflict", "Missing"} <= set(ERRORS)
    assert raised - set(TEXT_FIRST) <= SAID_TO_NOBODY


SAID_TO_NOBODY = {"ValueError", "RuntimeError", "FileNotFoundError", "TypeError", "AssertionError", "NoLongerOurs"}
"""Mistakes of ours, which a log shows."""
