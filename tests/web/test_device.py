"""Browsers in words."""

import pytest

from app.web.device import device_words

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", ("Firefox", "Linux")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/141.0.0.0", ("Edge", "Windows")),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {CHROME} Mobile Safari/537.36", ("Chrome", "Android")),
        (f"{IPHONE} Version/26.1 Mobile/15E148 Safari/604.1", ("Safari", "iPhone")),
        (f"{IPHONE} CriOS/141.0 Mobile/15E148 Safari/604.1", ("Chrome", "iPhone")),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROME} Safari/537.36", ("Chrome", "macOS")),
        ("curl/8.17", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_has_a_name(agent: str, words: tuple[str, str]) -> None:
    assert device_words(agent) == words
