"""The places of a draft's document, by paths of keys, and what may stand in them.

| path | what |
|---|---|
| empty, `source` | the rubric's own fields, and where the model comes from |
| `categories.KEY`, `statements.KEY`, `actions.KEY` | by their keys, wherever they stand |
| `levels.NUMBER`, `answers.VALUE`, `gap_answers.VALUE` | by what they are for |
| `bands.PLACE`, `stories.PLACE`, `bears_on.PLACE` | by their place, from 0 |

A text in another language is a field beside it, `text@de` beside `text` (`translated`).

Entries stand in lists: `categories`, `levels`, `bands`, `stories` and `bears_on`, a category's statements in
`categories.KEY`, and a level's actions in `levels.NUMBER`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from app.domain.errors import Invalid, Missing
from app.domain.keys import checked_key
from app.domain.rubric_file import Document
from app.domain.rubric_shape import (
    ACTION,
    BAND,
    BEARING,
    BEGINNING,
    CATEGORY,
    LEVEL,
    POINTS,
    SOURCE,
    STATEMENT,
    STATEMENT_OF_LADDER,
    STATEMENT_OPTIONAL,
    STORY,
    TRANSLATED,
    WORD,
)
from app.domain.shape import ListOf, Number, Shape, Slug, Whole
from app.domain.text import plain
from app.domain.translated import LANGUAGES, beside, parted, sections
from app.domain.yaml_file import Path

LONGEST = 5_000
"""Characters that any field of a draft holds; the format's own limits are problems that the draft is saved with."""
MOST_NAMED = 200
"""Entries of a list of keys."""
GREATEST = 10**9
"""The largest number that a field holds."""

Value = str | int | list[str] | None

WORDS = {**WORD.required, **WORD.optional}
FIELDS: Mapping[str, Mapping[str, Shape]] = {
    "": {name: BEGINNING[name] for name in ("title", "summary", "minutes", "subject")}
    | {"unit": POINTS.required["unit"]},
    "source": SOURCE.required,
    "answers": WORDS,
    "gap_answers": WORDS,
    "levels": {name: shape for name, shape in LEVEL.required.items() if name != "actions"},
    "actions": ACTION.required,
    "bands": BAND.required,
    "categories": CATEGORY,
    "statements": {**STATEMENT, **STATEMENT_OF_LADDER, **STATEMENT_OPTIONAL},
    "stories": STORY.required,
    "bears_on": BEARING.required,
}
"""What stands in each section besides the lists below its entries."""
NAMED_BY = {
    "answers": "value",
    "gap_answers": "value",
    "levels": "level",
    "actions": "key",
    "categories": "key",
    "statements": "key",
}
"""What an entry is found by; it is never set."""
BELOW = {"categories": "statements", "levels": "actions"}
"""The list that each entry of these has."""
TOP_LISTS = ("categories", "levels", "bands", "stories", "bears_on")


class Found(NamedTuple):
    """An entry: the name of the list that it stands in, that list, and its place there."""

    into: str
    entries: list[Document]
    at: int

    @property
    def entry(self) -> Document:
        return self.entries[self.at]


def place_of(document: Document, at: Path) -> tuple[str, str]:
    """The path and the field that a way through the document leads to; the field is empty for an entry as a whole.

    For example `categories`, 0, `statements`, 3, `gate` is the field `gate` of `statements.audit-trail`.
    """
    if at[:1] == ("translations",):
        return _translated_place(document, [str(part) for part in at[1:]])
    path, name = "", ""
    here: Any = document
    for depth, part in enumerate(at):
        if isinstance(part, str):
            here, name = here.get(part, {}), part
            path = part if part == "source" else path
            continue
        if part >= len(here) or not isinstance(here[part], dict):
            break
        here, name = here[part], ""
        path = path_of(str(at[depth - 1]), here, part)
    return path, name if name in FIELDS.get(section_of(path), {}) else ""


def _translated_place(document: Document, at: list[str]) -> tuple[str, str]:
    """The same for what comes after `translations`: a language, and where in it."""
    if len(at) < 2 or len(at) == 3:
        return "", ""
    language, section, *_ = at
    if len(at) == 2:
        return "", beside(section, language) if section in TRANSLATED[""] else ""
    there = next((each for of, name, each in sections(document) if (of, name) == (section, at[2])), None)
    path = next((path for path, each in entries_of(document, section) if each is there), "")
    return path, beside(at[3], language) if path else ""


def section_of(path: str) -> str:
    return path.partition(".")[0]


