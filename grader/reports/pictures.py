"""Lay out a picture that the student's code drew; the page holds the file itself."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from markupsafe import Markup

from grader.records.record import PictureEvidence

_PNG_START = b"\x89PNG\r\n\x1a\n"


class Picture(NamedTuple):
    """A picture ready to draw; ``source`` is a data URI, empty if the record holds no PNG file."""

    summary: str
    width: int
    height: int
    source: str


def draw_picture(evidence: PictureEvidence) -> Picture:
    """Lay out one picture."""
    return Picture(describe_picture(evidence), evidence.width, evidence.height, _source(evidence.png))


def describe_picture(evidence: PictureEvidence) -> str:
    """Say in a sentence what it is."""
    return f"as your code drew it, {evidence.width} by {evidence.height} pixels"


def _source(png: bytes) -> str:
    """Return a picture as a data URI marked as safe: base64 has no special characters, and cleaning would ruin it."""
    if not png.startswith(_PNG_START):
        return ""
    return Markup("data:image/png;base64," + b64encode(png).decode())  # noqa: S704 -- base64 only
