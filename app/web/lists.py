"""What lists have in common: what is searched for, where a page begins, and the way to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends

from app.domain.errors import Invalid
from app.domain.text import plain
from app.queries.pages import SEARCH_LIMIT, Key

LONGEST = 400  # characters of a key: a name and a number

NOTHING_MORE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list was asked for. `archived`: those that were put away, and no others."""

    search: str
    archived: bool
    after: Key | None

    def further(self, path: str, after: Key | None, more: Mapping[str, str] = NOTHING_MORE) -> str:
        """The address of the next page, with what `more` was asked for; empty where there is none."""
        return addressed(path, {**self._asked, **more, "after": written(after)}) if after else ""

    def first(self, path: str, more: Mapping[str, str] = NOTHING_MORE) -> str:
        """The address of the first page; empty on that page itself."""
        return addressed(path, {**self._asked, **more}) if self.after else ""

    @property
    def _asked(self) -> dict[str, str]:
        return {"q": self.search, "archived": "1" if self.archived else ""}


def listing(q: str = "", archived: str = "", after: str = "") -> Listing:
    """Raises Invalid for what no list can be asked for."""
    return Listing(plain(q.strip(), SEARCH_LIMIT), archived == "1", _key(after))


Asked = Annotated[Listing, Depends(listing)]


def written(key: Key) -> str:
    return f"{key[1]}.{key[0]}"


def _key(text: str) -> Key | None:
    if not text:
        return None
    number, _, name = plain(text, LONGEST).partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise Invalid("This list has no such page. Begin with the first one.")
    return name, int(number)


def addressed(path: str, asked: Mapping[str, str]) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def number(text: str) -> int | None:
    """A number of an address; None where nothing is asked. Invalid for what is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid("This is none of the choices.")
    return int(text)
