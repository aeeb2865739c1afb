"""Lists by pages: a page begins after the last line of the one before, so that every page costs the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, String, func, literal, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.text import plain

PAGE = 50
"""Lines of a page."""

SEARCH_LIMIT = 200
SIGNS = frozenset("%_/\\")
"""What has a meaning of its own where texts are searched."""

Line = TypeVar("Line")
Key = tuple[str, int]
"""What a list is ordered by: a name, and a number where two names are the same."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    """`after` is the key of the last line where more lines follow, else None."""

    lines: tuple[Line, ...]
    after: Key | None


def page(found: Sequence[Line], limit: int, key: Callable[[Line], Key]) -> Page[Line]:
    """The page of what was found, which is one line more than `limit` where another page follows."""
    lines = tuple(found[:limit])
    return Page(lines, key(lines[-1]) if len(found) > limit else None)


def words(search: str) -> str:
    """What is searched for, without the blanks around it; Invalid where no text could hold it."""
    return plain(search.strip(), SEARCH_LIMIT)


def holds(text: ColumnElement[str], search: str) -> ColumnElement[bool]:
    """Whether the text has what is searched for somewhere, in small letters or capitals."""
    if SIGNS & set(search):
        return text.icontains(search, autoescape=True)
    if search.isascii():
        return _Folded(text).like(f"%{search.lower()}%")
    # A query of its own is asked once; PostgreSQL would put the pattern together for every row anew, and takes half as
    # long again for ILIKE.
    pattern = select(func.lower(literal(f"%{search}%"))).scalar_subquery()
    return func.lower(text).like(pattern)


class _Folded(FunctionElement[str]):
    """A text with its letters from A to Z made small; those of all languages take `lower` twice as long."""

    type = String()
    inherit_cache = True


@compiles(_Folded, "postgresql")
def _small(element: _Folded, compiler: Any, **how: Any) -> str:
    return f'lower({compiler.process(element.clauses, **how)} COLLATE "C")'


@compiles(_Folded, "sqlite")
def _as_it_is(element: _Folded, compiler: Any, **how: Any) -> str:
    """Its LIKE takes small letters and capitals from A to Z for the same."""
    return str(compiler.process(element.clauses, **how))


def beyond(name: ColumnElement[str], id: ColumnElement[int], after: Key) -> ColumnElement[bool]:
    """Whether a line comes after the one with this key; Invalid where the key cannot be one."""
    return tuple_(name, id) > tuple_(literal(after[0], name.type), literal(after[1], id.type))
