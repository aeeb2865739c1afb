"""Texts as QR codes, for a telephone's camera."""

import segno

from app.charts.svg import Svg


def qr(text: str) -> Svg:
    """An SVG element, black on white in the dark too; without style attributes, and as large as the page makes it."""
    code = segno.make_qr(text, error="m")
    return Svg(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr"))
