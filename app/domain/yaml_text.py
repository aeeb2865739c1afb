"""Plain values as canonical YAML: block style, one line for a text, numbers as decimals.

Written by hand, so that what it writes never depends on the width of a line or on a version of a library, and so that
a text which some reader of YAML would take for something else is always in quotes.
"""

import datetime
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

INDENT = "  "
PLAIN = re.compile(r"[A-Za-z][^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]*")
# Readers of YAML 1.1 take these for yes and no, and every reader the last ones for true, false and nothing.
TAKEN = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
# json.dumps leaves these as they are; here they would end the line or vanish.
UNSEEN = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff]")


def yaml_text(values: dict[str, Any]) -> str:
    """One document. `values` is made of dicts, lists, str, int, bool, date, and Fraction with a finite decimal form."""
    return "".join(f"{line}\n" for line in mapping(values, ""))


def mapping(values: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        nested = block(value, indent + INDENT)
        if nested:
            yield f"{indent}{text(key)}:"
            yield from nested
        else:
            yield from scalar(f"{indent}{text(key)}:", value, indent + INDENT)


def sequence(elements: list[Any], indent: str) -> Iterator[str]:
    """Each element behind its dash, which takes the place of the last two blanks of its first line."""
    for element in elements:
        first, *others = block(element, indent + INDENT) or scalar(f"{indent}-", element, indent + INDENT)
        yield first if first.startswith(f"{indent}-") else f"{indent}- {first.lstrip(' ')}"
        yield from others


def block(value: Any, indent: str) -> list[str]:
    """The lines of a mapping or list; none for an empty one, and for a scalar."""
    if isinstance(value, dict):
        return [*mapping(value, indent)]
    return [*sequence(value, indent)] if isinstance(value, list) else []


def scalar(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, str) and fits_block(value):
        yield f"{head} |-"
        yield from (indent + line if line else "" for line in value.split("\n"))
    else:
        yield f"{head} {inline(value)}"


def inline(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return decimal(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "{}" if value == {} else "[]" if value == [] else str(value)


def fits_block(value: str) -> bool:
    """Whether the text reads well, and comes back exactly, as lines under a bar."""
    lines = value.split("\n")
    return (
        len(lines) > 1
        and all(line == line.rstrip() and not UNSEEN.search(line) and "\t" not in line for line in lines)
        and bool(lines[0])
        and not lines[0].startswith(" ")
        and bool(lines[-1])
    )


def text(value: str) -> str:
    plain = PLAIN.fullmatch(value) and value == value.rstrip() and ": " not in value and " #" not in value
    if plain and not value.endswith(":") and value.lower() not in TAKEN:
        return value
    return UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))


def decimal(value: Fraction) -> str:
    """The exact decimal. ValueError where there is none (a third)."""
    for places in range(100):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            point = len(digits) - places
            return ("-" if value < 0 else "") + digits[:point] + ("." + digits[point:] if places else "")
    raise ValueError(f"{value} is no finite decimal.")
