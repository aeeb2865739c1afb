"""Every template compiles, and every text that people read in one can be translated."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes

from app.web.assets import folder
from app.web.render import templates

ROOT = folder("templates")
NAMES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
READ_ALOUD = {"aria-label", "aria-description", "alt", "title", "placeholder", "label"}
NOT_WORDS = {"Shortstave", "YAML", "JSON", "SVG", "PNG", "CSV"}


class Words(HTMLParser):
    """Collects the letters that stand between tags and in attributes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def note(self, text: str) -> None:
        self.found += [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NOT_WORDS]

    def handle_data(self, data: str) -> None:
        self.note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in READ_ALOUD:
                self.note(value or "")


def untranslated(source: str) -> list[str]:
    """The words of a template's source that stand outside of `_()` and `{% trans %}`."""
    # Jinja turns what it translates into calls: only what is written out as it is remains as TemplateData.
    plain = templates().parse(source).find_all(nodes.TemplateData)
    words = Words()
    words.feed(" ".join(node.data for node in plain))
    words.close()
    return words.found


def test_there_are_templates() -> None:
    assert len(NAMES) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    templates().get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_all_its_words_can_be_translated(name: str) -> None:
    assert untranslated((ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_no_exception_from_the_policy(name: str) -> None:
    source = (ROOT / name).read_text()

    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|\|\s*safe", source)
    # Data for a module is no script to the browser, and so no exception.
    assert not re.search(r"<script(?![^>]*\b(src=|type=\"application/json\"))", source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello {{ page.name }}</p>", ["Hello"]),
        ('<a {% if page %}title="Go on"{% endif %} href="x">{{ _("ok") }}</a>', ["Go", "on"]),
        ('<p class="lead">{% trans n=1 %}all {{ n }} well{% endtrans %}</p>', []),
        ('<i aria-label="{{ _("all well") }}">&middot; 12 %</i>', []),
    ],
)
def test_the_walk_finds_a_planted_word(source: str, words: list[str]) -> None:
    assert untranslated(source) == words


@pytest.mark.parametrize("sheet", sorted(Path(folder("static")).rglob("*.css"), key=str), ids=lambda path: path.name)
def test_a_style_sheet_asks_nobody_else(sheet: Path) -> None:
    assert "://" not in sheet.read_text()
    assert "@import" not in sheet.read_text()
