"""Units, teams and people as one CSV file (docs/admins.md): bytes in, rows out, every problem with its line."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.domain.errors import Invalid, Sentence, together
from app.domain.organisations import NAME_LIMIT
from app.domain.people import TEAM_KINDS, RoleKind
from app.domain.text import one_line
from app.domain.yaml_file import Problem, Problems, shown

COLUMNS = ("unit", "team", "name", "email", "role")
DELIMITERS = ",;\t"
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula. Tabs and line ends never get as far as a name."""

LINES = 20_000
"""Lines below the first one."""
SIZE = 1_000_000
"""Bytes of the text in UTF-8 with line ends of two bytes, as browsers send it back: a request carries little more."""
LEVELS = 40
"""Units below each other, each of them with the largest number that there is, still make a path that is kept."""

LEVEL = re.compile(r"(?:^|(?<=\s))/(?=\s|$)")
FILE = "the file"
WHOLE = "-"
SAVE_AS = Sentence("In Excel choose “CSV UTF-8” when you save it, in LibreOffice the character set “Unicode (UTF-8)”.")

Address = Callable[[str], str]
"""The one spelling of an e-mail address; raises Invalid where it is none."""
Reading = Callable[[str], object]
"""What a cell says; raises Invalid."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a unit, named from the top down, a team in it, and a person with a role there; each may be empty."""

    line: int
    unit: tuple[str, ...] = ()
    team: str = ""
    name: str = ""
    email: str = ""
    role: RoleKind | None = None


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file says. `rows` are those without a problem; `text` is the file as it was read."""

    text: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_people(data: bytes, address: Address) -> PeopleFile:
    """The rows of the file and all that is wrong with it. Raises nothing."""
    problems: list[Problem] = []
    rows: list[Row] = []
    text = ""
    # The same cells come again and again.
    reading: dict[str, Reading] = {
        "unit": cache(_unit),
        "team": cache(_name),
        "name": _name,
        "email": cache(address),
        "role": _role,
    }
    try:
        text = decoded(data)
        for line, cells in _records(text):
            if row := _row(line, cells, reading, problems):
                rows.append(row)
        if not rows and not problems:
            problems.append(Problem(1, WHOLE, Sentence("Nothing stands below the first line.")))
    except Problems as unreadable:
        problems.extend(unreadable.problems)
    return PeopleFile(text, tuple(rows), tuple(problems))


def write_people(rows: Iterable[Row]) -> str:
    """The rows as a file, in UTF-8, with commas; reading it gives the same rows, but for empty lines between them."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([written_unit(row.unit), row.team, row.name, row.email, row.role or ""])
    return text.getvalue()


def written_unit(unit: Iterable[str]) -> str:
    """A unit as the file names it: "Retail / Risk"."""
    return " / ".join(unit)


def decoded(data: bytes) -> str:
    """The text of the file. Raises Problems for what is no text in a coding that names itself."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused(1, together([Sentence("This is a workbook and not a CSV file."), SAVE_AS]))
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _refused(1, together([Sentence("This file is written in UTF-32."), SAVE_AS]))
    coding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start].decode(coding, "replace")
        raise _refused(
            _lines(before) + 1, together([Sentence("This file is not written in UTF-8."), SAVE_AS])
        ) from None
    if "\0" in text:
        line = _lines(text[: text.index("\0")]) + 1
        raise _refused(line, together([Sentence("There is a character here that no text holds (U+0000)."), SAVE_AS]))
    if len(text.encode()) + text.count("\n") - text.count("\r\n") > SIZE:
        raise _refused(1, Sentence("This file is too large: 1 MB fits. Import it in parts."))
    return text


def _refused(line: int, sentence: Sentence) -> Problems:
    return Problems(FILE, (Problem(line, WHOLE, sentence),))


def _lines(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _records(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The number of the line and its cells by column, of all lines that are not empty. Raises Problems."""
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns, begins = _columns(_next(reader, 1) or []), reader.line_num + 1
    while (cells := _next(reader, begins)) is not None:
        if begins > LINES + 1:
            raise _refused(
                begins, Sentence("This file is too long: %(most)s lines fit. Import it in parts.", most=f"{LINES:,}")
            )
        if any(cell.strip() for cell in cells):
            if any(cell.strip() for cell in cells[len(columns) :]):
                sentence = Sentence(
                    "There are %(cells)s cells here, and the first line names %(columns)s columns. A cell that holds "
                    "“%(sign)s” stands in double quotes.",
                    cells=len(cells),
                    columns=len(columns),
                    sign=shown(delimiter),
                )
                raise _refused(begins, sentence)
            yield begins, dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        begins = reader.line_num + 1


