"""Strict reading of one YAML 1.2 file into plain values, with the line of every key and element.

What a rubric or answers file may not do is refused here, in bounded time and memory: more than 1 MiB, anything but
UTF-8, nesting deeper than 10, anchors, aliases, tags, duplicate keys, control characters, several documents. The
parser's events are walked as they come, so that depth and aliases stop early and nothing is ever expanded. The parser
is libyaml, which reads 1 MiB in a fraction of a second; parsers in Python take seconds, some quadratic time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from app.domain.errors import Invalid
from app.domain.yaml_scalar import scalar

LARGEST = 1024 * 1024
DEEPEST = 10
MOST_NODES = 70_000  # keys and values; the largest rubric has about 35,000, and 10,000 for each language
MOST_PROBLEMS = 100

Path = tuple[str | int, ...]
"""Where a value stands: keys of mappings and indexes of lists, from the top of the file."""

Plain = str | int | Fraction | bool | None | list["Plain"] | dict[str, "Plain"]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+|\r(?!\n)")
REPLACED = "\ufffd"
CONTROL_TEXT = "holds a control character, which no text may."


class Unread:
    """Stands where the file holds something that was refused and reported already."""


UNREAD = Unread()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; `line` counts from 1, `path` names keys, `-` where there are none."""

    line: int
    path: str
    text: str


class Problems(Invalid):
    """A file that breaks its format; its text has one line for each problem: `FILE:LINE: PATH: what is wrong`."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(written(file, problem) for problem in problems))
        self.file = file
        self.problems = problems


def written(file: str, problem: Problem) -> str:
    """The problem as one line for the person who has the file before them."""
    return f"{file}:{problem.line}: {problem.path}: {problem.text}"


def shown(text: str, limit: int = 60) -> str:
    """A piece of the file as it can stand inside a line: short, and nothing in it but what prints."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return "".join(sign if sign.isprintable() else "?" for sign in short)


