"""Editing a draft of a rubric: its document, changed by small steps that can be taken back.

A draft may break the format while it is written; `rubric_file.check_document` says how. A step names what it changes by
the paths of `draft_places`, and carries a mark of what its author saw there. Where something else stands there now, the
step is refused and says so: of two who edit at once neither goes over the other unseen.
"""

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.draft_places import (
    NAMED_BY,
    Value,
    entries_of,
    fit,
    fit_entry,
    found,
    known_field,
    list_at,
    mentions,
    path_of,
    section_of,
    values_at,
)
from app.domain.errors import Conflict, Invalid, Missing, Sentence
from app.domain.rubric import StatementKind
from app.domain.rubric_file import Document
from app.domain.translated import LANGUAGES, beside, parted
from app.domain.translations import MOST_LANGUAGES, TAG, TEXTS
from app.domain.yaml_file import LARGEST

MARK = 16
"""Characters of a mark."""


class Overtaken(Conflict):
    """Somebody changed the same place meanwhile. `path` is where, `now` what stands there; None where nothing does."""

    def __init__(self, path: str, now: Any) -> None:
        super().__init__(Sentence("Somebody else changed this meanwhile. Look at what stands there now, and decide."))
        self.path = path
        self.now = now


@dataclass(frozen=True, slots=True)
class Set:
    """Write one field of what stands at a path; None takes it away. `seen` is the `mark` of what was in it."""

    path: str
    field: str
    value: Value
    seen: str


@dataclass(frozen=True, slots=True)
class Add:
    """Put an entry into a list, at a place from 0; a level always comes on top."""

    into: str
    at: int
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remove:
    """Take an entry away with all below it. `seen` is its `mark`."""

    path: str
    seen: str


@dataclass(frozen=True, slots=True)
class Move:
    """Put an entry elsewhere: `at` counts in the list without it. `seen` is the list that it was seen in."""

    path: str
    into: str
    at: int
    seen: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Put another document, such as a file's, in place of the whole. `seen` is the `mark` of the one that was there."""

    document: Mapping[str, Any]
    seen: str


Step = Set | Add | Remove | Move | Replace
STEPS: Mapping[str, type[Step]] = {"set": Set, "add": Add, "remove": Remove, "move": Move, "replace": Replace}


def mark(value: Any) -> str:
    """What a field or an entry is known by: the same for equal values."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]


def apply(document: Document, steps: Iterable[Step]) -> tuple[Document, tuple[Step, ...]]:
    """The document after all steps, and the steps that lead back. The document given stays as it is.

    Raises Overtaken where a step has seen something else in its place, or a place that is gone, and Invalid for what no
    draft can hold.
    """
    changed = copy.deepcopy(document)
    back = [_apply(changed, step) for step in steps]
    if len(json.dumps(changed, ensure_ascii=False).encode()) > LARGEST:
        raise Invalid("The rubric would be larger than 1 MiB, which is the most that a file may have.")
    return changed, tuple(reversed(back))


def without(document: Document, path: str) -> tuple[Step, ...]:
    """The steps that take an entry away, and every mention of it and of what is below it out of all that stays."""
    gone = values_at(document, path)
    section = section_of(path)
    inside = {each["key"] for each in gone["statements"]} if section == "categories" else set()
    statements = inside | ({gone["key"]} if section == "statements" else set())
    categories = {gone["key"]} if section == "categories" else set()
    bearings = [*enumerate(document.get("bears_on", ()))] if categories else []
    steps: list[Step] = [
        Remove(f"bears_on.{at}", mark(of)) for at, of in bearings[::-1] if of["category"] in categories
    ]
    for where, name, named in mentions(document):
        left = [each for each in named if each not in (categories if name == "categories" else statements)]
        if left != named and where.partition(".")[2] not in inside:
            steps.append(Set(where, name, left or (None if name == "needs" else []), mark(named)))
    return *steps, Remove(path, mark(gone))


def with_gate(document: Document, steps: Sequence[Set]) -> tuple[Step, ...]:
    """The same steps, and where they leave a practice with another gate than its level, the one that sets it right.

    A step that sets the gate itself is left alone: its author is told what is wrong with it.
    """
    path = steps[0].path if steps else ""
    wanted = {step.field: step.value for step in steps}
    if section_of(path) != "statements" or "level" not in wanted or "gate" in wanted:
        return tuple(steps)
    there = values_at(document, path)
    if wanted.get("kind", there.get("kind")) != StatementKind.PRACTICE or there.get("gate") == wanted["level"]:
        return tuple(steps)
    return *steps, Set(path, "gate", wanted["level"], mark(there.get("gate")))


def with_translations(document: Document, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps; and where one takes a text away, those that take away what it is in other languages."""
    more = [
        Set(step.path, name, None, mark(text))
        for step in steps
        if isinstance(step, Set) and step.value is None
        for name, text in values_at(document, step.path).items()
        if parted(name)[0] == step.field != name
    ]
    return *steps, *more


def with_language(document: Document, language: str) -> Set:
    """The step that adds a language. Invalid for what is none, or where there are as many as a rubric may have."""
    there = document.get(LANGUAGES, [])
    if not TAG.fullmatch(language):
        raise Invalid("This is no language as a file names it: small letters such as de or pt-br.")
    if language in there:
        raise Invalid("This language is there already.")
    if len(there) >= MOST_LANGUAGES:
        raise Invalid(
            "A rubric has at most %(most)s languages besides the one that it is written in.", most=MOST_LANGUAGES
        )
    return Set("", LANGUAGES, sorted([*there, language]), mark(document.get(LANGUAGES)))


