import pytest

from app.charts.radar import radar
from app.charts.staves import staves
from app.charts.style import FONT
from app.exports.png import WIDEST, NoFonts, can_write, png
from tests.charts.cases import radar_figure, staves_figure
from tests.exports.pixels import colours, size


@pytest.mark.parametrize("svg", [radar(radar_figure(5), standalone=True), staves(staves_figure(5), standalone=True)])
def test_it_works(svg: str) -> None:
    picture = png(svg, 360)

    assert size(picture)[0] == 360
    assert colours(picture) > 20


def test_text_is_drawn() -> None:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" font-family="{FONT}">'
        '<text y="15" font-size="14">Level</text></svg>'
    )
    assert colours(png(svg, 60)) > 3
    assert colours(png(svg.replace("Level", ""), 60)) == 1


def test_a_machine_without_fonts_is_found_out() -> None:
    assert can_write(FONT)
    assert not can_write(FONT, system_fonts=False)


def test_a_picture_without_its_words_is_refused() -> None:
    with pytest.raises(NoFonts, match="Save it as SVG"):
        png(radar(radar_figure(5), standalone=True), 360, system_fonts=False)


@pytest.mark.parametrize("width", [0, -1, WIDEST + 1])
def test_its_width_is_bounded(width: int) -> None:
    with pytest.raises(ValueError, match="pixels wide"):
        png("<svg/>", width)