def _next(reader: Iterator[list[str]], line: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error:
        sentence = Sentence(
            "This line cannot be read: a double quote opens and does not close, or text follows a closing one. "
            "A double quote inside a cell is written twice."
        )
        raise _refused(line, sentence) from None


def _delimiter(text: str) -> str:
    """The one that finds most of our columns in the first line."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(DELIMITERS, key=lambda sign: sum(_plain(cell) in COLUMNS for cell in first.split(sign)))


def _plain(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _columns(cells: list[str]) -> list[str]:
    columns = [_plain(cell) for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    names = ", ".join(COLUMNS)
    if not columns:
        raise _refused(1, Sentence("The first line names the columns: %(names)s. It is empty.", names=names))
    problems = [
        Problem(
            1,
            WHOLE,
            Sentence(
                "There is no column “%(column)s”. The columns are %(names)s; leave out what you do not need.",
                column=shown(column),
                names=names,
            ),
        )
        for column in dict.fromkeys(columns)
        if column not in COLUMNS
    ]
    problems += [
        Problem(1, column, Sentence("This column is there twice.")) for column in COLUMNS if columns.count(column) > 1
    ]
    if problems:
        raise Problems(FILE, tuple(problems))
    return columns


def _row(line: int, cells: Mapping[str, str], reading: Mapping[str, Reading], problems: list[Problem]) -> Row | None:
    """The row of a line; None where something is wrong, which is added to the problems."""
    found: list[Problem] = []

    def cell(column: str) -> Any:
        try:
            return reading[column](_no_formula(text)) if (text := cells.get(column, "")) else None
        except Invalid as unfit:
            found.append(Problem(line, column, str(unfit)))
            return None

    unit, team, name, email, role = (cell(column) for column in COLUMNS)
    if not found:
        row = Row(line, unit or (), team or "", name or "", email or "", role)
        if row.email and row.team and row.role is None:
            row = Row(line, row.unit, row.team, row.name, row.email, RoleKind.MEMBER)
        found.extend(Problem(line, column, sentence) for column, sentence in _lacking(row))
    problems.extend(found)
    return None if found else row


def _no_formula(text: str) -> str:
    if text.startswith(FORMULA):
        raise Invalid("This looks like a formula: no cell begins with =, +, - or @.")
    return text


def _name(text: str) -> str:
    return one_line(text, NAME_LIMIT)


def _unit(text: str) -> tuple[str, ...]:
    levels = [level.strip() for level in LEVEL.split(text)]
    if not all(levels):
        raise Invalid("A level of this unit has no name: “ / ” stands between two names.")
    if len(levels) > LEVELS:
        raise Invalid("This is too deep: %(most)s units below each other are possible in a file.", most=LEVELS)
    return tuple(_name(_no_formula(level)) for level in levels)


def _role(text: str) -> RoleKind:
    try:
        return RoleKind(text.lower())
    except ValueError:
        raise Invalid(
            "There is no role “%(role)s”. The roles are %(roles)s.", role=shown(text), roles=", ".join(RoleKind)
        ) from None


def _lacking(row: Row) -> Iterator[tuple[str, Sentence]]:
    """What the cells of a line lack, or have too much of, beside each other."""
    if row.team and not row.unit:
        yield "unit", Sentence("A team is in a unit: name it.")
    if row.email and row.role is None:
        yield "role", Sentence("Say what this person is to be. Only in a team an empty role means member.")
    if not row.email and (row.name or row.role):
        yield "email", Sentence("A person needs an e-mail address.")
    if row.role in TEAM_KINDS and not row.team:
        yield "team", Sentence("Leads, members and viewers belong to a team: name it and its unit.")
    if row.role is RoleKind.MANAGER and row.team:
        yield "team", Sentence("A manager looks after a unit or the whole organisation: leave the team empty.")
    if row.role is RoleKind.ADMIN and row.unit:
        yield "unit", Sentence("An admin looks after the whole organisation: leave unit and team empty.")
