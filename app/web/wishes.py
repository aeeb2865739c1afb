"""In which languages somebody would read a rubric. There may be more of these than languages of the pages."""

from functools import lru_cache

from starlette.requests import Request

from app.domain.translations import TAG
from app.web.language import LANGUAGES, language_of, wished
from app.web.reader import reader_of

MOST = 10
"""Wishes of a browser that are looked at."""


def wishes(request: Request) -> tuple[str, ...]:
    """The languages in which the reader would rather read than in the original, the dearest first.

    That which they chose; else those of their browser, down to the one that the pages are in: whoever wishes for
    English before German reads an English original, and not its German translation.
    """
    language, reader = language_of(request), reader_of(request)
    if reader and reader.browser.language in LANGUAGES:
        return (language,)
    return _before(request.headers.get("accept-language", ""), language)


@lru_cache(maxsize=512)
def _before(header: str, language: str) -> tuple[str, ...]:
    found: list[str] = []
    for tag in [each.lower() for each in wished(header)][:MOST]:
        if tag.partition("-")[0] == language:
            return (*found, tag if TAG.fullmatch(tag) else language)
        if TAG.fullmatch(tag):
            found.append(tag)
    return (*found, language)
