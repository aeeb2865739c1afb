"""Every page in German, for who sees most and for who answers: none fails, and none keeps a text that is translated."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from app.domain.rubric_file import document, shipped
from tests.rights.matrix import Route
from tests.rights.walk import Walk
from tools.texts import catalogue

LANGUAGE = "de"
WALKERS = ("admin", "member", "anonymous")
PAGES_AT_LEAST = 90
"""How many pages the admin is shown: should fewer be found, they are not looked for rightly."""
ENGLISH = {"api-guide"}
"""Pages for those who write programs."""
STAGED = {"Manager", "Invited", "Deactivated", "Evidence", "Why?", "together", "agreed", "ready", "A newer version"}
"""What the walk calls its people, cycles and texts."""
READ_ALOUD = {"aria-label", "alt", "title", "placeholder", "label"}


class Words(HTMLParser):
    """Collects what stands between tags and in attributes that are read, and the language of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.language = ""

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.language = dict(attrs).get("lang") or self.language if tag == "html" else self.language
        self.found += [value or "" for name, value in attrs if name in READ_ALOUD]


def words(page: str) -> Words:
    found = Words()
    found.feed(page)
    found.close()
    return found


@pytest.fixture(scope="module")
def english() -> set[str]:
    """The texts that read otherwise in German, without those that take values."""
    pairs = {str(message.id): str(message.string) for message in catalogue(LANGUAGE) if isinstance(message.id, str)}
    ours = {text for text, other in pairs.items() if text and text != other and "%(" not in text}
    return ours - STAGED - {text for rubric in shipped().values() for text in texts(document(rubric))}


def texts(value: object) -> Iterator[str]:
    """Every text of a rubric, which has languages of its own."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def pages(walk: Walk, walker: str) -> Iterator[Route]:
    """Those that do not send the walker to sign in. What ends like a file is one, and no page."""
    for route in walk.routes:
        read = not route.writes and not route.program and "." not in route.path.rsplit("/", 1)[-1]
        if read and walk.matrix.lines[route.key][walker] != "sign":
            yield route


@pytest.mark.parametrize("walker", WALKERS)
def test_every_page_is_in_german(walk: Walk, english: set[str], walker: str) -> None:
    walk.client.headers["accept-language"] = "de-AT,de;q=0.9,en;q=0.5"
    seen, left = 0, {}
    try:
        for route in pages(walk, walker):
            answer = walk.page(route, walker)
            assert answer.status_code < 500, route.path
            if answer.headers.get("content-type", "").startswith("text/html"):
                seen += 1
                found = words(answer.text)
                assert answer.headers["content-language"] == LANGUAGE, route.path
                # A fragment is a part of a page, and has none of its own.
                assert found.language == LANGUAGE or "<html" not in answer.text, route.path
                if kept := {word for word in found.found if word in english and route.name not in ENGLISH}:
                    left[route.name] = kept
    finally:
        del walk.client.headers["accept-language"]
        walk.changed()

    assert left == {}
    assert seen >= PAGES_AT_LEAST or walker == "anonymous"
