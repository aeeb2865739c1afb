"""A rubric as a YAML file and as a document of the database (docs/rubric-format.md)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from app.domain.rubric import (
    Action,
    AnswerWord,
    Band,
    Bearing,
    Category,
    Effort,
    Kind,
    Level,
    Place,
    Rubric,
    Source,
    Statement,
    StatementKind,
    Story,
    Subject,
    Unit,
)
from app.domain.rubric_rules import check_rules, check_translation
from app.domain.rubric_shape import FORMAT, LANGUAGE, TRANSLATION_FILE, shape_of
from app.domain.rubric_wording import warn_of_wording, wording
from app.domain.shape import take
from app.domain.translated import DECIMAL, apart, together
from app.domain.translations import TAG, missing, texts_of
from app.domain.yaml_file import Path, Problem, Problems, YamlFile, read_yaml
from app.domain.yaml_text import decimal, yaml_text

YAML = ".yaml"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadRubric:
    """A rubric that keeps every rule of the format, and what a careful author might still change about its texts."""

    rubric: Rubric
    warnings: tuple[Problem, ...]


def read_rubric(data: bytes, file: str) -> ReadRubric:
    """The rubric in a YAML file; `file` is what to call it. Raises Problems with everything that breaks the format."""
    return _read(data, file, lambda key: shipped().get(key))


@cache
def shipped() -> Mapping[str, Rubric]:
    """The rubrics that come with the product, by key, in the order of their keys."""
    # Their `bears_on` may name each other; the tests hold them against each other, reading a single one cannot.
    rubrics = {key: _read(data, f"{key}.yaml", lambda _: None).rubric for key, data in shipped_files().items()}
    for name, data in _shipped_bytes().items():
        key, dot, _ = name.partition(".")
        if dot:
            rubrics[key] = read_translation(data, f"{name}.yaml", rubrics[key]).rubric
    return rubrics


def shipped_files() -> Mapping[str, bytes]:
    """Their YAML files, comments included, by key, which is the name of the file. Translations lie beside them."""
    return {name: data for name, data in _shipped_bytes().items() if "." not in name}


@cache
def _shipped_bytes() -> Mapping[str, bytes]:
    """Every file that comes with the product, by its name: `KEY` a rubric, `KEY.LANGUAGE` a translation of it."""
    files = [each for each in (resources.files("app") / "rubrics").iterdir() if each.name.endswith(YAML)]
    return {each.name.removesuffix(YAML): each.read_bytes() for each in sorted(files, key=lambda each: each.name)}


def translation_of(data: bytes, file: str) -> str:
    """The key of the rubric that a file of one translation is about; empty for any other file."""
    values = read_yaml(data, file).data
    key = values.get("rubric") if isinstance(values, dict) and "language" in values else None
    return key if isinstance(key, str) else ""


def read_translation(data: bytes, file: str, rubric: Rubric) -> ReadRubric:
    """The rubric with the translation that a YAML file of its own holds, in the place of what it had in that language.

    Raises Problems with everything that breaks the format, or translates what the rubric does not have.
    """
    yaml_file = read_yaml(data, file)
    checked = take(yaml_file, (), TRANSLATION_FILE, yaml_file.data)
    texts = checked if isinstance(checked, dict) else {}
    head = {name: texts.pop(name, None) for name in ("format", "rubric", "language")}
    if head["rubric"] not in (None, rubric.key):
        yaml_file.found(("rubric",), f'is "{head["rubric"]}"; this is to be a translation of {rubric.key}.')
    if head["language"] and not TAG.fullmatch(head["language"]):
        yaml_file.found(("language",), f"must be {LANGUAGE}.")
    check_translation(yaml_file, (), texts, _plain(rubric))
    yaml_file.check()
    language = str(head["language"])
    translated = replace(rubric, translations={**rubric.translations, language: dict(_places(texts))})
    return ReadRubric(translated, tuple(_untranslated(yaml_file, translated, (language,))))


def write_rubric(rubric: Rubric) -> str:
    """Its YAML file, canonical: the same rubric always gives the same text, and reading that gives the same rubric."""
    return yaml_text(_plain(rubric))


def document(rubric: Rubric) -> Document:
    """The rubric in JSON's types, in the shape of the file. A number that is not whole is a string such as "0.5".

    Only translations stand elsewhere, each beside the text that it translates (`translated`).
    """
    numbers: Document = _with_json_numbers(_plain(rubric))
    return together(numbers)


def from_document(values: Mapping[str, Any]) -> Rubric:
    """The rubric that `document` was made of. Nothing is checked: only what was valid is ever stored."""
    return _rubric(apart(values))


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong, or could be better, about a document: `at` leads there, `path` names keys as in a file."""

    at: Path
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What a document comes to. `rubric` is None where it breaks the format, and `problems` say where and why."""

    rubric: Rubric | None
    problems: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def check_document(values: Document, other: Callable[[str], Rubric | None]) -> CheckedDocument:
    """Check a document that may be unfinished, by the rules of the file, whose shape the ways to the problems have.

    `other` knows the rubrics that `bears_on` may name; None for one it does not know.
    """
    unwritten, checked = YamlFile("", apart(_with_exact_numbers(values))), Document()
    with suppress(Problems):  # so many that nobody would read on
        checked = _checked(unwritten, other)
    problems = tuple(_remark(unwritten, path, text) for _, path, text in unwritten.notes)
    warnings = tuple(_remark(unwritten, *each) for each in wording(unwritten, checked))
    return CheckedDocument(None if problems else _rubric(checked), problems, warnings)


def _remark(file: YamlFile, path: Path, text: str) -> Remark:
    return Remark(path, file.name(path), text)


def _read(data: bytes, file: str, other: Callable[[str], Rubric | None]) -> ReadRubric:
    yaml_file = read_yaml(data, file)
    checked = _checked(yaml_file, other)
    yaml_file.check()
    rubric = _rubric(checked)
    lacking = _untranslated(yaml_file, rubric, rubric.languages)
    return ReadRubric(rubric, tuple(sorted((*warn_of_wording(yaml_file, checked), *lacking))))


def _untranslated(file: YamlFile, rubric: Rubric, languages: Iterable[str]) -> Iterator[Problem]:
    """A warning for each of these languages that does not have everything."""
    for language in languages:
        path, lacking, all_texts = ("translations", language), missing(rubric, language), len(texts_of(rubric))
        if lacking:
            words = f"lacks {len(lacking):,} of {all_texts:,} texts; these are read as they stand in the original."
            yield Problem(file.line(path), file.name(path), words)


def _checked(yaml_file: YamlFile, other: Callable[[str], Rubric | None]) -> Document:
    shape = shape_of(yaml_file.data if isinstance(yaml_file.data, dict) else {})
    checked = take(yaml_file, (), shape, yaml_file.data)
    if not isinstance(checked, dict):
        return {}
    check_rules(yaml_file, checked, other)
    return checked


def _rubric(values: Mapping[str, Any]) -> Rubric:
    return Rubric(
        key=values["key"],
        title=values["title"],
        kind=Kind(values["kind"]),
        summary=values["summary"],
        minutes=values["minutes"],
        subject=Subject(values["subject"]),
        source=Source(**values["source"]),
        answers=_words(values["answers"]),
        gap_answers=_words(values.get("gap_answers", ())),
        levels=tuple(_level(each) for each in values.get("levels", ())),
        bands=tuple(Band(Fraction(each["above"]), each["name"], each["summary"]) for each in values.get("bands", ())),
        unit=Unit(values["unit"]) if "unit" in values else None,
        categories=tuple(_category(each) for each in values["categories"]),
        stories=tuple(Story(**_with_tuples(each)) for each in values.get("stories", ())),
        bears_on=tuple(Bearing(**_with_tuples(each)) for each in values.get("bears_on", ())),
        translations={name: dict(_places(each)) for name, each in values.get("translations", {}).items()},
    )


def _places(translation: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """A translation's texts by where they stand."""
    for name, each in translation.items():
        if isinstance(each, str):
            yield (name,), each
        else:
            yield from (((name, *place), text) for place, text in _places(each))


