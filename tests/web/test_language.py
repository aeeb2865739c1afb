"""The language of a page: that of the person, else of the browser, else English."""

import pytest

from app.web.language import negotiated


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-de,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4", "de"),
        ("en;q=0.2,de;q=0.7", "de"),
        ("en;q=0.5, de ; q=0.5", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr, ja", "en"),
        ("*", "en"),
        ("de;q=much", "en"),
        ("de;q=nan", "en"),
        (";;;,,=,", "en"),
        ("x" * 100_000 + ",de", "en"),
    ],
)
def test_the_dearest_of_the_browsers_languages_that_we_have(header: str, language: str) -> None:
    assert negotiated(header) == language
