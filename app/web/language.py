"""In which language somebody reads: that which they chose, else the first of their browser's that we have."""

from collections.abc import Mapping
from functools import lru_cache

from starlette.requests import Request

from app.web.reader import reader_of

LANGUAGES = ("en", "de")
"""Those in which every text is there. The first is that in which the texts are written."""


def language_of(request: Request) -> str:
    """One of LANGUAGES. The choice of who is signed in wins over their browser's; English where neither is known."""
    reader = reader_of(request)
    chosen = reader.browser.language if reader else None
    return chosen if chosen in LANGUAGES else negotiated(request.headers.get("accept-language", ""))


def spoken(language: str) -> Mapping[str, str]:
    """The headers of an answer in this language, which another browser might get in another one."""
    return {"content-language": language, "vary": "Accept-Language"}


@lru_cache(maxsize=512)
def negotiated(header: str) -> str:
    """The first of ours among those that an Accept-Language header wishes for; de-AT is served German."""
    plain = (tag.partition("-")[0].lower() for tag in wished(header))
    return next((language for language in plain if language in LANGUAGES), LANGUAGES[0])


def wished(header: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first, without those refused by q=0, and nonsense."""
    found: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 < quality <= 1:
            found.append((quality, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda each: -each[0])]