def path_of(section: str, entry: Document, at: int) -> str:
    return f"{section}.{entry[NAMED_BY[section]] if section in NAMED_BY else at}"


def values_at(document: Document, path: str) -> Document:
    """What stands at a path. Missing where there is nothing."""
    if path in ("", "source"):
        return document["source"] if path else document
    return found(document, path).entry


def found(document: Document, path: str) -> Found:
    """Where an entry stands. Missing where there is none."""
    section = section_of(path)
    for into, entries in lists(document, section):
        for at, each in enumerate(entries):
            if path_of(section, each, at) == path:
                return Found(into, entries, at)
    raise Missing("This is not in the draft, or not any more.")


def list_at(document: Document, into: str) -> tuple[str, list[Document]]:
    """The section of what stands in a list, and the list. Missing where there is none."""
    if into in TOP_LISTS:
        if into in ("levels", "bands") and into not in document:
            raise Invalid("A rubric of this kind has none of these.")
        return into, document.setdefault(into, [])
    section = section_of(into)
    if section not in BELOW:
        raise Missing("A draft has no such list.")
    return BELOW[section], found(document, into).entry[BELOW[section]]


def lists(document: Document, section: str) -> Iterator[tuple[str, list[Document]]]:
    """Every list that entries of a section stand in, with its name."""
    above = next((above for above, below in BELOW.items() if below == section), None)
    if above is not None:
        for at, each in enumerate(document.get(above, [])):
            yield path_of(above, each, at), each[section]
    elif section in NAMED_BY or section in TOP_LISTS:
        yield section, document.get(section, [])


def entries_of(document: Document, section: str) -> Iterator[tuple[str, Document]]:
    """Every entry of a section, with its path."""
    for _, entries in lists(document, section):
        for at, each in enumerate(entries):
            yield path_of(section, each, at), each


def mentions(document: Document) -> Iterator[tuple[str, str, list[str]]]:
    """Every field that names statements or categories of this rubric: where it stands, its name, and the keys."""
    for section, name in (("statements", "needs"), ("stories", "statements"), ("actions", "categories")):
        for path, each in entries_of(document, section):
            if each.get(name):
                yield path, name, each[name]


def known_field(document: Document, path: str, name: str) -> Shape:
    """The shape of a field that can be set. Invalid where a rubric of this kind has no such field."""
    section = section_of(path)
    if (path, name) == ("", LANGUAGES):
        return ListOf(Slug())
    text, language = parted(name)
    if language:
        if language not in document.get(LANGUAGES, ()) or text not in TRANSLATED.get(section, {}):
            raise Invalid("This cannot be translated here.")
        name = text
    shape = FIELDS.get(section, {}).get(name)
    other_kind = (name == "unit" and "unit" not in document) or (
        section == "statements" and name in STATEMENT_OF_LADDER and "levels" not in document
    )
    if shape is None or name == NAMED_BY.get(section) or other_kind:
        raise Invalid("A rubric of this kind has no such field.")
    return shape


def fit_entry(section: str, given: Mapping[str, Any], languages: Collection[str] = ()) -> Document:
    """An entry as a draft can hold it, with all below it. Invalid for anything else.

    What comes back from before a language was taken away comes without its texts in it.
    """
    shapes, below = FIELDS[section], BELOW.get(section)
    made: Document = {}
    for name, value in given.items():
        text, language = parted(name)
        if name == below:
            made[name] = [fit_entry(name, each, languages) for each in value]
        elif text not in (TRANSLATED.get(section, {}) if language else shapes):
            raise Invalid("There is no such field.")
        elif not language or language in languages:
            made[name] = fit(shapes[text], value)
    if NAMED_BY.get(section) == "key":
        checked_key(made.get("key"))
    return {**made, below: made.get(below, [])} if below else made


def fit(shape: Shape, value: Any) -> Any:
    """A value of the right type, however far it breaks the format otherwise. Invalid for any other."""
    if isinstance(shape, ListOf):
        if not isinstance(value, list) or len(value) > MOST_NAMED or not all(isinstance(each, str) for each in value):
            raise Invalid("This is a list of at most %(most)s keys.", most=MOST_NAMED)
        return [plain(each, LONGEST) for each in value]
    if isinstance(shape, Whole | Number) and isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > GREATEST:
            raise Invalid("This number is too large.")
        return value
    if isinstance(shape, Whole):
        raise Invalid("This is a whole number.")
    if not isinstance(value, str):
        raise Invalid("This is a text.")
    return plain(value, LONGEST)