def without_language(document: Document, language: str) -> tuple[Step, ...]:
    """The steps that take a language away, with every text in it. Overtaken where it is gone already."""
    there = document.get(LANGUAGES, [])
    if language not in there:
        raise Overtaken(LANGUAGES, there)
    texts = [
        Set(each.path, beside(each.name, language), None, mark(each.translation))
        for each in translations(document, language)
        if each.translation is not None
    ]
    left = [each for each in there if each != language]
    return *texts, Set("", LANGUAGES, left or None, mark(there))


@dataclass(frozen=True, slots=True)
class Translated:
    """A text of a draft in another language, with the path and the field of the original; None where there is none."""

    path: str
    name: str
    original: str
    translation: str | None


def translations(document: Document, language: str) -> Iterator[Translated]:
    """Every text of a draft that can be translated or, against the rules, is; section by section."""
    for section, names in TEXTS.items():
        for path, entry in [("", document)] if not section else entries_of(document, section):
            for name in names:
                there = entry.get(beside(name, language))
                if entry.get(name) or there is not None:
                    yield Translated(path, name, entry.get(name) or "", there)


def outdated(before: Document, document: Document, language: str) -> frozenset[tuple[str, str]]:
    """The texts, by path and field, whose original reads otherwise than `before` while their translation is as it was.

    Only of what is found by a key: what goes by its place may be another one by now.
    """
    found = set()
    was = {(each.path, each.name): each for each in translations(before, language)}
    for each in translations(document, language):
        old = was.get((each.path, each.name))
        keyed = not each.path or section_of(each.path) in NAMED_BY
        same = old is not None and each.translation is not None and old.translation == each.translation
        if keyed and same and old and old.original != each.original:
            found.add((each.path, each.name))
    return frozenset(found)


def step_json(step: Step) -> Document:
    """A step in JSON's types."""
    name = next(name for name, kind in STEPS.items() if isinstance(step, kind))
    return {"do": name, **asdict(step)}


def read_step(values: Mapping[str, Any]) -> Step:
    """The step that `step_json` was made of."""
    return STEPS[values["do"]](**{name: value for name, value in values.items() if name != "do"})


def _apply(document: Document, step: Step) -> Step:
    """Change the document by one step; the step that leads back."""
    try:
        match step:
            case Set():
                return _set(document, step)
            case Add():
                return _add(document, step)
            case Remove():
                return _remove(document, step)
            case Move():
                return _move(document, step)
            case Replace():
                return _replace(document, step)
    except Missing as gone:
        raise Overtaken(_place(step), None) from gone


def _place(step: Step) -> str:
    match step:
        case Add():
            return step.into
        case Replace():
            return ""
        case _:
            return step.path


def _set(document: Document, step: Set) -> Step:
    shape = known_field(document, step.path, step.field)
    values = values_at(document, step.path)
    before = values.get(step.field)
    if mark(before) != step.seen:
        raise Overtaken(f"{step.path}.{step.field}".lstrip("."), before)
    if step.value is None:
        values.pop(step.field, None)
    else:
        values[step.field] = fit(shape, step.value)
    return Set(step.path, step.field, before, mark(values.get(step.field)))


def _add(document: Document, step: Add) -> Step:
    section, entries = list_at(document, step.into)
    made = fit_entry(section, step.entry, document.get(LANGUAGES, ()))
    at = min(max(step.at, 0), len(entries))
    if section == "levels":
        at = made["level"] = len(entries)
    entries.insert(at, made)
    for each in (section, "statements"):
        _check_keys(document, each)
    return Remove(path_of(section, made, at), mark(made))


def _check_keys(document: Document, section: str) -> None:
    seen = set()
    for _, each in entries_of(document, section) if NAMED_BY.get(section) == "key" else ():
        if each["key"] in seen:
            raise Invalid("There is something with the key %(key)s already. Take another key.", key=each["key"])
        seen.add(each["key"])


def _remove(document: Document, step: Remove) -> Step:
    into, entries, at = found(document, step.path)
    gone = entries[at]
    if mark(gone) != step.seen:
        raise Overtaken(step.path, gone)
    if into == "levels" and at < len(entries) - 1:
        raise Invalid("Only the top level can be taken away: there is no gap between levels.")
    if into in ("answers", "gap_answers"):
        raise Invalid("There are always three answers.")
    del entries[at]
    return Add(into, at, gone)


def _move(document: Document, step: Move) -> Step:
    into, entries, at = found(document, step.path)
    if into != step.seen:
        raise Overtaken(step.path, into)
    section, target = list_at(document, step.into)
    if section != section_of(step.path) or section == "levels":
        raise Invalid("It cannot stand there.")
    moved = entries.pop(at)
    place = min(max(step.at, 0), len(target))
    target.insert(place, moved)
    return Move(path_of(section, moved, place), into, at, step.into)


def _replace(document: Document, step: Replace) -> Step:
    before = copy.deepcopy(document)
    if mark(before) != step.seen:
        raise Overtaken("", None)
    document.clear()
    document.update(copy.deepcopy(dict(step.document)))
    return Replace(before, mark(document))
