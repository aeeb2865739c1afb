"""Reading a PNG with the standard library."""

import struct
import zlib


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def colours(png: bytes) -> int:
    """How many different colours there are: 1 in a blank picture. For 8-bit RGBA, as resvg writes it."""
    width, height = size(png)
    assert png[24:26] == bytes([8, 6])
    raw = zlib.decompress(b"".join(data for kind, data in _chunks(png) if kind == b"IDAT"))
    before = bytes(4 * width)
    found: set[bytes] = set()
    for row in range(height):
        start = row * (4 * width + 1)
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + 4 * width], before)
        found |= {before[at : at + 4] for at in range(0, 4 * width, 4)}
    return len(found)


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    """One line of pixels from its differences to the left and above (PNG specification, chapter 9)."""
    out = bytearray(row)
    for at in range(len(out)):
        left = out[at - 4] if at >= 4 else 0
        corner = above[at - 4] if at >= 4 else 0
        out[at] = (out[at] + (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]) & 255
    return bytes(out)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))
