"""A part of the organisation as a workbook: a summary, and the tables of teams, answers and blockers.

Rows are written to the disk as they come, so that the workbook takes the same memory for any number of them. Every text
is stored as a text: nothing in it is ever a formula or a link.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from app.charts.style import LEVEL_INKS, LIGHT, TINTS, tint_of
from app.domain.exported import Exported, ExportedPart
from app.domain.rollup import highest
from app.exports import tables
from app.exports.cells import fitting
from app.exports.summary import Block, blocks
from app.exports.tables import Cell, Column, ColumnKind, Table

ROWS = 1_048_576
"""Rows that a sheet holds, the header among them."""
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
DATE = "yyyy-mm-dd"


def write_xlsx(exported: Exported, path: Path) -> Callable[[], None]:
    """Write the whole workbook; nothing is read any more when this returns, and what it returns finishes the file.

    Raises OSError where the disk takes no more. Whatever is raised, nothing of it is left but for the path itself.
    """
    # What is not finished yet lies beside the file, on the disk that is meant for it.
    beside = TemporaryDirectory(prefix=path.name, dir=path.parent)
    book = Book(xlsxwriter.Workbook(str(path), OPTIONS | {"tmpdir": beside.name}), exported.part)
    try:
        book.summary()
        for table in (tables.teams, tables.answers, tables.blockers):
            book.table(table(exported))
    except BaseException:
        with beside:
            book.give_up()
        raise

    def finish() -> None:
        with beside:
            book.finish()

    return finish


@dataclass(slots=True)
class Book:
    """A workbook that is being written, from its first sheet to its last. `rows` is what a sheet holds."""

    workbook: Any
    part: ExportedPart
    rows: int = ROWS
    formats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        part = self.part
        # A sheet full of long notes is larger than four gigabytes before it is packed; smaller ones stay as they were.
        self.workbook.use_zip64()
        self.workbook.set_properties({"title": fitting(f"{part.organisation} · {part.cycle} · {part.whole}")[:250]})
        for name, look in _looks().items():
            self.formats[name] = self.workbook.add_format(look)

    def finish(self) -> None:
        try:
            self.workbook.close()
        except FileCreateError as error:
            raise OSError(*error.args) from error

    def give_up(self) -> None:
        """Close the files that the rows were written to."""
        for sheet in self.workbook.worksheets():
            sheet._opt_close()

    def summary(self) -> None:
        """One sheet: what this is of, the headline, and a block for each question."""
        sheet = self._sheet("Summary")
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 40, 16)
        row = 0
        for block in blocks(self.part):
            row = self._block(sheet, row, block) + 1

    def table(self, table: Table) -> None:
        """A table, on as many sheets as it takes."""
        number, rows = 1, table.rows()
        while True:
            sheet = self._sheet(table.name if number == 1 else f"{table.name} {number}")
            last, more = self._table(sheet, table.columns, rows)
            sheet.autofilter(0, 0, last, len(table.columns) - 1)
            if not more:
                return
            rows, number = more, number + 1

    def _table(
        self, sheet: Any, columns: Sequence[Column], rows: Iterator[Sequence[Cell]]
    ) -> tuple[int, Iterator[Sequence[Cell]] | None]:
        """The last row that was written, and the rows that did not fit, if there are any."""
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, fitting(column.name), self.formats["head"])
        kinds = [column.kind for column in columns]
        line = 0
        for row in rows:
            if line + 1 == self.rows:
                return line, _with_first(row, rows)
            line += 1
            for place, cell in enumerate(row):
                self._cell(sheet, line, place, cell, kinds[place])
        return line, None

    def _block(self, sheet: Any, row: int, block: Block) -> int:
        """The row after it."""
        sheet.write_string(row, 0, fitting(block.title), self.formats["title" if row == 0 else "section"])
        for place, name in enumerate(block.head):
            sheet.write_string(row + 1, place, fitting(name), self.formats["head"])
        row += 2 if block.head else 1
        for cells in block.rows:
            for place, cell in enumerate(cells):
                self._cell(sheet, row, place, cell, block.kind(place))
            row += 1
        return row

    def _cell(self, sheet: Any, row: int, place: int, cell: Cell | float, kind: ColumnKind) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            sheet.write_string(row, place, fitting(cell), self.formats[ColumnKind.TEXT])
        elif isinstance(cell, datetime.date):
            sheet.write_datetime(row, place, cell, self.formats[ColumnKind.DATE])
        elif kind is ColumnKind.LEVEL:
            sheet.write_number(row, place, cell, self.formats[f"level {tint_of(highest(self.part.rubric), int(cell))}"])
        else:
            sheet.write_number(row, place, cell, self.formats[kind])

    def _sheet(self, name: str) -> Any:
        sheet, part = self.workbook.add_worksheet(name), self.part
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        # An ampersand begins a command in a footer, and 255 characters are all that it takes.
        of = " · ".join([part.organisation, part.cycle, part.whole])[:100].replace("&", "&&")
        sheet.set_footer(f"&L{fitting(of)}&C{part.made_at:%Y-%m-%d}&R&P / &N")
        return sheet


def _with_first(first: Sequence[Cell], rest: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield first
    yield from rest


def _looks() -> Mapping[str, Mapping[str, Any]]:
    top = {"valign": "top"}
    levels = {
        f"level {level}": {
            "bg_color": LIGHT.levels[level],
            "font_color": LEVEL_INKS[level],
            "align": "center",
            **top,
        }
        for level in range(TINTS + 1)
    }
    return {
        "title": {"bold": True, "font_size": 16, "font_color": LIGHT.ink},
        "section": {"bold": True, "font_size": 12, "font_color": LIGHT.accent},
        "head": {"bold": True, "text_wrap": True, "bottom": 1, "font_color": LIGHT.ink, **top},
        ColumnKind.DATE: {"num_format": DATE, "align": "left", **top},
        ColumnKind.NUMBER: {**top},
        ColumnKind.SHARE: {"num_format": "0.0%", **top},
        ColumnKind.TEXT: {"align": "left", **top},
        **levels,
    }