@dataclass
class YamlFile:
    """A file while it is checked: its values, the line of each, and the problems found so far."""

    file: str
    data: Plain | Unread = UNREAD
    lines: dict[Path, int] = field(default_factory=dict)
    notes: list[tuple[int, Path, str]] = field(default_factory=list)

    def found(self, path: Path, text: str, line: int | None = None) -> None:
        """Note a problem. Raises Problems at once when there are so many that nobody would read on."""
        self.notes.append((line or self.line(path), path, text))
        if len(self.notes) == MOST_PROBLEMS:
            self.stop((), f"has more problems; these are the first {MOST_PROBLEMS}.", self.notes[-1][0])

    def stop(self, path: Path, text: str, line: int | None = None) -> NoReturn:
        """Raise Problems with this as the last one: the file cannot be read on."""
        last = Problem(line or self.line(path), self.name(path), text)
        raise Problems(self.file, (*self.problems(), last))

    def check(self) -> None:
        """Raise Problems where any was found."""
        if self.notes:
            raise Problems(self.file, self.problems())

    def problems(self) -> tuple[Problem, ...]:
        """What was found so far, in the order of lines. Paths are named late, when the keys of elements are known."""
        return tuple(sorted(Problem(line, self.name(path), text) for line, path, text in self.notes))

    def line(self, path: Path) -> int:
        """The line of the value, or of what it is missing from; 1 for the whole file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1) if path else 1

    def on_line(self, path: Path, words: str = " on line ") -> str:
        """Where something else stands, as the end of a sentence; nothing for values that come from no file."""
        return f"{words}{self.line(path)}" if self.lines else ""

    def name(self, path: Path) -> str:
        """The path in keys: an element goes by its `key`, one that has none leaves no trace."""
        here: object = self.data
        names: list[str] = []
        for part in path:
            if isinstance(part, str):
                names.append(shown(part) or '""')
                here = here.get(part) if isinstance(here, dict) else None
            else:
                here = here[part] if isinstance(here, list) and part < len(here) else None
                key = here.get("key") if isinstance(here, dict) else None
                names += [shown(key)] if isinstance(key, str) and key else []
        return ".".join(names) or "-"


def read_yaml(data: bytes, file: str) -> YamlFile:
    """Read one document. Raises Problems when it cannot be read to its end.

    What is wrong and leaves the rest readable (a duplicate key, an alias, a tag, a control character) stands in the
    result, so that the caller adds its own and reports all at once.

    Scalars follow YAML 1.2 (`no` is a string, `2026-03-01` too), and numbers are exact: `0.5`, `0.50` and `5e-1` are
    all Fraction(1, 2), `1.0` is Fraction(1), `1` is an int. Keys are always the text that stands there.
    """
    yaml_file = YamlFile(file)
    if len(data) > LARGEST:
        yaml_file.stop((), "is larger than 1 MiB.")
    text, unfit = without_unfit(decoded(data, yaml_file))
    builder = Builder(yaml_file, unfit)
    for event in events(text, yaml_file):
        builder.take(event)
    if yaml_file.data in (None, UNREAD) and not yaml_file.notes:
        yaml_file.stop((), "is empty.")
    for line in sorted(unfit):
        yaml_file.found((), CONTROL_TEXT, line)
    return yaml_file


def decoded(data: bytes, yaml_file: YamlFile) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yaml_file.stop((), "is not UTF-8.", data.count(b"\n", 0, error.start) + 1)


def without_unfit(text: str) -> tuple[str, set[int]]:
    """The text with a stand-in for every character that may not be there, and the lines of these.

    The parser would give up at the first of them, and the reader of the report would see the others one by one.
    """
    lines: set[int] = set()
    line, since = 1, 0
    for match in UNFIT.finditer(text):
        line += text.count("\n", since, match.start())
        since = match.start()
        lines.add(line)
    return (UNFIT.sub(REPLACED, text) if lines else text), lines


def events(text: str, yaml_file: YamlFile) -> Iterator[yaml.Event]:
    """The parser's events. A tag directive is refused before: the parser takes quadratic time over many of them."""
    directive = re.search(r"^%TAG\b", text, re.MULTILINE)
    if directive:
        yaml_file.stop(
            (), "declares a tag, which the format does not allow.", text.count("\n", 0, directive.start()) + 1
        )
    try:
        yield from yaml.parse(text.encode(), Loader=yaml.CLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yaml_file.stop((), f"is not YAML: {error.problem or error.context}.", mark.line + 1 if mark else 1)
    except yaml.YAMLError as error:
        yaml_file.stop((), f"is not YAML: {shown(str(error))}.")


@dataclass
class Open:
    """A mapping or list that is being read; `key` is the key whose value comes next."""

    path: Path
    values: dict[str, Plain] | list[Plain]
    key: str | None = None

    def next_path(self) -> Path:
        part = len(self.values) if isinstance(self.values, list) else self.key
        return self.path if part is None else (*self.path, part)


class Builder:
    """Makes plain values of the events, one by one, without recursion."""

    def __init__(self, yaml_file: YamlFile, unfit: set[int]) -> None:
        self.file = yaml_file
        self.unfit = unfit
        self.open: list[Open] = []
        self.documents = 0
        self.nodes = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, NodeEvent):
            self.node(event)
        elif isinstance(event, CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.file.stop((), "holds more than one document.", line_of(event))

    def node(self, event: NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.file.stop((), f"holds more than {MOST_NODES:,} keys and values.", line_of(event))
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.values, dict) and parent.key is None:
            self.key(event, parent, parent.values)
        else:
            self.value(event, parent)

    def key(self, event: NodeEvent, parent: Open, values: dict[str, Plain]) -> None:
        line = line_of(event)
        if not isinstance(event, ScalarEvent):
            self.file.stop(parent.path, "has a key that is not a plain word.", line)
        parent.key = str(event.value)
        path = parent.next_path()
        if parent.key in values:
            self.file.found(path, f"stands here twice, the first time on line {self.file.lines[path]}.", line)
        self.file.lines[path] = line
        self.refuse_marks(event, path, line)
        self.refuse_control(event, path, line)

    def value(self, event: NodeEvent, parent: Open | None) -> None:
        path = parent.next_path() if parent else ()
        line = line_of(event)
        if parent is None or isinstance(parent.values, list):
            self.file.lines[path] = line
        value = self.plain(event, path, line)
        self.place(parent, value)
        self.refuse_marks(event, path, line)
        if isinstance(event, ScalarEvent):
            self.refuse_control(event, path, line)
        if isinstance(value, dict | list):
            self.open.append(Open(path, value))
            if len(self.open) > DEEPEST:
                self.file.stop(path, f"is nested deeper than {DEEPEST}.", line)

    def plain(self, event: NodeEvent, path: Path, line: int) -> Plain | Unread:
        if isinstance(event, CollectionStartEvent):
            return {} if isinstance(event, MappingStartEvent) else []
        if not isinstance(event, ScalarEvent):
            return UNREAD
        try:
            return scalar(event.value) if event.implicit[0] else str(event.value)
        except ValueError as error:
            self.file.found(path, str(error), line)
            return UNREAD

    def place(self, parent: Open | None, value: Plain | Unread) -> None:
        # UNREAD goes where any plain value may; what checks shapes knows it and passes over it.
        if parent is None:
            self.file.data = value
        elif isinstance(parent.values, list):
            parent.values.append(value)  # type: ignore[arg-type]
        else:
            parent.values[str(parent.key)] = value  # type: ignore[assignment]
            parent.key = None

    def refuse_marks(self, event: NodeEvent, path: Path, line: int) -> None:
        if isinstance(event, AliasEvent):
            self.file.found(path, f"is an alias (*{shown(str(event.anchor))}); write the value out.", line)
        elif event.anchor is not None:
            self.file.found(
                path, f"has an anchor (&{shown(str(event.anchor))}), which the format does not allow.", line
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.file.found(path, f"has a tag ({shown(str(tag))}), which the format does not allow.", line)

    def refuse_control(self, event: ScalarEvent, path: Path, line: int) -> None:
        replaced = REPLACED in event.value and self.unfit.intersection(range(line, line_of(event, end=True) + 1))
        if replaced or CONTROL.search(event.value):
            self.file.found(path, CONTROL_TEXT, line)
        if replaced:
            self.unfit -= replaced


def line_of(event: yaml.Event, end: bool = False) -> int:
    mark = event.end_mark if end else event.start_mark
    return mark.line + 1 if mark else 1
