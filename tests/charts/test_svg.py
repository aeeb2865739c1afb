import dataclasses
import re
from pathlib import Path

import pytest
from jinja2 import Environment

from app.charts.radar import radar
from app.charts.spark import spark
from app.charts.staves import staves
from app.charts.style import DARK, DASHES, LIGHT, PAINT, Palette
from app.charts.svg import Svg, element, number
from app.charts.text import lines, shortened, width
from tests.charts.cases import COUNTS, HOSTILE, radar_figure, staves_figure, values
from tests.charts.drawn import classed, read
from tests.charts.drawn import number as attribute


def test_text_is_escaped_and_markup_is_not() -> None:
    assert element("text", {"x": 1.5, "data": '"<'}, "a<b", Svg("<i/>")) == (
        '<text x="1.5" data="&quot;&lt;">a&lt;b<i/></text>'
    )


def test_markup_does_not_vouch_for_text_of_the_same_letters() -> None:
    assert element("g", {"a": Svg("<")}) == '<g a="<"/>'
    assert element("g", {"a": "<"}) == '<g a="&lt;"/>'


@pytest.mark.parametrize(("value", "written"), [(0, "0"), (-0.001, "0"), (100, "100"), (1.005, "1"), (2.126, "2.13")])
def test_numbers_are_short(value: float, written: str) -> None:
    assert number(value) == written


def test_a_template_takes_a_drawing_as_it_is() -> None:
    drawn = (
        Environment(autoescape=True)
        .from_string("{{ drawn }}{{ name }}")
        .render(drawn=radar(radar_figure(5)), name="<b>")
    )
    assert drawn.startswith("<svg")
    assert drawn.endswith("&lt;b&gt;")


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("standalone", [False, True])
def test_hostile_names_stay_text(count: int, standalone: bool) -> None:
    for svg in (staves(staves_figure(count), standalone=standalone), radar(radar_figure(count), standalone=standalone)):
        assert {part.tag for part in read(svg).iter()} <= {
            "svg", "g", "rect", "line", "text", "polygon", "circle", "title",
        }  # fmt: skip
        svg.encode()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("limit", [30, 80, 200])
def test_broken_text_keeps_to_its_width(text: str, limit: float) -> None:
    broken = lines(text, limit, 12, 3)

    assert 1 <= len(broken) <= 3
    assert all(width(line, 12) <= limit for line in broken)
    assert "".join(broken).rstrip("…").replace(" ", "") in text.replace(" ", "").replace("\n", "").replace("\t", "")


def test_what_fits_is_not_shortened() -> None:
    assert shortened("Strategy", 90, 12) == "Strategy"
    assert lines("Model development", 90, 12, 3) == ("Model", "development")


def test_a_spark_draws_each_index_with_the_water_at_the_least() -> None:
    root = read(spark(values(5), values(5)[-1] * 2, "Levels"))

    assert len(classed(root, "wood")) == 5
    assert {attribute(one, "y") for one in classed(root, "water")} == {attribute(classed(root, "wood")[0], "y")}


def _luminance(colour: str) -> float:
    channels = [part / 255 for part in bytes.fromhex(colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_type_and_lines_have_contrast_enough(palette: Palette) -> None:
    for text in (palette.ink, palette.ink_soft, palette.ink_faint, palette.signal, palette.accent):
        assert _contrast(text, palette.paper) >= 4.5
    for line in (palette.accent, palette.ink_soft, palette.wood_line):
        assert _contrast(line, palette.paper) >= 3
    assert _contrast(palette.accent, palette.levels[2]) >= 2.5


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_levels_go_ever_further_from_the_paper(palette: Palette) -> None:
    distances = [_contrast(level, palette.paper) for level in palette.levels]
    assert len(distances) == 7
    assert distances == sorted(distances)


@pytest.mark.parametrize(("palette", "scheme"), [(LIGHT, 0), (DARK, 1)])
def test_colours_are_those_of_the_style_sheet(palette: Palette, scheme: int) -> None:
    sheet = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
    tokens = {name: pair for name, *pair in re.findall(r"--([a-z0-9-]+): light-dark\((#\w+), (#\w+)\)", sheet)}

    for field in dataclasses.fields(palette):
        if field.name not in {"levels", "inks"}:
            assert getattr(palette, field.name) == tokens[field.name.replace("_", "-")][scheme]
    assert [tokens[f"level-{level}"][scheme] for level in range(7)] == list(palette.levels)
    assert [tokens[f"level-{level}-ink"][scheme] for level in range(7)] == list(palette.inks)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_what_is_written_on_a_level_is_read(palette: Palette) -> None:
    for level, ink in zip(palette.levels, palette.inks, strict=True):
        assert _contrast(level, ink) >= 4.5


def test_the_style_sheet_paints_every_class_and_dash() -> None:
    sheet = (Path(__file__).parents[2] / "static/css/charts.css").read_text()

    for kind, dash in DASHES.items():
        assert re.search(rf"\.{kind} {{[^}}]*stroke-dasharray: {re.escape(dash)};", sheet), kind
    for name in PAINT.keys() - {"name", "title", "caption"}:
        # Levels are painted by their number, in data-level, as everywhere.
        assert name.startswith("level-") or f".{name}" in sheet, name
