"""The texts of a draft in another language as fields of a form, each beside its original."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.datastructures import FormData

from app.domain.draft_places import entries_of, place_of, section_of
from app.domain.drafts import Set, Translated, mark, translations
from app.domain.errors import Invalid, Missing
from app.domain.rubric_file import CheckedDocument, Document, Remark
from app.domain.rubric_shape import TRANSLATED
from app.domain.shape import Text
from app.domain.translated import LANGUAGES, beside
from app.web.draft_fields import LABELS, SEEN, VALUE, FieldView, Typed, storable
from app.web.draft_words import part_of, title_of
from app.web.forms import UNASKED

ONE_LINE = 120
"""Characters up to which a text is typed into one line."""


@dataclass(frozen=True, slots=True)
class TextView:
    """One text: the original, and the field that holds its translation.

    `outdated` tells whether the original was changed in this draft and the translation was not.
    """

    original: str
    field: FieldView
    outdated: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What the texts below it belong to, with the path of its own page."""

    path: str
    title: str
    texts: Sequence[TextView]


def field_name(text: Translated) -> str:
    """What the field of a text is called in the form."""
    return f"{text.path}.{text.name}".lstrip(".")


def read_texts(document: Document, language: str, posted: FormData) -> tuple[Typed, Sequence[str]]:
    """What the form asks for, and what was typed for texts that are gone. Invalid for what was never on a page."""
    texts, steps, gone = texts_in(document, language), list[Set](), list[str]()
    typed = dict[str, str]()
    for key, sent in posted.multi_items():
        name = key.removeprefix(VALUE)
        if key.startswith(SEEN):
            continue
        if name == key or not isinstance(sent, str) or name in typed:
            raise Invalid(UNASKED)
        text = storable(sent).strip()
        seen = str(posted.get(SEEN + name, ""))
        if name in texts:
            typed[name] = text
            if mark(text or None) != seen:
                there = texts[name]
                steps.append(Set(there.path, beside(there.name, language), text or None, seen))
        elif section_of(name) not in TRANSLATED:
            raise Invalid(UNASKED)
        elif mark(text or None) != seen:
            gone.append(text)
    return Typed(steps, typed), gone


def texts_in(document: Document, language: str) -> dict[str, Translated]:
    """Every text by the name of its field. Missing where the draft does not have this language."""
    if language not in document.get(LANGUAGES, ()):
        raise Missing("This draft has no such language, or not any more.")
    return {field_name(each): each for each in translations(document, language)}


def by_part(document: Document, texts: Iterable[Translated]) -> Mapping[str, Sequence[Translated]]:
    """The texts by the part that they are translated with: statements and actions go with what they stand in."""
    stand_in = {
        f"statements.{each['key']}": path
        for path, category in entries_of(document, "categories")
        for each in category["statements"]
    }
    found: dict[str, list[Translated]] = {}
    for each in texts:
        part = stand_in.get(each.path) or part_of(document, each.path)
        found.setdefault(part, []).append(each)
    return found


def entries(
    document: Document,
    language: str,
    texts: Iterable[Translated],
    checked: CheckedDocument,
    typed: Typed,
    old: Collection[tuple[str, str]],
) -> Sequence[Entry]:
    about: dict[tuple[str, str], list[Remark]] = {}
    for remark in checked.problems:
        about.setdefault(place_of(document, remark.at), []).append(remark)
    return [
        Entry(
            path,
            title_of(document, path),
            [_view(each, typed, about.get((path, beside(each.name, language)), ()), old) for each in among],
        )
        for path, among in groupby(texts, lambda each: each.path)
    ]


def _view(text: Translated, typed: Typed, problems: Sequence[Remark], old: Collection[tuple[str, str]]) -> TextView:
    name, shape = field_name(text), TRANSLATED[section_of(text.path)][text.name]
    limit = shape.limit if isinstance(shape, Text) else 0
    wrong, theirs = typed.wrong.get(name, ""), typed.theirs.get(name)
    field = FieldView(
        name,
        LABELS[text.name],
        "",
        "lines" if limit > ONE_LINE else "line",
        typed.texts[name] if wrong or theirs is not None else text.translation or "",
        mark(text.translation),
        limit,
        (),
        wrong,
        theirs,
        problems,
        (),
    )
    return TextView(text.original, field, (text.path, text.name) in old)
