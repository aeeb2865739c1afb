"""Warnings about a rubric's texts: what keeps no rule from holding, but makes people stumble or argue.

A warning is a question to the author, who may well answer no. The bounds are such that the shipped rubrics, which were
read aloud to people, hardly ever raise one.
"""

import re
from collections.abc import Iterator
from typing import Any

from app.domain.errors import Sentence
from app.domain.rubric_rules import each_action, each_category, each_statement
from app.domain.shape import records
from app.domain.yaml_file import Path, Problem, YamlFile

SHORT_SENTENCE = 22  # words, in what is answered
LONG_SENTENCE = 30  # words, in what explains
LONG_WORDS = 8.5  # letters a word, on average

VERB = r"(?:is|are|was|were|has|have|had|can|could|may|must|will|would|does|do|did)"
SUBJECT = r"(?:we|they|it|he|she|you|there|nobody|somebody|everybody|everyone|each|every|all)"
PARTICIPLE = r"(?:\w+ed|built|known|kept|set|written|made|run|shown|done|taken|given|found|held|sent|put|read)"
TWO_FACTS = re.compile(
    rf"\b{VERB}\b.* and .*\b{VERB}\b| and (?:{SUBJECT}|{VERB})\b|\b{VERB} (?:\w+ )?{PARTICIPLE} and {PARTICIPLE}\b",
    re.IGNORECASE,
)
NEGATION = re.compile(r"\b(?:no|not|nobody|never|none|nothing|without|neither|nor|cannot)\b|n't\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+")
WORD = re.compile(r"[^\W\d_]+")


def warn_of_wording(file: YamlFile, data: dict[str, Any]) -> tuple[Problem, ...]:
    """The warnings of a rubric file, in the order of lines; `data` may lack what its shape refused."""
    return tuple(sorted(Problem(file.line(path), file.name(path), text) for path, text in wording(file, data)))


def wording(file: YamlFile, data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The same, with where each stands."""
    yield from two_facts(data)
    yield from hard_to_read(data)
    yield from twice(file, data)


Warned = Iterator[tuple[Path, str]]


def two_facts(data: dict[str, Any]) -> Warned:
    for path, statement in each_statement(data):
        if TWO_FACTS.search(statement.get("text", "")):
            yield (
                (*path, "text"),
                Sentence('may hold two facts joined by "and"; split it, so that each can be answered.'),
            )


def hard_to_read(data: dict[str, Any]) -> Warned:
    for path, text in answered(data):
        if len(NEGATION.findall(text)) > 1:
            yield path, Sentence("may be hard to read: it says no twice.")
        yield from too_long(path, text, SHORT_SENTENCE)
    for path, text in explaining(data):
        yield from too_long(path, text, LONG_SENTENCE)


def too_long(path: Path, text: str, limit: int) -> Warned:
    longest = max(len(sentence.split()) for sentence in SENTENCE_END.split(text))
    if longest > limit:
        yield (
            path,
            Sentence(
                "may be hard to read: a sentence of %(words)s words; up to %(most)s read well here.",
                words=longest,
                most=limit,
            ),
        )
    words = WORD.findall(text)
    if len(words) > 4 and sum(map(len, words)) > LONG_WORDS * len(words):
        yield path, Sentence("may be hard to read: most of its words are long.")


def twice(file: YamlFile, data: dict[str, Any]) -> Warned:
    first: dict[str, Path] = {}
    for path, text in (*answered(data), *explaining(data)):
        words = " ".join(text.casefold().split())
        if words in first:
            yield path, f"says the same as {file.name(first[words])}{file.on_line(first[words])}."
        elif path[-1] != "help":  # a term may well be explained wherever it stands
            first[words] = path


def answered(data: dict[str, Any]) -> Warned:
    """The texts that somebody has to understand before they can answer."""
    for path, category in each_category(data):
        yield from texts(path, category, "question")
    for path, statement in each_statement(data):
        yield from texts(path, statement, "text")


def explaining(data: dict[str, Any]) -> Warned:
    yield from texts((), data, "summary")
    for path, statement in each_statement(data):
        yield from texts(path, statement, "do", "proof", "help")
    for path, action in each_action(data):
        yield from texts(path, action, "text")
    for name in ("levels", "bands", "stories"):
        for place, each in records(data.get(name)):
            yield from texts((name, place), each, "summary", "focus", "outcome", "text")


def texts(path: Path, record: dict[str, Any], *names: str) -> Warned:
    return (((*path, name), record[name]) for name in names if name in record)
