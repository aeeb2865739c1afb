"""Texts as QR codes, for a telephone's camera."""

import segno


def qr_svg(text: str) -> str:
    """An SVG element, black on white also in the dark; without style attributes, and sized by the page."""
    return str(
        segno.make_qr(text, error="m").svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr")
    )
