"""What may stand in a cell of a table that leaves the house: any text, and never a formula."""

import re
from functools import lru_cache

CELL_LIMIT = 32_767
"""Characters of a cell in a workbook, as UTF-16 counts them."""
CUT = " … [cut here: the whole text is longer than a cell]"

# XML 1.0 holds none of these, not even escaped.
UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def holdable(text: str) -> str:
    """The text without what no file of ours can hold: control characters, and halves of characters."""
    return UNHOLDABLE.sub("", text)


# The same names and statements stand in row after row; what is kept of them takes a few megabytes at most.
@lru_cache(maxsize=1024)
def fitting(text: str) -> str:
    """The text as a cell of a workbook takes it, with a mark where it had to be cut."""
    text = holdable(text)
    # A character of a text takes one or two of UTF-16.
    if 2 * len(text) <= CELL_LIMIT or len(units := text.encode("utf-16-le")) <= 2 * CELL_LIMIT:
        return text
    room = CELL_LIMIT - len(CUT)
    return units[: 2 * room].decode("utf-16-le", "ignore") + CUT
