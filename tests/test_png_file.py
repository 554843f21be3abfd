"""`vocabulary.png_file`: of a student's PNG file only the pixels are kept, and nothing is decoded."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from exhibit_examples import plot_file
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.vocabulary.png_file import MOST_BYTES, MOST_SIDE, pixels_alone

FILE = plot_file()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width=2, height=2, before=b"", after=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\x10\x20" * 2))
    return b"\x89PNG\r\n\x1a\n" + head + before + body + chunk(b"IEND", b"") + after


def test_the_pixels_stay_and_texts_go():
    assert b"SECRET-7431" in FILE
    drawn = pixels_alone(FILE)
    assert b"SECRET-7431" not in drawn.content
    assert (drawn.width, drawn.height) == (640, 400)
    kept, whole = (Image.open(io.BytesIO(content)) for content in (drawn.content, FILE))
    assert kept.tobytes() == whole.tobytes()


def test_animations_colour_profiles_and_what_follows_the_end_go():
    extra = chunk(b"acTL", b"\0" * 8) + chunk(b"iCCP", b"x\0\0") + chunk(b"tEXt", b"a\0b")
    assert pixels_alone(png(before=extra, after=b"<script>")).content == png()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff" + b"\0" * 100,
        png()[:-1],
        png()[:30],
        png(width=MOST_SIDE + 1),
        png(height=0),
        png(before=struct.pack(">I", 0xFFFFFFFF) + b"IDAT"),
        png(before=chunk(b"tEXt", b"\0" * MOST_BYTES)),
    ],
)
def test_no_picture_no_large_one_and_no_damaged_one(content):
    assert pixels_alone(content) is None


@given(st.binary(max_size=200), st.integers(0, len(png())))
def test_any_bytes_are_read(noise, at):
    for content in (noise, png()[:at] + noise, png()[:at] + noise + png()[at:]):
        drawn = pixels_alone(content)
        assert drawn is None or len(drawn.content) <= len(content)
