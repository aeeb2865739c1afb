"""Files made to hurt whoever reads them. Run as a program, it reads each one and prints what that cost as JSON.

A process of its own, so that memory is measured from a clean start.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from app.domain.rubric_file import read_rubric, shipped
from app.domain.yaml_file import Problems
from tests.pace import spent

SIZE = 1_000_000
STATUS = Path("/proc/self/status")


def crowd(needs: Callable[[int, int], list[str]]) -> str:
    """A points rubric of 12 categories with 60 statements each."""
    text = "format: 1\nkey: crowd\ntitle: t\nkind: points\nsummary: s\nminutes: 5\nsubject: team\nunit: points\n"
    text += "source: {work: w, author: a, publisher: p, year: 2020}\nbands: [{above: -1, name: n, summary: s}]\n"
    text += "answers: [{value: 0, name: a}, {value: 0.5, name: b}, {value: 1, name: c}]\ncategories:\n"
    for category in range(12):
        text += f"- key: c{category}\n  name: n\n  question: q\n  statements:\n"
        for number in range(60):
            listed = ", ".join(needs(category, number))
            text += f"  - {{key: c{category}-s{number}, text: t, do: d, proof: p, needs: [{listed}]}}\n"
    return text


def translated(key: str) -> str:
    """The same rubric in more languages than it may have; `key` names statements by two numbers."""
    text = crowd(lambda _category, _number: []) + "translations:\n"
    for language in range(13):
        text += f" {chr(97 + language)}a:\n  statements:\n"
        for number in range(720):
            text += f"   {key.format(number // 60, number % 60)}: {{text: t}}\n"
    return text


def inputs() -> Iterator[tuple[str, bytes]]:
    """One after the other, so that they do not count as memory of the reader."""
    texts: dict[str, Callable[[], str]] = {
        "ten megabytes": lambda: "a: b\n" * 2_000_000,
        "open brackets": lambda: "[" * 100_000,
        "a million open brackets": lambda: "[" * SIZE,
        "open mappings": lambda: "{a: " * (SIZE // 4),
        "dashes": lambda: "- " * (SIZE // 2),
        "question marks": lambda: "? " * (SIZE // 2),
        "stairs": lambda: "\n".join(" " * depth + "a:" for depth in range(1400)),
        "anchors and aliases": lambda: "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a]\n" for n in range(20_000)),
        "aliases": lambda: "[" + "*a," * (SIZE // 3),
        "a long anchor": lambda: "&" + "a" * SIZE + " b",
        "a long tag": lambda: "!" + "a" * SIZE + " b",
        "tag directives": lambda: "".join(f"%TAG !a{n}! x\n" for n in range(50_000)) + "--- a",
        "directives": lambda: "%YAML 1.2\n" * (SIZE // 10),
        "documents": lambda: "--- a\n" * (SIZE // 6),
        "a long plain text": lambda: "a: " + "b" * SIZE,
        "a long quoted text": lambda: 'a: "' + "b" * SIZE + '"',
        "escapes": lambda: '"' + "\\x41" * (SIZE // 4) + '"',
        "quoted lines": lambda: '"' + "a\n" * (SIZE // 2) + '"',
        "literal lines": lambda: "a: |\n" + " a\n" * (SIZE // 3),
        "plain lines": lambda: "a: " + "b\n " * (SIZE // 3),
        "blank lines": lambda: "\n" * SIZE,
        "comments": lambda: "#a\n" * (SIZE // 3),
        "a long key": lambda: "? " + "a" * SIZE + "\n: 1\n",
        "many values": lambda: "[" + "a," * (SIZE // 2) + "]",
        "many keys": lambda: "\n".join(f"k{number}: v" for number in range(90_000)),
        "one key again and again": lambda: "a: 1\n" * (SIZE // 5),
        "control characters": lambda: "a\x01" * (SIZE // 2),
        "lines with control characters": lambda: "a: \x01\n" * (SIZE // 5),
        "a long number": lambda: "a: " + "9" * SIZE,
        "a large exponent": lambda: "a: 1e999999999\nb: 1e-999999999\nc: 1e" + "9" * SIZE,
        "colons": lambda: ":" * SIZE,
        "quotes": lambda: "'" * SIZE,
        "half a surrogate": lambda: 'a: "\\ud800"',
        "circles": lambda: crowd(lambda category, number: [f"c{category}-s{n}" for n in range(40) if n != number]),
        "a ring": lambda: crowd(lambda category, number: [f"c{(category + (number == 59)) % 12}-s{(number + 1) % 60}"]),
        "translations of what looks known": lambda: translated("c{}-sx{}"),
        "translations in many languages": lambda: translated("c{}-s{}"),
        "unknown keys that look known": lambda: crowd(
            lambda category, number: [f"c{category}-sx{n}" for n in range(40)]
        ),
    }
    yield from ((name, text().encode()) for name, text in texts.items())
    yield "lone surrogates", b"a: \xed\xa0\x80"
    yield "no UTF-8", b"a: \xff"
    yield "UTF-16", "a: b".encode("utf-16")
    yield "nothing", b""
    yield "only NULs", b"\0" * SIZE


def cost(data: bytes) -> tuple[float, int]:
    """Processor seconds at the usual pace, and how many problems were found."""
    found = 0
    with spent() as time:
        try:
            read_rubric(data, "f")
        except Problems as error:
            found = len(error.problems)
    return time.seconds, found


def peak() -> int:
    """The most memory this process ever held, in KiB."""
    if STATUS.exists():
        return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    kibi = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // kibi


def main() -> None:
    shipped()
    before = peak()
    costs = {name: cost(data) for name, data in inputs()}
    json.dump({"costs": costs, "grown": peak() - before}, sys.stdout)


if __name__ == "__main__":
    main()
