"""Reduce a PNG file that a student's code wrote to its pixels, without decoding them.

Nothing here decompresses. A page shows the file in a browser, which decodes pictures of strangers all day.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MOST_BYTES = 256 * 1024
MOST_SIDE = 2500  # pixels
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # no texts, colour profiles or animations


class Png(NamedTuple):
    """A PNG file and its size in pixels."""

    content: bytes
    width: int
    height: int


def pixels_alone(content: bytes) -> Png | None:
    """Return a PNG file with the chunks alone that its pixels need; None if it is damaged, no PNG, or too large."""
    if len(content) > MOST_BYTES or content[:8] != _SIGNATURE or content[8:16] != b"\0\0\0\x0dIHDR":
        return None
    kept, at, kind = [_SIGNATURE], len(_SIGNATURE), b""
    while kind != b"IEND":  # whatever follows it is no picture
        if at + 12 > len(content):
            return None
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length  # the length and the name before, a checksum behind
        if end > len(content):
            return None
        if kind in _PIXELS:
            kept.append(content[at:end])
        at = end
    width, height = struct.unpack_from(">II", content, 16)
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        return None
    return Png(b"".join(kept), width, height)
