"""Which pictures an organisation may have as its logo."""

from app.domain.errors import Invalid

LOGO_LIMIT = 200 * 1024
"""Bytes of a logo."""

BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def logo_type(picture: bytes) -> str:
    """The media type, by what the picture is and not by what it is called; Invalid where it is neither PNG nor JPEG.

    SVG is not among them: it can hold scripts, and address other servers.
    """
    if len(picture) > LOGO_LIMIT:
        raise Invalid(
            "This picture is too large: %(size)s bytes, where %(limit)s fit.",
            size=len(picture),
            limit=LOGO_LIMIT,
        )
    for beginning, media_type in BEGINNINGS.items():
        if picture.startswith(beginning):
            return media_type
    raise Invalid("A logo is a PNG or a JPEG picture.")
