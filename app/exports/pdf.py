"""HTML of our own as PDF, by weasyprint, which reaches for nothing that is not in the HTML itself.

The library is an extra of the installation and needs Pango of the system, so it is loaded when the first page is
printed, and where either is missing that is said.
"""

import importlib
import logging
from dataclasses import dataclass
from typing import Any

from app.domain.errors import DomainError, Sentence

NO_PDF = Sentence(
    "This server cannot make PDF files: it lacks WeasyPrint (install shortstave[pdf]) or the library Pango "
    "(Debian: libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0). Printing the page to a PDF in your browser "
    "gives the same report."
)


class NoPdf(DomainError):
    """The library, or what it needs of the system, is not there."""

    def __init__(self) -> None:
        super().__init__(NO_PDF)


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints whole documents, set by a `style` (CSS). It raises NoPdf where its `library` is not installed."""

    library: str = "weasyprint"
    style: str = ""

    def __call__(self, html: str) -> bytes:
        weasyprint = self._loaded()
        fetcher = _only_inline(weasyprint)
        document = weasyprint.HTML(string=html, base_url=None, url_fetcher=fetcher)
        return bytes(document.write_pdf(stylesheets=[weasyprint.CSS(string=self.style, url_fetcher=fetcher)]))

    def _loaded(self) -> Any:
        try:
            loaded = importlib.import_module(self.library)
        except (ImportError, OSError):
            # Without Pango the library is there and cannot be loaded.
            raise NoPdf from None
        # It tells every address that it was refused; those were typed by people, and belong into no log.
        logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
        return loaded


def _only_inline(weasyprint: Any) -> Any:
    """What fetches nothing but what an address itself holds: notes may name any address or file of this machine."""
    return importlib.import_module(f"{weasyprint.__name__}.urls").URLFetcher(
        allowed_protocols=("data",), allow_redirects=False
    )
