"""A draft in words: what a place is called, what a change did, and where a remark leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.draft_places import found, place_of, section_of, values_at
from app.domain.drafts import Add, Move, Remove, Replace, Set, Step, Translated, translations
from app.domain.errors import Missing, Sentence
from app.domain.rubric_file import Document, Remark
from app.domain.translated import LANGUAGES, parted
from app.web.draft_fields import LABELS, written
from app.web.language_names import language_name

_ = Sentence
"""Marks a text to be translated where it is shown."""


SECTIONS = {
    "": _("The rubric itself"),
    "source": _("Source"),
    "answers": _("Answer"),
    "gap_answers": _("Answer to gaps"),
    "levels": _("Level"),
    "actions": _("Action"),
    "bands": _("Band"),
    "categories": _("Category"),
    "statements": _("Statement"),
    "stories": _("Story"),
    "bears_on": _("Evidence for another rubric"),
}
LISTS = {
    "categories": _("the categories"),
    "levels": _("the levels"),
    "bands": _("the bands"),
    "stories": _("the stories"),
    "bears_on": _("what is evidence for another rubric"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a step did: `did` is set, added, removed, moved or replaced; `path` is where.

    `field` is the label of what was set.
    `text` is what was written, or what the entry said.
    """

    did: str
    path: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """A remark with the path to edit and the label of its field, empty for the place as a whole.

    About a translation it has the `language`, the `part` that it is translated with, and the `name` of the field.
    """

    path: str
    title: str
    field: str
    text: str
    language: str = ""
    part: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """A language of a draft, and how many of its texts are translated into it."""

    tag: str
    name: str
    done: int
    of: int


def said(step: Step) -> Said:
    match step:
        case Set():
            name, language = parted(step.field)
            path = f"{step.path} · {language}".removeprefix(" · ") if language else step.path
            return Said("set", path, LABELS[name], written(step.value))
        case Add():
            return Said("added", step.into, "", _named(step.entry))
        case Remove():
            return Said("removed", step.path, "", "")
        case Move():
            return Said("moved", step.path, "", step.into)
        case Replace():
            return Said("replaced", "", "", "")


def remarked(document: Document, remarks: Sequence[Remark]) -> Sequence[Remarked]:
    """Every remark with the way to mend it."""
    lines = []
    for each in remarks:
        path, field = place_of(document, each.at)
        name, language = parted(field)
        part = part_of(document, path) if language else ""
        lines.append(Remarked(path, title_of(document, path), LABELS.get(name, ""), each.text, language, part, name))
    return lines


PART_OF = {"answers": "", "gap_answers": "", "actions": "levels"}


def part_of(document: Document, path: str) -> str:
    """The part of the rubric that a place is translated with: a category, levels, bands, stories, or none of these."""
    section = section_of(path)
    if section == "statements":
        return found(document, path).into
    return path if section == "categories" else PART_OF.get(section, section)


def title_of(document: Document, path: str) -> str:
    """What a place is called: by its own words where it has any, else by its key or number."""
    if path in SECTIONS or path in LISTS:
        return SECTIONS.get(path) or LISTS[path]
    try:
        values = values_at(document, path)
    except Missing:
        return path
    if section_of(path) == "levels":
        return f"{values['level']} {values.get('name', '')}".strip()
    return _named(values) or found(document, path).into


def _named(values: object) -> str:
    """The first words that an entry has of its own."""
    entry = values if isinstance(values, dict) else {}
    return next((str(entry[name]) for name in ("name", "text", "key", "rubric", "value") if entry.get(name)), "")


def languages_of(document: Document) -> Sequence[LanguageLine]:
    """The further languages of a draft, in the order of their tags."""
    return [language_line(tag, [*translations(document, tag)]) for tag in document.get(LANGUAGES, ())]


def language_line(tag: str, texts: Sequence[Translated]) -> LanguageLine:
    return LanguageLine(tag, language_name(tag), translated_of(texts), len(texts))


def translated_of(texts: Sequence[Translated]) -> int:
    return sum(each.translation is not None for each in texts)
