"""Translations in a document of the database: each beside the text that it translates, as `text@de` beside `text`.

A file has them apart, in `translations`, so that a language can be read and written by itself. In a document they go
with what they belong to: an entry that is moved or removed takes its translations along, and brings them back.
`languages` lists those that there are, also where nothing is translated yet.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from app.domain.shape import records
from app.domain.yaml_text import decimal

Document = dict[str, Any]
IN = "@"
LANGUAGES = "languages"
DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
"""A number that need not be whole, as a document writes it."""


def beside(name: str, language: str) -> str:
    """The field of a text in a language."""
    return f"{name}{IN}{language}"


def parted(name: str) -> tuple[str, str]:
    """A field as the text that it is, and the language that it is in; empty for the original."""
    text, _, language = name.partition(IN)
    return text, language


def apart(document: Mapping[str, Any]) -> Document:
    """The document in the shape of a file."""
    if LANGUAGES not in document:
        return {**document}
    translations: dict[str, Document] = {language: {} for language in document[LANGUAGES]}
    for section, name, entry in sections(document):
        for field, text in entry.items():
            base, language = parted(field)
            if language in translations:
                _put(translations[language], section, name, base, text)
    plain: Document = _plain({name: value for name, value in document.items() if name != LANGUAGES})
    return {**plain, "translations": translations} if translations else plain


def together(values: Document) -> Document:
    """The document of a file's values, which are changed."""
    translations = values.pop("translations", None)
    if not translations:
        return values
    for section, name, entry in [*sections(values)]:
        for language, translation in translations.items():
            texts = translation.get(section, {}).get(name, {}) if section else _own(translation)
            entry |= {beside(base, language): text for base, text in texts.items()}
    return {**values, LANGUAGES: sorted(translations)}


def sections(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Document]]:
    """Whatever has texts of its own, with its section and the name that it goes by there; also of an unfinished one."""
    yield "", "", values  # type: ignore[misc] # read, or changed by whoever gave it
    for section, named_by in (("answers", "value"), ("gap_answers", "value"), ("levels", "level"), ("bands", "above")):
        for _, each in _listed(values, section):
            yield section, _number(each.get(named_by)), each
            yield from (("actions", str(action.get("key")), action) for _, action in _listed(each, "actions"))
    for _, category in _listed(values, "categories"):
        yield "categories", str(category.get("key")), category
        yield from (("statements", str(each.get("key")), each) for _, each in _listed(category, "statements"))
    yield from (("stories", str(at + 1), each) for at, each in _listed(values, "stories"))


def _listed(values: Mapping[str, Any], name: str) -> Iterator[tuple[int, Document]]:
    entries = values.get(name)
    return records(entries if isinstance(entries, list) else ())


def _number(value: Any) -> str:
    """As it is written in canonical form, whether it was a number or a text."""
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        value = Fraction(value)
    return decimal(value) if isinstance(value, Fraction) else str(value)


def _put(translation: Document, section: str, name: str, field: str, text: Any) -> None:
    into = translation.setdefault(section, {}).setdefault(name, {}) if section else translation
    into[field] = text


def _own(translation: Document) -> Document:
    return {name: text for name, text in translation.items() if isinstance(text, str)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if IN not in name}
    return [_plain(each) for each in value] if isinstance(value, list) else value
