"""The fields of one place of a draft as a form: what stands there, what is wrong with it, and what was typed instead.

Each field goes with the mark of what its reader saw, so that only what they changed is written, and not over what
somebody else wrote meanwhile.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from app.domain.draft_places import FIELDS, Value, known_field, place_of, section_of, values_at
from app.domain.drafts import Set, mark
from app.domain.errors import Invalid, Sentence
from app.domain.rubric_file import CheckedDocument, Document, Remark
from app.domain.rubric_shape import STATEMENT_OPTIONAL
from app.domain.shape import ListOf, Number, OneOf, Shape, Slug, Text, Whole
from app.domain.text import plain
from app.web.forms import LONGEST, UNASKED

VALUE, SEEN = "f.", "seen."
"""What the names of a field and of its mark begin with in a form."""
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
BETWEEN = re.compile(r"[\s,]+")


_ = Sentence
"""Marks a text to be translated where it is shown."""


LABELS: Mapping[str, str] = {
    "title": _("Title"),
    "summary": _("Summary"),
    "minutes": _("Minutes that answering takes"),
    "subject": _("What is assessed"),
    "unit": _("What the numbers are"),
    "work": _("Title of the work"),
    "author": _("Author"),
    "publisher": _("Publisher"),
    "year": _("Year"),
    "name": _("Name"),
    "hint": _("Longer text"),
    "focus": _("Focus"),
    "outcome": _("Outcome"),
    "text": _("Text"),
    "categories": _("Categories that it helps"),
    "above": _("For scores above"),
    "question": _("Question"),
    "kind": _("Kind"),
    "level": _("Level that shows it"),
    "gate": _("Gate"),
    "do": _("What to do"),
    "proof": _("Proof"),
    "help": _("Help"),
    "enough": _("Enough"),
    "not_enough": _("Not enough"),
    "asked": _("Answered once for"),
    "effort": _("Effort"),
    "needs": _("Needs first"),
    "criteria": _("Criteria"),
    "statements": _("Statements"),
    "source": _("Source"),
    "rubric": _("Other rubric"),
    "category": _("Category"),
    "languages": _("Languages"),
}
HINTS: Mapping[tuple[str, str], str] = {
    ("levels", "focus"): _("What has priority while you are at this level."),
    ("levels", "outcome"): _("What you will have when you leave it."),
    ("levels", "summary"): _("What an organisation at this level looks like."),
    ("statements", "text"): _("One fact about who is assessed, in one sentence."),
    ("statements", "kind"): _("A practice has to be in place; a gap describes what is wrong and has to be overcome."),
    ("statements", "gate"): _("The level that it must be met for. That of a practice is its level."),
    ("statements", "do"): _("What to do about it while it is not met."),
    ("statements", "proof"): _("What a reviewer would accept as evidence that it is met."),
    ("statements", "help"): _("A plain explanation of a term."),
    ("statements", "enough"): _("An example of evidence that is enough."),
    ("statements", "not_enough"): _("An example of evidence that is not."),
    ("statements", "needs"): _("Keys of statements that should come first, with commas between them."),
    ("statements", "criteria"): _("Any of reproducibility, reusability, manageability, automation."),
    ("actions", "categories"): _("Keys of categories, with commas between them."),
    ("stories", "statements"): _("Keys of the statements beside which it is told, with commas between them."),
    ("bears_on", "statements"): _("Keys of statements of the other rubric, with commas between them."),
    ("bears_on", "rubric"): _("Its key."),
    ("bears_on", "category"): _("The key of a category of this rubric."),
    ("bands", "above"): _("The first band begins at -1, so that it takes a score of exactly 0."),
}
WORDS: Mapping[str, str] = {
    "practice": _("practice"),
    "gap": _("gap"),
    "team": _("a team"),
    "model": _("an ML system of a team"),
    "points": _("points"),
    "percent": _("percent"),
    "organisation": _("the organisation or a unit"),
    "S": _("small"),
    "M": _("medium"),
    "L": _("large"),
}
NOT_GIVEN = _("not given")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of a form: the steps that it asks for, what was typed into each field, and why one cannot be taken.

    `theirs` is what somebody else wrote meanwhile, by field.
    """

    steps: Sequence[Set] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. `widget` is line, lines, number, keys or choice; `theirs` is None where nobody else changed it."""

    name: str
    label: str
    hint: str
    widget: str
    value: str
    seen: str
    limit: int
    choices: Sequence[tuple[str, str]]
    wrong: str
    theirs: str | None
    problems: Sequence[Remark]
    warnings: Sequence[Remark]


def field_views(
    document: Document, path: str, checked: CheckedDocument, typed: Typed = NOTHING_TYPED
) -> Sequence[FieldView]:
    """The fields of a place, in the order of the format. What was typed and not saved goes before what stands there."""
    values = values_at(document, path)
    return [
        FieldView(
            name,
            LABELS[name],
            HINTS.get((section_of(path), name), ""),
            _widget(shape),
            typed.texts[name] if name in typed.wrong or name in typed.theirs else written(values.get(name)),
            mark(values.get(name)),
            shape.limit if isinstance(shape, Text) else 0,
            _choices(shape, optional=_optional(path, name)),
            typed.wrong.get(name, ""),
            typed.theirs.get(name),
            _about(document, checked.problems, path, name),
            _about(document, checked.warnings, path, name),
        )
        for name, shape in fields_at(document, path).items()
    ]


def fields_at(document: Document, path: str) -> Mapping[str, Shape]:
    """The fields that a place has in a rubric of this kind."""
    found = {}
    for name, shape in FIELDS.get(section_of(path), {}).items():
        try:
            known_field(document, path, name)
        except Invalid:
            continue
        found[name] = shape
    return found


def read_fields(document: Document, path: str, posted: FormData) -> Typed:
    """The fields that were changed by a form. Invalid where it holds what this place does not have."""
    fields = fields_at(document, path)
    steps, texts, wrong = list[Set](), dict[str, str](), dict[str, str]()
    for key, sent in posted.multi_items():
        name = key.removeprefix(VALUE)
        if key.startswith(SEEN) and key.removeprefix(SEEN) in fields:
            continue
        if name == key or name not in fields or not isinstance(sent, str) or name in texts:
            raise Invalid(UNASKED)
        texts[name] = storable(sent)
        try:
            value = _read(fields[name], texts[name], optional=_optional(path, name))
        except Invalid as unfit:
            wrong[name] = str(unfit)
            continue
        seen = str(posted.get(SEEN + name, ""))
        if mark(value) != seen:
            steps.append(Set(path, name, value, seen))
    return Typed(steps, texts, wrong)


def written(value: Value) -> str:
    """A value as it is typed."""
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def storable(text: str) -> str:
    """What no field could even show again is refused as a whole."""
    return plain(text, LONGEST)


def _read(shape: Shape, text: str, *, optional: bool) -> Value:
    text = text.strip()
    if isinstance(shape, ListOf):
        named = [each for each in BETWEEN.split(text) if each]
        return None if optional and not named else named
    if optional and not text:
        return None
    if isinstance(shape, Whole | Number):
        if not NUMBER.fullmatch(text) or (isinstance(shape, Whole) and "." in text):
            whole, any_number = Sentence("This must be a whole number."), Sentence("This must be a number.")
            raise Invalid(whole if isinstance(shape, Whole) else any_number)
        return text if "." in text else int(text)
    return text


def _optional(path: str, name: str) -> bool:
    return (section_of(path) == "statements" and name in STATEMENT_OPTIONAL) or name == "hint"


def _widget(shape: Shape) -> str:
    if isinstance(shape, OneOf):
        return "choice"
    if isinstance(shape, Whole | Number):
        return "number"
    if isinstance(shape, ListOf | Slug):
        return "keys"
    return "lines" if isinstance(shape, Text) and shape.lines else "line"


def _choices(shape: Shape, *, optional: bool) -> Sequence[tuple[str, str]]:
    if not isinstance(shape, OneOf):
        return ()
    words = [(str(word), WORDS.get(word, word)) for word in shape.words]
    return [("", NOT_GIVEN), *words] if optional else words


def _about(document: Document, remarks: Sequence[Remark], path: str, name: str) -> Sequence[Remark]:
    return [each for each in remarks if place_of(document, each.at) == (path, name)]
