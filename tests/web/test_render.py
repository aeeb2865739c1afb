"""From a page to HTML: words, numbers, dates, Markdown; and nothing unescaped or unknown."""

import datetime

import pytest
from jinja2 import UndefinedError, nodes
from markupsafe import Markup

from app.web.render import markdown, templates
from app.web.texts import texts

UTC = datetime.UTC


def test_names_in_a_sentence() -> None:
    assert texts().listed(["One"]) == "One"
    assert texts().listed(["One", Markup("<b>Two</b>"), "<Three>"]) == "One, <b>Two</b> and &lt;Three&gt;"


def test_a_day_in_words() -> None:
    assert texts().day(datetime.date(2026, 11, 8)) == '<time datetime="2026-11-08">8 November 2026</time>'


def test_a_moment_shows_its_exact_time_on_hover() -> None:
    east = datetime.timezone(datetime.timedelta(hours=2))
    time = datetime.datetime(2026, 11, 8, 1, 2, 3, 400, tzinfo=east)

    assert texts().moment(time) == (
        '<time datetime="2026-11-07T23:02:03+00:00" data-shown="moment" title="7 November 2026, 23:02:03 UTC">'
        "7 November 2026, 23:02 UTC</time>"
    )
    assert texts().day(time).endswith(">7 November 2026</time>")


@pytest.mark.parametrize(
    ("text", "harmful"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", '<a href="javascript'),
        ('[x](https://a.example "onclick")', "title"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("![x](https://tracker.example/1.png)", "<img"),
        ("[x](data:text/html,<script>)", 'href="data'),
    ],
)
def test_markdown_is_harmless(text: str, harmful: str) -> None:
    assert harmful not in markdown(text)


def test_markdown_is_still_markdown() -> None:
    html = markdown("A *word*, `code`, [a link](https://example.org)\n\n- one\n- two")

    assert "<em>word</em>" in html
    assert '<a href="https://example.org" rel="noopener noreferrer">' in html
    assert html.count("<li>") == 2


def test_everything_is_escaped_whatever_a_template_is_called() -> None:
    assert templates().from_string("{{ page }}").render(page="<b>") == "&lt;b&gt;"


def test_a_name_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates().from_string("{{ page.tilte }}").render(page=object())


def test_plurals() -> None:
    template = templates().from_string("{% trans n=page %}one step{% pluralize %}{{ n }} steps{% endtrans %}")

    assert [template.render(page=n) for n in (1, 3)] == ["one step", "3 steps"]


def test_small_numbers_are_words_in_a_sentence() -> None:
    assert [texts().spelled(number) for number in (0, 1, 3, 9, 10, 90)] == ["no", "one", "three", "nine", "10", "90"]


def test_a_template_translates_only_what_stands_in_it() -> None:
    """`_` trusts its text to be ours, so what comes with a page, and may hold what was typed, goes through `said`."""
    environment = templates()
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        tree = environment.parse(source)
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}:
                assert isinstance(call.args[0], nodes.Const), f"{name}:{call.lineno}"


def test_a_sentence_from_code_is_escaped() -> None:
    sentence = "There is a unit <b>Bold</b> %(x)s %% already."
    shown = templates().from_string("{{ page|said }}").render(page=sentence)
    assert shown == "There is a unit &lt;b&gt;Bold&lt;/b&gt; %(x)s %% already."