def _words(values: Any) -> tuple[AnswerWord, ...]:
    return tuple(AnswerWord(Fraction(each["value"]), each["name"], each.get("hint", "")) for each in values)


def _level(values: Document) -> Level:
    return Level(**{**values, "actions": tuple(Action(**_with_tuples(each)) for each in values["actions"])})


def _category(values: Document) -> Category:
    return Category(**{**values, "statements": tuple(_statement(each) for each in values["statements"])})


def _statement(values: Document) -> Statement:
    fields = _with_tuples(values)
    if "kind" in fields:
        fields["kind"] = StatementKind(fields["kind"])
    if "effort" in fields:
        fields["effort"] = Effort(fields["effort"])
    return Statement(**fields)


def _with_tuples(values: Document) -> Document:
    return {key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}


def _plain(rubric: Rubric) -> Document:
    """The values of the file, in the order of the format."""
    ladder = rubric.kind is Kind.LADDER
    return {
        "format": FORMAT,
        **_fields(rubric, "key", "title", "kind", "summary", "minutes", "subject"),
        "source": _fields(rubric.source, "work", "author", "publisher", "year"),
        "answers": [_fields(each, "value", "name", "hint") for each in rubric.answers],
        **({"gap_answers": [_fields(each, "value", "name", "hint") for each in rubric.gap_answers]} if ladder else {}),
        **({"levels": [_plain_level(each) for each in rubric.levels]} if ladder else {}),
        **({} if ladder else {"bands": [_fields(each, "above", "name", "summary") for each in rubric.bands]}),
        **_fields(rubric, "unit"),
        "categories": [_plain_category(each) for each in rubric.categories],
        **_given("stories", [_fields(each, "text", "source", *LISTED) for each in rubric.stories]),
        **_given("bears_on", [_fields(each, "rubric", "category", *LISTED) for each in rubric.bears_on]),
        **({"translations": _plain_translations(rubric)} if rubric.translations else {}),
    }


