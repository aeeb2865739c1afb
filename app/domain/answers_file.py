"""Answers as a YAML file (docs/rubric-format.md): what the command line scores and what the product exports."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Answer, Evidence, Value
from app.domain.evidence import LINK_LIMIT, link_fault
from app.domain.rubric import Kind, Rubric
from app.domain.rubric_shape import FORMAT
from app.domain.scoring import pick
from app.domain.shape import Exactly, ListOf, Record, Shape, Slug, Text, Whole, called, meant, refuse, take
from app.domain.yaml_file import UNREAD, Path, YamlFile, read_yaml, shown
from app.domain.yaml_text import yaml_text

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBERS = {Fraction(0): Value.NO, Fraction(1, 2): Value.HALF, Fraction(1): Value.YES}
PLAIN_NUMBERS = {value: int(number) if number.denominator == 1 else number for number, value in NUMBERS.items()}
NOT_A_VALUE = "must be exactly 0, 0.5 or 1, unknown, or {not_applicable: the reason}"


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """The answers in a file.

    `picks` is what the file says; `answers` is what both come to: each picked category answered through, then refined
    or replaced statement by statement. A note alone leaves the picked value.
    """

    rubric: str
    version: int | None
    picks: Mapping[str, int]
    answers: Mapping[str, Answer]

    def values(self) -> dict[str, Value]:
        """What scoring takes: the value of every statement that has one."""
        return {key: answer.value for key, answer in self.answers.items() if answer.value is not None}


def read_answers(data: bytes, file: str, rubric: Rubric) -> AnswersFile:
    """The answers in a YAML file, for this rubric. Raises Problems with everything that breaks the format."""
    yaml_file = read_yaml(data, file)
    taken = take(yaml_file, (), shape_for(rubric), yaml_file.data)
    yaml_file.check()
    picks: dict[str, int] = taken.get("picks", {})
    answers = picked(rubric, picks)
    for key, answer in taken.get("answers", {}).items():
        before = answers.get(key)
        answers[key] = replace(answer, value=before.value) if before and answer.value is None else answer
    return AnswersFile(taken["rubric"], taken.get("version"), picks, in_order(rubric, answers))


def rubric_key(data: bytes, file: str) -> str:
    """The key of the rubric that the answers in the file belong to. Raises Problems when it does not say."""
    yaml_file = read_yaml(data, file)
    whole = yaml_file.data
    key = whole.get("rubric", UNREAD) if isinstance(whole, dict) else UNREAD
    if key is UNREAD:
        yaml_file.found(("rubric",), "is missing; it says which rubric the answers belong to.")
    else:
        key = take(yaml_file, ("rubric",), Slug(), key)
    yaml_file.check()
    return str(key)


def write_answers(rubric: Rubric, answers: Mapping[str, Answer], version: int | None = None) -> str:
    """The file of these answers, each in its long form, in the rubric's order. Reading it gives equal answers.

    Answers to statements that the rubric does not have are left out, and so are those that say nothing.
    """
    written = {key: plain(answer) for key, answer in in_order(rubric, answers).items()}
    return yaml_text(
        {
            "format": FORMAT,
            "rubric": rubric.key,
            **({} if version is None else {"version": version}),
            "answers": {key: each for key, each in written.items() if each},
        }
    )


def picked(rubric: Rubric, picks: Mapping[str, int]) -> dict[str, Answer]:
    return {
        statement: Answer(value)
        for key, level in picks.items()
        for statement, value in pick(rubric.category_by_key[key], level).items()
    }


def in_order(rubric: Rubric, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    return {key: answers[key] for key in rubric.statements if key in answers}


def plain(answer: Answer) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if answer.value is Value.NOT_APPLICABLE:
        values["not_applicable"] = answer.reason
    elif answer.value is not None:
        values["value"] = PLAIN_NUMBERS.get(answer.value, str(answer.value))
    if answer.note:
        values["note"] = answer.note
    if answer.evidence:
        values["evidence"] = [plain_evidence(each) for each in answer.evidence]
    return values


def plain_evidence(evidence: Evidence) -> dict[str, Any]:
    dates = {"date": evidence.date, "expires": evidence.expires}
    given = {name: each for name, each in dates.items() if each is not None}
    return {"link": evidence.link, **given, "for": evidence.speaks_for}


def shape_for(rubric: Rubric) -> Record:
    picks: dict[str, Shape] = {"picks": Picks(rubric)} if rubric.kind is Kind.LADDER else {}
    return Record(
        {"format": Exactly(FORMAT, "the only version of the format there is"), "rubric": RubricKey(rubric.key)},
        {"version": Whole(1, 2**31 - 1), **picks, "answers": Answers(rubric)},
        {} if picks else {"picks": f"{rubric.key} has no levels to pick"},
    )


@dataclass(frozen=True, slots=True)
class RubricKey:
    key: str

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        taken = take(file, path, Slug(), value)
        if taken not in (UNREAD, self.key):
            return refuse(file, path, f'is "{taken}", and the answers are read for "{self.key}".')
        return taken


@dataclass(frozen=True, slots=True)
class Picks:
    rubric: Rubric

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            return refuse(file, path, f"must be a mapping of category keys to levels, not {called(value)}.")
        known = self.rubric.category_by_key
        for key in value.keys() - known.keys():
            file.found((*path, key), f"is no category of {self.rubric.key}{meant(key, tuple(known))}")
        level = Whole(0, self.rubric.top)
        return {key: take(file, (*path, key), level, value[key]) for key in known if key in value}


@dataclass(frozen=True, slots=True)
class Answers:
    rubric: Rubric

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            return refuse(file, path, f"must be a mapping of statement keys to answers, not {called(value)}.")
        known = self.rubric.statements
        for key in value:
            if key not in known:
                file.found((*path, key), f"is no statement of {self.rubric.key}{meant(key, tuple(known))}")
        return {key: take(file, (*path, key), ONE_ANSWER, value[key]) for key in known if key in value}


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """The short form, a value, or the long form, a mapping."""

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            taken = take(file, path, ONE_VALUE, value)
            return taken if taken is UNREAD else Answer(taken)
        if "value" in value and "not_applicable" in value:
            file.found((*path, "not_applicable"), "stands beside a value; an answer has one of the two.")
        elif not value:
            file.found(path, f"{NOT_A_VALUE}, not an empty mapping.")
        long = LONG_FORM.take(file, path, value)
        reason = long.get("not_applicable", "")
        return Answer(
            value=Value.NOT_APPLICABLE if reason else long.get("value"),
            reason=reason,
            note=long.get("note", ""),
            evidence=tuple(each for each in long.get("evidence", ()) if each is not UNREAD),
        )


@dataclass(frozen=True, slots=True)
class OneValue:
    """0, 0.5 or 1, by value and however it is written (0.50, 5e-1); or the word unknown."""

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        if value == str(Value.UNKNOWN):
            return Value.UNKNOWN
        if isinstance(value, int | Fraction) and not isinstance(value, bool) and value in NUMBERS:
            return NUMBERS[Fraction(value)]
        given = f'"{shown(value)}"' if isinstance(value, str) else called(value, number=True)
        return refuse(file, path, f"{NOT_A_VALUE}, not {given}.")


@dataclass(frozen=True, slots=True)
class Date:
    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        try:
            if isinstance(value, str) and DATE.fullmatch(value):
                return datetime.date.fromisoformat(value)
        except ValueError:
            pass
        return refuse(file, path, "must be a date such as 2026-03-01.")


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a browser opens as a page, and nothing that it would run."""

    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        taken = take(file, path, Text(LINK_LIMIT), value)
        fault = None if taken is UNREAD else link_fault(taken)
        return refuse(file, path, f"{fault}.") if fault else taken


@dataclass(frozen=True, slots=True)
class YesNo:
    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        return value if isinstance(value, bool) else refuse(file, path, f"must be true or false, not {called(value)}.")


@dataclass(frozen=True, slots=True)
class OneEvidence:
    def take(self, file: YamlFile, path: Path, value: Any) -> Any:
        taken = EVIDENCE.take(file, path, value)
        if taken is UNREAD or "link" not in taken:
            return UNREAD
        return Evidence(taken["link"], taken.get("date"), taken.get("expires"), taken.get("for", True))


ONE_VALUE = OneValue()
ONE_ANSWER = OneAnswer()
EVIDENCE = Record({"link": Link()}, {"date": Date(), "expires": Date(), "for": YesNo()})
LONG_FORM = Record(
    {},
    {
        "value": ONE_VALUE,
        "not_applicable": Text(REASON_LIMIT, lines=True),
        "note": Text(NOTE_LIMIT, lines=True, blank=True),
        "evidence": ListOf(OneEvidence()),
    },
)
