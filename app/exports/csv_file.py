"""A table as CSV: UTF-8 with the mark by which Excel knows it, quoted, and safe against formulas."""

import csv
import datetime
from collections.abc import Callable
from pathlib import Path

from app.domain.exported import Exported
from app.exports.cells import as_text, holdable
from app.exports.tables import Cell, Table


def write_csv(table: Callable[[Exported], Table], exported: Exported, path: Path) -> None:
    """Write one table, a row at a time."""
    made = table(exported)
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([_written(column.name) for column in made.columns])
        rows.writerows([_written(cell) for cell in row] for row in made.rows())


def _written(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return as_text(holdable(cell)) if isinstance(cell, str) else cell