LISTED = ("statements",)
STATEMENT = ("key", "kind", "level", "gate", "asked", "effort", "text", "do", "proof", "help", "enough", "not_enough")


def _plain_translations(rubric: Rubric) -> Document:
    """By language; the texts in the order of the rubric."""
    order, translations = texts_of(rubric), Document()
    for language in rubric.languages:
        into = translations.setdefault(language, {})
        texts = rubric.translations[language]
        for *above, name in (place for place in order if place in texts):
            here = into
            for part in above:
                here = here.setdefault(part, {})
            here[name] = texts[(*above, name)]
    return translations


def _plain_level(level: Level) -> Document:
    actions = [_fields(each, "key", "text", "categories") for each in level.actions]
    return {**_fields(level, "level", "name", "summary", "focus", "outcome"), "actions": actions}


def _plain_category(category: Category) -> Document:
    statements = [
        {**_fields(each, *STATEMENT), **_given("needs", list(each.needs)), **_given("criteria", list(each.criteria))}
        for each in category.statements
    ]
    return {**_fields(category, "key", "name", "question"), "statements": statements}


def _fields(values: object, *names: str) -> Document:
    """These fields of a dataclass, without those that were not given."""
    fields = ((name, getattr(values, name)) for name in names)
    return {name: _plain_value(each) for name, each in fields if each is not None and each != ""}


def _given(name: str, values: list[Any]) -> Document:
    return {name: values} if values else {}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value


def _with_exact_numbers(values: Document) -> Document:
    """The document with its decimals, which are strings there, as the numbers that they were in the file."""
    exact = {name: [{**each} for each in values.get(name) or ()] for name, _ in DECIMALS if name in values}
    for name, key in DECIMALS:
        for each in exact.get(name, ()):
            if isinstance(each.get(key), str) and DECIMAL.fullmatch(each[key]):
                each[key] = Fraction(each[key])
    return {**values, **exact}


DECIMALS = (("answers", "value"), ("gap_answers", "value"), ("bands", "above"))
"""The lists of a document whose entries have a number that need not be whole."""


def _with_json_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_json_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_json_numbers(each) for each in value]
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else decimal(value)
    return value
