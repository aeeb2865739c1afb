"""Pages kept as they were sent, for whoever looks at the same again: reading a result is looking at it many times."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from starlette.responses import HTMLResponse, Response

from app.queries.sheets import SheetLine
from app.web.language import spoken

KEPT = 128
"""Pages that a process keeps, the last ones asked for. One takes about 60 KB."""

Key = tuple[int, int, int, int, bool, str, str, str]


class FinishedPages:
    """Each stands under the sheet, its version and its rubric version, so that none can be out of date.

    To be asked only after the right to see the sheet was checked, of which the sheet's line is the proof.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._pages: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, line: SheetLine, link: str, languages: tuple[str, str], finish: Callable[[], Response]) -> Response:
        """The page of this sheet as it stands, finished now where it is not kept; `link` is the address it names.

        `languages` are those of the page and of its rubric.
        """
        of = (line.organisation_id, line.sheet_id, line.version, line.rubric_version_id, line.closed_at is None)
        key = (*of, link, *languages)
        with self._lock:
            body = self._pages.get(key)
            if body is not None:
                self._pages.move_to_end(key)
        if body is not None:
            return HTMLResponse(body, headers=spoken(languages[0]))
        page = finish()
        with self._lock:
            self._pages[key] = bytes(page.body)
            while len(self._pages) > self._kept:
                self._pages.popitem(last=False)
        return page
