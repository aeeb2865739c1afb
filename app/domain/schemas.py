"""JSON Schema of rubric and answers files, made of the very shapes that check them (docs/rubric-format.md).

A schema cannot say everything: that keys are unique, that references lead somewhere, that numbers are exact. Whatever
it refuses, the product refuses too; what it lets pass may still have problems that `shortstave rubric check` names.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from app.domain.answers import Value
from app.domain.answers_file import DATE, EVIDENCE, LONG_FORM, Date, Link, OneEvidence, OneValue, YesNo
from app.domain.errors import Missing
from app.domain.evidence import LINK_LIMIT
from app.domain.rubric import Kind, StatementKind
from app.domain.rubric_rules import FIRST_ABOVE, WORTH
from app.domain.rubric_shape import ANSWERS, FORMAT, HIGHEST_LEVEL, LADDER, LEVEL, POINTS
from app.domain.shape import SLUG, SLUG_LIMIT, Exactly, ListOf, Named, Number, OneOf, Record, Shape, Slug, Text, Whole

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_VERSION = 2**31 - 1
CONTROL = r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f]"
CONTROL_OR_BREAK = r"[\u0000-\u001f\u007f-\u009f]"
KEY: Schema = {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": SLUG_LIMIT}


def schema(name: str) -> Schema:
    """The schema of this name, `rubric` or `answers`. Raises Missing for any other."""
    if name not in SCHEMAS:
        raise Missing("There is no schema of this name; there are rubric and answers.")
    return SCHEMAS[name]()


@cache
def rubric_schema() -> Schema:
    kind = {"properties": {"kind": {"const": str(Kind.POINTS)}}, "required": ["kind"]}
    return {
        "$schema": DIALECT,
        "title": "A rubric of Shortstave, format 1",
        "type": "object",
        "if": kind,
        "then": with_first_band(of_shape(POINTS)),
        "else": of_shape(LADDER),
    }


@cache
def answers_schema() -> Schema:
    return {
        "$schema": DIALECT,
        "title": "Answers to a rubric of Shortstave, format 1",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "rubric": KEY,
            "version": of_shape(Whole(1, LARGEST_VERSION)),
            "picks": by_key(of_shape(Whole(0, HIGHEST_LEVEL))),
            "answers": by_key({"anyOf": [of_shape(OneValue()), long_form()]}),
        },
        "required": ["format", "rubric"],
        "additionalProperties": False,
    }


SCHEMAS: Mapping[str, Callable[[], Schema]] = {"rubric": rubric_schema, "answers": answers_schema}


def of_shape(shape: Shape) -> Schema:
    """What JSON Schema can say of a shape; TypeError for one that it was not told of."""
    match shape:
        case Text():
            return text(shape)
        case Slug():
            return KEY
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Exactly(number):
            return {"const": number}
        case Number():
            return {"type": "number"}
        case OneOf(words):
            return {"enum": [str(word) for word in words]}
        case ListOf():
            return listed(shape)
        case Record():
            return record(shape)
        case Named():
            return named(shape)
        case _:
            return of_answers(shape)


def of_answers(shape: Shape) -> Schema:
    """The shapes that only answers have."""
    match shape:
        case OneValue():
            return {"enum": [*map(number, WORTH), str(Value.UNKNOWN)]}
        case OneEvidence():
            return of_shape(EVIDENCE)
        case Link():
            return {**text(Text(LINK_LIMIT)), "pattern": "^[hH][tT][tT][pP][sS]?://"}
        case Date():
            return {"type": "string", "format": "date", "pattern": f"^{DATE.pattern}$"}
        case YesNo():
            return {"type": "boolean"}
        case _:
            raise TypeError(f"No schema is known for {shape}.")


def text(shape: Text) -> Schema:
    refused = {"pattern": CONTROL if shape.lines else CONTROL_OR_BREAK}
    said: Schema = {"type": "string", "maxLength": shape.limit, "not": refused}
    return said if shape.blank else {**said, "pattern": r"\S"}


def listed(shape: ListOf) -> Schema:
    said: Schema = {"type": "array", "items": of_shape(shape.shape)}
    if shape.least:
        said["minItems"] = shape.least
    if shape.most is not None:
        said["maxItems"] = shape.most
    if shape.distinct:
        said["uniqueItems"] = True
    if shape is ANSWERS:
        said["allOf"] = begins(*({"value": number(each)} for each in WORTH))
    if shape.shape is LEVEL:
        said["allOf"] = begins(*({"level": level} for level in range(HIGHEST_LEVEL + 1)))
    return said


def named(shape: Named) -> Schema:
    said: Schema = {"type": "object", "additionalProperties": of_shape(shape.shape)}
    if shape.name is not None:
        said["propertyNames"] = {"pattern": f"^(?:{shape.name.pattern})$"}
    if shape.most is not None:
        said["maxProperties"] = shape.most
    return said


def record(shape: Record) -> Schema:
    said: Schema = {
        "type": "object",
        "properties": {key: of_shape(each) for key, each in {**shape.required, **shape.optional}.items()},
        "required": list(shape.required),
        "additionalProperties": False,
    }
    if "gate" in shape.required:
        said["allOf"] = [gate_of(level) for level in range(HIGHEST_LEVEL + 1)]
    return {key: each for key, each in said.items() if each != []}


def gate_of(level: int) -> Schema:
    """A practice gates its own level, a gap a later one."""
    practice = {"properties": {"kind": {"const": str(StatementKind.PRACTICE)}}}
    return {
        "if": {"properties": {"level": {"const": level}}, "required": ["kind", "level"]},
        "then": {
            "if": practice,
            "then": {"properties": {"gate": {"const": level}}},
            "else": {"properties": {"gate": {"minimum": level + 1}}},
        },
    }


def with_first_band(points: Schema) -> Schema:
    bands = {**points["properties"]["bands"], "allOf": begins({"above": FIRST_ABOVE})}
    return {**points, "properties": {**points["properties"], "bands": bands}}


def begins(*firsts: Mapping[str, float]) -> list[Schema]:
    """What the first elements of a list hold. By itself: beside `items` these would be free of all else."""
    known = [{name: {"const": value} for name, value in first.items()} for first in firsts]
    return [{"prefixItems": [{"properties": each} for each in known]}]


def long_form() -> Schema:
    both = {"required": ["value", "not_applicable"]}
    return {**of_shape(LONG_FORM), "minProperties": 1, "not": both}


def by_key(each: Schema) -> Schema:
    return {"type": "object", "propertyNames": KEY, "additionalProperties": each}


def number(value: Fraction) -> int | float:
    """As JSON writes it: a half is exact in binary too."""
    return value.numerator if value.denominator == 1 else float(value)
