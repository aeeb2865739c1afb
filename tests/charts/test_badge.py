"""A badge holds its text, whatever it is."""

from xml.etree import ElementTree

import pytest

from app.charts.badge import badge
from app.charts.text import width

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ["MLOps maturity", "W" * 200, "<b>&\"'", "成熟度", ""])
def test_its_text_fits(name: str) -> None:
    drawn = ElementTree.fromstring(badge(name, "level 2", 2))

    whole, texts = float(drawn.attrib["width"]), drawn.findall(f"{SVG}text")
    assert drawn.attrib["aria-label"] == drawn.findtext(f"{SVG}title")
    for text in texts:
        middle, half = float(text.attrib["x"]), width(text.text or "", 12) / 2
        assert middle - half >= 0
        assert middle + half <= whole
    assert whole < 560
